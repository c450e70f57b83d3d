"""`manage.py load_blocked_terms`: take in a list of terms that hold what carries them for a moderator."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from moderation.services.terms import SHIPPED, load_terms
from reports.models import Town


class Command(BaseCommand):
    """Adds what is missing; a second run changes nothing."""

    help = str(gettext_lazy("Ajoute une liste de termes bloqués, un par ligne ; sans fichier, celle du portail."))

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, and where its terms count."""
        parser.add_argument("file", nargs="?", type=Path, default=SHIPPED)
        parser.add_argument("--town", default="", help=_("Identifiant de la ville ; sans elle, toutes."))
        parser.add_argument("--language", default="", choices=["", "fr", "en"])

    def handle(self, *, file: Path, town: str, language: str, **options: Any) -> None:
        """Run the command."""
        place = Town.objects.filter(slug=town).first() if town else None
        if town and place is None:
            raise CommandError(_("Aucune ville ne s’appelle « %(slug)s ».") % {"slug": town})
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(_("Ce fichier ne peut pas être lu : %(file)s") % {"file": file}) from error
        loaded = load_terms(lines=lines, town=place, language=language)
        for line in loaded.refused:
            self.stderr.write(_("Ligne sans terme utilisable : %(line)s") % {"line": line})
        self.stdout.write(_("%(count)d termes ajoutés.") % {"count": loaded.added})
