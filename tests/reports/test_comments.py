"""Comments: said once, held or visible, counted right, corrected for a while, taken back at any time, judged."""

import threading
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Role, User
from reports.errors import MissingExplanation, NotAllowed, StaleReport
from reports.models import Comment, Event, Organisation, Photo, Quarter, Report
from reports.services.comments import (
    add_comment,
    delete_comment,
    edit_comment,
    is_newcomer,
    judge_comment,
    voices_of,
)
from reports.services.photos import finish, sweep
from tests.factories import OrganisationFactory, PhotoFactory, ReportFactory, UserFactory, give

pytestmark = pytest.mark.django_db
LINK = "Voir https://exemple.test/photo"


@pytest.fixture
def report(quarter: Quarter, organisation: Organisation) -> Report:
    return ReportFactory(quarter=quarter, organisation=organisation)


@pytest.fixture
def neighbour(db: None) -> User:
    """Return somebody who is known: an old account whose report was published."""
    user = UserFactory(name="Awa", date_joined=timezone.now() - timedelta(days=90))
    ReportFactory(reporter=user)
    return user


def say(report: Report, text: str = "Toujours là ce matin.", **fields: Any) -> Comment:
    who: dict[str, Any] = {} if "author" in fields else {"device": "appareil"}
    return add_comment(report=report, text=text, **who, **fields)


def comments_of(report: Report) -> int:
    return Report.objects.values_list("comments", flat=True).get(pk=report.pk)


def told(report: Report) -> list[Any]:
    """Return what the log says of comments: kind, what changed, whether everybody may read it."""
    events = report.events.filter(kind__startswith="comment").order_by("id")
    return [(event.kind, event.data.get("change"), event.is_public) for event in events]


def test_add_comment_is_visible_and_counted(report: Report) -> None:
    comment = say(report)
    assert (comment.status, comment.held_for, comment.public_name) == ("visible", [], "")
    assert comments_of(report) == 1
    event = report.events.get(kind=Event.Kind.COMMENTED)
    assert (event.is_public, event.data["comment"], event.data["comments"]) == (True, comment.pk, 1)
    assert "Toujours" not in str(event.data)


def test_add_comment_never_tells_that_the_author_reported_it(quarter: Quarter, author: User) -> None:
    report = ReportFactory(quarter=quarter, reporter=author)
    comment = say(report, author=author)
    event = report.events.get(kind=Event.Kind.COMMENTED)
    assert (event.actor_role, event.actor_name, comment.public_name, comment.device) == ("", "", "", "")


@pytest.mark.parametrize("text", [LINK, "Appelez 670000000", "a@example.org"])
def test_add_comment_with_contact_by_a_newcomer_is_held(text: str, report: Report, author: User) -> None:
    for who in ({"device": "d1"}, {"author": author}):
        comment = add_comment(report=report, text=text, **who)
        assert comment.status == Comment.Status.HELD
        assert len(comment.held_for) == 1
    assert (comments_of(report), told(report)) == (0, [])


def test_add_comment_with_a_link_by_a_neighbour(report: Report, neighbour: User) -> None:
    comment = say(report, LINK, author=neighbour, shows_name=True)
    assert (comment.status, comment.has_links, comment.public_name) == ("visible", True, "Awa")


def test_add_comment_shows_no_name_unasked_and_never_an_address(report: Report) -> None:
    nameless = UserFactory(name="", email="secret@example.org")
    assert say(report, "Un.", author=nameless, shows_name=True).public_name == ""
    assert say(report, "Deux.", author=UserFactory(name="Awa")).public_name == ""


@pytest.mark.parametrize("status", ["pending", "rejected", "duplicate", "withdrawn"])
def test_add_comment_on_what_is_not_public(status: str, quarter: Quarter) -> None:
    with pytest.raises(NotAllowed):
        say(ReportFactory(status=status, quarter=quarter))
    assert Comment.objects.count() == 0


def test_add_comment_on_what_was_hidden_a_moment_ago(report: Report) -> None:
    Report.objects.filter(pk=report.pk).update(status="rejected")
    with pytest.raises(NotAllowed):
        say(report)


def test_add_comment_by_nobody(report: Report) -> None:
    with pytest.raises(NotAllowed):
        add_comment(report=report, text="Bonjour.")


def test_add_comment_twice_within_a_minute_is_one(report: Report, author: User) -> None:
    first = say(report)
    assert say(report) == first
    assert say(report, author=author) != first
    Comment.objects.filter(pk=first.pk).update(created_at=timezone.now() - timedelta(seconds=61))
    assert say(report) != first
    assert comments_of(report) == 3


