"""`manage.py measure_screening FOLDER`: the terms found in each disguise, and the honest words that are held.

Prints the tables of `docs/screening.md`; nothing is stored.

FOLDER holds `text/ldnoobw_{fr,en}.txt` (a term a line), `text/blns.json` (a list of hostile strings), and under
`requests/` tables of real reports, `.csv.gz`; what is missing is left out.
"""

import csv
import gzip
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from moderation.folding import Matcher, Term, language_of
from moderation.services.terms import SHIPPED, parsed
from reports.screening import findings

LEET = str.maketrans("aeiost", "4310$7")
TWINS = str.maketrans("aceopxy", "\u0430\u0441\u0435\u043e\u0440\u0445\u0443")
CARRIER = {"fr": "Vraiment {} dans cette rue", "en": "Really {} on this road"}
# A trick takes a term and gives what somebody would type instead.
TRICKS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "CAPITALS": str.upper,
    "l e t t e r s  a p a r t": lambda term: re.sub(r"\B", " ", term.replace(" ", "")),
    "p.o.i.n.t.s": lambda term: re.sub(r"\B", ".", term.replace(" ", "")),
    "l33t": lambda term: term.translate(LEET),
    "drawn ooout": lambda term: "".join(letter * (3 if letter in "aeiou" else 1) for letter in term),
    "look-alike letters": lambda term: term.translate(TWINS),
    "letters without width": lambda term: re.sub(r"\B", "\u200b", term),
    "runtogether": lambda term: term.replace(" ", ""),
    "one st*r": lambda term: term[:1] + "*" + term[2:] if len(term) > len("abc") else term,
}
# File, column, language of real words of citizens and town halls.
HONEST = [
    ("bretagne_signalements_routiers_fr", "description", "fr"),
    ("montreal311_plateau_fr_2022-2026", "activite", "fr"),
    ("unified_located", "description", "en"),
    ("nyc311_mixed", "resolution_description", "en"),
    ("sf311_10k", "status_notes", "en"),
]


def terms_of(path: Path, language: str = "") -> list[Term]:
    """Return the terms of a list."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [Term(*parsed(line, language)) for line in lines if line and not line.startswith("#")]


def texts_of(path: Path, column: str) -> set[str]:
    """Return the different texts of a column."""
    with gzip.open(path, "rt", encoding="utf-8", errors="replace") as file:
        return {row[column] for row in csv.DictReader(file) if row.get(column)}


class Command(BaseCommand):
    """Reads files and prints tables."""

    help = str(gettext_lazy("Mesure le filtrage sur des textes réels : termes trouvés et faux positifs."))

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder."""
        parser.add_argument("folder", type=Path)

    def handle(self, *, folder: Path, **options: Any) -> None:
        """Run the command."""
        if not (folder / "text").is_dir():
            raise CommandError(_("Ce dossier n’a pas de textes à mesurer : %(folder)s") % {"folder": folder})
        for language in ("fr", "en"):
            self.measure_tricks(folder / f"text/ldnoobw_{language}.txt", language)
        self.measure_honest(folder)
        self.measure_hostile(folder / "text/blns.json")

    def row(self, *cells: Any) -> None:
        """Print one row of a table."""
        self.stdout.write("| " + " | ".join(str(cell) for cell in cells) + " |")

    def measure_tricks(self, path: Path, language: str) -> None:
        """Print how many terms of a list are found in each disguise."""
        if not path.exists():
            return
        terms = [term for term in terms_of(path) if term.words]
        matcher = Matcher(terms)
        self.row(path.name, "found", "of")
        for name, trick in TRICKS.items():
            dressed = [(term, CARRIER[language].format(trick(term.typed))) for term in terms]
            self.row(name, sum(bool(matcher.found(text)) for _term, text in dressed), len(terms))

    def measure_honest(self, folder: Path) -> None:
        """Print how many real texts are held, by the shipped list, by the public lists, and for anything else."""
        public = [term for name in ("fr", "en") for term in self.public_terms(folder, name)]
        lists = {"shipped list": terms_of(SHIPPED), "public lists": public}
        self.row("honest texts", "texts", *lists, "other reasons")
        for name, column, language in HONEST:
            path = folder / f"requests/{name}.csv.gz"
            if path.exists():
                texts = texts_of(path, column)
                held = [sum(self.held(texts, terms, language)) for terms in lists.values()]
                self.row(name, len(texts), *held, sum(bool(findings(text, is_newcomer=True)) for text in texts))

    def public_terms(self, folder: Path, language: str) -> list[Term]:
        """Return a public list, each term for texts of its own language."""
        path = folder / f"text/ldnoobw_{language}.txt"
        return terms_of(path, language) if path.exists() else []

    def held(self, texts: set[str], terms: list[Term], default: str) -> Iterator[bool]:
        """Say of each text whether a list holds it."""
        matchers = {spoken: Matcher(term for term in terms if term.language in {"", spoken}) for spoken in ("fr", "en")}
        yield from (bool(matchers[language_of(text, default)].found(text)) for text in texts)

    def measure_hostile(self, path: Path) -> None:
        """Print what hostile strings are held for, and the longest time that one takes."""
        if not path.exists():
            return
        texts = json.loads(path.read_text(encoding="utf-8"))
        matcher = Matcher(terms_of(SHIPPED))
        reasons: Counter[str] = Counter()
        slowest = 0.0
        for text in texts:
            start = time.perf_counter()
            found = [*findings(text, is_newcomer=True), *["blocked"] * bool(matcher.found(text))]
            slowest = max(slowest, time.perf_counter() - start)
            reasons.update(found or ["nothing"])
        self.row(path.name, "strings", len(texts))
        for code, count in reasons.most_common():
            self.row(code, "", count)
        self.row("slowest (ms)", "", f"{slowest * 1000:.1f}")
