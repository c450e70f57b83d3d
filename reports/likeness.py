"""How alike two reports are, as one number and the reasons for it: arithmetic, with no database and no words.

Each thing that two reports share or do not share adds points to, or takes them from, the odds that one repeats the
other (natural logarithms, so that they add up). Where the numbers come from, and how well they do on real reports that
a town has labelled, is said in `docs/duplicates.md`.
"""

import math
import re
from bisect import bisect_left
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

# From here on a moderator is told "probably the same"; chosen from the curve of `manage.py duplicates_curve`.
LIKELY = 50
# Below this two neighbours are no more than neighbours.
SHOWN = 10

# How far from a report its category's radius still lets us look for the same thing.
REACH = 2

NUMBER = re.compile(r"\d+")

BEFORE_LOOKING = -3.75


@dataclass(frozen=True)
class Scale:
    """Points for a number: those of the first edge that it does not exceed, else `beyond`."""

    edges: tuple[float, ...]
    points: tuple[float, ...]
    beyond: float

    def of(self, number: float) -> float:
        """Return the points of a number."""
        place = bisect_left(self.edges, number)
        return self.points[place] if place < len(self.edges) else self.beyond


# In parts of the category's radius: a phone is wrong by some ten metres, the next pothole is a street further.
PLACE = Scale((0.5, 0.75, 1.0), (1.5, 1.0, 0.3), -1.5)
# In days between the two: who passes by in the same days sees the same thing.
TIME = Scale((1, 3, 7, 14), (1.5, 1.2, -1.0, -1.5), -2.0)
# Of 0 (nothing) to 1 (the same words).
WORDS = Scale((0.1, 0.25, 0.4, 0.6), (-0.5, 0.0, 0.8, 1.6), 2.5)
ADDRESS = Scale((0.2, 0.5, 0.9), (-1.0, -0.5, 0.0), 1.7)
# Two places in words that both name a house, and not the same one.
OTHER_HOUSE = -2.5
# Bits that differ between two fingerprints of 64: a photo that was made smaller keeps nearly all of them.
PICTURE = Scale((4, 8, 12), (4.0, 2.5, 1.0), 0.0)
CATEGORY = {"same": 0.5, "group": -1.0, "other": -2.5}
STATE = {"waiting": 0.0, "repaired": -3.0}

Code = Literal["place", "time", "category", "state", "words", "address", "house", "picture"]


@dataclass(frozen=True)
class Traits:
    """What is known of two reports side by side.

    metres    between the two places; radius_m, within which the category looks for repetitions
    days      between the two arrivals
    category  "same", "group" (of the same group) or "other"
    state     of the one that was there: "waiting" for its repair, or "repaired" a short while ago
    words     how alike the descriptions are, 0 to 1; None where one has none
    address   the same for the places in words
    house     whether those name the same house; None where one names none
    picture   bits of 64 that differ between the two most alike photos; None where one has none
    """

    metres: float
    radius_m: float
    days: float
    category: Literal["same", "group", "other"] = "same"
    state: Literal["waiting", "repaired"] = "waiting"
    words: float | None = None
    address: float | None = None
    house: bool | None = None
    picture: int | None = None


@dataclass(frozen=True)
class Reason:
    """One thing that speaks for (`points` above 0) or against two reports being the same, and the measure behind it."""

    code: Code
    points: float
    measure: float = 0.0


@dataclass(frozen=True)
class Likeness:
    """How likely it is, from 0 to 100, that two reports are about the same thing; the weightiest reason first."""

    score: int
    reasons: tuple[Reason, ...]

    @property
    def is_likely(self) -> bool:
        """Whether a moderator is told so."""
        return self.score >= LIKELY


def likeness(traits: Traits) -> Likeness:
    """Return how alike two reports are, and why."""
    reasons = [
        Reason("place", PLACE.of(traits.metres / max(1.0, traits.radius_m)), traits.metres),
        Reason("time", TIME.of(traits.days), traits.days),
        Reason("category", CATEGORY[traits.category]),
        Reason("state", STATE[traits.state]),
    ]
    if traits.words is not None:
        reasons.append(Reason("words", WORDS.of(traits.words), traits.words))
    if traits.address is not None:
        reasons.append(Reason("address", ADDRESS.of(traits.address), traits.address))
    if traits.house is False:
        reasons.append(Reason("house", OTHER_HOUSE))
    if traits.picture is not None:
        reasons.append(Reason("picture", PICTURE.of(traits.picture), traits.picture))
    odds = BEFORE_LOOKING + sum(reason.points for reason in reasons)
    telling = sorted((reason for reason in reasons if reason.points), key=lambda reason: -abs(reason.points))
    return Likeness(score=round(100 / (1 + math.exp(-odds))), reasons=tuple(telling))


def overlap(one: Collection[str], other: Collection[str]) -> float:
    """Return how much two texts have in common, from 0 to 1, by the stems of their words (Dice's coefficient)."""
    stems, others = set(one), set(other)
    return 2 * len(stems & others) / (len(stems) + len(others)) if stems and others else 0.0


def same_house(one: str, other: str) -> bool | None:
    """Return whether two places in words have a number in common; None where one has none."""
    numbers, others = set(NUMBER.findall(one)), set(NUMBER.findall(other))
    return bool(numbers & others) if numbers and others else None


def bits_between(one: str, other: str) -> int:
    """Return how many bits two fingerprints of pictures, 16 hexadecimal digits each, differ by."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def closest(ones: Collection[str], others: Collection[str]) -> int | None:
    """Return the bits between the two most alike of two reports' pictures; None where one has none."""
    return min((bits_between(one, other) for one in ones for other in others), default=None)
