"""Taking a public report from view until a moderator has looked: by whom, what stays, and how it comes back."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from accounts.models import User
from reports import workflow
from reports.errors import DomainError, IllegalTransition, MissingExplanation, NotAllowed, StaleReport
from reports.models import Category, Event, MapCell, Organisation, Quarter, Report
from reports.permissions import actor_for
from reports.services.handling import change_status
from reports.services.holding import hold
from tests.factories import ReportFactory

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - timedelta(days=12)


def held(status: str, by: User, **fields: Any) -> Report:
    """Return a report that was taken from view in a status."""
    report = ReportFactory(status=status, published_at=LONG_AGO, due_at=LONG_AGO, **fields)
    hold(report=report, actor=actor_for(by, report), note="On y lit un nom.")
    return report


def row_of(report: Report) -> tuple[str, str]:
    found = Report.objects.values_list("status", "held_from").get(pk=report.pk)
    return found[0], found[1]


@pytest.mark.parametrize("status", workflow.PUBLIC)
def test_hold_then_accept_gives_back_status_and_dates(status: str, quarter: Quarter, moderator: User) -> None:
    report = held(status, moderator)
    dates = Report.objects.values_list("published_at", "due_at", "resolved_at").get(pk=report.pk)
    assert row_of(report) == ("pending", status)
    assert not Report.objects.public().exists()
    event = change_status(report=report, to=workflow.OPEN, actor=actor_for(moderator, report))
    assert row_of(report) == (status, "")
    assert Report.objects.values_list("published_at", "due_at", "resolved_at").get(pk=report.pk) == dates
    assert {name: event.data[name] for name in ("from", "to", "held_from")} == {
        "from": "pending",
        "to": status,
        "held_from": status,
    }
    assert event.is_public


@pytest.mark.parametrize("to", [workflow.REJECTED, workflow.DUPLICATE])
def test_hold_then_judge_otherwise_forgets_where_it_came_from(to: str, quarter: Quarter, moderator: User) -> None:
    report, original = held(workflow.IN_PROGRESS, moderator), ReportFactory(status=workflow.OPEN)
    change_status(
        report=report,
        to=to,
        actor=actor_for(moderator, report),
        note="Il vise une personne.",
        original=original if to == workflow.DUPLICATE else None,
    )
    assert row_of(report) == (to, "")


def test_hold_tells_the_public_that_it_is_gone_and_staff_why(quarter: Quarter, moderator: User) -> None:
    report = held(workflow.OPEN, moderator)
    event = Event.objects.get(report=report, kind=Event.Kind.HELD)
    assert (event.is_public, event.data["from"], event.data["status"]) == (True, "open", "pending")
    assert event.private_data == {"note": "On y lit un nom."}
    assert (event.actor, event.actor_role) == (moderator, "moderator")


def test_hold_takes_it_off_the_map(quarter: Quarter, moderator: User) -> None:
    report = ReportFactory(status=workflow.OPEN)
    assert sum(MapCell.objects.filter(level=10).values_list("count", flat=True)) == 1
    hold(report=report, actor=actor_for(moderator, report), note="On y lit un nom.")
    assert sum(MapCell.objects.filter(level=10).values_list("count", flat=True)) == 0


@pytest.mark.parametrize("status", [workflow.PENDING, workflow.REJECTED, workflow.WITHDRAWN, workflow.DUPLICATE])
def test_hold_what_is_not_public(status: str, quarter: Quarter, moderator: User) -> None:
    report = ReportFactory(status=status)
    with pytest.raises(IllegalTransition):
        hold(report=report, actor=actor_for(moderator, report), note="Pourquoi pas.")
    assert row_of(report) == (status, "")


@pytest.mark.parametrize(
    ("person", "refused"),
    [
        ("moderator", False),
        ("administrator", False),
        ("moderator_elsewhere", True),
        ("operator", True),
        ("operator_elsewhere", True),
        ("author", True),
        ("stranger", True),
    ],
)
def test_hold_by(person: str, refused: bool, quarter: Quarter, author: User, request: pytest.FixtureRequest) -> None:  # noqa: FBT001
    report = ReportFactory(status=workflow.OPEN, reporter=author)
    by = request.getfixturevalue(person)
    if refused:
        with pytest.raises(NotAllowed):
            hold(report=report, actor=actor_for(by, report), note="Parce que.")
    else:
        hold(report=report, actor=actor_for(by, report), note="Parce que.")
    assert row_of(report) == (("open", "") if refused else ("pending", "open"))


def test_hold_by_a_moderator_without_a_word(quarter: Quarter, moderator: User) -> None:
    report = ReportFactory(status=workflow.OPEN)
    with pytest.raises(MissingExplanation):
        hold(report=report, actor=actor_for(moderator, report), note="  ")


def test_hold_by_the_portal_itself(quarter: Quarter) -> None:
    report = ReportFactory(status=workflow.RESOLVED)
    event = hold(report=report)
    assert (event.actor, event.actor_role, event.private_data) == (None, "", {})
    assert row_of(report) == ("pending", "resolved")


def test_hold_what_somebody_else_changed(quarter: Quarter, moderator: User) -> None:
    report = ReportFactory(status=workflow.OPEN)
    Report.objects.update(status=workflow.IN_PROGRESS)
    with pytest.raises(StaleReport):
        hold(report=report, actor=actor_for(moderator, report), note="Parce que.")
    assert row_of(report) == ("in_progress", "")


def test_accept_what_was_held_from_elsewhere_meanwhile(quarter: Quarter, moderator: User) -> None:
    report = held(workflow.OPEN, moderator)
    Report.objects.filter(pk=report.pk).update(held_from=workflow.RESOLVED)
    with pytest.raises(StaleReport):
        change_status(report=report, to=workflow.OPEN, actor=actor_for(moderator, report))


def test_held_is_pending_says_the_database(quarter: Quarter) -> None:
    report = ReportFactory(status=workflow.OPEN)
    with pytest.raises(IntegrityError):
        Report.objects.filter(pk=report.pk).update(held_from=workflow.OPEN)


def test_held_is_not_the_operators_to_see(
    quarter: Quarter, moderator: User, operator: User, organisation: Organisation
) -> None:
    report = held(workflow.IN_PROGRESS, moderator, organisation=organisation)
    assert not Report.objects.judged_by(operator).exists()
    change_status(report=report, to=workflow.OPEN, actor=actor_for(moderator, report))
    assert list(Report.objects.judged_by(operator)) == [report]


@pytest.mark.django_db(transaction=True)
def test_hold_and_resolve_at_once_let_one_win(quarter: Quarter, category: Category, moderator: User) -> None:
    report = ReportFactory(status=workflow.OPEN)
    barrier, outcomes = threading.Barrier(2), []

    def act(number: int) -> None:
        mine = Report.objects.with_card().get(pk=report.pk)
        actor = actor_for(User.objects.get(pk=moderator.pk), mine)
        barrier.wait()
        try:
            if number:
                hold(report=mine, actor=actor, note="Parce que.")
            else:
                change_status(report=mine, to=workflow.RESOLVED, actor=actor, note="Rebouché.")
            outcomes.append("done")
        except DomainError as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "stale_report"]
    assert row_of(report) in {("pending", "open"), ("resolved", "")}
