"""Taking a change of status back: the report is again what it was before, and the log says so."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Field
from django.utils import timezone

from reports import workflow
from reports.errors import StaleReport
from reports.models import Event, Report
from reports.permissions import Actor
from reports.services.closing import open_again
from reports.services.log import record
from reports.services.merging import unmerge

# The columns that a change of status may write.
KEPT = (
    "status",
    "held_from",
    "rejection_reason",
    "duplicate_of_id",
    "published_at",
    "resolved_at",
    "confirmed_at",
    "clock_started_at",
    "answer_due_at",
    "answered_at",
    "due_soon_at",
    "due_at",
    "very_late_at",
    "clock_stopped_at",
    "escalated_at",
)


def columns_of(report: Report) -> dict[str, Any]:
    """Return what a change of status may write, as it is now, ready for JSON: moments to the microsecond."""
    found: dict[str, Any] = Report.objects.filter(pk=report.pk).values(*KEPT).get()
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in found.items()}


def column_of(name: str) -> "Field[Any, Any]":
    """Return a column by the name that it has in KEPT."""
    field: Field[Any, Any] = Report._meta.get_field(name.removesuffix("_id"))  # type: ignore[assignment]  # noqa: SLF001  (Django's documented API)
    return field


@transaction.atomic
def undo_change(*, report: Report, event: Event, before: dict[str, Any], actor: Actor) -> Event:
    """Give a report back the columns that it had `before` the change that `event` tells.

    `before` comes from `columns_of`. The given `report` is brought up to date. A duplicate is parted from its original,
    and what ended with the change may be answered again. Whoever has not been told of the change yet hears nothing of
    it any more.

    Raises:
        StaleReport: the report is no longer in the status that the change gave it.
    """
    if event.data["to"] == workflow.DUPLICATE:
        unmerge(report=report, actor=actor)
    columns = {name: column_of(name).to_python(value) for name, value in before.items()}
    columns["updated_at"] = timezone.now()
    if not Report.objects.filter(pk=report.pk, status=event.data["to"]).update(**columns):
        raise StaleReport
    for name, value in columns.items():
        setattr(report, name, value)
    open_again(report=report, event=event)
    return record(
        kind=Event.Kind.UNDONE,
        report=report,
        actor=actor,
        is_public=event.is_public,
        data={"event": event.pk, "from": event.data["to"], "to": report.status},
    )
