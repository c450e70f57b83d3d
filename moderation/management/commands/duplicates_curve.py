"""`manage.py duplicates_curve FILE`: how well duplicates are found in requests whose duplicates a town has labelled."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from reports.labelled import Request, best_scores, blurred, curve, read
from reports.likeness import LIKELY, SHOWN

THRESHOLDS = (SHOWN, 20, 30, 40, 45, 50, 55, 60, 70, 80, 90)
LINE = "{mark:1} {threshold:>9} {warned:>9} {right:>9} {precision:>9.1%} {recall:>9.1%} {f1:>9.1%}"


class Command(BaseCommand):
    """Prints a curve for each way of looking at the file: as it is, as phones would have sent it, without addresses."""

    help = str(gettext_lazy("Mesure la recherche de doublons sur des demandes dont une ville a marqué les doublons."))

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the file and the years."""
        parser.add_argument("file", type=Path, help=_("demandes « Sanitation » de Chicago (.csv ou .csv.gz)"))
        parser.add_argument("--tune", type=int, default=2012, help=_("année sur laquelle les points ont été réglés"))
        parser.add_argument("--judge", type=int, default=2013, help=_("année qui n’a servi qu’à juger"))
        parser.add_argument("--blur", type=float, default=10.0, help=_("erreur d’un téléphone, en mètres"))

    def handle(self, **options: Any) -> None:
        """Run the command."""
        try:
            rows = read(options["file"])
        except (OSError, ValueError) as error:
            message = _("%(file)s ne se lit pas comme le fichier de Chicago : %(why)s.")
            raise CommandError(message % {"file": options["file"], "why": error}) from error
        phone = blurred(rows, options["blur"])
        ways = [
            (_("lieux et adresses du fichier"), rows, True),
            (_("lieux à %(metres)g m près, adresses du fichier") % {"metres": options["blur"]}, phone, True),
            (_("lieux à %(metres)g m près, sans adresse") % {"metres": options["blur"]}, phone, False),
        ]
        for title, data, addresses in ways:
            for year in (options["tune"], options["judge"]):
                self.print_curve(f"{year}, {title}", data, year, addresses=addresses)

    def print_curve(self, title: str, rows: list[Request], year: int, *, addresses: bool) -> None:
        """Print one table; the default threshold is marked."""
        scores = best_scores(rows, year, addresses=addresses)
        labelled = sum(is_duplicate for _score, is_duplicate in scores)
        counts = _("%(all)d demandes, dont %(labelled)d marquées") % {"all": len(scores), "labelled": labelled}
        self.stdout.write(f"\n{title} ({counts})\n")
        heads = (_("seuil"), _("signalés"), _("justes"), pgettext("mesure", "précision"), _("rappel"), "F1")
        self.stdout.write("  " + " ".join(f"{head:>9}" for head in heads))
        for outcome in curve(scores, THRESHOLDS):
            mark = "*" if outcome.threshold == LIKELY else ""
            numbers = {name: getattr(outcome, name) for name in ("threshold", "warned", "right")}
            rates = {name: getattr(outcome, name) for name in ("precision", "recall", "f1")}
            self.stdout.write(LINE.format(mark=mark, **numbers, **rates))
