"""Every change of status that exists, every one that does not, by every role."""

import itertools

import pytest

from reports import workflow

ALL_PAIRS = list(itertools.product(workflow.STATUSES, workflow.STATUSES))
JUDGES = {"moderator", "administrator"}
HANDLERS = {"operator", "moderator", "administrator"}

# The table of the design, written again by hand: the code must agree with it.
EXPECTED = {
    ("pending", "open"): JUDGES,
    ("pending", "rejected"): JUDGES,
    ("pending", "duplicate"): JUDGES,
    ("pending", "withdrawn"): {"reporter"},
    ("open", "in_progress"): HANDLERS,
    ("open", "resolved"): HANDLERS,
    ("open", "rejected"): HANDLERS,
    ("open", "duplicate"): HANDLERS,
    ("open", "withdrawn"): {"reporter"},
    ("in_progress", "open"): HANDLERS,
    ("in_progress", "resolved"): HANDLERS,
    ("in_progress", "rejected"): HANDLERS,
    ("in_progress", "duplicate"): HANDLERS,
    ("resolved", "open"): JUDGES | {"reporter"},
    ("rejected", "open"): JUDGES,
    ("duplicate", "open"): JUDGES,
}


@pytest.mark.parametrize("role", workflow.ROLES)
@pytest.mark.parametrize("pair", ALL_PAIRS, ids=" → ".join)
def test_is_allowed_as_designed(pair: tuple[str, str], role: str) -> None:
    assert workflow.is_allowed(*pair, frozenset({role})) == (role in EXPECTED.get(pair, set()))


@pytest.mark.parametrize("pair", ALL_PAIRS, ids=" → ".join)
def test_is_allowed_for_nobody(pair: tuple[str, str]) -> None:
    assert not workflow.is_allowed(*pair, frozenset())


def test_next_statuses_for_an_operator_of_an_open_report() -> None:
    assert workflow.next_statuses("open", frozenset({"operator"})) == [
        "in_progress",
        "resolved",
        "rejected",
        "duplicate",
    ]


def test_next_statuses_of_a_withdrawn_report() -> None:
    assert workflow.next_statuses("withdrawn", frozenset(workflow.ROLES)) == []
