"""From an event to deliveries: who hears at once, by what, and who does not."""

import pytest
from django.contrib.gis.geos import Point
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role, User
from notifications.models import Channel, Delivery, PushSubscription, Recipient, Topic
from notifications.services.deliver import deliver
from notifications.services.dispatch import KINDS, consume
from reports import workflow
from reports.models import Comment, Event, Organisation, Report
from reports.permissions import Actor
from reports.services.handling import assign, change_status, reply_publicly
from reports.services.log import record
from tests.factories import CENTRE, OrganisationFactory, ReportFactory, UserFactory, give
from tests.notifications.telling import MODERATION, Frequency, address_follow, changed, heard, user_follow, wish

pytestmark = pytest.mark.django_db
QUERIES = 12
AUTHOR = Actor(roles=frozenset({workflow.REPORTER}))


def told(event: Event) -> list[tuple[str, str]]:
    consume(event.pk)
    return heard(event)


def started(report: Report, actor: Actor = MODERATION) -> Event:
    return changed(report, workflow.OPEN, workflow.IN_PROGRESS, actor=actor)


def silent_report(**fields: object) -> Report:
    """A report whose organisation has no address."""
    return ReportFactory(**fields)


def test_followers_with_and_without_an_account_hear(author: User) -> None:
    report = silent_report()
    user_follow(report, author)
    address_follow(report, "amina@example.org")
    assert told(started(report)) == [("amina@example.org", "report_progress"), (author.email, "report_progress")]


def test_unconfirmed_address_hears_nothing() -> None:
    report = silent_report()
    address_follow(report, "amina@example.org", confirmed_at=None)
    assert told(started(report)) == []


def test_running_twice_changes_nothing() -> None:
    report = silent_report()
    address_follow(report, "amina@example.org")
    event = started(report)
    assert told(event) == told(event) == [("amina@example.org", "report_progress")]


def test_whoever_did_it_is_not_told(moderator: User) -> None:
    report = silent_report()
    user_follow(report, moderator)
    assert told(started(report, Actor(user=moderator, roles=frozenset({workflow.MODERATOR})))) == []


def test_author_without_account_who_did_it_is_not_told() -> None:
    report = ReportFactory(status=workflow.WITHDRAWN, contact_email="auteur@example.org")
    report.followers.update(confirmed_at="2026-01-01T00:00Z", created_at="2026-01-01T00:00Z")
    assert told(changed(report, workflow.OPEN, workflow.WITHDRAWN, actor=AUTHOR)) == []


def test_author_of_a_refused_report_hears_of_it_alone(author: User) -> None:
    report = ReportFactory(status=workflow.REJECTED, reporter=author)
    address_follow(report, "amina@example.org")
    event = changed(report, workflow.PENDING, workflow.REJECTED, note="Hors sujet")
    assert told(event) == [(author.email, "report_progress")]


def test_follow_that_came_later_hears_nothing_of_before() -> None:
    report = silent_report()
    event = started(report)
    address_follow(report, "amina@example.org")
    assert told(event) == []


