"""`manage.py load_quarters FILE --town SLUG --name-field FIELD`: load the quarters of a town from a boundary file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_slug
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from reports.boundaries import BoundaryFile, read_boundaries
from reports.boundary_files import BoundaryError
from reports.services.boundaries import BoundariesRefusedError, LoadedQuarters, load_quarters

# More than this many overlaps is a property of the file, not a list to read.
OVERLAPS_SHOWN = 20


class Command(BaseCommand):
    """Reads the file, says what it repaired, and writes all quarters or none."""

    help = str(gettext_lazy("Charge les quartiers d’une ville depuis un fichier GeoJSON, GeoPackage ou Shapefile."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the file, the town, and which fields hold the names."""
        parser.add_argument("file", type=Path, help=_("fichier de contours (.geojson, .gpkg ou .shp)"))
        parser.add_argument("--town", required=True, help=_("identifiant de la ville, par exemple yaounde"))
        parser.add_argument(
            "--town-name", default="", help=_("nom de la ville ; nécessaire si elle n’existe pas encore")
        )
        parser.add_argument("--name-field", required=True, help=_("champ qui porte le nom du quartier"))
        parser.add_argument("--slug-field", default="", help=_("champ qui porte son adresse ; sinon tirée du nom"))
        parser.add_argument("--layer", default="", help=_("couche à lire, si le fichier en a plusieurs"))
        parser.add_argument("--note", default="", help=_("origine des limites et licence, montrées au public"))
        parser.add_argument("--approximate", action="store_true", help=_("signaler ces limites comme approximatives"))
        parser.add_argument("--dry-run", action="store_true", help=_("tout vérifier sans rien écrire"))

    def handle(self, **options: Any) -> None:
        """Run the command."""
        try:
            validate_slug(options["town"])
        except ValidationError as error:
            message = _("--town : « %(town)s » n’est pas un identifiant (lettres sans accent, chiffres, tirets).")
            raise CommandError(message % {"town": options["town"]}) from error
        try:
            found = read_boundaries(
                options["file"],
                name_field=options["name_field"],
                slug_field=options["slug_field"],
                layer_name=options["layer"],
            )
            loaded = load_quarters(
                town=options["town"],
                features=found.quarters,
                town_name=options["town_name"],
                approximate=options["approximate"],
                boundary_note=options["note"],
                dry_run=options["dry_run"],
            )
        except BoundaryError as error:
            raise CommandError(refusal(error.problems)) from error
        except BoundariesRefusedError as error:
            raise CommandError(str(error)) from error
        self.tell_file(found)
        self.tell_loaded(loaded, dry_run=options["dry_run"])

    def tell_file(self, found: BoundaryFile) -> None:
        """Print what was read, what was repaired, and which quarters overlap."""
        count = len(found.quarters)
        line = ngettext(
            "%(format)s, %(projection)s : %(count)d quartier", "%(format)s, %(projection)s : %(count)d quartiers", count
        )
        self.stdout.write(line % {"format": found.driver, "projection": found.projection, "count": count})
        for note in found.notes:
            self.stdout.write(f"  {note}")
        for overlap in found.overlaps[:OVERLAPS_SHOWN]:
            line = _(
                "« %(first)s » et « %(second)s » se superposent (%(share).1f %% du plus petit) ; le plus petit prime."
            )
            values = {"first": overlap.first, "second": overlap.second, "share": overlap.share * 100}
            self.stdout.write("  " + line % values)
        hidden = len(found.overlaps) - OVERLAPS_SHOWN
        if hidden > 0:
            self.stdout.write("  " + _("… et %(count)d autres superpositions.") % {"count": hidden})

    def tell_loaded(self, loaded: LoadedQuarters, *, dry_run: bool) -> None:
        """Print what was written, and which quarters of the town the file does not have."""
        line = _("%(town)s : %(created)d créés, %(updated)d modifiés, %(unchanged)d inchangés.")
        values = {
            "town": loaded.town.name,
            "created": len(loaded.created),
            "updated": len(loaded.updated),
            "unchanged": len(loaded.unchanged),
        }
        self.stdout.write(self.style.SUCCESS(line % values))
        if loaded.missing:
            line = _("Absents du fichier et gardés tels quels : %(names)s.")
            self.stdout.write(line % {"names": ", ".join(loaded.missing)})
        if dry_run:
            self.stdout.write(_("Essai seulement : rien n’a été écrit."))


def refusal(problems: list[str]) -> str:
    """Return the message of a refused file: its one problem, or all of them under a heading."""
    if len(problems) == 1:
        return problems[0]
    heading = _("%(count)d problèmes dans le fichier ; rien n’a été écrit :") % {"count": len(problems)}
    return "\n".join([heading, *(f"  {problem}" for problem in problems)])
