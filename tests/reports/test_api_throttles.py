"""How often one address may ask."""

from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.test import RequestFactory
from pytest_django.fixtures import Settings
from redis.exceptions import ConnectionError as RedisAway

from accounts.throttles import address_of
from reports.throttles import rate_of, seconds_to_wait


@pytest.fixture
def two_supports(settings: Settings) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"support": "2/hour"}}


def waits(address: str = "1.2.3.4", **kwargs: str) -> int:
    request = RequestFactory().post("/", headers={"x-forwarded-for": address})
    return seconds_to_wait(request, "support", **kwargs)


def test_the_third_of_two_waits(two_supports: None) -> None:
    assert [waits(), waits()] == [0, 0]
    assert 1 <= waits() <= 3600
    assert waits("1.2.3.5") == 0
    assert waits(identity="somebody") == 0


def test_nobody_waits_without_throttles(two_supports: None, settings: Settings) -> None:
    settings.THROTTLE = False
    assert [waits() for _ in range(5)] == [0] * 5


@pytest.mark.parametrize("error", [RedisAway(), OSError(), ValueError()])
def test_nobody_waits_when_the_cache_is_away(two_supports: None, error: Exception) -> None:
    with patch.object(cache, "incr", side_effect=error):
        assert [waits() for _ in range(5)] == [0] * 5


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("6.6.6.6, 1.2.3.4", "1.2.3.4"),
        ("2001:db8::1:2:3:4", "2001:db8::/64"),
        ("nonsense", "unknown"),
        ("", "127.0.0.1"),
    ],
)
def test_address(forwarded: str, expected: str) -> None:
    assert address_of(RequestFactory().get("/", headers={"x-forwarded-for": forwarded})) == expected


def test_rates_of_the_settings() -> None:
    assert rate_of("reads") == (600, 60)
    assert rate_of("create-report") == (60, 3600)
