"""Housekeeping of sign-ins."""

from celery import shared_task
from django.core.management import call_command


@shared_task
def forget_expired_tokens() -> None:
    """Remove the API's tokens that nobody can use any more."""
    call_command("flushexpiredtokens")
