"""`manage.py reset_second_factor ADDRESS`: for the administrator who lost theirs and has no colleague."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.services.factor import reset_factor


class Command(BaseCommand):
    """Takes a second factor off an account; the person activates a new one at their next sign-in."""

    help = str(gettext_lazy("Retire le second facteur d’une personne et ferme ses sessions."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take one address."""
        parser.add_argument("email")

    def handle(self, *, email: str, **options: Any) -> None:
        """Run the command."""
        user = User.objects.filter(email=email.lower()).first()
        if user is None:
            raise CommandError(_("Personne n’a cette adresse."))
        if not reset_factor(user=user):
            raise CommandError(_("Cette personne n’a pas de second facteur."))
        self.stdout.write(self.style.SUCCESS(_("Second facteur retiré, sessions fermées.")))
