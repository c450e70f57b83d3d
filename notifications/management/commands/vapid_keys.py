"""`manage.py vapid_keys`: make the keys that web push needs."""

from typing import Any

from django.core.management.base import BaseCommand

from notifications.vapid import new_pair


class Command(BaseCommand):
    """Prints a new pair; nothing is stored."""

    help = "Print a new key pair for web push: put the first line into the environment."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print the variable to set, and the public half for whoever wants to compare."""
        private, public = new_pair()
        self.stdout.write(f"FMQ_VAPID_PRIVATE_KEY={private}")
        self.stdout.write(f"# public: {public}")
