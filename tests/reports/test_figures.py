"""The figures: right, counted once, and there again after a lost cache."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from redis.exceptions import RedisError

from reports.models import Quarter
from reports.services import figures, rollups
from tests.factories import ReportFactory


def test_refresh_counts_by_state_and_quarter(quarter: Quarter, other_quarter: Quarter) -> None:
    now = timezone.now()
    ReportFactory(quarter=quarter)
    ReportFactory(quarter=other_quarter, status="in_progress")
    ReportFactory(quarter=quarter, status="pending")
    for days in (2, 2, 3, 9, 20):
        ReportFactory(quarter=quarter, status="resolved", published_at=now - timedelta(days=days), resolved_at=now)
    ReportFactory(quarter=quarter, status="resolved", resolved_at=now - timedelta(days=40))
    rollups.recompute()
    counted = figures.refresh()
    assert counted["everywhere"] == {"open": 1, "in_progress": 1, "resolved_lately": 5, "days_to_repair": 3}
    assert counted["quarters"][other_quarter.pk]["in_progress"] == 1


def test_current_is_counted_once(quarter: Quarter, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(2):
        figures.current()
    with django_assert_num_queries(0):
        figures.current()
    cache.clear()
    with django_assert_num_queries(2):
        figures.current()


def test_refresh_of_an_empty_town(db: None) -> None:
    assert figures.refresh()["everywhere"] == figures.NOTHING


def test_refresh_says_nothing_of_too_few_repairs(quarter: Quarter) -> None:
    ReportFactory(status="resolved")
    rollups.recompute()
    assert figures.refresh()["everywhere"] == {**figures.NOTHING, "resolved_lately": 1}


@pytest.mark.parametrize("broken", ["get", "set"])
def test_current_without_the_cache(quarter: Quarter, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    ReportFactory(quarter=quarter)
    rollups.recompute()

    def fail(*_: object) -> None:
        message = "Redis is away"
        raise RedisError(message)

    monkeypatch.setattr(cache, broken, fail)
    assert figures.current()["everywhere"]["open"] == 1
