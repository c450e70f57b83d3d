"""The rollups say what the table of reports says, whatever happened to it."""

from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from reports import workflow
from reports.models import Backlog, Category, ChangedDay, Event, Organisation, Quarter, Report, Rollup, Town
from reports.permissions import actor_for
from reports.services import rollups
from reports.services.handling import assign, change_status
from reports.services.repairs import confirm_repair, dispute_repair
from tests.factories import CategoryFactory, OrganisationFactory, ReportFactory

NOON = datetime(2026, 3, 10, 11, tzinfo=UTC)
MARCH, TENTH = date(2026, 3, 1), date(2026, 3, 10)


def counted(period: str = Rollup.Period.MONTH, **of: Any) -> dict[str, int]:
    """Bring the rollups up to date, and return the sums of one kind of period that are not 0."""
    rollups.recompute()
    names = ("received", "published", "rejected", "duplicates", "resolved", "in_time", "confirmed", "disputed")
    sums = Rollup.objects.filter(period=period, **of).aggregate(**{name: Sum(name) for name in names})
    return {name: number for name, number in sums.items() if number}


def repaired(days: float, at: datetime = NOON, **fields: Any) -> Report:
    """Return a report that was sent so many days before it was repaired."""
    sent = at - timedelta(days=days)
    return ReportFactory(
        status=workflow.RESOLVED,
        received_at=sent,
        published_at=sent,
        resolved_at=at,
        due_at=sent + timedelta(5),
        **fields,
    )


def test_recompute_counts_arrivals_by_what_became_of_them(quarter: Quarter) -> None:
    for status in (workflow.OPEN, workflow.IN_PROGRESS, workflow.REJECTED, workflow.PENDING, workflow.WITHDRAWN):
        ReportFactory(status=status, received_at=NOON)
    repeated = ReportFactory(received_at=NOON)
    ReportFactory(status=workflow.DUPLICATE, duplicate_of=repeated, received_at=NOON)
    assert counted(start=MARCH) == {"received": 7, "published": 3, "rejected": 1, "duplicates": 1}


@pytest.mark.parametrize("period", Rollup.Period.values)
def test_recompute_of_a_second_run_counts_nothing_twice(quarter: Quarter, period: str) -> None:
    repaired(2)
    first = counted(period)
    ReportFactory(received_at=NOON)
    assert counted(period) == {**first, "received": 2, "published": 2}
    assert rollups.recompute() == 0


@pytest.mark.parametrize(
    ("days", "told"), [(0, 1), (0.4, 1), (1, 1), (1.1, 2), (60, 60), (60.5, 90), (100, 120), (9000, 3600)]
)
def test_recompute_keeps_how_long_repairs_took(quarter: Quarter, days: float, told: int) -> None:
    repaired(days)
    rollups.recompute()
    row = Rollup.objects.get(period="month", start=MARCH, resolved=1)
    assert row.spans == {str(told): 1}


def test_recompute_gathers_equal_spans(quarter: Quarter) -> None:
    for days in (2, 2, 7):
        repaired(days)
    rollups.recompute()
    row = Rollup.objects.get(period="day", start=TENTH)
    assert (row.resolved, row.in_time, row.spans) == (3, 2, {"2": 2, "7": 1})


def test_recompute_takes_the_town_s_midnight(town: Town, quarter: Quarter) -> None:
    Town.objects.update(time_zone="Pacific/Auckland")
    ReportFactory(received_at=datetime(2026, 3, 31, 12, 30, tzinfo=UTC))
    rollups.recompute()
    assert list(Rollup.objects.order_by("period").values_list("period", "start")) == [
        ("day", date(2026, 4, 1)),
        ("month", date(2026, 4, 1)),
    ]


@pytest.mark.parametrize("field", ["category", "organisation", "quarter"])
def test_recompute_follows_a_report_that_moves(
    quarter: Quarter, other_quarter: Quarter, organisation: Organisation, field: str
) -> None:
    report = ReportFactory(received_at=NOON)
    rollups.recompute()
    other: Any = {
        "category": CategoryFactory(code="lamp"),
        "organisation": OrganisationFactory(slug="eau"),
        "quarter": other_quarter,
    }[field]
    Report.objects.filter(pk=report.pk).update(**{field: other})
    assert counted() == {"received": 1, "published": 1}
    assert counted(**{field: other}) == {"received": 1, "published": 1}


def test_recompute_forgets_a_report_that_is_gone(quarter: Quarter) -> None:
    report = repaired(3)
    rollups.recompute()
    report.events.all().delete()
    report.delete()
    assert counted() == {}


def test_recompute_hears_of_a_repair_that_was_reopened(moderator: User, quarter: Quarter) -> None:
    report = repaired(3)
    rollups.recompute()
    change_status(report=report, to=workflow.OPEN, actor=actor_for(moderator, report), note="Le trou est revenu.")
    assert counted() == {"received": 1, "published": 1}


