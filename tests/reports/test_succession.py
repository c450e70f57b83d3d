"""An author takes back a report that others were joined to: the oldest of these goes on in its place."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from notifications.models import Delivery
from notifications.services.deliver import deliver
from notifications.services.dispatch import consume
from reports import workflow
from reports.errors import DomainError
from reports.models import Event, Merge, Quarter, Report, Vote
from reports.permissions import Actor, reporter_without_account
from reports.services.community import follow, unvote, vote
from reports.services.handling import change_status
from reports.services.holding import hold
from tests.client import Client
from tests.factories import ReportFactory, UserFactory
from tests.reports.test_merge import join, part, votes_of
from tests.reports.test_vote import again, at_once

Reports = tuple[Report, Report, Report]
DAY = timedelta(days=1)
AUTHOR = reporter_without_account()


def withdraw(report: Report, actor: Actor = AUTHOR) -> None:
    change_status(report=again(report), to=workflow.WITHDRAWN, actor=actor)


def states(*reports: Report) -> list[tuple[str, int | None]]:
    return [(again(report).status, again(report).duplicate_of_id) for report in reports]


@pytest.fixture
def three(quarter: Quarter) -> Reports:
    """Return an original, an older and a younger duplicate of it; each was followed and supported by others."""
    now = timezone.now()
    original, older, younger = (ReportFactory(quarter=quarter, received_at=now - age * DAY) for age in (1, 5, 2))
    for number, report in enumerate((original, older, younger)):
        vote(report=report, device=f"d{number}")
        follow(report=report, user=UserFactory(email=f"voisin{number}@example.org"), language="fr")
    join(younger, original)
    join(older, original)
    return original, older, younger


@pytest.mark.django_db
def test_withdraw_puts_the_oldest_duplicate_in_its_place(three: Reports) -> None:
    original, older, younger = three
    withdraw(original)
    assert states(original, older, younger) == [
        (workflow.WITHDRAWN, None),
        (workflow.OPEN, None),
        (workflow.DUPLICATE, older.pk),
    ]
    assert votes_of(original, older, younger) == [(1, 1), (2, 2), (0, 0)]
    emails = older.followers.filter(user__isnull=False).order_by("user__email").values_list("user__email", flat=True)
    assert list(emails) == ["voisin1@example.org", "voisin2@example.org"]
    merge = Merge.objects.get(undone_at=None)
    assert (merge.duplicate_id, merge.original_id) == (younger.pk, older.pk)


@pytest.mark.django_db
def test_withdraw_writes_the_story_of_each(three: Reports) -> None:
    original, older, younger = three
    before = Event.objects.latest("pk").pk
    withdraw(original)
    story = Event.objects.filter(pk__gt=before).exclude(kind=Event.Kind.VOTED).order_by("pk")
    assert [(event.kind, event.report_id, event.actor_role) for event in story] == [
        ("status_changed", original.pk, "reporter"),
        ("unmerged", older.pk, ""),
        ("unmerged", original.pk, ""),
        ("unmerged", younger.pk, ""),
        ("unmerged", original.pk, ""),
        ("status_changed", older.pk, ""),
        ("merged", older.pk, ""),
        ("merged", younger.pk, ""),
    ]
    back = older.events.get(pk__gt=before, kind=Event.Kind.STATUS_CHANGED)
    assert (back.is_public, back.data["from"], back.data["to"], back.data["original"]) == (
        True,
        workflow.DUPLICATE,
        workflow.OPEN,
        original.ref,
    )


def told_since(event_id: int) -> list[tuple[str, str]]:
    """Hand the log since an event to whoever tells people, and send: (who, subject), in the order of who."""
    for pk in Event.objects.filter(pk__gt=event_id).order_by("pk").values_list("pk", flat=True):
        consume(pk)
    for row in Delivery.objects.filter(status=Delivery.Status.WAITING).order_by("pk"):
        deliver(delivery_id=row.pk)
    sent = Delivery.objects.filter(status=Delivery.Status.SENT, event__gt=event_id, recipient__user__isnull=False)
    return sorted(sent.values_list("recipient__user__email", "event__kind"))


@pytest.mark.django_db
def test_withdraw_tells_each_person_once(three: Reports, settings: Settings, mailoutbox: list[object]) -> None:
    settings.DECISION_GRACE_SECONDS = 0
    original, older, younger = three
    both = UserFactory(email="partout@example.org")
    for report in (older, younger):
        part(report)
        follow(report=again(report), user=both, language="fr")
        join(report, original)
    told_since(0)
    before = Event.objects.latest("pk").pk
    mailoutbox.clear()
    withdraw(original)
    assert told_since(before) == [
        ("partout@example.org", "unmerged"),
        ("voisin0@example.org", "status_changed"),
        ("voisin1@example.org", "unmerged"),
        ("voisin2@example.org", "merged"),
    ]
    subjects = {str(mail.subject) for mail in mailoutbox}  # type: ignore[attr-defined]
    assert f"{older.ref} prend la place de {original.ref}" in subjects
    assert f"{younger.ref} rejoint le signalement {older.ref}" in subjects
    words = next(str(mail.body) for mail in mailoutbox if younger.ref in str(mail.subject))  # type: ignore[attr-defined]
    said = f"Le signalement {original.ref}, auquel {younger.ref} était réuni, a été retiré par son auteur."
    assert said in " ".join(words.split(" "))


@pytest.mark.django_db
def test_withdraw_publishes_nothing_that_nobody_has_accepted(quarter: Quarter) -> None:
    now = timezone.now()
    original = ReportFactory(quarter=quarter, status=workflow.PENDING)
    older = ReportFactory(quarter=quarter, status=workflow.PENDING, received_at=now - 5 * DAY)
    younger = ReportFactory(quarter=quarter, status=workflow.PENDING, received_at=now - 2 * DAY)
    join(older, original)
    join(younger, original)
    withdraw(original)
    assert states(older, younger) == [(workflow.PENDING, None), (workflow.DUPLICATE, older.pk)]
    assert again(older).published_at is None
    assert not older.events.filter(kind=Event.Kind.STATUS_CHANGED, is_public=True).exists()


@pytest.mark.django_db
def test_withdraw_prefers_a_duplicate_that_everybody_saw(quarter: Quarter) -> None:
    now = timezone.now()
    original, seen = ReportFactory(quarter=quarter), ReportFactory(quarter=quarter, received_at=now - 2 * DAY)
    unseen = ReportFactory(quarter=quarter, status=workflow.PENDING, received_at=now - 5 * DAY)
    join(seen, original)
    join(unseen, original)
    withdraw(original)
    assert states(seen, unseen) == [(workflow.OPEN, None), (workflow.DUPLICATE, seen.pk)]


@pytest.mark.django_db
def test_withdraw_leaves_what_was_held_to_a_moderator(quarter: Quarter) -> None:
    original, held = ReportFactory(quarter=quarter), ReportFactory(quarter=quarter)
    hold(report=again(held))
    join(held, original)
    withdraw(original)
    assert (states(held), again(held).held_from) == ([(workflow.PENDING, None)], workflow.OPEN)


@pytest.mark.django_db
def test_withdraw_frees_what_was_joined_before_merges_were_kept(quarter: Quarter) -> None:
    original = ReportFactory(quarter=quarter)
    first, second = (
        ReportFactory(quarter=quarter, status=workflow.DUPLICATE, duplicate_of=original) for _n in range(2)
    )
    withdraw(original)
    assert states(first, second) == [(workflow.OPEN, None), (workflow.DUPLICATE, first.pk)]


@pytest.mark.django_db
def test_withdraw_without_duplicates_costs_little(
    quarter: Quarter, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    report = again(ReportFactory(quarter=quarter))
    with django_assert_num_queries(QUERIES):
        change_status(report=report, to=workflow.WITHDRAWN, actor=AUTHOR)


QUERIES = 11


@pytest.mark.django_db
def test_page_of_the_author_says_that_it_waits_again(quarter: Quarter) -> None:
    original, copy = (ReportFactory(quarter=quarter, status=workflow.PENDING) for _n in range(2))
    join(copy, original)
    withdraw(original)
    token = copy.followers.get(is_reporter=True).token
    page = Client().get(reverse("follow", args=[token])).content.decode()
    assert "De nouveau en attente de validation" in page


@pytest.mark.django_db
def test_page_of_the_author_of_another_duplicate_says_what_it_joined(three: Reports) -> None:
    original, older, younger = three
    withdraw(original)
    page = Client().get(reverse("follow", args=[younger.followers.get(is_reporter=True).token])).content.decode()
    story = page[page.index("data-timeline") :]
    assert story.index(f"Réuni au signalement {older.ref}") < story.index("Doublon détaché")
    assert f"Voir le premier signalement, {older.ref}" in page


# --- At the same moment -----------------------------------------------------------------------------------------------


def refusals(acts: list[Callable[[], object]]) -> list[str]:
    failures = at_once(acts)
    assert [failure for failure in failures if not isinstance(failure, DomainError)] == []
    return [failure.code for failure in failures if isinstance(failure, DomainError)]


def is_whole(*reports: Report) -> bool:
    """Whether nothing is joined to what is gone, and every count is that of its votes."""
    gone = Report.objects.filter(status=workflow.DUPLICATE, duplicate_of__status=workflow.WITHDRAWN)
    return not gone.exists() and all(shown == there for shown, there in votes_of(*reports))


@pytest.mark.django_db(transaction=True)
def test_withdraw_and_join_at_once(quarter: Quarter) -> None:
    for _round in range(6):
        original, older, copy = ReportFactory.create_batch(3, quarter=quarter)
        vote(report=copy, device="d1")
        vote(report=older, device="d2")
        join(older, original)
        refused = refusals([partial(withdraw, original), partial(join, copy, original)])
        # Who reads after the other has committed is told at once that there is nothing to join.
        assert refused in ([], ["stale_report"], ["explanation_needed"])
        assert is_whole(original, older, copy)
        home = older if again(original).status == workflow.WITHDRAWN else original
        assert Vote.objects.get(device="d2").report_id == home.pk
        Vote.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_withdraw_and_part_at_once(quarter: Quarter) -> None:
    for _round in range(6):
        original, older, copy = ReportFactory.create_batch(3, quarter=quarter)
        join(copy, original)
        join(older, original)
        assert refusals([partial(withdraw, original), partial(part, copy)]) in (
            [],
            ["stale_report"],
            ["illegal_transition"],
        )
        assert is_whole(original, older, copy)


@pytest.mark.django_db(transaction=True)
def test_withdraw_and_join_of_the_original_itself_at_once(quarter: Quarter) -> None:
    for _round in range(6):
        original, older, top = ReportFactory.create_batch(3, quarter=quarter)
        join(older, original)
        refused = refusals([partial(withdraw, original), partial(join, original, top)])
        assert refused in (["stale_report"], ["illegal_transition"])
        assert is_whole(original, older, top)


@pytest.mark.django_db(transaction=True)
def test_withdraw_twice_at_once(quarter: Quarter) -> None:
    original, older = ReportFactory.create_batch(2, quarter=quarter)
    join(older, original)
    assert len(refusals([partial(withdraw, original), partial(withdraw, original)])) == 1
    assert states(original, older) == [(workflow.WITHDRAWN, None), (workflow.OPEN, None)]


@pytest.mark.django_db(transaction=True)
def test_withdraw_among_supporters_locks_nobody_out(quarter: Quarter) -> None:
    original, older, younger = ReportFactory.create_batch(3, quarter=quarter)
    people = UserFactory.create_batch(10)
    for person in people[:5]:
        for report in (older, younger):
            vote(report=report, user=person)
            follow(report=report, user=person, language="fr")
    join(older, original)
    join(younger, original)
    acts: list[Callable[[], object]] = [partial(withdraw, original)]
    seen = again(original)
    for person in people:
        acts += [partial(vote, report=seen, user=person), partial(unvote, report=seen, user=person)]
    assert refusals(acts) == []
    assert is_whole(original, older, younger)
