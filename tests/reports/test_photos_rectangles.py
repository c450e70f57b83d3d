"""Rectangles on a picture: what is one, how they turn with it, and which pixels they cover."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.photos import TURNS, Change, Rectangle

sides = st.floats(0.01, 1.0)


def rectangle(x: float, y: float, w: float, h: float) -> Rectangle:
    """Return the part that begins at a fraction of the room that is left beside it."""
    return Rectangle(x * (1 - w), y * (1 - h), w, h)


rectangles = st.builds(rectangle, st.floats(0, 1), st.floats(0, 1), sides, sides)


@pytest.mark.parametrize(
    ("degrees", "turned"),
    [
        (0, Rectangle(0.0, 0.0, 0.25, 0.5)),
        (90, Rectangle(0.5, 0.0, 0.5, 0.25)),
        (180, Rectangle(0.75, 0.5, 0.25, 0.5)),
        (270, Rectangle(0.0, 0.75, 0.5, 0.25)),
    ],
)
def test_turned_left_top_corner(degrees: int, turned: Rectangle) -> None:
    assert Rectangle(0.0, 0.0, 0.25, 0.5).turned(degrees) == turned


@given(part=rectangles, degrees=st.sampled_from(TURNS))
def test_turned_and_back(part: Rectangle, degrees: int) -> None:
    back = part.turned(degrees).turned(-degrees)
    assert all(math.isclose(getattr(part, side), getattr(back, side), abs_tol=1e-9) for side in "xywh")
    assert part.turned(degrees).is_sound


@given(part=rectangles, width=st.integers(1, 4000), height=st.integers(1, 4000))
def test_pixels_cover_the_part_and_stay_inside(part: Rectangle, width: int, height: int) -> None:
    left, top, wide, high = part.pixels(width, height)
    assert left >= 0
    assert top >= 0
    assert left <= part.x * width + 1e-6
    assert top <= part.y * height + 1e-6
    assert left + wide <= width
    assert top + high <= height
    assert left + wide >= (part.x + part.w) * width - 1e-6
    assert top + high >= (part.y + part.h) * height - 1e-6


@pytest.mark.parametrize(
    "part",
    [
        Rectangle(-0.1, 0, 0.5, 0.5),
        Rectangle(0, 0, 0, 0.5),
        Rectangle(0, 0, 0.5, 0.001),
        Rectangle(0.6, 0, 0.5, 0.5),
        Rectangle(0, 0.6, 0.5, 0.5),
        Rectangle(float("nan"), 0, 0.5, 0.5),
        Rectangle(0, 0, float("inf"), 0.5),
        Rectangle(0, 1e308, 0.5, 0.5),
    ],
)
def test_is_sound_refuses(part: Rectangle) -> None:
    assert not part.is_sound


def test_is_sound_forgives_the_rounding_of_percent() -> None:
    assert Rectangle(0.3334, 0, 0.6667, 1).is_sound


def test_change_of_columns() -> None:
    change = Change.of(rotation=90, masks=[{"x": 0, "y": 0.25, "w": 0.5, "h": 0.75}])
    assert change == Change(90, (Rectangle(0.0, 0.25, 0.5, 0.75),))
    assert [mask.stored for mask in change.masks] == [{"x": 0.0, "y": 0.25, "w": 0.5, "h": 0.75}]
    assert (change.is_none, Change().is_none) == (False, True)
