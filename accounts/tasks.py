"""The doors through which a worker calls what concerns people: an id comes in, one call goes out.

Services queue these tasks and tasks call services; the imports inside the functions are the one arrow that runs back.
"""

from smtplib import SMTPException
from typing import Any

from celery import shared_task
from django.core.management import call_command

BACKOFF: dict[str, Any] = {"retry_backoff": 2, "retry_backoff_max": 600, "retry_jitter": True, "max_retries": 8}


@shared_task
def forget_expired_tokens() -> None:
    """Remove the sessions and the API's tokens that nobody can use any more."""
    from accounts.services.tokens import forget_families  # noqa: PLC0415

    call_command("clearsessions")
    call_command("flushexpiredtokens")
    call_command("cleartokens")
    forget_families()


@shared_task
def make_export(export_id: int) -> None:
    """Make a copy of somebody's data; what fails is tried again by the sweep."""
    from accounts.services.data import build_export  # noqa: PLC0415

    build_export(export_id=export_id)


# A mail server that answers a word a minute must not hold a worker: the sweeps take up what it cut off.
@shared_task(autoretry_for=(OSError, SMTPException), time_limit=120, **BACKOFF)
def send_export_link(export_id: int) -> None:
    """Mail the link to a copy; a mail server that is away is tried again."""
    from accounts.services.data import announce_export  # noqa: PLC0415

    announce_export(export_id=export_id)


@shared_task
def sweep_exports() -> None:
    """Pick up copies that a lost broker or a killed worker left behind, and remove those that expire."""
    from accounts.services import data  # noqa: PLC0415

    data.sweep_exports()


@shared_task(autoretry_for=(OSError, SMTPException), time_limit=120, **BACKOFF)
def send_erasure_notice(user_id: int) -> None:
    """Mail the day on which an account will be erased; a mail server that is away is tried again."""
    from accounts.services.erasure import announce_erasure  # noqa: PLC0415

    announce_erasure(user_id=user_id)


@shared_task
def sweep_erasures() -> None:
    """Announce the erasures whose mail was lost, and erase the accounts whose time has come."""
    from accounts.services import erasure  # noqa: PLC0415

    erasure.sweep_erasures()


@shared_task
def forget_unconfirmed_accounts() -> None:
    """Remove the accounts whose address nobody confirmed."""
    from accounts.services import erasure  # noqa: PLC0415

    erasure.forget_unconfirmed()


@shared_task
def forget_bans() -> None:
    """Remove the bans that ended long ago."""
    from accounts.services import bans  # noqa: PLC0415

    bans.forget_bans()
