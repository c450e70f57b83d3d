"""The outbox's way in: one row for each message and target, whatever runs twice."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from notifications.models import Channel, Delivery, PushSubscription, Recipient
from notifications.services.recipients import recipient_of_user
from notifications.tasks import deliver_one
from reports.models import Event, Follow, Organisation
from reports.services.queue import after_commit


def claim_age() -> timedelta:
    """Return after how long a task that was queued, or a worker that took a row, counts as lost."""
    return timedelta(seconds=settings.DELIVERY_CLAIM_SECONDS)


@transaction.atomic
def post(rows: list[Delivery]) -> list[int]:
    """Store deliveries and queue them after the commit; return the ids of those whose key was not there yet.

    Two queries, however many rows. Each counts as queued now: the sweep leaves it alone until that is long ago. What is
    to go out later only is left to the sweep.
    """
    now = timezone.now()
    for row in rows:
        row.claimed_at = now if row.next_try_at <= now else None
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    # An ignored row gives no id; the uid, drawn for each, tells which of them are ours.
    ours = Delivery.objects.filter(uid__in=[row.uid for row in rows]).order_by("pk")
    made = list(ours.values_list("pk", "claimed_at"))
    for pk, queued_at in made:
        if queued_at is not None:
            after_commit(deliver_one, pk)
    return [pk for pk, _queued_at in made]


def make_delivery(
    *,
    key: str,
    channel: str,
    template: str,
    recipient: Recipient | None = None,
    follow: Follow | None = None,
    event: Event | None = None,
    subscription: PushSubscription | None = None,
    organisation: Organisation | None = None,
    data: dict[str, Any] | None = None,
) -> Delivery | None:
    """Store one delivery in the caller's transaction and queue it after the commit.

    key       what it is about and to whom, e.g. `daily:2026-11-21:recipient:9`; the second call with it returns None
    channel   `Channel`; a push has a `subscription`
    template  a mail's name in `templates/emails/`
    data      what the template and the sender need besides: JSON, and no address of a person
    """
    row = Delivery(
        key=key,
        channel=channel,
        template=template,
        recipient=recipient,
        follow=follow,
        event=event,
        subscription=subscription,
        organisation=organisation,
        data=data or {},
    )
    made = post([row])
    return Delivery.objects.get(pk=made[0]) if made else None


def tell(
    *,
    key: str,
    template: str,
    data: dict[str, Any],
    language: str,
    user: User | None = None,
    email: str = "",
) -> None:
    """Store one mail that another app asks for (`settings.TELL`), in its transaction; the second of a key is none.

    To an account, or to an address that has none; `data` is what the templates `emails/<template>.*` see as `data`:
    JSON, and nobody's address. A mail to nobody is none.
    """
    if user is not None:
        row = Delivery(recipient=recipient_of_user(user))
    elif email:
        row = Delivery(address=email, language=language)
    else:
        return
    row.key, row.channel, row.template, row.data = key, Channel.EMAIL, template, data
    post([row])
