"""The clock of reports that were open before there were service levels (migration 0008)."""

from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from reports import workflow
from reports.models import Event, Quarter, Report
from tests.factories import ReportFactory

DAY = timedelta(days=1)
FILL = import_module("reports.migrations.0008_deadlines_of_open_reports").FILL
BARE = {"clock_started_at": None, "answer_due_at": None, "due_soon_at": None, "very_late_at": None, "answered_at": None}


@pytest.fixture
def published(quarter: Quarter) -> datetime:
    return timezone.now() - 10 * DAY


def old(published: datetime, **fields: Any) -> Report:
    """Return a report as it stood before the migration."""
    given = {"published_at": published, "due_at": published + 30 * DAY, **fields}
    return ReportFactory(**BARE, **given)


def fill(report: Report) -> Report:
    with connection.cursor() as cursor:
        cursor.execute(FILL)
    report.refresh_from_db()
    return report


def by(role: str, kind: str, report: Report, at: datetime, **data: str) -> None:
    Event.objects.create(report=report, kind=kind, actor_role=role, at=at, data=data)


def test_fill_keeps_what_was_promised(published: datetime) -> None:
    report = fill(old(published))
    assert report.clock_started_at == published
    assert (report.answer_due_at, report.due_soon_at) == (published + 3 * DAY, published + 24 * DAY)
    assert (report.due_at, report.very_late_at) == (published + 30 * DAY, published + 90 * DAY)
    assert report.answered_at is None


def test_fill_of_a_report_that_was_reopened_counts_from_then(published: datetime) -> None:
    report = fill(old(published, due_at=published + 35 * DAY))
    assert report.clock_started_at == published + 5 * DAY


def test_fill_of_a_report_without_a_date_promises_one(published: datetime) -> None:
    assert fill(old(published, due_at=None)).due_at == published + 30 * DAY


@pytest.mark.parametrize("status", [workflow.PENDING, workflow.REJECTED, workflow.WITHDRAWN])
def test_fill_leaves_what_is_not_open(status: str, published: datetime) -> None:
    report = fill(old(published, status=status))
    assert (report.clock_started_at, report.very_late_at, report.answered_at) == (None, None, None)


def test_fill_reads_the_first_answer_from_the_log(published: datetime) -> None:
    report = old(published)
    by("moderator", "status_changed", report, published, to="open")
    by("reporter", "status_changed", report, published + DAY, to="resolved")
    by("operator", "note", report, published + 2 * DAY)
    by("operator", "reply", report, published + 4 * DAY)
    by("operator", "status_changed", report, published + 3 * DAY, to="in_progress")
    assert fill(report).answered_at == published + 3 * DAY


def test_fill_takes_what_was_done_for_an_answer_where_the_log_is_silent(published: datetime) -> None:
    done = published + 6 * DAY
    resolved = old(published, status=workflow.RESOLVED, resolved_at=done)
    begun = old(published, status=workflow.IN_PROGRESS, updated_at=done)
    assert (fill(resolved).answered_at, fill(begun).answered_at) == (done, done)
