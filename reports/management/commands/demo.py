"""`manage.py demo`: load the demonstration town, its people and half a year of invented reports."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.demo.loading import load_demo


class Command(BaseCommand):
    """Loads what is missing of the demonstration; a second run changes nothing."""

    help = str(gettext_lazy("Charge la ville de démonstration : Yaoundé, ses quartiers et des signalements inventés."))

    def handle(self, **options: Any) -> None:
        """Run the command."""
        sign_in_file = Path(settings.VAR) / "demo.json"
        loaded = load_demo(now=timezone.now(), sign_in_file=sign_in_file)
        if loaded.created:
            line = _("Démonstration chargée : %(reports)d signalements, %(pictures)d images dessinées.")
        else:
            line = _("Démonstration déjà chargée : %(reports)d signalements, %(pictures)d images dessinées.")
        self.stdout.write(self.style.SUCCESS(line % {"reports": loaded.reports, "pictures": loaded.pictures_drawn}))
        self.stdout.write(_("Identifiants de démonstration : %(file)s") % {"file": sign_in_file})
