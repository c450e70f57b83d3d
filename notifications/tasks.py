"""The doors through which a worker sends: an id comes in, one call goes out."""

from celery import shared_task


# A mail server that answers a word a minute must not hold a worker: the sweep takes the row up again.
@shared_task(time_limit=120)
def deliver_one(delivery_id: int) -> None:
    """Send one delivery; what fails is tried again by the sweep."""
    from notifications.services.deliver import deliver  # noqa: PLC0415

    deliver(delivery_id=delivery_id)


@shared_task
def sweep_deliveries() -> None:
    """Queue the deliveries whose next try is due, and those that a lost broker or a killed worker left behind."""
    from notifications.services.deliver import sweep  # noqa: PLC0415

    sweep()


@shared_task
def sweep_digests() -> None:
    """Queue a digest for everybody whose hour has come."""
    from notifications.services import digests  # noqa: PLC0415

    digests.sweep_digests()


@shared_task
def make_digests(recipient_id: int) -> None:
    """Make the digests that are due for one recipient."""
    from notifications.services import digests  # noqa: PLC0415

    digests.make_digests(recipient_id=recipient_id)


@shared_task
def forget_old_deliveries() -> None:
    """Remove what was sent long ago, and the choices of addresses that nothing is sent to."""
    from notifications.services import retention  # noqa: PLC0415

    retention.forget()
