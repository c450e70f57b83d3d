"""Taking in a list of blocked terms."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from moderation.folding import words_of
from moderation.models import BlockedTerm
from reports.models import Town

# What the portal comes with.
SHIPPED = Path(__file__).resolve().parent.parent / "blocked_terms.txt"
LONGEST = 80


@dataclass(frozen=True)
class Loaded:
    """How many terms of a list are new, and which lines hold no usable term."""

    added: int
    refused: tuple[str, ...]


def parsed(line: str, language: str) -> tuple[str, str]:
    """Return a line's term and the language that it is looked for in: `fr:` or `en:` before it, else the given one."""
    head, mark, rest = line.partition(":")
    if mark and head.strip() in {"fr", "en"}:
        return rest.strip(), head.strip()
    return line.strip(), language


@transaction.atomic
def load_terms(*, lines: Iterable[str], town: Town | None = None, language: str = "") -> Loaded:
    """Add the terms of a list, one a line; blank lines and those that begin with `#` are skipped, known terms stay."""
    terms, refused = [], []
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        typed, spoken = parsed(line, language)
        if not words_of(typed) or len(typed) > LONGEST:
            refused.append(line.strip())
            continue
        folded = " ".join(words_of(typed))
        terms.append(BlockedTerm(typed=typed, folded=folded, language=spoken, town=town))
    before = BlockedTerm.objects.filter(town=town).count()
    BlockedTerm.objects.bulk_create(terms, ignore_conflicts=True)
    return Loaded(BlockedTerm.objects.filter(town=town).count() - before, tuple(refused))