def test_is_newcomer(report: Report, neighbour: User, moderator: User) -> None:
    old = UserFactory(date_joined=timezone.now() - timedelta(days=90))
    young = UserFactory()
    ReportFactory(reporter=young)
    refused = UserFactory(date_joined=timezone.now() - timedelta(days=90))
    ReportFactory(reporter=refused, status="rejected")
    assert [is_newcomer(who) for who in (None, young, old, refused, neighbour)] == [True, True, True, True, False]
    comment = say(report, LINK, author=old)
    judge_comment(comment=comment, accept=True, by=moderator)
    assert not is_newcomer(old)


def test_voices_of(report: Report, operator: User, operator_elsewhere: User, moderator: User, stranger: User) -> None:
    hall = OrganisationFactory(slug="mairie", name="Mairie de Yaoundé", town=report.quarter.town)
    water = Organisation.objects.get(slug="eau")
    assert report.organisation is not None
    assert voices_of(operator, report) == [report.organisation]
    assert voices_of(operator_elsewhere, report) == [water]
    assert voices_of(moderator, report) == [hall]
    assert voices_of(stranger, report) == voices_of(None, report) == []


def test_add_comment_for_an_organisation(report: Report, operator: User) -> None:
    comment = say(report, LINK, author=operator, organisation=report.organisation)
    assert (comment.status, comment.organisation, comment.public_name) == ("visible", report.organisation, "")
    event = report.events.get(kind=Event.Kind.COMMENTED)
    assert (event.actor_role, event.actor_name) == ("operator", "Service de la voirie")


def test_add_comment_for_an_organisation_of_others(
    report: Report, stranger: User, operator_elsewhere: User, moderator_elsewhere: User
) -> None:
    for person in (stranger, operator_elsewhere, moderator_elsewhere):
        with pytest.raises(NotAllowed):
            say(report, author=person, organisation=report.organisation)


def test_edit_comment_is_screened_again(report: Report, author: User) -> None:
    comment = say(report, author=author)
    assert edit_comment(comment=comment, text="Réparé !", author=author).edited_at is not None
    assert comments_of(report) == 1
    assert edit_comment(comment=comment, text=LINK, author=author).held_for == ["link"]
    assert comments_of(report) == 0
    assert edit_comment(comment=comment, text="Merci.", author=author).status == Comment.Status.VISIBLE
    assert comments_of(report) == 1
    assert told(report) == [
        ("commented", None, True),
        ("comment_changed", "edited", True),
        ("comment_changed", "held", True),
        ("comment_changed", "shown", True),
    ]


def test_edit_comment_after_a_quarter_of_an_hour(report: Report) -> None:
    comment = say(report)
    Comment.objects.filter(pk=comment.pk).update(created_at=timezone.now() - timedelta(minutes=16))
    with pytest.raises(NotAllowed):
        edit_comment(comment=comment, text="Autre chose.", device="appareil")


@pytest.mark.parametrize("change", ["edit", "delete"])
def test_change_comment_of_somebody_else(change: str, report: Report, author: User, stranger: User) -> None:
    mine, device = say(report, author=author), say(report)
    for comment, who in ((mine, {"author": stranger}), (mine, {"device": "appareil"}), (device, {"device": "autre"}),
                         (device, {"device": ""}), (device, {"author": author})):  # fmt: skip
        with pytest.raises(NotAllowed):
            (partial(edit_comment, text="Faux.") if change == "edit" else delete_comment)(comment=comment, **who)


def test_delete_comment_leaves_an_empty_row(report: Report, neighbour: User) -> None:
    comment = say(report, author=neighbour, shows_name=True, photo=PhotoFactory(report=None, kind="comment"))
    delete_comment(comment=comment, author=neighbour)
    comment.refresh_from_db()
    assert (comment.status, comment.text, comment.public_name, comment.photo) == ("deleted", "", "", None)
    assert comments_of(report) == 0
    with pytest.raises(NotAllowed):
        delete_comment(comment=comment, author=neighbour)
    assert comments_of(report) == 0


@pytest.mark.django_db(transaction=True)
def test_delete_comment_removes_its_photo(report: Report) -> None:
    comment = say(report, photo=PhotoFactory(report=None, kind="comment"))
    delete_comment(comment=comment, device="appareil")
    assert Photo.objects.count() == 0


def test_judge_comment_accepts(report: Report, moderator: User) -> None:
    comment = say(report, LINK)
    judged = judge_comment(comment=comment, accept=True, by=moderator)
    assert (judged.status, judged.decided_by, judged.has_links) == ("visible", moderator, False)
    assert comments_of(report) == 1
    assert told(report) == [("commented", None, True)]


