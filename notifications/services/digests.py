"""Making digests: each person once, whatever crashes or runs twice."""

import logging
from typing import Any

from django.db import transaction
from django.utils import timezone

from notifications.digest import Period, news
from notifications.models import Channel, Delivery, Recipient, Topic
from notifications.services.outbox import make_delivery
from notifications.services.schedule import DIGESTS, SETTLED_AFTER, next_due, wanted
from notifications.staff_digest import waiting_for
from notifications.tasks import make_digests as queue_digests
from reports.services.queue import enqueue

logger = logging.getLogger(__name__)

# What one beat queues at most; the next beat goes on with what is still due.
BATCH = 2000


def sweep_digests() -> int:
    """Queue one task for each recipient whose hour has come; return how many."""
    due: set[int] = set()
    for frequency in DIGESTS:
        field = f"next_{frequency}_at"
        rows = Recipient.objects.filter(**{f"{field}__lte": timezone.now()}).order_by(field)
        due.update(rows.values_list("pk", flat=True)[:BATCH])
    for pk in sorted(due):
        enqueue(queue_digests, pk)
    return len(due)


def make_digests(*, recipient_id: int) -> list[Delivery]:
    """Make the digests that are due for one recipient; nothing where another worker was first."""
    return [
        delivery for frequency in DIGESTS for delivery in make_digest(recipient_id=recipient_id, frequency=frequency)
    ]


@transaction.atomic
def make_digest(*, recipient_id: int, frequency: str) -> list[Delivery]:
    """Claim one digest, move it to the next local hour, and make its deliveries, all or nothing.

    A worker that dies leaves the digest due; a second one waits at the claim and finds it moved. After a day off there
    is one digest of everything since the last.
    """
    recipient = Recipient.objects.select_related("user").filter(pk=recipient_id).first()
    now = timezone.now()
    due = getattr(recipient, f"next_{frequency}_at", None)
    if recipient is None or due is None or due > now:
        logger.info("no %s digest is due for recipient %s", frequency, recipient_id)
        return []
    scope = wanted(recipient, frequency)
    is_needed = recipient.muted_at is None and scope.anything()
    period = Period(since=getattr(recipient, f"{frequency}_since"), until=now - SETTLED_AFTER)
    claimed = Recipient.objects.filter(pk=recipient.pk, **{f"next_{frequency}_at": due}).update(
        **{
            f"next_{frequency}_at": next_due(recipient, frequency) if is_needed else None,
            f"{frequency}_since": period.until,
        }
    )
    if not claimed or not is_needed:
        return []
    # The moment and not only the date: who chooses a later hour today hears again today of what came since.
    about = f"{frequency}:{due:%Y-%m-%dT%H:%MZ}:recipient:{recipient.pk}"
    data: dict[str, Any] = {
        "frequency": frequency,
        "since": period.since.isoformat(),
        "until": period.until.isoformat(),
    }
    made = []
    if news(recipient, frequency, period):
        made.append(make_delivery(key=about, channel=Channel.EMAIL, template="digest", recipient=recipient, data=data))
    if scope.work and recipient.user is not None and waiting_for(recipient.user):
        made.append(
            make_delivery(
                key=f"work:{about}",
                channel=Channel.EMAIL,
                template="staff_digest",
                recipient=recipient,
                data={"topic": Topic.WORK},
            )
        )
    return [delivery for delivery in made if delivery is not None]
