"""The curve: real requests, read, blurred and compared as the portal compares reports."""

import csv
import gzip
import io
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from reports.labelled import Outcome, best_scores, blurred, curve, read, trigrams_shared
from reports.likeness import LIKELY

CHICAGO = Path(__file__).parents[3] / "shared/data/requests/chicago_sanitation_to_2013.csv.gz"
needs_chicago = pytest.mark.skipif(not CHICAGO.exists(), reason="the shared data is not here")
HEADS = [
    "creation_date",
    "status",
    "completion_date",
    "service_request_number",
    "what_is_the_nature_of_this_code_violation",
    "street_address",
    "latitude",
    "longitude",
]
ROWS = [
    ("2012-05-01", "Completed", "2012-05-20", "1", "Other", "10 W MAIN", "41.8", "-87.6"),
    ("2012-05-02", "Completed - Dup", "2012-05-02", "2", "Other", "10 W MAIN", "41.8", "-87.6"),
    ("2012-05-03", "Completed", "2012-05-20", "3", "Other", "90 W LAKE", "41.9", "-87.6"),
    ("2012-08-01", "Completed", "", "4", "Other", "10 W MAIN", "41.8", "-87.6"),
    ("2012-08-01", "Completed", "", "5", "Other", "without a place", "", ""),
]


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "sample.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADS, *ROWS])
    return path


def test_read_keeps_what_has_a_place(sample: Path) -> None:
    assert [(row.number, row.is_duplicate) for row in read(sample)] == [
        ("1", False),
        ("2", True),
        ("3", False),
        ("4", False),
    ]


def test_best_scores_find_the_duplicate_and_not_what_was_repaired_long_ago(sample: Path) -> None:
    scores = best_scores(read(sample), 2012, addresses=True)
    assert [(score >= LIKELY, is_duplicate) for score, is_duplicate in scores] == [
        (False, False),
        (True, True),
        (False, False),
        (False, False),
    ]


def test_curve_counts() -> None:
    scores = [(90, True), (60, False), (20, True), (0, False)]
    assert curve(scores, [50, 95]) == [
        Outcome(50, warned=2, right=1, labelled=2),
        Outcome(95, warned=0, right=0, labelled=2),
    ]
    (outcome,) = curve(scores, [10])
    assert (round(outcome.precision, 3), outcome.recall, round(outcome.f1, 3)) == (0.667, 1.0, 0.8)


def test_blur_is_the_same_at_every_run(sample: Path) -> None:
    rows = read(sample)
    assert blurred(rows, 10) == blurred(rows, 10) != rows


def test_command_prints_three_ways_for_two_years(sample: Path) -> None:
    out = io.StringIO()
    call_command("duplicates_curve", sample, tune=2012, judge=2013, stdout=out)
    tables = [line for line in out.getvalue().splitlines() if line.startswith("201")]
    assert [line[:4] for line in tables] == ["2012", "2013"] * 3
    assert len([line for line in out.getvalue().splitlines() if line.startswith("*        50")]) == 6


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"a,b\n1,2\n",
        gzip.compress(b"no csv"),
        gzip.compress(b"a" * 9999)[:30],
        b"latitude,longitude\nx,y\n",
    ],
    ids=["empty", "not-text", "other-columns", "no-table", "cut-short", "no-numbers"],
)
def test_command_refuses_another_file(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / ("other.csv.gz" if content[:2] == b"\x1f\x8b" else "other.csv")
    path.write_bytes(content)
    with pytest.raises(CommandError):
        call_command("duplicates_curve", path)


def test_command_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        call_command("duplicates_curve", tmp_path / "nothing.csv")


@needs_chicago
def test_default_setting_does_what_its_page_says() -> None:
    """The figures of `docs/duplicates.md`: the year that was tuned on, and the year kept for judging."""
    rows = read(CHICAGO)
    found = {}
    for year in (2012, 2013):
        (outcome,) = curve(best_scores(rows, year, addresses=True), [LIKELY])
        found[year] = (f"{outcome.precision:.1%}", f"{outcome.recall:.1%}")
    assert found == {2012: ("81.3%", "96.6%"), 2013: ("71.7%", "93.6%")}


@needs_chicago
@pytest.mark.django_db
def test_trigrams_are_counted_as_postgresql_does() -> None:
    addresses = sorted({row.address for row in read(CHICAGO)})[::400]
    pairs = list(pairwise(addresses))
    with connection.cursor() as cursor:
        for one, other in pairs:
            cursor.execute("SELECT similarity(%s, %s)", [one, other])
            assert cursor.fetchone()[0] == pytest.approx(trigrams_shared(one, other), abs=1e-6)
    assert len(pairs) > 50
