"""When a kind of problem can be reported at all: the arithmetic of opening rules, in the town's own time."""

from dataclasses import dataclass
from datetime import date, datetime, time


@dataclass(frozen=True)
class Opening:
    """One rule. What it leaves out is not limited.

    first_day, last_day  calendar days, both included
    weekdays             1 is Monday; none given means every day
    from_time            of the day, included
    until_time           of the day, excluded; earlier than `from_time`, it means the next morning, which still belongs
                         to the day before
    """

    first_day: date | None = None
    last_day: date | None = None
    weekdays: tuple[int, ...] = ()
    from_time: time | None = None
    until_time: time | None = None

    def covers(self, moment: datetime) -> bool:
        """Say whether a moment, in the town's zone, lies within the rule."""
        day, clock = moment.date(), moment.time()
        start, end = self.from_time or time.min, self.until_time
        if end is not None and end <= start:
            if clock < end:
                day = date.fromordinal(day.toordinal() - 1)
            elif clock < start:
                return False
        elif clock < start or (end is not None and clock >= end):
            return False
        return self._has_day(day)

    def _has_day(self, day: date) -> bool:
        """Say whether the rule has a calendar day."""
        if (self.first_day and day < self.first_day) or (self.last_day and day > self.last_day):
            return False
        return not self.weekdays or day.isoweekday() in self.weekdays
