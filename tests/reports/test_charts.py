"""Charts: every bar stands within its drawing, as high as its number says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.charts import HEIGHT, LABELS, WIDTH, Group, columns_of, part_of, round_top


@pytest.mark.parametrize(
    ("number", "top"), [(0, 2), (2, 2), (3, 4), (5, 6), (11, 20), (21, 40), (41, 60), (1_000_000, 1_000_000)]
)
def test_round_top(number: int, top: int) -> None:
    assert round_top(number) == top


def test_columns_of_two_groups() -> None:
    chart = columns_of([Group("oct.", [5, 10], ["cinq", "dix"]), Group("nov.", [0, 1], ["zéro", "un"])])
    assert (chart.top, chart.middle, chart.labels) == (10, 5, ["oct.", "nov."])
    assert [(column.series, column.height, column.words) for column in chart.columns] == [
        (0, 150, "cinq"),
        (1, 300, "dix"),
        (0, 0, "zéro"),
        (1, 30, "un"),
    ]


def test_columns_of_nothing() -> None:
    assert (columns_of([]).columns, columns_of([]).labels) == ([], [])


def test_columns_of_many_groups_name_the_last() -> None:
    labels = columns_of([Group(str(week), [1], [""]) for week in range(13)]).labels
    assert [label for label in labels if label] == ["0", "3", "6", "9", "12"]


@given(st.lists(st.lists(st.integers(0, 10**9), min_size=2, max_size=2), min_size=1, max_size=60))
def test_columns_stay_in_their_drawing(numbers: list[list[int]]) -> None:
    chart = columns_of([Group("x", pair, ["", ""]) for pair in numbers])
    assert len([label for label in chart.labels if label]) <= LABELS
    for column in chart.columns:
        assert column.x >= 0
        assert column.x + column.width <= WIDTH
        assert column.y >= 0
        assert column.y + column.height == HEIGHT


@pytest.mark.parametrize(
    ("number", "most", "part"), [(None, 0, 0), (0, 10, 0), (10, 10, 100), (5, 10, 50), (1, 3600, 2)]
)
def test_part_of(number: int | None, most: int, part: int) -> None:
    assert part_of(number, most) == part
