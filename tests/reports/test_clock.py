"""Working time: weekends, breaks, holidays, and nights in which the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reports.clock import Opening, Timetable, after, before, between

DOUALA = ZoneInfo("Africa/Douala")
PARIS = ZoneInfo("Europe/Paris")
OFFICE = tuple(Opening(day, time(8), time(16)) for day in range(5))
TOWN = Timetable(DOUALA, OFFICE, frozenset({date(2026, 5, 20)}))
HOUR = timedelta(hours=1)

moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
spans = st.timedeltas(timedelta(minutes=1), timedelta(hours=200))
hours = st.times().map(lambda moment: moment.replace(second=0, microsecond=0))


def openings() -> st.SearchStrategy[Opening]:
    """Return openings of any weekday that end after they begin, or at midnight."""
    made = st.builds(Opening, st.integers(0, 6), hours, hours)
    return made.filter(lambda one: one.closes > one.opens or one.closes == time.min)


timetables = st.builds(
    Timetable,
    st.sampled_from([DOUALA, PARIS, ZoneInfo("America/New_York"), ZoneInfo("Pacific/Apia")]),
    # Some hours on two days at least, so that the time never grows past the years that a test looks at.
    st.lists(openings(), max_size=8).map(
        lambda found: (*found, Opening(1, time(9), time(12)), Opening(4, time(9), time(12)))
    ),
    st.frozensets(st.dates(date(2024, 1, 1), date(2030, 1, 1)), max_size=20),
)


def local(text: str, zone: ZoneInfo = DOUALA) -> datetime:
    """Return a moment on the town's own clocks."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "worked", "end"),
    [
        # Within a day, exactly until its end, and one minute more.
        ("2026-05-18 09:00", 3, "2026-05-18 12:00"),
        ("2026-05-18 09:00", 7, "2026-05-18 16:00"),
        ("2026-05-18 09:00", 7.5, "2026-05-19 08:30"),
        # Over night, over the national day (Wednesday 20 May) and over the weekend.
        ("2026-05-19 15:00", 2, "2026-05-21 09:00"),
        ("2026-05-22 15:00", 2, "2026-05-25 09:00"),
        # Sent in the night, at the weekend, on a holiday: the clock begins with the next working hour.
        ("2026-05-18 23:00", 1, "2026-05-19 09:00"),
        ("2026-05-23 11:00", 8, "2026-05-25 16:00"),
        ("2026-05-20 11:00", 1, "2026-05-21 09:00"),
    ],
)
def test_after_counts_working_hours(start: str, worked: float, end: str) -> None:
    assert after(local(start), worked * HOUR, TOWN) == local(end)


def test_after_without_a_timetable_counts_every_hour() -> None:
    assert after(local("2026-05-22 15:00"), 48 * HOUR) == local("2026-05-24 15:00")


def test_after_knows_a_break_at_noon() -> None:
    broken = Timetable(DOUALA, (Opening(0, time(8), time(12)), Opening(0, time(14), time(18))))
    assert after(local("2026-05-18 11:00"), 2 * HOUR, broken) == local("2026-05-18 15:00")


def test_after_counts_openings_that_overlap_once() -> None:
    doubled = Timetable(DOUALA, (Opening(0, time(8), time(12)), Opening(0, time(10), time(14))))
    assert between(local("2026-05-18 00:00"), local("2026-05-19 00:00"), doubled) == 6 * HOUR


def test_after_reads_midnight_as_the_end_of_the_day() -> None:
    evening = Timetable(DOUALA, (Opening(0, time(18), time.min),))
    assert between(local("2026-05-18 00:00"), local("2026-05-20 00:00"), evening) == 6 * HOUR


@pytest.mark.parametrize(("day", "lasts"), [("2026-03-29", 7), ("2026-10-25", 9), ("2026-06-07", 8)])
def test_between_is_as_long_as_the_night_really_lasts(day: str, lasts: int) -> None:
    """Paris, Sunday 0:00 to 8:00: an hour is missing in March and comes twice in October."""
    nights = Timetable(PARIS, (Opening(6, time(0), time(8)),))
    assert between(local(f"{day} 00:00", PARIS), local(f"{day} 12:00", PARIS), nights) == lasts * HOUR


def test_between_knows_an_opening_that_the_clocks_skip() -> None:
    skipped = Timetable(PARIS, (Opening(6, time(2, 30), time(3)),))
    assert between(local("2026-03-29 00:00", PARIS), local("2026-03-30 00:00", PARIS), skipped) == timedelta(0)


def test_between_of_an_end_that_comes_first_is_nothing() -> None:
    assert between(local("2026-05-19 09:00"), local("2026-05-18 09:00"), TOWN) == timedelta(0)


@given(moments, spans, timetables)
def test_between_reverses_after(start: datetime, span: timedelta, timetable: Timetable) -> None:
    assert between(start, after(start, span, timetable), timetable) == span


@given(moments, spans, timetables)
def test_between_reverses_before(end: datetime, span: timedelta, timetable: Timetable) -> None:
    assert between(before(end, span, timetable), end, timetable) == span


@given(moments, spans, spans, timetables)
def test_after_adds_up(start: datetime, first: timedelta, second: timedelta, timetable: Timetable) -> None:
    assert after(after(start, first, timetable), second, timetable) == after(start, first + second, timetable)


@given(moments, moments, spans, timetables)
def test_after_keeps_the_order(one: datetime, other: datetime, span: timedelta, timetable: Timetable) -> None:
    assume(one <= other)
    assert after(one, span, timetable) <= after(other, span, timetable)


@given(moments, spans, timetables)
def test_after_ends_in_a_working_hour(start: datetime, span: timedelta, timetable: Timetable) -> None:
    end = after(start, span, timetable)
    day = end.astimezone(timetable.zone).date()
    around = [window for near in (day - timedelta(days=1), day) for window in timetable.windows(near)]
    assert any(opens < end <= closes for opens, closes in around)