@pytest.mark.parametrize("kind", [Event.Kind.VOTED, Event.Kind.NOTE, Event.Kind.PHOTO_READY, Event.Kind.EDITED])
def test_kinds_that_tell_nobody_anything(kind: Event.Kind, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    report = silent_report()
    address_follow(report, "amina@example.org")
    event = record(kind=kind, report=report, actor=MODERATION, is_public=True)
    with django_assert_num_queries(1):
        consume(event.pk)
    assert (kind in KINDS, heard(event)) == (False, [])


@pytest.mark.parametrize("frequency", [Frequency.DAILY, Frequency.WEEKLY, Frequency.NEVER])
def test_other_frequencies_get_nothing_at_once(author: User, frequency: str) -> None:
    report = silent_report()
    user_follow(report, author)
    wish(author, Topic.PROGRESS, frequency)
    address_follow(report, "amina@example.org", frequency=frequency)
    assert told(started(report)) == []


def test_person_who_stopped_everything_gets_nothing(author: User) -> None:
    report = silent_report()
    user_follow(report, author)
    Recipient.objects.update_or_create(user=author, defaults={"muted_at": "2026-01-01T00:00Z"})
    assert told(started(report)) == []


def test_closed_account_gets_nothing(author: User) -> None:
    report = silent_report()
    user_follow(report, author)
    User.objects.filter(pk=author.pk).update(is_active=False)
    assert told(started(report)) == []


def test_one_mail_by_two_ways_of_following(author: User) -> None:
    report = silent_report()
    user_follow(report, author)
    address_follow(report, author.email.upper())
    address_follow(None, author.email, quarter=report.quarter)
    wish(author, Topic.NEARBY, Frequency.AT_ONCE)
    user_follow(None, author, category=report.category)
    assert told(changed(report, workflow.PENDING, workflow.OPEN)) == [(author.email, "report_progress")]


def test_browser_is_told_beside_the_mail(author: User) -> None:
    report = silent_report()
    user_follow(report, author)
    PushSubscription.objects.create(user=author, endpoint="https://push.example.org/1", p256dh="k", auth="a")
    event = started(report)
    consume(event.pk)
    rows = Delivery.objects.filter(event=event).order_by("channel").values_list("channel", "subscription__user")
    assert list(rows) == [(Channel.EMAIL, None), (Channel.PUSH, author.pk)]


# --- Areas ------------------------------------------------------------------------------------------------------------


def test_followers_of_areas_hear_of_a_published_report() -> None:
    report = silent_report()
    address_follow(None, "quartier@example.org", quarter=report.quarter)
    address_follow(None, "sujet@example.org", category=report.category)
    address_follow(None, "cercle@example.org", centre=Point(*CENTRE, srid=4326), radius_m=300)
    address_follow(None, "loin@example.org", centre=Point(9.7, 4.0, srid=4326), radius_m=300)
    names = ["cercle@example.org", "quartier@example.org", "sujet@example.org"]
    assert told(changed(report, workflow.PENDING, workflow.OPEN)) == [(name, "area_new_report") for name in names]


def test_followers_of_areas_hear_of_a_report_that_is_public_at_once() -> None:
    report = silent_report()
    address_follow(None, "quartier@example.org", quarter=report.quarter)
    event = record(kind=Event.Kind.CREATED, report=report, actor=AUTHOR, is_public=True)
    assert told(event) == [("quartier@example.org", "area_new_report")]


@pytest.mark.parametrize("before", [workflow.IN_PROGRESS, workflow.RESOLVED, workflow.REJECTED])
def test_followers_of_areas_hear_only_of_the_first_publication(before: str) -> None:
    report = silent_report()
    address_follow(None, "quartier@example.org", quarter=report.quarter)
    assert told(changed(report, before, workflow.OPEN)) == []


def test_people_hear_of_their_areas_in_the_digest_unless_they_chose_otherwise(author: User, stranger: User) -> None:
    report = silent_report()
    user_follow(None, author, quarter=report.quarter)
    user_follow(None, stranger, quarter=report.quarter)
    wish(author, Topic.NEARBY, Frequency.AT_ONCE)
    assert told(changed(report, workflow.PENDING, workflow.OPEN)) == [(author.email, "area_new_report")]


# --- Comments ---------------------------------------------------------------------------------------------------------


def said(report: Report, author: User, **fields: object) -> Event:
    comment = Comment.objects.create(report=report, author=author, text="Toujours là.", **fields)
    actor = Actor(user=author)
    return record(kind=Event.Kind.COMMENTED, report=report, actor=actor, is_public=True, data={"comment": comment.pk})


def test_comment_is_told_to_who_wants_comments_at_once(author: User, stranger: User) -> None:
    report = silent_report()
    for person in (author, stranger):
        user_follow(report, person)
        wish(person, Topic.COMMENTS, Frequency.AT_ONCE)
    user_follow(report)
    assert told(said(report, author)) == [(stranger.email, "report_comment")]


@pytest.mark.parametrize("status", [Comment.Status.HELD, Comment.Status.REMOVED, Comment.Status.DELETED])
def test_comment_that_nobody_sees_is_not_told(author: User, stranger: User, status: str) -> None:
    report = silent_report()
    user_follow(report, stranger)
    wish(stranger, Topic.COMMENTS, Frequency.AT_ONCE)
    assert told(said(report, author, status=status)) == []


# --- Organisations ----------------------------------------------------------------------------------------------------


@pytest.fixture
def voirie(db: None) -> Organisation:
    return OrganisationFactory(email="voirie@example.org")


def test_organisation_hears_of_what_it_is_given(voirie: Organisation, moderator: User) -> None:
    eager = give(UserFactory(email="equipe@example.org"), Role.OPERATOR, organisation=voirie)
    give(UserFactory(), Role.OPERATOR, organisation=voirie)
    wish(eager, Topic.WORK, Frequency.AT_ONCE)
    report = ReportFactory(organisation=None)
    event = assign(report=report, organisation=voirie, actor=MODERATION)
    assert told(event) == [("equipe@example.org", "staff_assigned"), ("voirie@example.org", "staff_assigned")]


def test_organisation_hears_of_its_report_once_it_is_published(voirie: Organisation) -> None:
    report = ReportFactory(organisation=voirie)
    assert told(changed(report, workflow.PENDING, workflow.OPEN)) == [("voirie@example.org", "staff_assigned")]


def test_organisation_hears_nothing_of_what_waits_for_a_moderator(voirie: Organisation) -> None:
    report = ReportFactory(status=workflow.PENDING, organisation=None)
    assert told(assign(report=report, organisation=voirie, actor=MODERATION)) == []


@pytest.mark.parametrize(
    ("actor", "expected"), [(AUTHOR, [("voirie@example.org", "staff_reopened")]), (MODERATION, [])]
)
def test_organisation_hears_of_what_its_author_reopens(
    voirie: Organisation, actor: Actor, expected: list[tuple[str, str]]
) -> None:
    report = ReportFactory(organisation=voirie)
    assert told(changed(report, workflow.RESOLVED, workflow.OPEN, actor=actor, note="Le trou est revenu.")) == expected


# --- Duplicates and replies -------------------------------------------------------------------------------------------


def test_followers_of_a_duplicate_hear_once_and_those_of_the_original_nothing(author: User, stranger: User) -> None:
    original, duplicate = ReportFactory(), ReportFactory(reporter=author)
    address_follow(duplicate, "amina@example.org")
    address_follow(original, "binta@example.org")
    user_follow(original, stranger)
    change_status(report=duplicate, to=workflow.DUPLICATE, actor=MODERATION, original=original)
    events = Event.objects.filter(kind__in=KINDS).order_by("pk")
    for event in events:
        consume(event.pk)
    found = [(event.kind, heard(event)) for event in events]
    both = [("amina@example.org", "report_progress"), (author.email, "report_progress")]
    assert found == [("status_changed", []), ("merged", both)]


def test_follower_of_both_follows_the_original_once(stranger: User) -> None:
    original, duplicate = ReportFactory(), ReportFactory()
    user_follow(original, stranger)
    user_follow(duplicate, stranger)
    change_status(report=duplicate, to=workflow.DUPLICATE, actor=MODERATION, original=original)
    merged = Event.objects.get(kind=Event.Kind.MERGED)
    assert told(merged) == [(stranger.email, "report_progress")]


def joined_and_parted(*, sent: bool) -> Event:
    """Return the event that parts a duplicate, which amina follows, from its original, which binta follows."""
    original, duplicate = ReportFactory(), ReportFactory()
    address_follow(duplicate, "amina@example.org")
    address_follow(original, "binta@example.org")
    change_status(report=duplicate, to=workflow.DUPLICATE, actor=MODERATION, original=original)
    merged = Event.objects.get(kind=Event.Kind.MERGED)
    consume(merged.pk)
    if sent:
        merged.deliveries.update(status=Delivery.Status.SENT, sent_at=timezone.now())
    change_status(report=duplicate, to=workflow.OPEN, actor=MODERATION, note="Un autre trou.")
    return duplicate.events.get(kind=Event.Kind.UNMERGED)


def test_followers_of_what_was_joined_by_mistake_hear_once() -> None:
    parted = joined_and_parted(sent=True)
    events = Event.objects.filter(kind__in=KINDS, pk__gte=parted.pk).order_by("pk")
    assert [(event.kind, told(event)) for event in events] == [
        ("unmerged", [("amina@example.org", "report_progress")]),
        ("unmerged", []),
        ("status_changed", []),
    ]


def test_what_was_joined_and_parted_before_anybody_heard_is_told_to_nobody() -> None:
    parted = joined_and_parted(sent=False)
    assert told(parted) == []
    merged = Event.objects.get(kind=Event.Kind.MERGED)
    merged.deliveries.update(next_try_at=timezone.now())
    deliver(delivery_id=merged.deliveries.get().pk)
    assert merged.deliveries.get().status == Delivery.Status.SKIPPED


def test_reply_is_told() -> None:
    report = silent_report()
    address_follow(report, "amina@example.org")
    assert told(reply_publicly(report=report, text="Équipe prévue lundi.", actor=MODERATION)) == [
        ("amina@example.org", "report_progress")
    ]


def test_event_that_is_gone_tells_nobody(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        consume(0)


# --- Cost -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pairs", [1, 150])
def test_queries_do_not_grow_with_the_followers(pairs: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    report = silent_report()
    for number in range(pairs):
        user_follow(report, UserFactory(email=f"p{number}@example.org"))
        address_follow(report, f"a{number}@example.org")
    event = started(report)
    Recipient.objects.filter(user=None).delete()
    # Event, followers, two wishes, browsers; recipients, those that are new between two savepoints, recipients; the
    # deliveries and which of them are new, between two and two savepoints.
    with django_assert_num_queries(QUERIES):
        consume(event.pk)
    assert Delivery.objects.filter(event=event).count() == 2 * pairs


@pytest.mark.parametrize("followers", [1, 300])
def test_second_run_costs_the_same(followers: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    report = silent_report()
    for number in range(followers):
        address_follow(report, f"a{number}@example.org")
    event = started(report)
    consume(event.pk)
    # Event, followers, browsers, recipients; the deliveries between savepoints, and which of them are new.
    with django_assert_num_queries(8):
        consume(event.pk)
    assert Delivery.objects.filter(event=event).count() == followers
