"""The live hint: tells open maps and pages that something changed. It may be lost; the event log is the truth."""

import logging
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from reports import workflow
from reports.geo import groups_of_point
from reports.models import Event, Report

logger = logging.getLogger(__name__)


def report_group(ref: str) -> str:
    """Return the group of those who look at one report."""
    return f"report.{ref}"


def public_report(report: Report) -> dict[str, Any]:
    """Return what a map, a card and a page need to move: an allow-list, nothing of the reporter."""
    return {
        "ref": report.ref,
        "status": report.status,
        "category": report.category.code,
        "icon": report.category.icon,
        "location": [report.point.x, report.point.y],
        "votes": report.votes,
        "comments": report.comments,
        "updated_at": report.updated_at.isoformat(),
    }


def message_type(event: Event) -> str:
    """Return what the event means for somebody who watches: a report appeared, changed, or is gone."""
    was_public = event.data.get("from") in workflow.PUBLIC
    if event.data.get("to", event.report.status) not in workflow.PUBLIC:
        return "report.gone"
    changed_status = event.kind == Event.Kind.STATUS_CHANGED
    if event.kind == Event.Kind.CREATED or (changed_status and not was_public):
        return "report.created"
    return "report.changed"


def publish(event_id: int) -> None:
    """Send a committed public event to whoever watches its place or its page.

    Errors of the channel layer reach the caller, which runs this as a robust on-commit step: they are logged, and the
    pages catch up from the log.
    """
    event = Event.objects.public().select_related("report__category").filter(pk=event_id).first()
    if event is None:
        logger.info("event %s is not public or is gone", event_id)
        return
    report = event.report
    message = {
        "type": "live.message",
        "payload": {"type": message_type(event), "event": event.pk, "kind": event.kind, "report": public_report(report)},
    }
    groups = [*groups_of_point(report.point.x, report.point.y), report_group(report.ref)]
    async_to_sync(send_to_all)(groups, message)


async def send_to_all(groups: list[str], message: dict[str, Any]) -> None:
    """Send one message to several groups over one connection."""
    layer = get_channel_layer()
    for group in groups:
        await layer.group_send(group, message)
