"""The figures of a town, a quarter or an organisation: how much came in, how soon it was repaired.

Read from the rollups, and nothing here counts reports: a summary reads one row for each month, quarter, category and
organisation in which something happened, so that it costs the same however many reports there are.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone

from reports.models import Backlog, Rollup
from reports.models.rollup import PlaceQuerySet, RollupQuerySet

# A share or a median of fewer says more about chance than about the town.
ENOUGH = 5
COUNTED = ("received", "published", "rejected", "duplicates", "resolved", "in_time", "confirmed", "disputed")
WAITING = ("open", "in_progress", "late")
# The smallest part of a town: one quarter, category and organisation (None where nobody is in charge).
CELL = ("quarter", "category", "organisation")
Cell = tuple[int, int, int | None]
# How many whole months before this one a summary may cover.
SPANS = (1, 3, 12)
DEFAULT_SPAN = 3


@dataclass
class Tally:
    """The sums of one place, category, organisation or month.

    `spans` are {days: repairs} and `ages` {days: open reports}; see `Rollup` and `Backlog` for the rest.
    """

    received: int = 0
    published: int = 0
    rejected: int = 0
    duplicates: int = 0
    resolved: int = 0
    in_time: int = 0
    confirmed: int = 0
    disputed: int = 0
    open: int = 0
    in_progress: int = 0
    late: int = 0
    spans: Counter[int] = field(default_factory=Counter)
    ages: Counter[int] = field(default_factory=Counter)

    def add(self, names: tuple[str, ...], numbers: list[int]) -> None:
        """Add counts under their names."""
        for name, number in zip(names, numbers, strict=True):
            if number:
                setattr(self, name, getattr(self, name) + number)

    def merge(self, other: "Tally") -> None:
        """Add another's sums."""
        self.add(COUNTED + WAITING, [getattr(other, name) for name in COUNTED + WAITING])
        self.spans.update(other.spans)
        self.ages.update(other.ages)

    @property
    def unresolved(self) -> int:
        """What is public and not repaired now."""
        return self.open + self.in_progress

    @property
    def days(self) -> int | None:
        """Half of the repairs took at most so many days."""
        return within(self.spans, 50)

    @property
    def most_days(self) -> int | None:
        """Nine in ten of the repairs took at most so many days."""
        return within(self.spans, 90)

    @property
    def age(self) -> int | None:
        """Half of what is not repaired has been known for at most so many days."""
        return within(self.ages, 50)

    @property
    def answers(self) -> int:
        """How many authors said whether it really is repaired."""
        return self.confirmed + self.disputed

    @property
    def satisfaction(self) -> int | None:
        """The percentage of these who said yes."""
        return percent(self.confirmed, self.answers)

    @property
    def in_time_share(self) -> int | None:
        """The percentage of repairs that came before the promised day."""
        return percent(self.in_time, self.resolved)


def within(days: Counter[int], share: int) -> int | None:
    """Return in how many days at most `share` percent were done; None for fewer than ENOUGH."""
    total = days.total()
    if total < ENOUGH:
        return None
    reached = 0
    for span in sorted(days):
        reached += days[span]
        if reached * 100 >= total * share:
            break
    return span


def percent(part: int, whole: int) -> int | None:
    """Return a rounded percentage; None of fewer than ENOUGH."""
    return round(100 * part / whole) if whole >= ENOUGH else None


@dataclass
class Summary:
    """The figures from a month's first day until now; quarters and the rest by their id (None: nobody is in charge)."""

    since: date
    total: Tally
    months: dict[date, Tally]
    quarters: dict[int, Tally]
    categories: dict[int, Tally]
    organisations: dict[int | None, Tally]


def first_month(span: int, today: date | None = None) -> date:
    """Return the first day of the month that lies `span` whole months before this one."""
    today = today or timezone.localdate()
    months = today.year * 12 + today.month - 1 - span
    return date(months // 12, months % 12 + 1, 1)


def months_since(since: date) -> list[date]:
    """Return the first day of each month from `since` to this one."""
    months = [since]
    while months[-1] < timezone.localdate().replace(day=1):
        last = months[-1]
        months.append(date(last.year + last.month // 12, last.month % 12 + 1, 1))
    return months


def summary(since: date, rollups: RollupQuerySet | None = None, backlog: PlaceQuerySet | None = None) -> Summary:
    """Return the figures since the month that begins on `since`, of everything or of the given rows, in two queries."""
    happened = Rollup.objects.all() if rollups is None else rollups
    waiting = Backlog.objects.all() if backlog is None else backlog
    months = {month: Tally() for month in months_since(since)}
    # First by month and by cell of the town, then from the cells, of which there are few, into everything else.
    cells: defaultdict[Cell, Tally] = defaultdict(Tally)
    rows: Any = happened.by_month(since).values_list("start", *CELL, "spans", *COUNTED)
    for start, quarter, category, organisation, spans, *numbers in rows.iterator():
        for tally in (months.setdefault(start, Tally()), cells[quarter, category, organisation]):
            tally.add(COUNTED, numbers)
            add_days(tally.spans, spans)
    rows = waiting.values_list(*CELL, "ages", *WAITING)
    for quarter, category, organisation, ages, *numbers in rows.iterator():
        cell = cells[quarter, category, organisation]
        cell.add(WAITING, numbers)
        add_days(cell.ages, ages)
    return of_cells(since, months, cells)


def add_days(sums: Counter[int], found: dict[str, int]) -> None:
    """Add numbers by days, as a row keeps them."""
    for days, number in found.items():
        sums[int(days)] += number


def of_cells(since: date, months: dict[date, Tally], cells: dict[Cell, Tally]) -> Summary:
    """Return a summary of its cells."""
    total = Tally()
    quarters: defaultdict[int, Tally] = defaultdict(Tally)
    categories: defaultdict[int, Tally] = defaultdict(Tally)
    organisations: defaultdict[int | None, Tally] = defaultdict(Tally)
    for (quarter, category, organisation), cell in cells.items():
        for tally in (total, quarters[quarter], categories[category], organisations[organisation]):
            tally.merge(cell)
    return Summary(since, total, months, dict(quarters), dict(categories), dict(organisations))
