"""How alike two reports are: one number that only goes the right way, and the reasons for it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.likeness import LIKELY, SHOWN, Traits, bits_between, closest, likeness, overlap, same_house

TWIN = Traits(metres=4, radius_m=50, days=0, words=0.9)
NUMBERS = st.floats(0, 1000)
PARTS = st.none() | st.floats(0, 1)


def test_likeness_says_the_weightiest_reason_first() -> None:
    found = likeness(replace(TWIN, category="other"))
    assert [reason.code for reason in found.reasons] == ["category", "words", "place", "time"]
    assert [reason.points > 0 for reason in found.reasons] == [False, True, True, True]


@pytest.mark.parametrize(
    ("traits", "is_likely"),
    [
        (TWIN, True),
        # A hole beside the next one of the same street, of which nothing more is known: the moderator looks.
        (replace(TWIN, words=None), False),
        (replace(TWIN, words=None, address=1.0, house=True), True),
        (replace(TWIN, words=None, address=0.95, house=False), False),
        (replace(TWIN, words=None, picture=2), True),
        (replace(TWIN, words=None, picture=30), False),
        (replace(TWIN, state="repaired"), False),
        (replace(TWIN, category="other"), False),
        (replace(TWIN, category="other", picture=0), True),
        (replace(TWIN, metres=90), False),
        # Open for three months, and described in the same words at the same place.
        (replace(TWIN, days=90, address=1.0), True),
        (replace(TWIN, days=90, words=0.3), False),
    ],
)
def test_likely_is_what_a_moderator_would_call_so(traits: Traits, is_likely: bool) -> None:  # noqa: FBT001
    assert likeness(traits).is_likely is is_likely


def test_neighbours_of_the_same_days_are_always_shown() -> None:
    assert likeness(Traits(metres=20, radius_m=50, days=2)).score >= SHOWN
    assert likeness(Traits(metres=90, radius_m=50, days=60)).score < SHOWN < LIKELY


@given(NUMBERS, NUMBERS, st.integers(0, 500), NUMBERS, NUMBERS, PARTS, PARTS)
def test_likeness_never_rises_with_distance_or_time(
    near: float, far: float, radius: int, soon: float, late: float, words: float | None, address: float | None
) -> None:
    near, far = sorted((near, far))
    soon, late = sorted((soon, late))
    one = Traits(metres=near, radius_m=radius, days=soon, words=words, address=address)
    other = replace(one, metres=far, days=late)
    assert 0 <= likeness(other).score <= likeness(one).score <= 100


@given(st.floats(0, 1), st.floats(0, 1))
def test_likeness_never_falls_with_common_words(few: float, many: float) -> None:
    few, many = sorted((few, many))
    assert likeness(replace(TWIN, words=few)).score <= likeness(replace(TWIN, words=many)).score


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ([], [], 0.0),
        (["trou"], [], 0.0),
        (["trou"], ["trou"], 1.0),
        (["trou", "profond"], ["trou", "rout"], 0.5),
        (["trou", "trou"], ["trou"], 1.0),
    ],
)
def test_overlap_of_words(one: list[str], other: list[str], expected: float) -> None:
    assert overlap(one, other) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("12 rue Joffre", "rue Joffre 12", True),
        ("12 rue Joffre", "14 rue Joffre", False),
        ("12 rue Joffre", "rue Joffre", None),
        ("", "", None),
    ],
)
def test_same_house(one: str, other: str, expected: bool | None) -> None:  # noqa: FBT001
    assert same_house(one, other) is expected


def test_closest_pictures() -> None:
    assert bits_between("ff00ff00ff00ff00", "ff00ff00ff00ff01") == 1
    assert closest(["ff00ff00ff00ff00", "0" * 16], ["f" * 16, "ff00ff00ff00ff03"]) == 2
    assert closest(["ff00ff00ff00ff00"], []) is None
