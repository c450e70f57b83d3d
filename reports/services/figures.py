"""The figures of the home page and of each quarter, counted once a minute by beat and not by each visitor."""

import logging
from datetime import timedelta
from typing import Any, TypedDict

from django.core.cache import cache
from django.db.models import Avg, Count, F, Q
from django.utils import timezone
from redis.exceptions import RedisError

from reports import workflow
from reports.models import Report

logger = logging.getLogger(__name__)

CACHE_KEY = "figures"
KEPT_SECONDS = 600
WINDOW = timedelta(days=30)


class Figures(TypedDict):
    """Public reports by state now, repairs of the last 30 days, and the days that these took on average (or None)."""

    open: int
    in_progress: int
    resolved_lately: int
    days_to_repair: int | None


NOTHING = Figures(open=0, in_progress=0, resolved_lately=0, days_to_repair=None)


class AllFigures(TypedDict):
    """The figures of everything, and of each quarter by its id."""

    everywhere: Figures
    quarters: dict[int, Figures]


def refresh() -> AllFigures:
    """Count and keep."""
    counted = count()
    cache.set(CACHE_KEY, counted, KEPT_SECONDS)
    return counted


def count() -> AllFigures:
    """Count."""
    lately = Q(status=workflow.RESOLVED, resolved_at__gte=timezone.now() - WINDOW)
    rows = (
        Report.objects.public()
        .values("quarter")
        .annotate(
            open=Count("id", filter=Q(status=workflow.OPEN)),
            in_progress=Count("id", filter=Q(status=workflow.IN_PROGRESS)),
            resolved_lately=Count("id", filter=lately),
            time=Avg(F("resolved_at") - F("published_at"), filter=lately),
        )
        .order_by()
    )
    quarters = {row["quarter"]: figures_of(row) for row in rows}
    time = Report.objects.filter(lately).aggregate(time=Avg(F("resolved_at") - F("published_at")))["time"]
    everywhere = Figures(
        open=sum(figures["open"] for figures in quarters.values()),
        in_progress=sum(figures["in_progress"] for figures in quarters.values()),
        resolved_lately=sum(figures["resolved_lately"] for figures in quarters.values()),
        days_to_repair=in_days(time),
    )
    return AllFigures(everywhere=everywhere, quarters=quarters)


def figures_of(row: dict[str, Any]) -> Figures:
    """Return one counted row as figures."""
    return Figures(
        open=row["open"],
        in_progress=row["in_progress"],
        resolved_lately=row["resolved_lately"],
        days_to_repair=in_days(row["time"]),
    )


def in_days(time: timedelta | None) -> int | None:
    """Return a span in whole days, at least one; None where nothing was repaired."""
    return max(1, round(time / timedelta(days=1))) if time else None


def current() -> AllFigures:
    """Return the kept figures; the first visitor after a lost cache counts them, and every one while it is away."""
    try:
        kept: AllFigures | None = cache.get(CACHE_KEY)
        return kept or refresh()
    except (RedisError, OSError):
        logger.warning("the cache is away: figures are counted anew")
        return count()
