"""What other apps keep open about a report ends when it is closed, and comes back where the closing is undone."""

from django.conf import settings
from django.utils.module_loading import import_string

from reports import workflow
from reports.models import Event, Report
from reports.permissions import Actor

WAITING = (workflow.PENDING, *workflow.UNRESOLVED)


def end_open(*, report: Report, actor: Actor) -> None:
    """Let whoever keeps something open about a closed report end it (`settings.REPORT_CLOSED`); the row is locked."""
    if settings.REPORT_CLOSED and report.status not in WAITING:
        import_string(settings.REPORT_CLOSED)(report=report, actor=actor)


def open_again(*, report: Report, event: Event) -> None:
    """Let them take it back together with the change of status that `event` tells (`settings.CLOSING_UNDONE`)."""
    if settings.CLOSING_UNDONE and event.data["to"] not in WAITING:
        import_string(settings.CLOSING_UNDONE)(report=report, event=event)
