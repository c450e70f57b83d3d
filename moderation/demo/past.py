"""The people of the demonstration, and log entries about something that they did some time ago."""

from datetime import datetime
from typing import Any

from accounts.models import User
from reports.demo.people import PEOPLE
from reports.models import Event, Report

ADDRESSES = {person.key: person.email for person in PEOPLE}


def person(key: str) -> User:
    """Return one of the demonstration's people, by the key that the sign-in file uses."""
    return User.objects.get(email=ADDRESSES[key])


def told(kind: str, report: Report, at: datetime, *, by: User | None = None, role: str = "", **content: Any) -> Event:
    """Return a log entry, not saved yet, with what `reports.services.log.record` puts into every one.

    `content` may hold `is_public`, `data` and `private_data`. An operator speaks for the organisation in charge.
    """
    moving = {
        "status": report.status,
        "location": [report.point.x, report.point.y],
        "category": report.category.code,
        "votes": report.votes,
    }
    speaks_for = report.organisation.name if role == "operator" and report.organisation else ""
    data = {**moving, **content.pop("data", {})}
    return Event(
        kind=kind, report=report, actor=by, actor_role=role, actor_name=speaks_for, data=data, at=at, **content
    )
