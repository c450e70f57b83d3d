"""The live hint: tells open maps and pages that something changed. It may be lost; the event log is the truth."""

import json
import logging
from functools import cache
from typing import Any

from channels.layers import get_channel_layer
from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from reports import workflow
from reports.geo import groups_of_point
from reports.models import Event, Report

logger = logging.getLogger(__name__)

# A request waits no longer than this for a Redis that is away: the hint may be lost, the request may not be slow.
TIMEOUT_S = 1.0


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
        "timing": report.timing,
        "updated_at": report.updated_at.isoformat(),
    }


def message_type(event: Event) -> str:
    """Return what the event means for somebody who watches: a report appeared, changed, or is gone.

    The message carries the report as it is now, which may be later than the event: what is no longer public is gone,
    whatever this event did.
    """
    if event.report.status not in workflow.PUBLIC:
        return "report.gone"
    published = event.kind == Event.Kind.STATUS_CHANGED and event.data.get("from") not in workflow.PUBLIC
    if event.kind == Event.Kind.CREATED or published:
        return "report.created"
    return "report.changed"


def publish(event_id: int) -> None:
    """Send a committed public event to whoever watches its place or its page.

    Without Redis nothing is sent: the pages catch up from the log.
    """
    event = Event.objects.public().select_related("report__category").filter(pk=event_id).first()
    if event is None:
        logger.info("event %s is not public or is gone", event_id)
        return
    report = event.report
    payload = {
        "type": message_type(event),
        "event": event.pk,
        "kind": event.kind,
        "report": public_report(report),
    }
    # The text is made once here, not once for each of thousands of sockets.
    text = json.dumps(payload)
    # Whoever watches the place that a report was moved away from hears it too.
    earlier = event.data.get("earlier") if event.kind == Event.Kind.RELOCATED else None
    try:
        for place in [[report.point.x, report.point.y], *([earlier] if earlier else [])]:
            own = [] if place is earlier else [report_group(report.ref)]
            send([*groups_of_point(*place), *own], {"type": "live.message", "place": place, "text": text})
    except RedisError as error:
        logger.warning("event %s was not hinted: %s", event_id, error)


def layer_settings() -> dict[str, Any]:
    """Return the channel layer's `hosts` (one) and `prefix`."""
    layers: dict[str, Any] = settings.CHANNEL_LAYERS
    return dict(layers["default"]["CONFIG"])


@cache
def connections() -> Redis:
    """Return the process's own pool of connections to the channel layer's Redis; safe for threads and after a fork.

    One retry, at once: a connection that waited in the pool may have been cut by a restart of Redis.
    """
    (address,) = layer_settings()["hosts"]
    return Redis.from_url(
        address, socket_connect_timeout=TIMEOUT_S, socket_timeout=TIMEOUT_S, retry=Retry(NoBackoff(), 1)
    )


def send(groups: list[str], message: dict[str, Any]) -> None:
    """Send one message to several groups in one round trip.

    `async_to_sync(layer.group_send)` does the same with an event loop, a thread and a connection for every call:
    2.4 ms against 0.2 ms measured. The channel's name is the layer's own (channels_redis.pubsub).
    """
    body = get_channel_layer().serialize(message)
    prefix = layer_settings()["prefix"]
    pipeline = connections().pipeline(transaction=False)
    for group in groups:
        pipeline.publish(f"{prefix}__group__{group}", body)
    pipeline.execute()
