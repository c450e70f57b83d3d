"""Write contact data and second factors again under the newest key; see `docs/operators.md`."""

from typing import Any

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.services.rotation import rotate


class Command(BaseCommand):
    help = "Re-encrypt contact data under the first of FMQ_CONTACT_KEYS. May be stopped and started again."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Rotate, and say when the old keys can go."""
        try:
            counts = rotate(report=lambda column, rows: self.stdout.write(f"{column}: {rows}"))
        except InvalidToken as error:
            message = (
                "A value is under none of the keys in FMQ_CONTACT_KEYS. Put the missing key back at the end of the "
                "list, then start again: what was done stays done."
            )
            raise CommandError(message) from error
        left = len(settings.CONTACT_KEYS) - 1
        self.stdout.write(self.style.SUCCESS(f"{sum(counts.values())} values are now under the first key."))
        if left:
            self.stdout.write(f"Restart every process, run this once more, then remove the last {left} from the list.")
