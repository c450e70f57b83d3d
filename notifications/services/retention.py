"""Forgetting what was sent, and addresses' choices once nothing is sent to them any more.

Both work in bounded batches and may run twice or stop in the middle.
"""

import logging
from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from notifications.models import Delivery, Recipient
from reports.models import Follow

logger = logging.getLogger(__name__)

KEPT = timedelta(days=90)
BATCH = 1000


def forget() -> dict[str, int]:
    """Do all of it; for beat. Returns and logs the counts."""
    counts = {"deliveries": forget_deliveries(), "recipients": forget_recipients()}
    if any(counts.values()):
        logger.info("retention: %s", counts)
    return counts


def forget_deliveries() -> int:
    """Remove the messages made more than KEPT ago, whatever became of them; return how many.

    Their keys go with them: the log's consumers never go back that far, so nothing is sent again.
    """
    done = 0
    before = timezone.now() - KEPT
    while True:
        # Ids follow time: looking no further than the first batch needs no index of its own.
        oldest = Delivery.objects.order_by("id").values_list("id", "created_at")[:BATCH]
        ids = [row_id for row_id, created_at in oldest if created_at < before]
        if not ids:
            return done
        Delivery.objects.filter(pk__in=ids).delete()
        done += len(ids)


def forget_recipients() -> int:
    """Remove the choices of addresses that follow nothing and were sent nothing for KEPT; return how many.

    Whoever stopped everything stays: that is what keeps them from being written to again.
    """
    follows = Follow.objects.filter(email_digest=OuterRef("email_digest")).exclude(email_digest="")
    sent = Delivery.objects.filter(recipient=OuterRef("pk"))
    idle = Recipient.objects.filter(~Exists(follows), ~Exists(sent), user=None, muted_at=None)
    done = 0
    while ids := list(idle.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        # A follow that began at this very moment keeps its recipient: the conditions are asked again.
        removed, _by_model = idle.filter(pk__in=ids).delete()
        done += removed
        if removed < len(ids):
            return done
    return done
