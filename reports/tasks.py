"""The doors through which a worker calls the domain: an id comes in, one call goes out.

Services queue these tasks and tasks call services; the imports inside the functions are the one arrow that runs back.
"""

from typing import Any

from celery import shared_task

BACKOFF: dict[str, Any] = {"retry_backoff": 2, "retry_backoff_max": 600, "retry_jitter": True, "max_retries": 8}


@shared_task(autoretry_for=(OSError,), **BACKOFF)
def make_photo_variants(photo_id: int) -> None:
    """Make a photo presentable; storage that is away is tried again."""
    from reports.services.photos import process_photo  # noqa: PLC0415

    process_photo(photo_id=photo_id)


# Of a mail server that answers a word a minute, the sweep takes the address up again.
@shared_task(autoretry_for=(OSError,), time_limit=120, **BACKOFF)
def send_confirmation(follow_id: int) -> None:
    """Send the link that confirms an address; a mail server that is away is tried again."""
    from reports.services.community import ask_to_confirm  # noqa: PLC0415

    ask_to_confirm(follow_id=follow_id)


@shared_task
def dispatch_event(event_id: int) -> None:
    """Hand one event to whoever listens to the log."""
    from reports.services.dispatch import dispatch  # noqa: PLC0415

    dispatch(event_id=event_id)


@shared_task
def sweep_events() -> None:
    """Hand on the events whose task was lost."""
    from reports.services import dispatch  # noqa: PLC0415

    dispatch.sweep_events()


@shared_task
def sweep_photos() -> None:
    """Pick up photos that a lost broker or a killed worker left behind."""
    from reports.services.photos import sweep  # noqa: PLC0415

    sweep()


@shared_task
def sweep_confirmations() -> None:
    """Pick up confirmations that were never sent."""
    from reports.services import community  # noqa: PLC0415

    community.sweep_confirmations()


@shared_task
def compact_map_cells() -> None:
    """Merge the changes of the map's counts into sums."""
    from reports.services.cells import compact  # noqa: PLC0415

    compact()


@shared_task
def refresh_figures() -> None:
    """Count what has changed, then what the home page shows."""
    from reports.services import figures, rollups  # noqa: PLC0415

    rollups.recompute()
    figures.refresh()


@shared_task
def forget_old_contacts() -> None:
    """Remove contact data that nobody needs any more."""
    from reports.services import retention  # noqa: PLC0415

    retention.forget()