def test_recompute_counts_what_authors_answer(author: User, quarter: Quarter) -> None:
    happy, unhappy = (repaired(1, timezone.now(), reporter=author) for _unused in range(2))
    confirm_repair(report=happy, actor=actor_for(author, happy))
    dispute_repair(report=unhappy, actor=actor_for(author, unhappy), note="Le trou est là.", photos=[])
    sums = counted(Rollup.Period.DAY, start=timezone.localdate())
    assert {name: sums.get(name) for name in ("resolved", "confirmed", "disputed")} == {
        "resolved": 1,
        "confirmed": 1,
        "disputed": 1,
    }


def test_recompute_counts_answers_where_the_report_lies_now(
    author: User, quarter: Quarter, other_quarter: Quarter
) -> None:
    report = repaired(40, timezone.now() - timedelta(days=35), reporter=author)
    confirm_repair(report=report, actor=actor_for(author, report))
    Event.objects.filter(report=report).update(at=NOON)
    rollups.recompute()
    Report.objects.filter(pk=report.pk).update(quarter=other_quarter)
    assert counted(Rollup.Period.DAY, start=TENTH, quarter=other_quarter)["confirmed"] == 1


def test_recompute_leaves_out_what_others_reopen(author: User, moderator: User, quarter: Quarter) -> None:
    report = repaired(1, timezone.now(), reporter=author)
    change_status(report=report, to=workflow.OPEN, actor=actor_for(moderator, report), note="Le trou est revenu.")
    assert "disputed" not in counted()


def test_recompute_counts_the_backlog(quarter: Quarter, organisation: Organisation) -> None:
    now = timezone.now()
    ReportFactory(received_at=now - timedelta(days=9.5), due_at=now - timedelta(days=1))
    ReportFactory(status=workflow.IN_PROGRESS, received_at=now)
    ReportFactory(organisation=None)
    ReportFactory(status=workflow.PENDING)
    repaired(2)
    rollups.recompute()
    mine = Backlog.objects.get(organisation=organisation)
    assert (mine.open, mine.in_progress, mine.late, mine.ages) == (1, 1, 1, {"1": 1, "10": 1})
    assert Backlog.objects.get(organisation=None).open == 1


def test_recompute_sees_lateness_that_comes_with_time(quarter: Quarter) -> None:
    report = ReportFactory(due_at=timezone.now() + timedelta(days=1))
    rollups.recompute()
    Report.objects.filter(pk=report.pk).update(due_at=timezone.now() - timedelta(minutes=1))
    # As if it were tomorrow: nobody has touched the report.
    ChangedDay.objects.all().delete()
    rollups.recompute()
    assert Backlog.objects.get().late == 1


def test_recompute_takes_batches(quarter: Quarter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollups, "BATCH", 2)
    monkeypatch.setattr(rollups, "BATCHES", 2)
    for day in range(5):
        ReportFactory(received_at=NOON + timedelta(days=day), status=workflow.PENDING)
    assert [rollups.recompute() for _unused in range(3)] == [4, 1, 0]
    assert counted() == {"received": 5}


def test_a_vote_changes_no_day(quarter: Quarter) -> None:
    report = ReportFactory()
    rollups.recompute()
    Report.objects.filter(pk=report.pk).update(votes=7, priority=3, updated_at=timezone.now())
    assert ChangedDay.objects.count() == 0


def test_an_assignment_is_counted_for_the_new_organisation(moderator: User, quarter: Quarter) -> None:
    report = ReportFactory(organisation=None, received_at=NOON)
    rollups.recompute()
    other = OrganisationFactory(slug="eau")
    assign(report=report, organisation=other, actor=actor_for(moderator, report))
    assert counted(organisation=None) == {}
    assert counted(organisation=other) == {"received": 1, "published": 1}


def test_recompute_costs_the_same_for_one_report_and_for_many(
    quarter: Quarter, category: Category, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for reports in (1, 30):
        for _unused in range(reports):
            ReportFactory(received_at=NOON)
        # Two transactions of a savepoint, a lock and a limit each; taking, forgetting, counting; the backlog twice.
        with django_assert_num_queries(13):
            rollups.recompute()


@pytest.mark.django_db(transaction=True)
def test_recompute_twice_at_once_counts_once(quarter: Quarter) -> None:
    for _unused in range(20):
        ReportFactory(received_at=NOON)
    together = Barrier(4)

    def run() -> None:
        together.wait()
        rollups.recompute()
        connection.close()

    threads = [Thread(target=run) for _unused in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted() == {"received": 20, "published": 20}


@pytest.mark.parametrize(
    ("person", "seen"),
    [("moderator", 3), ("moderator_elsewhere", 0), ("operator", 2), ("operator_elsewhere", 1), ("administrator", 3)],
)
def test_rollups_are_seen_by_those_whose_reports_they_are(
    person: str, seen: int, quarter: Quarter, organisation: Organisation, request: pytest.FixtureRequest
) -> None:
    who: User = request.getfixturevalue(person)
    ReportFactory.create_batch(2)
    ReportFactory(organisation=OrganisationFactory(slug="eau"))
    rollups.recompute()
    months = Rollup.objects.seen_by(who).by_month(timezone.localdate().replace(day=1))
    assert sum(months.values_list("received", flat=True)) == seen
    assert sum(Backlog.objects.seen_by(who).values_list("open", flat=True)) == seen
