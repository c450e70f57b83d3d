"""Working time: how the hours of a promise are counted. Pure: moments are aware, spans are `timedelta`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
NOTHING = timedelta(0)

Window = tuple[datetime, datetime]


@dataclass(frozen=True)
class Opening:
    """Hours of one weekday (0 is Monday) in local time; `closes` at 0:00 is the midnight that ends the day."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True)
class Timetable:
    """When a town works. It must open at some time of the week, or no promise would ever end."""

    zone: ZoneInfo
    openings: tuple[Opening, ...]
    holidays: frozenset[date] = field(default_factory=frozenset)

    def windows(self, day: date) -> list[Window]:
        """Return the hours worked on a local day, in UTC, in order; what overlaps counts once.

        Where the clocks change in the night, an opening is as long as it really lasts.
        """
        if day in self.holidays:
            return []
        merged: list[Window] = []
        for opens, closes in sorted(self.moments(day, one) for one in self.openings if one.weekday == day.weekday()):
            if merged and opens <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], closes))
            elif opens < closes:
                merged.append((opens, closes))
        return merged

    def moments(self, day: date, opening: Opening) -> Window:
        """Return when an opening begins and ends on a day."""
        last_day = day + DAY if opening.closes == time.min else day
        return (
            datetime.combine(day, opening.opens, self.zone).astimezone(UTC),
            datetime.combine(last_day, opening.closes, self.zone).astimezone(UTC),
        )

    def onwards(self, moment: datetime) -> Iterator[Window]:
        """Yield what is worked from a moment on, without end."""
        day = moment.astimezone(self.zone).date()
        while True:
            for opens, closes in self.windows(day):
                if closes > moment:
                    yield max(opens, moment), closes
            day += DAY

    def backwards(self, moment: datetime) -> Iterator[Window]:
        """Yield what was worked until a moment, the latest first, without end."""
        day = moment.astimezone(self.zone).date()
        while True:
            for opens, closes in reversed(self.windows(day)):
                if opens < moment:
                    yield opens, min(closes, moment)
            day -= DAY


def after(start: datetime, span: timedelta, timetable: Timetable | None = None) -> datetime:
    """Return the moment at which `span` has been worked since `start`; without a timetable every hour counts."""
    if timetable is None or span <= NOTHING:
        return start + span
    windows = timetable.onwards(start)
    left, (opens, closes) = span, next(windows)
    while left > closes - opens:
        left -= closes - opens
        opens, closes = next(windows)
    return opens + left


def before(end: datetime, span: timedelta, timetable: Timetable | None = None) -> datetime:
    """Return the moment since which `span` has been worked at `end`: the reverse of `after`."""
    if timetable is None or span <= NOTHING:
        return end - span
    windows = timetable.backwards(end)
    left, (opens, closes) = span, next(windows)
    while left > closes - opens:
        left -= closes - opens
        opens, closes = next(windows)
    return closes - left


def between(start: datetime, end: datetime, timetable: Timetable | None = None) -> timedelta:
    """Return the time worked between two moments; nothing where the end comes first."""
    if end <= start:
        return NOTHING
    if timetable is None:
        return end - start
    worked = NOTHING
    for opens, closes in timetable.onwards(start):
        if opens >= end:
            break
        worked += min(closes, end) - opens
    return worked
