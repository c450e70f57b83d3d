"""Who judges the report just now: a colleague who came first."""

from moderation.admin.panel import Context, Desk, Panel
from moderation.errors import Claimed
from moderation.services import claims
from reports import workflow


def show(desk: Desk) -> Context | None:
    """Say who reads a waiting report, and since when; nothing where nobody else does."""
    if desk.report.status != workflow.PENDING:
        return None
    try:
        claims.check(report=desk.report, by=desk.person)
    except Claimed as claimed:
        return {"claimed": claimed}
    return None


PANEL = Panel("reading", "act", show)
