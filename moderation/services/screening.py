"""What is looked at in a report before anybody sees it (`settings.REPORT_SCREENING`)."""

from reports.models import Photo, Report
from reports.screening import findings
from reports.services.comments import is_newcomer
from reports.services.reporting import Screening


def screen(*, draft: Report, photos: list[Photo]) -> Screening:
    """Return what a moderator should look at first, and whether the report waits for one."""
    found = findings(draft.description, is_newcomer=is_newcomer(draft.reporter))
    return Screening(findings=[{"code": code} for code in found], holds=bool(found))
