"""When a category takes reports."""

from datetime import date, datetime, time

import pytest

from moderation.opening import Opening

MONDAY_NOON = datetime(2026, 3, 2, 12, 0)  # noqa: DTZ001  (the town's own clock)


@pytest.mark.parametrize(
    ("opening", "covered"),
    [
        (Opening(), True),
        (Opening(first_day=date(2026, 3, 2), last_day=date(2026, 3, 2)), True),
        (Opening(first_day=date(2026, 3, 3)), False),
        (Opening(last_day=date(2026, 3, 1)), False),
        (Opening(weekdays=(1, 2)), True),
        (Opening(weekdays=(6, 7)), False),
        (Opening(from_time=time(12), until_time=time(13)), True),
        (Opening(from_time=time(8), until_time=time(12)), False),
        (Opening(from_time=time(13)), False),
        (Opening(until_time=time(12, 1)), True),
    ],
)
def test_opening_covers_noon_of_a_monday(opening: Opening, covered: bool) -> None:  # noqa: FBT001
    assert opening.covers(MONDAY_NOON) is covered


@pytest.mark.parametrize(
    ("day", "hour", "covered"), [(2, 21, False), (2, 22, True), (3, 4, True), (3, 6, False), (3, 23, False)]
)
def test_opening_over_midnight_belongs_to_the_day_before(day: int, hour: int, covered: bool) -> None:  # noqa: FBT001
    night = Opening(weekdays=(1,), from_time=time(22), until_time=time(6))
    assert night.covers(datetime(2026, 3, day, hour)) is covered  # noqa: DTZ001
