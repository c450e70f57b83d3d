"""A way through places: it visits each once, and is short."""

from itertools import pairwise, permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.way import Place, metres, shortest_way

HERE: Place = (11.50, 3.86)
places = st.lists(
    st.tuples(st.floats(11.4, 11.6), st.floats(3.7, 4.0)),
    max_size=12,
)


def length(start: Place, stops: list[Place]) -> float:
    return sum(metres(one, other) for one, other in pairwise([start, *stops]))


def test_metres_of_a_hundredth_of_a_degree() -> None:
    assert round(metres((11.50, 0.0), (11.51, 0.0))) == 1112
    assert round(metres((11.50, 3.86), (11.50, 3.87))) == 1112


@given(places)
def test_way_visits_each_place_once(stops: list[Place]) -> None:
    assert sorted(shortest_way(HERE, stops)) == list(range(len(stops)))


@settings(max_examples=40)
@given(places.filter(lambda stops: len(stops) <= 6))
def test_way_is_hardly_longer_than_the_best(stops: list[Place]) -> None:
    best = min(length(HERE, list(order)) for order in permutations(stops))
    assert length(HERE, [stops[position] for position in shortest_way(HERE, stops)]) <= best * 1.35 + 10


def test_way_along_a_street_goes_from_one_end_to_the_other() -> None:
    street = [(11.53, 3.86), (11.51, 3.86), (11.55, 3.86), (11.52, 3.86), (11.54, 3.86)]
    assert shortest_way(HERE, street) == [1, 3, 0, 4, 2]


def test_way_without_places() -> None:
    assert shortest_way(HERE, []) == []
