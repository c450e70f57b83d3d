"""The days off that a published table proposes."""

from datetime import date

import pytest

from moderation.forms.service import COUNTRIES
from reports.models import Holiday, Town
from reports.services.holidays import add_holidays, known_holidays
from tests.reports.test_vote import at_once


def test_known_holidays_of_cameroon_are_told_in_french() -> None:
    days = known_holidays(country="CM", year=2027)
    assert days[date(2027, 5, 20)] == "Fête nationale"
    assert days[date(2027, 8, 16)] == "Assomption (reporté)"
    assert days[date(2027, 3, 9)] == "Fête de fin du ramadan (estimé)"
    assert list(days) == sorted(days)


def test_known_holidays_where_the_table_speaks_french() -> None:
    assert known_holidays(country="CI", year=2027)[date(2027, 8, 7)] == "Fête Nationale"


@pytest.mark.parametrize("code", [code for code, _name in COUNTRIES])
def test_known_holidays_of_every_country_that_is_offered(code: str) -> None:
    days = known_holidays(country=code, year=2026)
    assert len(days) > 5
    assert {day.year for day in days} == {2026}
    assert max(map(len, days.values())) <= 120


def test_add_holidays_counts_the_new_ones(town: Town) -> None:
    days = {date(2027, 1, 1): "Jour de l’an", date(2027, 5, 20): "Fête nationale"}
    assert add_holidays(town=town, days={date(2027, 1, 1): "Nouvel an"}) == 1
    assert (add_holidays(town=town, days=days), add_holidays(town=town, days=days)) == (1, 0)
    assert Holiday.objects.get(day=date(2027, 1, 1)).name == "Nouvel an"


@pytest.mark.django_db(transaction=True)
def test_add_holidays_twice_at_once_adds_each_once(town: Town) -> None:
    days = known_holidays(country="CM", year=2027)
    assert at_once([lambda: add_holidays(town=town, days=days)] * 4) == []
    assert Holiday.objects.count() == len(days)
