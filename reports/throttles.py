"""How often one address may ask. Rates stand in `settings.REST_FRAMEWORK`; `FMQ_THROTTLE=0` lifts them all.

A fixed window per address, counted in the cache by one atomic increment. Many phones share one address behind a
mobile operator's network: the rates are set against machines, not against a busy market. A cache that is away lets
everybody in, because a lost counter must not close the portal.
"""

import logging
import math
import time
from typing import TYPE_CHECKING, ClassVar, cast

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.throttles import address_of

if TYPE_CHECKING:
    # DRF's views import this module while they are being defined.
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)

PERIODS = {"s": 1, "min": 60, "5min": 300, "hour": 3600, "day": 86400}


def rate_of(scope: str) -> tuple[int, int]:
    """Return how many requests a scope allows, and in how many seconds."""
    rates = cast("dict[str, str]", settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"])
    count, period = rates[scope].split("/")
    return int(count), PERIODS[period]


def seconds_to_wait(request: HttpRequest, scope: str, *, identity: str = "") -> int:
    """Count one request in a scope; return 0, or after how many seconds the next one is welcome.

    `identity` counts something else than the address, e.g. the account that somebody tries to enter. For API and page
    views alike.
    """
    if not settings.THROTTLE:
        return 0
    allowed, period = rate_of(scope)
    now = time.time()
    window = int(now // period)
    key = f"throttle:{scope}:{identity or address_of(request)}:{window}"
    try:
        cache.add(key, 0, period + 1)
        count = cache.incr(key)
    except (RedisError, OSError, ValueError):
        logger.warning("the cache is away: requests are not counted")
        return 0
    return math.ceil((window + 1) * period - now) if count > allowed else 0


class AddressThrottle(BaseThrottle):
    """Counts requests per address in the scope of its class."""

    scope: ClassVar[str]
    waiting = 0

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Count the request, and say whether it may pass."""
        self.waiting = seconds_to_wait(request._request, self.scope)  # noqa: SLF001  (DRF names the plain request so)
        return not self.waiting

    def wait(self) -> float | None:
        """Return the seconds for `Retry-After`."""
        return self.waiting or None


class Reads(AddressThrottle):
    """Everything that is not counted more narrowly."""

    scope = "reads"


class CreateReport(AddressThrottle):
    """New reports."""

    scope = "create-report"


class SignIn(AddressThrottle):
    """Attempts to sign in."""

    scope = "sign-in"


class Support(AddressThrottle):
    """Votes and follows."""

    scope = "support"
