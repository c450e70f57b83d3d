"""Whether somebody needs a digest, and when the next one is due."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from notifications.models import Channel, Recipient, Topic
from notifications.services.recipients import choices_of, follows_of
from notifications.zones import next_hour
from reports.models import Frequency
from reports.querysets import FollowQuerySet

DIGESTS = (Frequency.DAILY, Frequency.WEEKLY)
# A transaction lives shorter than this (settings: `statement_timeout`, `idle_in_transaction_session_timeout`):
# whatever is dated earlier than now minus this is committed, or never will be.
SETTLED_AFTER = timedelta(minutes=3)


@dataclass(frozen=True)
class Wanted:
    """What one digest tells of: follows of reports (their progress, their comments), follows of areas, work."""

    progress: FollowQuerySet
    comments: FollowQuerySet
    areas: FollowQuerySet
    work: bool

    def anything(self) -> bool:
        """Say whether there is anything at all to hear of."""
        return self.work or (self.progress | self.comments | self.areas).exists()


def wanted(recipient: Recipient, frequency: str) -> Wanted:
    """Return what a recipient wants to hear of in the digest of a frequency."""
    follows = follows_of(recipient).exclude(frequency=Frequency.NEVER)
    reports, areas, nothing = follows.filter(report__isnull=False), follows.of_areas(), follows.none()
    if recipient.user is None:
        # Comments come at most once a day: see `frequency_of_follow`.
        talked = [frequency, Frequency.AT_ONCE] if frequency == Frequency.DAILY else [frequency]
        return Wanted(
            progress=reports.filter(frequency=frequency),
            comments=reports.filter(frequency__in=talked),
            areas=areas.filter(frequency=frequency),
            work=False,
        )
    chosen = choices_of(recipient.user)
    topics = {topic for topic in Topic.values if chosen[topic, Channel.EMAIL] == frequency}
    return Wanted(
        progress=reports if Topic.PROGRESS in topics else nothing,
        comments=reports if Topic.COMMENTS in topics else nothing,
        areas=areas if Topic.NEARBY in topics else nothing,
        work=Topic.WORK in topics and has_work(recipient.user),
    )


def has_work(user: User) -> bool:
    """Say whether anything can wait for a person in the admin."""
    return user.is_active and (user.is_superuser or user.memberships.exists())


def next_due(recipient: Recipient, frequency: str) -> datetime:
    """Return when the recipient's clock next shows their hour, on their day of the week for the weekly digest."""
    weekday = recipient.weekday if frequency == Frequency.WEEKLY else None
    return next_hour(timezone.now(), hour=recipient.hour, zone=recipient.time_zone, weekday=weekday)


@transaction.atomic
def schedule(*, recipient: Recipient, anew: bool = False) -> None:
    """Set when the next digests are due, where the recipient needs any and none is; clear it where they need none.

    A first digest tells of what happens from now on. `anew` moves the digests that are due, for another hour or zone.
    """
    row = Recipient.objects.select_for_update(of=("self",)).select_related("user").get(pk=recipient.pk)
    fields: dict[str, Any] = {}
    for frequency in DIGESTS:
        due = getattr(row, f"next_{frequency}_at")
        if row.muted_at is not None or not wanted(row, frequency).anything():
            fields[f"next_{frequency}_at"] = None
        elif due is None or anew:
            fields[f"next_{frequency}_at"] = next_due(row, frequency)
            if due is None:
                fields[f"{frequency}_since"] = timezone.now() - SETTLED_AFTER
    Recipient.objects.filter(pk=row.pk).update(**fields)
    recipient.refresh_from_db()
