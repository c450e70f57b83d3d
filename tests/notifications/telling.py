"""What the tests of being told share: followers of every sort, changes of reports, and deliveries by hand."""

import uuid
from typing import Any

from django.utils import timezone

from accounts.models import User
from notifications.models import Channel, Delivery, Preference, Recipient, Topic
from notifications.services.recipients import recipient_of_address, recipient_of_user
from reports import workflow
from reports.models import Event, Follow, Frequency, Report
from reports.permissions import Actor
from reports.querysets import FollowQuerySet
from reports.services.log import record
from tests.factories import ReportFactory, UserFactory

MODERATION = Actor(roles=frozenset({workflow.MODERATOR}))


def address_follow(report: Report | None, email: str, **fields: Any) -> Follow:
    """Let a confirmed address follow."""
    return Follow.objects.create(report=report, email=email, **{"confirmed_at": timezone.now(), **fields})


def user_follow(report: Report | None, user: User | None = None, **fields: Any) -> Follow:
    """Let a person with an account follow."""
    return Follow.objects.create(report=report, user=user or UserFactory(), **fields)


def changed(report: Report, before: str, to: str, *, actor: Actor = MODERATION, note: str = "") -> Event:
    """Write the event of a change of status; the row has it already."""
    data = {"from": before, "to": to, **({"note": note} if note else {})}
    is_public = before in workflow.PUBLIC or to in workflow.PUBLIC
    return record(kind=Event.Kind.STATUS_CHANGED, report=report, actor=actor, is_public=is_public, data=data)


def wish(user: User, topic: str, frequency: str, channel: str = Channel.EMAIL) -> None:
    """Choose how soon a person hears of a topic."""
    Preference.objects.create(user=user, topic=topic, channel=channel, frequency=frequency)


def heard(event: Event) -> list[tuple[str, str]]:
    """Return who is written to about an event, and with what: [(address, template)], in order."""
    rows = Delivery.objects.filter(event=event).select_related("recipient__user", "follow", "organisation")
    return sorted((address_of(row), row.template) for row in rows)


def address_of(row: Delivery) -> str:
    if row.organisation:
        return row.organisation.email
    if row.recipient and row.recipient.user:
        return row.recipient.user.email
    return row.follow.email if row.follow else ""


def waiting_delivery(email: str = "amina@example.org", **fields: Any) -> Delivery:
    """Make a delivery about a resolved report to a follower's address, due now and in nobody's hands."""
    report = ReportFactory(status=workflow.RESOLVED)
    follow = address_follow(report, email)
    event = changed(report, workflow.IN_PROGRESS, workflow.RESOLVED, note="Rebouché ce matin.")
    return delivery_of(follow, event, recipient_of_address(email), **fields)


def delivery_of(follow: Follow, event: Event, recipient: Recipient, **fields: Any) -> Delivery:
    given = {
        "key": f"test:{uuid.uuid4()}",
        "channel": Channel.EMAIL,
        "template": "report_progress",
        "event": event,
        "follow": follow,
        "recipient": recipient,
        "data": {"topic": Topic.PROGRESS},
        **fields,
    }
    return Delivery.objects.create(**given)


def follow_behind(delivery: Delivery) -> FollowQuerySet:
    """Return the row of the follow that a delivery is due to."""
    follows: FollowQuerySet = Follow.objects.filter(pk=delivery.follow_id or 0)
    return follows


def user_delivery(user: User, **fields: Any) -> Delivery:
    """Make a delivery about a resolved report to a person with an account."""
    report = ReportFactory(status=workflow.RESOLVED)
    event = changed(report, workflow.IN_PROGRESS, workflow.RESOLVED, note="Rebouché ce matin.")
    return delivery_of(user_follow(report, user), event, recipient_of_user(user), **fields)


__all__ = [
    "MODERATION",
    "Frequency",
    "address_follow",
    "changed",
    "follow_behind",
    "heard",
    "user_delivery",
    "user_follow",
    "waiting_delivery",
    "wish",
]
