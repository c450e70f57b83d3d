"""The order in which to visit places: short enough for a motorbike, quick enough for a page. Pure."""

import math
from collections.abc import Sequence
from itertools import pairwise

Place = tuple[float, float]  # longitude, latitude in degrees
EARTH_M = 6_371_000


def metres(one: Place, other: Place) -> float:
    """Return the distance as the crow flies; exact enough within a town."""
    (lon, lat), (east, north) = one, other
    x = math.radians(east - lon) * math.cos(math.radians((lat + north) / 2))
    return EARTH_M * math.hypot(x, math.radians(north - lat))


def length(places: Sequence[Place]) -> float:
    """Return the length of a way through places, in metres."""
    return sum(metres(one, other) for one, other in pairwise(places))


def shortest_way(start: Place, places: Sequence[Place]) -> list[int]:
    """Return the positions of `places` in the order of a short way from `start` that need not come back.

    The nearest next, then every crossing undone (2-opt): at most a few percent longer than the best for the dozens of
    places of a day, in time that grows with their square.
    """
    left, order, here = set(range(len(places))), [], start
    while left:
        # The position breaks ties, so that the same places give the same way.
        nearest = min(left, key=lambda position: (metres(here, places[position]), position))
        left.remove(nearest)
        order.append(nearest)
        here = places[nearest]
    return without_crossings(start, places, order)


def without_crossings(start: Place, places: Sequence[Place], order: list[int]) -> list[int]:
    """Turn round every stretch that is shorter the other way, until none is."""
    stops = [start, *(places[position] for position in order)]
    better = True
    while better:
        better = False
        for first in range(1, len(stops) - 1):
            for last in range(first + 1, len(stops)):
                if gain(stops, first, last) > 1:
                    stops[first : last + 1] = stops[first : last + 1][::-1]
                    order[first - 1 : last] = order[first - 1 : last][::-1]
                    better = True
    return order


def gain(stops: Sequence[Place], first: int, last: int) -> float:
    """Return how many metres are saved by turning round the stretch from `first` to `last`."""
    before = metres(stops[first - 1], stops[first])
    after = metres(stops[first - 1], stops[last])
    if last + 1 < len(stops):
        before += metres(stops[last], stops[last + 1])
        after += metres(stops[first], stops[last + 1])
    return before - after
