"""Sending what waits: claimed by one worker, tried again later and later, given up in the end, and replayable.

By mail a message arrives at least once: a worker killed between the server's "250" and its own commit leaves a row that
is sent again, with the same Message-ID, by which mail programs know it for the same.
"""

import logging
import random
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import AuditEntry, User
from accounts.services.audit import record
from notifications.errors import NoLongerWanted, NotSent, Reason, RefusedForGood
from notifications.mails import sent_mail
from notifications.models import Channel, Delivery
from notifications.push import send_push
from notifications.services.outbox import claim_age
from notifications.targets import check_wanted
from notifications.tasks import deliver_one
from reports.services.queue import after_commit, enqueue

logger = logging.getLogger(__name__)

WAITING, SENDING = Delivery.Status.WAITING, Delivery.Status.SENDING
# One sweep queues at most this many; the next one goes on.
SWEEP_BATCH = 1000
LONGEST_ERROR = 300
# Beyond, no wait is longer than the limit.
DOUBLINGS = 30


def deliver(*, delivery_id: int) -> None:
    """Send one delivery, provided that it is due and nobody else is sending it.

    Every outcome is written to the row: sent, skipped (nobody wants it any more), dead (refused for good, or tried
    often enough) or waiting for its next try.
    """
    delivery = claim(delivery_id)
    if delivery is None:
        logger.info("delivery %s is not due, or another worker has it", delivery_id)
        return
    try:
        send(delivery)
    except NoLongerWanted as reason:
        finish(delivery, status=Delivery.Status.SKIPPED, last_error=str(reason)[:LONGEST_ERROR])
    except RefusedForGood as reason:
        give_up(delivery, str(reason))
    except (NotSent, OSError) as reason:
        put_off(delivery, str(reason) or type(reason).__name__)
    except Exception as error:
        # A mistake of ours, e.g. in a template: the words could hold an address, the log of the process is safe.
        logger.exception("delivery %s could not be sent", delivery_id)
        put_off(delivery, type(error).__name__)


def claim(delivery_id: int) -> Delivery | None:
    """Take a delivery that is due, or that a worker took long ago and never finished; None if it is not ours."""
    now = timezone.now()
    due = Q(status=WAITING, next_try_at__lte=now)
    lost = Q(status=SENDING, claimed_at__lt=now - claim_age())
    taken = Delivery.objects.filter(due | lost, pk=delivery_id).update(
        status=SENDING, claimed_at=now, tries=F("tries") + 1
    )
    if not taken:
        return None
    related = ("recipient__user", "organisation", "subscription", "follow__user")
    report = ("event__report__category", "event__report__quarter__town", "event__report__organisation")
    rows = Delivery.objects.select_related(*related, *report)
    return rows.defer("event__report__quarter__boundary", "event__report__quarter__town__boundary").get(pk=delivery_id)


def send(delivery: Delivery) -> None:
    """Send by the delivery's channel and mark it as sent, in a commit of its own.

    Raises:
        NotSent, OSError
    """
    if delivery.channel == Channel.EMAIL:
        with sent_mail(delivery):
            mark_sent(delivery)
    else:
        check_wanted(delivery)
        send_push(delivery)
        mark_sent(delivery)


def mark_sent(delivery: Delivery) -> None:
    """Write that it arrived."""
    finish(delivery, status=Delivery.Status.SENT, sent_at=timezone.now(), last_error="", address="")


def finish(delivery: Delivery, **changes: Any) -> None:
    """Write an outcome, unless another worker has taken the row over in the meantime."""
    mine = Delivery.objects.filter(pk=delivery.pk, status=SENDING, claimed_at=delivery.claimed_at)
    if not mine.update(**changes):
        logger.warning("delivery %s was taken over by another worker", delivery.pk)


def give_up(delivery: Delivery, reason: str) -> None:
    """Mark as dead: it is listed in the admin, counted in the metrics, and may be replayed."""
    logger.error("delivery %s is given up after %s tries: %s", delivery.pk, delivery.tries, reason)
    finish(delivery, status=Delivery.Status.DEAD, last_error=reason[:LONGEST_ERROR])


def put_off(delivery: Delivery, reason: str) -> None:
    """Let the sweep try again later, or give up after the last try."""
    if delivery.tries >= settings.DELIVERY_TRIES:
        give_up(delivery, reason)
        return
    logger.warning("delivery %s is put off after try %s: %s", delivery.pk, delivery.tries, reason)
    finish(
        delivery,
        status=WAITING,
        next_try_at=timezone.now() + wait_after(delivery.tries),
        claimed_at=None,
        last_error=reason[:LONGEST_ERROR],
    )


def wait_after(tries: int) -> timedelta:
    """Return how long to wait after so many tries: twice as long each time up to a limit, give or take a half.

    What failed together must not come back together to a mail server that has just recovered.
    """
    longest: float = settings.DELIVERY_LONGEST_WAIT_SECONDS
    seconds = min(settings.DELIVERY_FIRST_WAIT_SECONDS * 2.0 ** min(tries - 1, DOUBLINGS), longest)
    return timedelta(seconds=seconds * random.uniform(0.5, 1.5))  # noqa: S311  (not for secrets)


def sweep() -> None:
    """Queue what is due and in no queue: next tries, what a lost broker forgot, what a killed worker left half done."""
    now = timezone.now()
    long_ago = now - claim_age()
    bury_lost(long_ago)
    due = Delivery.objects.filter(status__in=(WAITING, SENDING), next_try_at__lte=now)
    idle = due.filter(Q(claimed_at=None) | Q(claimed_at__lt=long_ago)).order_by("next_try_at")
    ids = list(idle.values_list("pk", flat=True)[:SWEEP_BATCH])
    # Queued once for a while, however many sweeps pass before a worker comes to it.
    Delivery.objects.filter(pk__in=ids, status=WAITING).update(claimed_at=now)
    for pk in ids:
        enqueue(deliver_one, pk)


def bury_lost(long_ago: datetime) -> None:
    """Give up what has killed its worker at every try."""
    lost = Delivery.objects.filter(status=SENDING, claimed_at__lt=long_ago, tries__gte=settings.DELIVERY_TRIES)
    lost.update(status=Delivery.Status.DEAD, last_error=Reason.WORKER_LOST)


@transaction.atomic
def replay(*, delivery: Delivery, by: User) -> bool:
    """Try a dead delivery from the beginning, and write down who asked; False if it is not dead (any more)."""
    now = timezone.now()
    dead = Delivery.objects.filter(pk=delivery.pk, status=Delivery.Status.DEAD)
    if not dead.update(status=WAITING, tries=0, next_try_at=now, claimed_at=now, last_error=""):
        return False
    about = f"delivery {delivery.pk}"
    record(kind=AuditEntry.Kind.DELIVERY_REPLAYED, actor=by, about=about, data={"delivery": delivery.pk})
    after_commit(deliver_one, delivery.pk)
    return True
