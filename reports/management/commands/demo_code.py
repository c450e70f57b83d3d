"""`manage.py demo_code`: the codes that the demonstration's staff would read on their telephones now."""

import time
from pathlib import Path
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import gettext_lazy

from reports.demo.people import read_sign_ins

PERIOD_SECONDS = 30


class Command(BaseCommand):
    """Tells each code once more every half minute; reads only the demonstration's own file."""

    help = str(gettext_lazy("Donne le code du second facteur de chaque personne de la démonstration."))

    def handle(self, **options: Any) -> None:
        """Run the command."""
        people = read_sign_ins(Path(settings.VAR) / "demo.json").get("people", {})
        for key, person in people.items():
            if secret := person.get("totp"):
                code = format_hotp_value(hotp_value(secret, int(time.time()) // PERIOD_SECONDS))
                self.stdout.write(f"{key:<14} {code}")
