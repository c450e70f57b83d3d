"""What a moderator does to a picture, as numbers: quarter turns, and rectangles that are painted over.

Rectangles are kept as fractions of the upright picture, before any turn: a turn moves none of them. Whoever works on
the picture sees it turned; `Rectangle.turned` leads from one view to the other and back.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

TURNS: Final = (0, 90, 180, 270)
"""Degrees, clockwise."""
MAX_MASKS: Final = 12
MIN_SIDE: Final = 0.005
"""Half a hundredth of a side: smaller than any finger draws, and covers nothing."""
_DIGITS: Final = 5
_EDGE: Final = 0.001
"""As much over an edge is the rounding of a percentage, or of a turn."""


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A part of a picture: left edge, top edge, width and height, each a fraction from 0 to 1 of the whole side."""

    x: float
    y: float
    w: float
    h: float

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """Read one from a photo's column."""
        return cls(*(float(stored[name]) for name in ("x", "y", "w", "h")))

    @property
    def stored(self) -> dict[str, float]:
        """As a photo's column holds it."""
        return {name: max(0.0, round(getattr(self, name), _DIGITS)) for name in ("x", "y", "w", "h")}

    @property
    def is_sound(self) -> bool:
        """Whether it is a part of the picture that can be seen."""
        numbers = (self.x, self.y, self.w, self.h)
        inside = all(math.isfinite(number) for number in numbers) and min(self.x, self.y) >= -_EDGE
        return inside and min(self.w, self.h) >= MIN_SIDE and max(self.x + self.w, self.y + self.h) <= 1 + _EDGE

    def turned(self, degrees: int) -> "Rectangle":
        """Return the same part of the picture after it was turned clockwise by a multiple of 90 degrees."""
        turns = {
            0: self,
            90: Rectangle(1 - self.y - self.h, self.x, self.h, self.w),
            180: Rectangle(1 - self.x - self.w, 1 - self.y - self.h, self.w, self.h),
            270: Rectangle(self.y, 1 - self.x - self.w, self.h, self.w),
        }
        return turns[degrees % 360]

    def pixels(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Return (left, top, width, height) in a picture of that size: every pixel that it touches."""
        left, top = max(0, math.floor(self.x * width)), max(0, math.floor(self.y * height))
        right = min(width, math.ceil((self.x + self.w) * width))
        bottom = min(height, math.ceil((self.y + self.h) * height))
        return left, top, max(1, right - left), max(1, bottom - top)


@dataclass(frozen=True, slots=True)
class Change:
    """What is done to a picture while its variants are made."""

    rotation: int = 0
    masks: tuple[Rectangle, ...] = ()

    @classmethod
    def of(cls, *, rotation: int, masks: Iterable[Mapping[str, Any]]) -> Self:
        """Read one from a photo's columns."""
        return cls(rotation, tuple(Rectangle.of(mask) for mask in masks))

    @property
    def is_none(self) -> bool:
        """Whether the picture stays as it is."""
        return not self.rotation and not self.masks
