"""Questions and referrals of a report that is closed: they end with it, the clock goes on, an undo brings them back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from moderation.admin import entries
from moderation.models import Question, Referral
from moderation.services import decisions, questions, referrals
from reports import workflow
from reports.models import Event, Report
from reports.permissions import Actor, actor_for, reporter_without_account
from reports.services.handling import change_status
from tests.client import Client
from tests.factories import ReportFactory
from tests.moderation.conftest import words_of
from tests.moderation.test_handling import page_of
from tests.moderation.test_question import ask
from tests.moderation.test_referral import refer
from tests.reports.test_vote import again, at_once

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
ENDS = ["answered", "referred"]


def waiting(by: User) -> tuple[Report, Question, Referral]:
    """Return a report whose clock has stood still for two days of the ten that were promised, with both links open."""
    now = timezone.now()
    report = ReportFactory(clock_started_at=now - 4 * DAY, due_at=now + 6 * DAY, published_at=now - 4 * DAY)
    question, referral = ask(report, by), refer(report, by)
    Report.objects.filter(pk=report.pk).update(clock_stopped_at=now - 2 * DAY)
    return again(report), question, referral


def join(report: Report, actor: Actor, original: Report | None = None) -> Report:
    """Make a report a duplicate; return its original."""
    original = original or ReportFactory()
    change_status(report=again(report), to=workflow.DUPLICATE, actor=actor, original=again(original))
    return original


def are_open(question: Question, referral: Referral) -> tuple[bool, bool]:
    question.refresh_from_db()
    referral.refresh_from_db()
    return question.is_open, referral.is_open


def links(question: Question, referral: Referral) -> list[str]:
    return [reverse("question", args=[question.token]), reverse("referral", args=[referral.token])]


def story(report: Report) -> list[tuple[str, str]]:
    """Return the ends of what was open: (kind, outcome)."""
    ended = report.events.filter(kind__in=ENDS).order_by("pk")
    return [(event.kind, event.data["outcome"]) for event in ended if "outcome" in event.data]


def test_join_ends_what_is_open_and_the_clock_goes_on(moderator: User) -> None:
    report, question, referral = waiting(moderator)
    join(report, actor_for(moderator, report))
    assert are_open(question, referral) == (False, False)
    assert Referral.objects.get(pk=referral.pk).address == ""
    report = again(report)
    assert report.clock_stopped_at is None
    assert report.due_at is not None
    assert story(report) == [("answered", "closed"), ("referred", "closed")]
    page = words_of(page_of(moderator, report))
    assert "Délai suspendu" not in page
    assert "Question close avec le signalement" in page
    assert f"Transmission à {referral.name} close avec le signalement" in page


def test_record_tells_no_answer_that_was_not_given(moderator: User) -> None:
    report, _question, _referral = waiting(moderator)
    join(report, actor_for(moderator, report))
    told = [
        entries.what_of(row).partition("\u00a0: ")[2]
        for row in AuditEntry.objects.filter(kind="report_act").order_by("pk")
    ]
    assert told[:4] == ["Question à l’auteur", "Transmis à un tiers", "Question close", "Transmission close"]


def test_links_of_a_joined_report_name_its_original(moderator: User) -> None:
    report, question, referral = waiting(moderator)
    original = join(report, actor_for(moderator, report))
    for address in links(question, referral):
        response = Client().get(address)
        assert (response.status_code, f"réuni à {original.ref}" in words_of(response)) == (410, True)
        assert original.get_absolute_url() in response.content.decode()


def test_links_of_a_joined_report_say_nothing_of_an_original_that_is_not_public(moderator: User) -> None:
    report, question, referral = waiting(moderator)
    original = join(report, actor_for(moderator, report))
    Report.objects.filter(pk=original.pk).update(status=workflow.PENDING)
    for address in links(question, referral):
        response = Client().get(address)
        assert (response.status_code, original.ref in words_of(response)) == (410, False)


@pytest.mark.parametrize("to", [workflow.RESOLVED, workflow.REJECTED, workflow.WITHDRAWN])
def test_whatever_closes_a_report_ends_what_is_open(to: str, moderator: User) -> None:
    report, question, referral = waiting(moderator)
    actor = reporter_without_account() if to == workflow.WITHDRAWN else actor_for(moderator, report)
    change_status(report=report, to=to, actor=actor, note="C’est fait.")
    assert are_open(question, referral) == (False, False)
    assert again(report).clock_stopped_at is None


@pytest.mark.parametrize("to", [workflow.IN_PROGRESS, workflow.OPEN])
def test_what_stays_to_be_repaired_keeps_what_is_open(to: str, moderator: User) -> None:
    report, question, referral = waiting(moderator)
    if to == workflow.OPEN:
        Report.objects.filter(pk=report.pk).update(status=workflow.IN_PROGRESS)
    change_status(report=again(report), to=to, actor=actor_for(moderator, report))
    assert are_open(question, referral) == (True, True)
    assert again(report).clock_stopped_at is not None


def test_pause_that_ends_with_the_report_counts_as_any_other(moderator: User) -> None:
    report, _question, _referral = waiting(moderator)
    change_status(report=report, to=workflow.RESOLVED, actor=actor_for(moderator, report), note="C’est fait.")
    promised = again(report)
    assert promised.clock_started_at is not None
    assert timezone.now() - promised.clock_started_at - 2 * DAY < timedelta(minutes=1)


def test_unmerge_leaves_the_clock_running_and_room_for_a_question(moderator: User) -> None:
    report, question, referral = waiting(moderator)
    join(report, actor_for(moderator, report))
    change_status(report=again(report), to=workflow.OPEN, actor=actor_for(moderator, report), note="Un autre trou.")
    assert are_open(question, referral) == (False, False)
    assert again(report).clock_stopped_at is None
    assert ask(again(report), moderator).is_open
    assert again(report).clock_stopped_at is not None


@pytest.mark.parametrize("to", [workflow.DUPLICATE, workflow.REJECTED])
def test_undo_gives_the_question_and_the_pause_back(to: str, moderator: User) -> None:
    report, question, referral = waiting(moderator)
    before = report.due_at
    Report.objects.filter(pk=report.pk).update(status=workflow.PENDING, held_from=workflow.OPEN)
    original = ReportFactory() if to == workflow.DUPLICATE else None
    held = again(report)
    decision = decisions.decide(
        report=held, to=to, by=moderator, seen=workflow.PENDING, note="Hors sujet.", original=original
    )
    assert are_open(question, referral) == (False, False)
    decisions.undo(decision=decision, by=moderator)
    assert are_open(question, referral) == (True, True)
    report = again(report)
    assert (report.clock_stopped_at is None, report.due_at) == (False, before)
    questions.answer(question=question, text="Au 12.", photos=[])
    assert again(report).clock_stopped_at is None


def test_undo_leaves_a_question_closed_that_was_withdrawn_before(moderator: User) -> None:
    report, question, referral = waiting(moderator)
    actor = actor_for(moderator, report)
    questions.withdraw(question=question, actor=actor)
    referrals.withdraw(referral=referral, actor=actor)
    Report.objects.filter(pk=report.pk).update(status=workflow.PENDING, held_from=workflow.OPEN)
    decision = decisions.decide(
        report=again(report), to=workflow.REJECTED, by=moderator, seen=workflow.PENDING, note="Hors sujet."
    )
    decisions.undo(decision=decision, by=moderator)
    assert are_open(question, referral) == (False, False)


@pytest.mark.django_db(transaction=True)
def test_answer_and_join_at_once(moderator: User) -> None:
    for _round in range(3):
        report, question, _referral = waiting(moderator)
        actor, original = actor_for(moderator, report), ReportFactory()
        acts: list[Callable[[], object]] = [
            lambda report=report, actor=actor, original=original: join(report, actor, original),  # type: ignore[misc]
            lambda question=question: questions.answer(question=question, text="Au 12.", photos=[]),  # type: ignore[misc]
        ]
        assert {type(failure).__name__ for failure in at_once(acts)} <= {"LinkOver"}
        question.refresh_from_db()
        assert (again(report).status, question.is_open) == (workflow.DUPLICATE, False)
        assert again(report).clock_stopped_at is None
        assert report.events.filter(kind=Event.Kind.ANSWERED).count() == 1