def test_judge_comment_removes_with_a_reason(report: Report, moderator: User) -> None:
    visible, held = say(report), say(report, LINK)
    for comment in (visible, held):
        judged = judge_comment(comment=comment, accept=False, reason="Publicité.", by=moderator)
        assert (judged.status, judged.decision_reason) == ("removed", "Publicité.")
    assert comments_of(report) == 0
    # What nobody has read is gone without a word to the public.
    assert told(report)[1:] == [("comment_changed", "removed", True), ("comment_changed", "removed", False)]


def test_judge_comment_without_a_reason(report: Report, moderator: User) -> None:
    with pytest.raises(MissingExplanation):
        judge_comment(comment=say(report), accept=False, reason="  ", by=moderator)


def test_judge_comment_that_a_colleague_judged(report: Report, moderator: User) -> None:
    comment = say(report, LINK)
    judge_comment(comment=comment, accept=True, by=moderator)
    with pytest.raises(StaleReport):
        judge_comment(comment=comment, accept=False, reason="Trop tard.", by=moderator)
    assert comments_of(report) == 1


def test_judge_comment_whose_words_changed_meanwhile(report: Report, moderator: User) -> None:
    comment = say(report, LINK)
    edit_comment(comment=comment, text="Voir https://pire.test", device="appareil")
    with pytest.raises(StaleReport):
        judge_comment(comment=comment, accept=True, by=moderator)


@pytest.mark.parametrize(
    ("person", "may"),
    [
        ("author", False),
        ("stranger", False),
        ("operator", False),
        ("operator_elsewhere", False),
        ("moderator_elsewhere", False),
        ("moderator", True),
        ("administrator", True),
    ],
)
def test_judge_comment_by(person: str, may: bool, report: Report, request: pytest.FixtureRequest) -> None:  # noqa: FBT001
    comment = say(report, LINK)
    by: User = request.getfixturevalue(person)
    if may:
        assert judge_comment(comment=comment, accept=True, by=by).status == Comment.Status.VISIBLE
    else:
        with pytest.raises(NotAllowed):
            judge_comment(comment=comment, accept=True, by=by)


def test_judge_comment_by_the_moderator_of_its_quarter(report: Report, other_quarter: Quarter) -> None:
    comment = say(report, LINK)
    with pytest.raises(NotAllowed):
        judge_comment(comment=comment, accept=True, by=give(UserFactory(), Role.MODERATOR, quarter=other_quarter))
    judge_comment(comment=comment, accept=True, by=give(UserFactory(), Role.MODERATOR, quarter=report.quarter))


def test_photo_of_a_comment_outlives_the_sweep(report: Report) -> None:
    photo = PhotoFactory(report=None, kind="comment")
    say(report, photo=photo)
    Photo.objects.update(created_at=timezone.now() - timedelta(days=3))
    sweep()
    assert Photo.objects.filter(pk=photo.pk).exists()
    assert list(report.photos.all()) == []


@pytest.mark.parametrize(("text", "is_public"), [("Regardez.", True), (LINK, False)])
def test_photo_of_a_comment_is_told_to_the_public(text: str, is_public: bool, report: Report) -> None:  # noqa: FBT001
    photo = PhotoFactory(report=None, kind="comment", status=Photo.Status.PROCESSING)
    say(report, text, photo=photo)
    finish(photo=photo, status=Photo.Status.READY)
    assert report.events.get(kind=Event.Kind.PHOTO_READY).is_public == is_public


def at_once(number: int, act: Any) -> None:
    """Do something in as many threads at the same moment."""
    barrier = threading.Barrier(number)

    def run(index: int) -> None:
        barrier.wait()
        try:
            act(index)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_add_comment_by_twenty_at_once(report: Report) -> None:
    # Ten devices, two taps each.
    at_once(
        20, lambda index: add_comment(report=Report.objects.get(pk=report.pk), text="Oui.", device=f"d{index % 10}")
    )
    assert (Comment.objects.count(), comments_of(report)) == (10, 10)
    assert report.events.filter(kind=Event.Kind.COMMENTED).count() == 10


@pytest.mark.django_db(transaction=True)
def test_delete_comment_by_twenty_taps_at_once(report: Report) -> None:
    comment = say(report)
    say(report, "Un autre.")
    outcomes: list[bool] = []

    def tap(_index: int) -> None:
        try:
            delete_comment(comment=Comment.objects.get(pk=comment.pk), device="appareil")
            outcomes.append(True)
        except NotAllowed:
            outcomes.append(False)

    at_once(20, tap)
    assert (sum(outcomes), len(outcomes), comments_of(report)) == (1, 20, 1)
