"""The clock of the service level: what was promised for a report, when it starts, stands still and goes on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from reports import workflow
from reports.clock import Opening, Timetable, after, before, between
from reports.models import Event, Holiday, Report, ServiceLevel, Town, WorkingHours
from reports.permissions import Actor
from reports.services import catalogue

# "Due soon" is when this part of the promised time is used; "very late" when so many times of it have passed.
SOON = 0.8
VERY_LATE = 3

# A town that has told no hours works like most: Monday to Friday, a day of eight hours.
USUAL_HOURS = tuple(Opening(weekday, time(8), time(16)) for weekday in range(5))

# What tells the author that somebody has taken the report up. That a moderator accepted it does not.
ANSWERS = frozenset({Event.Kind.REPLY, Event.Kind.ASKED, Event.Kind.REFERRED})


@dataclass(frozen=True)
class Promise:
    """How long the first answer and the repair may take; without a timetable every hour counts."""

    answer: timedelta
    repair: timedelta
    timetable: Timetable | None = None


def level_for(report: Report) -> ServiceLevel | None:
    """Return the most specific service level: category and organisation, category, organisation, any; else none."""
    levels = ServiceLevel.objects.filter(
        Q(category=report.category_id) | Q(category=None),
        Q(organisation=report.organisation_id) | Q(organisation=None),
    ).order_by(F("category").asc(nulls_last=True), F("organisation").asc(nulls_last=True))
    return catalogue.answer(("level", report.category_id, report.organisation_id), levels.first)


def timetable_of(town: Town) -> Timetable:
    """Return when a town works, in two queries."""
    return catalogue.answer(("timetable", town.pk), lambda: read_timetable(town))


def read_timetable(town: Town) -> Timetable:
    """Return when a town works, as it stands in the database."""
    rows = WorkingHours.objects.filter(town=town).values_list("weekday", "opens", "closes")
    holidays = Holiday.objects.filter(town=town).values_list("day", flat=True)
    return Timetable(
        zone=ZoneInfo(town.time_zone),
        openings=tuple(Opening(*row) for row in rows) or USUAL_HOURS,
        holidays=frozenset(holidays),
    )


def promise_for(report: Report) -> Promise:
    """Return what was promised: the service level, or where there is none the category's own days."""
    level = level_for(report)
    if level is None:
        category = report.category
        return Promise(answer=timedelta(days=category.response_days), repair=timedelta(days=category.repair_days))
    works = level.counting == ServiceLevel.Counting.WORKING
    return Promise(
        answer=timedelta(hours=level.answer_hours),
        repair=timedelta(hours=level.repair_hours),
        timetable=timetable_of(report.quarter.town) if works else None,
    )


def deadlines_from(start: datetime, promise: Promise) -> dict[str, datetime | None]:
    """Return the columns of a clock that counts from `start`."""
    return {
        "clock_started_at": start,
        "answer_due_at": after(start, promise.answer, promise.timetable),
        "due_soon_at": after(start, promise.repair * SOON, promise.timetable),
        "due_at": after(start, promise.repair, promise.timetable),
        "very_late_at": after(start, promise.repair * VERY_LATE, promise.timetable),
    }


def new_clock(report: Report, now: datetime) -> dict[str, datetime | None]:
    """Return the columns of a clock that starts now: at publication, and again when a repair did not hold.

    The caller writes them, together with what starts the clock. Whoever reopens a report that was answered waits for
    the repair only.
    """
    fresh: dict[str, datetime | None] = {"clock_stopped_at": None, "escalated_at": None}
    if report.published_at is None:
        return {**deadlines_from(now, promise_for(report)), **fresh, "answered_at": None}
    return {**counted_from(now, report, promise_for(report)), **fresh}


def counted_from(start: datetime, report: Report, promise: Promise) -> dict[str, datetime | None]:
    """Return the columns of a report's clock, counted anew; once somebody has answered, that deadline is history."""
    columns = deadlines_from(start, promise)
    if report.answered_at is not None:
        del columns["answer_due_at"]
    return columns


def set_deadlines(report: Report) -> None:
    """Promise anew, counted from the same start, after the category, the organisation or the place were saved.

    Before publication nothing is promised yet, and nothing changes. The given `report` is brought up to date.
    """
    with transaction.atomic():
        row = locked(report)
        if row.clock_started_at is not None:
            write(report, counted_from(row.clock_started_at, row, promise_for(row)))


def stop_clock(report: Report, *, now: datetime | None = None) -> bool:
    """Let the clock stand still while the author is asked something; say whether it was running.

    A second question finds it standing. The given `report` is brought up to date.
    """
    now = now or timezone.now()
    running = Report.objects.filter(
        pk=report.pk, status__in=workflow.UNRESOLVED, clock_started_at__isnull=False, clock_stopped_at=None
    )
    stopped = bool(running.update(clock_stopped_at=now))
    if stopped:
        report.clock_stopped_at = now
    return stopped


def start_clock(report: Report, *, now: datetime | None = None) -> bool:
    """Let the clock go on, every deadline later by what the author needed; say whether it stood still.

    In working hours only those of the pause count: an answer that came over the weekend moves nothing. What was late
    when the author was asked is as late now. The given `report` is brought up to date.
    """
    now = now or timezone.now()
    with transaction.atomic():
        row = locked(report)
        if row.clock_stopped_at is None or row.clock_started_at is None:
            return False
        promise = promise_for(row)
        used = between(row.clock_started_at, row.clock_stopped_at, promise.timetable)
        start = before(now, used, promise.timetable)
        write(report, {**counted_from(start, row, promise), "clock_stopped_at": None})
    return True


def locked(report: Report) -> Report:
    """Return the row as it stands, held until the transaction ends: of two changes at once each counts."""
    # No key: who supports a report holds its key until they count their support, and would be waited for in a circle.
    rows = Report.objects.select_for_update(of=("self",), no_key=True).select_related("category", "quarter__town")
    row: Report = rows.defer("search", "quarter__boundary", "quarter__town__boundary").get(pk=report.pk)
    return row


def write(report: Report, columns: Mapping[str, datetime | None]) -> None:
    """Save columns of the clock, in the row and in the object."""
    Report.objects.filter(pk=report.pk).update(**columns)
    for name, value in columns.items():
        setattr(report, name, value)


def note_answer(*, report: Report, kind: str, actor: Actor, data: Mapping[str, Any]) -> None:
    """Remember the first act of staff by which the author learns that somebody has taken the report up.

    `kind` and `data` are those of the event that is written for it. A status counts that is not "published".
    """
    if not actor.is_staff or report.answered_at is not None:
        return
    moved_on = kind == Event.Kind.STATUS_CHANGED and data.get("to") != workflow.OPEN
    if kind not in ANSWERS and not moved_on:
        return
    now = timezone.now()
    if Report.objects.filter(pk=report.pk, answered_at=None).update(answered_at=now):
        report.answered_at = now
