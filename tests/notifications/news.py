"""Making news, and making a digest due."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.gis.geos import Point
from django.utils import timezone

from accounts.models import User
from notifications.models import Delivery, Recipient
from notifications.services.digests import make_digests
from reports.models import Comment, Event, Follow, Report

HOUR = timedelta(hours=1)


def followed(report: Report | None = None, **fields: Any) -> Follow:
    """Return a follow that is a week old, of an address that was confirmed or of a person."""
    now = timezone.now()
    given = {"confirmed_at": now, "email": "voisine@example.org"} if "user" not in fields else {}
    follow = Follow.objects.create(report=report, **{**given, **fields})
    Follow.objects.filter(pk=follow.pk).update(created_at=now - 168 * HOUR)
    return follow


def happened(report: Report, kind: str = "reply", ago: timedelta = HOUR, **fields: Any) -> Event:
    """Return a public event."""
    given: dict[str, Any] = {"is_public": True, "data": {"text": "Nous venons demain."}, **fields}
    return Event.objects.create(kind=kind, report=report, at=timezone.now() - ago, **given)


def repaired(report: Report, **fields: Any) -> Event:
    """Return the event of a repair."""
    return happened(report, "status_changed", data={"from": "in_progress", "to": "resolved"}, **fields)


def commented(report: Report, ago: timedelta = HOUR, **fields: Any) -> Event:
    """Return the event of a visible comment."""
    comment = Comment.objects.create(report=report, text="Chez moi aussi.", **{"device": "d", **fields})
    return happened(report, "commented", ago=ago, data={"comment": comment.pk})


def make_due(recipient: Recipient, frequency: str = "daily", since: timedelta = 24 * HOUR) -> datetime:
    """Let the recipient's hour have come a minute ago."""
    due = timezone.now() - timedelta(minutes=1)
    fields = {f"next_{frequency}_at": due, f"{frequency}_since": due - since}
    Recipient.objects.filter(pk=recipient.pk).update(**fields)
    return due


def digests_of(owner: User | Recipient, frequency: str = "daily") -> list[Delivery]:
    """Make what is due for somebody; return all deliveries that they ever had, oldest first."""
    recipient = Recipient.objects.get(user=owner) if isinstance(owner, User) else owner
    make_due(recipient, frequency)
    make_digests(recipient_id=recipient.pk)
    return list(recipient.deliveries.order_by("pk"))


def far_away() -> Point:
    """Return a point outside every circle of the tests."""
    return Point(11.519, 3.879, srid=4326)
