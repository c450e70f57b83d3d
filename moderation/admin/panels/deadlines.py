"""Until when somebody has to answer and to repair, which promise that follows from, and whether the clock stands."""

from moderation.admin.panel import Context, Desk, Panel
from reports import workflow
from reports.models import ServiceLevel
from reports.services.deadlines import level_for


def show(desk: Desk) -> Context | None:
    """Give the promise to whoever handles the report, as long as it is to be repaired."""
    report = desk.report
    if not desk.actor.is_staff or report.status not in workflow.UNRESOLVED or report.due_at is None:
        return None
    level = level_for(report)
    return {
        "level": level,
        "is_working": level is not None and level.counting == ServiceLevel.Counting.WORKING,
        "days": None if level else {"answer": report.category.response_days, "repair": report.category.repair_days},
    }


PANEL = Panel("deadlines", "know", show)
