"""The figures of the home page and of each quarter, added up once a minute by beat and not by each visitor."""

import logging
from collections import defaultdict
from datetime import timedelta
from typing import TypedDict

from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import RedisError

from reports.models import Backlog, Rollup
from reports.services.bilan import WAITING, Tally, add_days

logger = logging.getLogger(__name__)

CACHE_KEY = "figures"
KEPT_SECONDS = 600
WINDOW = timedelta(days=30)


class Figures(TypedDict):
    """Public reports by state now, repairs of the last 30 days, and the days that half of these took at most.

    `days_to_repair` is None where too few were repaired to say so.
    """

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
    """Add up and keep."""
    counted = count()
    cache.set(CACHE_KEY, counted, KEPT_SECONDS)
    return counted


def count() -> AllFigures:
    """Add up what the rollups say of each quarter: the backlog now, and the days of the last month."""
    quarters: defaultdict[int, Tally] = defaultdict(Tally)
    for quarter, *numbers in Backlog.objects.values_list("quarter", *WAITING):
        quarters[quarter].add(WAITING, numbers)
    lately = Rollup.objects.by_day(timezone.localdate() - WINDOW).filter(resolved__gt=0)
    for quarter, resolved, spans in lately.values_list("quarter", "resolved", "spans"):
        quarters[quarter].add(("resolved",), [resolved])
        add_days(quarters[quarter].spans, spans)
    everywhere = Tally()
    for tally in quarters.values():
        everywhere.add(("open", "in_progress", "resolved"), [tally.open, tally.in_progress, tally.resolved])
        everywhere.spans.update(tally.spans)
    return AllFigures(
        everywhere=figures_of(everywhere), quarters={quarter: figures_of(tally) for quarter, tally in quarters.items()}
    )


def figures_of(tally: Tally) -> Figures:
    """Return sums as figures."""
    return Figures(
        open=tally.open, in_progress=tally.in_progress, resolved_lately=tally.resolved, days_to_repair=tally.days
    )


def current() -> AllFigures:
    """Return the kept figures; the first visitor after a lost cache counts them, and every one while it is away."""
    try:
        kept: AllFigures | None = cache.get(CACHE_KEY)
        return kept or refresh()
    except (RedisError, OSError):
        logger.warning("the cache is away: figures are added up anew")
        return count()
