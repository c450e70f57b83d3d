"""Service requests whose duplicates a town has labelled, and how well `reports.likeness` finds them: no database.

The file is Chicago's "Sanitation Code Violation" requests as CSV, plain or gzipped. A status that ends in "- Dup" says
that the town found it to repeat another one; which one is not said, so a warning counts as right when its report is
labelled.
"""

import csv
import gzip
import math
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from reports.geo import METRES_PER_DEGREE
from reports.likeness import REACH, Likeness, Traits, likeness, same_house

DUPLICATE = "- Dup"
# As the portal's categories have it unless the town says otherwise, and as long as a repair may be disputed.
RADIUS_M = 50
REOPEN_DAYS = 30
NEVER = date.max


@dataclass(frozen=True)
class Request:
    """One row: when it came and was done, what and where, and whether the town calls it a duplicate."""

    number: str
    created: date
    closed: date
    kind: str
    address: str
    lon: float
    lat: float
    is_duplicate: bool


@dataclass
class Outcome:
    """What happens at one threshold: how many warnings, how many of them right, of how many labelled duplicates."""

    threshold: int
    warned: int
    right: int
    labelled: int

    @property
    def precision(self) -> float:
        """The part of the warnings that are right."""
        return self.right / self.warned if self.warned else 1.0

    @property
    def recall(self) -> float:
        """The part of the labelled duplicates that are warned of."""
        return self.right / self.labelled if self.labelled else 1.0

    @property
    def f1(self) -> float:
        """Both in one number: their harmonic mean."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def read(path: Path) -> list[Request]:
    """Return the located rows in the order they came.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is another one.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            rows = [request_of(row) for row in csv.DictReader(file) if row["latitude"] and row["longitude"]]
    except (EOFError, KeyError, TypeError, csv.Error) as error:
        message = f"{type(error).__name__} {error}"
        raise ValueError(message) from error
    if not rows:
        message = "no located requests"
        raise ValueError(message)
    return sorted(rows, key=lambda row: (row.created, row.number))


def request_of(row: dict[str, str]) -> Request:
    """Return a row of the file."""
    return Request(
        number=row["service_request_number"],
        created=date.fromisoformat(row["creation_date"][:10]),
        closed=date.fromisoformat(row["completion_date"][:10]) if row["completion_date"] else NEVER,
        kind=row["what_is_the_nature_of_this_code_violation"],
        address=row["street_address"],
        lon=float(row["longitude"]),
        lat=float(row["latitude"]),
        is_duplicate=row["status"].endswith(DUPLICATE),
    )


def blurred(rows: Iterable[Request], metres: float) -> list[Request]:
    """Return the rows as phones would have sent them: each place off by a normal error, the same at every run.

    The file's places are geocoded addresses: two requests about one yard lie on the very same point.
    No phone is that good.
    """
    chance = random.Random(311)  # noqa: S311  (an error of measurement, no secret)
    moved = []
    for row in rows:
        north, east = chance.gauss(0, metres) / METRES_PER_DEGREE, chance.gauss(0, metres) / METRES_PER_DEGREE
        lon = row.lon + east / math.cos(math.radians(row.lat))
        moved.append(Request(**{**vars(row), "lon": lon, "lat": row.lat + north}))
    return moved


@dataclass
class Neighbours:
    """The requests so far, found again by place: a grid of squares as wide as one looks."""

    radius_m: float
    squares: dict[tuple[int, int], list[Request]] = field(default_factory=lambda: defaultdict(list))

    def square(self, row: Request) -> tuple[int, int]:
        """Return the square that a request lies in."""
        width = self.radius_m * REACH
        return (
            math.floor(row.lon * METRES_PER_DEGREE * math.cos(math.radians(row.lat)) / width),
            math.floor(row.lat * METRES_PER_DEGREE / width),
        )

    def add(self, row: Request) -> None:
        """Remember a request for those that come later; not a duplicate, which the portal joins to its original."""
        if not row.is_duplicate:
            self.squares[self.square(row)].append(row)

    def around(self, row: Request) -> Iterator[tuple[Request, float]]:
        """Give the earlier requests within reach, with the metres between."""
        x, y = self.square(row)
        for i in (-1, 0, 1):
            for j in (-1, 0, 1):
                for other in self.squares.get((x + i, y + j), ()):
                    metres = metres_between(row, other)
                    if metres <= self.radius_m * REACH:
                        yield other, metres


def metres_between(one: Request, other: Request) -> float:
    """Return the distance; the earth is flat over a street."""
    east = (one.lon - other.lon) * METRES_PER_DEGREE * math.cos(math.radians(one.lat))
    return math.hypot(east, (one.lat - other.lat) * METRES_PER_DEGREE)


def compared(row: Request, other: Request, metres: float, *, addresses: bool) -> Traits | None:
    """Return two requests side by side as the portal would see them that day; None for what was done long before."""
    state: Literal["waiting", "repaired"] = "waiting" if other.closed >= row.created else "repaired"
    if state == "repaired" and (row.created - other.closed).days > REOPEN_DAYS:
        return None
    return Traits(
        metres=metres,
        radius_m=RADIUS_M,
        days=(row.created - other.created).days,
        category="same",
        state=state,
        address=trigrams_shared(row.address, other.address) if addresses else None,
        house=same_house(row.address, other.address) if addresses else None,
    )


def pairs(rows: list[Request], year: int, *, addresses: bool) -> Iterator[tuple[Request, list[Traits]]]:
    """Give each request of a year with what it is compared with."""
    known = Neighbours(RADIUS_M)
    for row in rows:
        if row.created.year == year:
            found = (compared(row, other, metres, addresses=addresses) for other, metres in known.around(row))
            yield row, [traits for traits in found if traits is not None]
        if row.created.year > year:
            return
        known.add(row)


def best_scores(rows: list[Request], year: int, *, addresses: bool) -> list[tuple[int, bool]]:
    """Return for each request of a year the score of its likeliest candidate, and whether it is labelled."""
    return [(best(found).score, row.is_duplicate) for row, found in pairs(rows, year, addresses=addresses)]


def best(found: list[Traits]) -> Likeness:
    """Return the likeliest of several comparisons."""
    return max(map(likeness, found), key=lambda one: one.score, default=Likeness(score=0, reasons=()))


def curve(scores: list[tuple[int, bool]], thresholds: Iterable[int]) -> list[Outcome]:
    """Return what happens at each threshold."""
    labelled = sum(is_duplicate for _score, is_duplicate in scores)
    outcomes = []
    for threshold in thresholds:
        warned = [is_duplicate for score, is_duplicate in scores if score >= threshold]
        outcomes.append(Outcome(threshold, warned=len(warned), right=sum(warned), labelled=labelled))
    return outcomes


def trigrams(text: str) -> set[str]:
    """Return the trigrams of a text as PostgreSQL's `pg_trgm` makes them: two blanks before each word, one behind."""
    words = re.findall(r"\w+", text.lower())
    return {
        padded[place : place + 3] for padded in (f"  {word} " for word in words) for place in range(len(padded) - 2)
    }


def trigrams_shared(one: str, other: str) -> float:
    """Return `similarity()` of `pg_trgm`."""
    first, second = trigrams(one), trigrams(other)
    return len(first & second) / len(first | second) if first or second else 0.0
