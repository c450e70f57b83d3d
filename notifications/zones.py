"""Local hours: when a wall clock somewhere next shows an hour."""

from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

# A week and a day: whatever the weekday, its hour comes within these.
DAYS_AHEAD = 9
# Names of machines and of rules, which nobody lives in.
NOT_PLACES = ("Etc/", "posix/", "right/", "SystemV/", "US/")


@cache
def zone_names() -> tuple[str, ...]:
    """Return the time zones that people live in, by name, like `Africa/Douala`."""
    return tuple(sorted(name for name in available_timezones() if "/" in name and not name.startswith(NOT_PLACES)))


def next_hour(after: datetime, *, hour: int, zone: str, weekday: int | None = None) -> datetime:
    """Return the first moment later than `after` (aware) at which it is `hour` in `zone`, in UTC.

    `weekday` (0 is Monday) keeps to one day of the week. Where the clocks are put forward over the hour, it is the hour
    that they are put to; where they are put back over it, the first of the two.
    """
    place = ZoneInfo(zone)
    today = after.astimezone(place).date()
    for days in range(DAYS_AHEAD):
        day = today + timedelta(days=days)
        moment = datetime.combine(day, time(hour), tzinfo=place).astimezone(UTC)
        if moment > after and weekday in {None, day.weekday()}:
            return moment
    message = f"No {hour} o'clock within a week after {after} in {zone}"
    raise ValueError(message)
