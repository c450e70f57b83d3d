"""Taking a judgement back: for ten minutes, by whoever made it, while nothing has followed from it."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from moderation.errors import NotUndoable
from moderation.models import Decision
from moderation.services.decisions import decide, undo
from reports import workflow
from reports.errors import NotAllowed, StaleReport
from reports.models import Event, Follow, Photo, Report, Town
from reports.permissions import actor_for
from reports.services.community import vote
from reports.services.handling import add_note, change_status, reply_publicly
from tests.factories import PhotoFactory, ReportFactory, UserFactory, give
from tests.moderation.conftest import post, signed_in, words_of
from tests.reports.test_vote import at_once

QUEUE = "/admin/reports/report/queue/"
UNDO = "/admin/reports/report/queue/undo/"
pytestmark = pytest.mark.django_db


def pending(**fields: Any) -> Report:
    return ReportFactory(status=workflow.PENDING, **fields)


def decided(report: Report, by: User, to: str = workflow.OPEN, **fields: Any) -> Decision:
    """Judge a report; return the decision as another request finds it."""
    fresh = Report.objects.select_related("category", "quarter", "organisation").get(pk=report.pk)
    decision = decide(report=fresh, to=to, by=by, seen=fresh.status, **fields)
    found: Decision = Decision.objects.select_related("event").get(pk=decision.pk)
    return found


def state(report: Report) -> dict[str, Any]:
    return Report.objects.filter(pk=report.pk).values(
        "status", "published_at", "due_at", "answer_due_at", "resolved_at", "rejection_reason", "duplicate_of",
        "held_from", "votes",
    ).get()  # fmt: skip


@pytest.mark.parametrize(
    ("to", "note"), [(workflow.OPEN, ""), (workflow.REJECTED, "Terrain privé.")], ids=["accepted", "rejected"]
)
def test_undo_gives_back_what_was(to: str, note: str, moderator: User) -> None:
    report = pending()
    before = state(report)
    decision = decided(report, moderator, to, note=note)
    assert state(report) != before
    undo(decision=decision, by=moderator)
    assert state(report) == before
    event = report.events.get(kind=Event.Kind.UNDONE)
    assert (event.actor, event.is_public) == (moderator, to == workflow.OPEN)
    assert (event.data["event"], event.data["from"], event.data["to"]) == (decision.event_id, to, workflow.PENDING)


def test_undo_of_a_held_report_holds_it_again(moderator: User) -> None:
    report = pending(held_from=workflow.IN_PROGRESS, published_at=timezone.now())
    before = state(report)
    decision = decided(report, moderator)
    assert state(report)["status"] == workflow.IN_PROGRESS
    undo(decision=decision, by=moderator)
    assert state(report) == before


def test_undo_of_a_duplicate_parts_them(moderator: User) -> None:
    original, report = ReportFactory(), pending()
    supporter, follower = UserFactory(), UserFactory()
    ReportFactory()
    Follow.objects.create(report=report, user=follower)
    decision = decided(report, moderator, workflow.DUPLICATE, original=original)
    assert Follow.objects.get(user=follower).report == original
    vote(report=original, user=supporter)
    undo(decision=decision, by=moderator)
    assert state(report)["status"] == workflow.PENDING
    assert Follow.objects.get(user=follower).report == report
    assert list(report.events.order_by("id").values_list("kind", flat=True)) == ["status_changed", "unmerged", "undone"]


def test_undo_after_ten_minutes_is_refused(moderator: User) -> None:
    decision = decided(pending(), moderator)
    Decision.objects.update(decided_at=timezone.now() - timedelta(minutes=11))
    decision.refresh_from_db()
    with pytest.raises(NotUndoable, match="pendant 10 minutes"):
        undo(decision=decision, by=moderator)


def test_undo_by_another_moderator_is_refused(moderator: User, administrator: User) -> None:
    decision = decided(pending(), moderator)
    with pytest.raises(NotAllowed):
        undo(decision=decision, by=administrator)


def test_undo_without_the_role_any_more_is_refused(moderator: User) -> None:
    decision = decided(pending(), moderator)
    moderator.memberships.all().delete()
    with pytest.raises(NotAllowed):
        undo(decision=decision, by=User.objects.get(pk=moderator.pk))


def test_undo_twice_is_refused(moderator: User) -> None:
    decision = decided(pending(), moderator)
    undo(decision=decision, by=moderator)
    with pytest.raises(NotUndoable, match="déjà annulée"):
        undo(decision=decision, by=moderator)


def move_on(report: Report, what: str, by: User) -> None:
    actor = actor_for(by, report)
    if what == "status":
        change_status(report=report, to=workflow.IN_PROGRESS, actor=actor)
    elif what == "reply":
        reply_publicly(report=report, text="Nous venons.", actor=actor)
    else:
        add_note(report=report, text="À voir.", actor=actor)


@pytest.mark.parametrize("what", ["status", "reply", "note"])
def test_undo_after_something_else_is_refused_and_changes_nothing(what: str, moderator: User) -> None:
    report = pending()
    decision = decided(report, moderator)
    report.refresh_from_db()
    move_on(report, what, moderator)
    before = state(report)
    with pytest.raises(NotUndoable, match="Quelque chose s’est passé"):
        undo(decision=decision, by=moderator)
    assert state(report) == before
    assert not report.events.filter(kind=Event.Kind.UNDONE).exists()


def test_undo_after_a_support_or_a_finished_photo_is_fine(moderator: User) -> None:
    report = pending()
    decision = decided(report, moderator)
    report.refresh_from_db()
    vote(report=report, user=UserFactory())
    photo: Photo = PhotoFactory(report=report)
    Event.objects.create(kind=Event.Kind.PHOTO_READY, report=report, data={"photo": str(photo.key)})
    undo(decision=decision, by=moderator)
    assert (state(report)["status"], state(report)["votes"]) == (workflow.PENDING, 1)


@pytest.mark.django_db(transaction=True)
def test_undo_at_the_same_moment_happens_once(moderator: User) -> None:
    report = pending()
    decision = decided(report, moderator)
    refused = at_once(partial(undo, decision=decision, by=moderator) for _tap in range(4))
    assert [type(failure) for failure in refused] == [NotUndoable] * 3
    assert report.events.filter(kind=Event.Kind.UNDONE).count() == 1


@pytest.mark.django_db(transaction=True)
def test_undo_and_a_change_at_the_same_moment_leave_one_of_them(moderator: User) -> None:
    for _round in range(5):
        report = pending()
        decision = decided(report, moderator)
        fresh = Report.objects.select_related("category", "quarter", "organisation").get(pk=report.pk)
        take_up = partial(
            change_status, report=fresh, to=workflow.IN_PROGRESS, actor=actor_for(moderator, fresh), seen=workflow.OPEN
        )
        (refusal,) = at_once([partial(undo, decision=decision, by=moderator), take_up])
        was_undone = isinstance(refusal, StaleReport)
        assert was_undone or isinstance(refusal, NotUndoable)
        assert state(report)["status"] == (workflow.PENDING if was_undone else workflow.IN_PROGRESS)


@pytest.mark.django_db(transaction=True)
def test_decisions_at_the_same_moment_are_one(town: Town) -> None:
    people = [give(UserFactory(), Role.MODERATOR, town=town) for _number in range(5)]
    report = pending()
    refused = at_once(partial(decided, report, person) for person in people)
    assert len(refused) == 4
    assert (Decision.objects.count(), report.events.filter(kind=Event.Kind.STATUS_CHANGED).count()) == (1, 1)


def test_undo_page_takes_the_last_decision_back_and_shows_the_report(moderator: User) -> None:
    first, _second = pending(), pending()
    post(moderator, "decide", first, to=workflow.OPEN, seen=workflow.PENDING)
    client = signed_in(moderator)
    page = client.get(QUEUE)
    decision = page.context["last"]
    assert decision.report == first
    response = client.post(UNDO, {"decision": decision.pk}, follow=True)
    assert response.context["report"] == first
    assert f"Décision annulée\u00a0: {first.ref} attend de nouveau." in words_of(response)
    assert response.context["last"] is None


@pytest.mark.parametrize("decision", ["", "x", "0", "-1", "9" * 30, "\x00", "²"])
def test_undo_page_of_no_decision_says_so(decision: str, moderator: User) -> None:
    response = signed_in(moderator).post(UNDO, {"decision": decision}, follow=True)
    assert response.redirect_chain == [(QUEUE, 302)]
    assert "Il n’y a aucune décision à annuler." in words_of(response)


def test_undo_page_does_not_know_decisions_of_others(moderator: User, administrator: User) -> None:
    report = pending()
    decision = decided(report, moderator)
    response = signed_in(administrator).post(UNDO, {"decision": decision.pk}, follow=True)
    assert "Il n’y a aucune décision à annuler." in words_of(response)
    assert state(report)["status"] == workflow.OPEN


def test_undo_page_by_a_look_changes_nothing(moderator: User) -> None:
    report = pending()
    decided(report, moderator)
    assert signed_in(moderator).get(UNDO)["Location"] == QUEUE
    assert state(report)["status"] == workflow.OPEN


@pytest.mark.parametrize(
    ("person", "answer"),
    [("operator", 403), ("author", 403), ("nobody", 302)],
    indirect=["person"],
)
def test_undo_page_is_for_who_judges(person: User | None, answer: int) -> None:
    response = signed_in(person).post(reverse("admin:reports_report_undo"), {"decision": "1"})
    assert response.status_code == answer


@pytest.mark.parametrize("what", ["status", "reply", "note"])
def test_undo_is_not_offered_once_something_else_has_happened(what: str, moderator: User) -> None:
    before, report = pending(), pending()
    decided(before, moderator)
    decided(report, moderator)
    client = signed_in(moderator)
    assert client.get(QUEUE).context["last"].report == report
    report.refresh_from_db()
    move_on(report, what, moderator)
    page = client.get(QUEUE)
    assert (page.context["last"], "Annuler cette décision" in words_of(page)) == (None, False)
