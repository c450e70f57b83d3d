"""`make bench` at a tiny scale: every row is there. How fast anything is, is asserted nowhere."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.models import F, Sum

from ops.bench import fill
from ops.bench.choices import Choices
from ops.bench.table import Row, layout, milliseconds, times
from ops.bench.views import Place, bbox
from ops.options import ROOT
from reports.filters import canonical_ref
from reports.models import Event, MapCell, Photo, Quarter, Report
from tests.factories import OrganisationFactory, PhotoFactory, QuarterFactory, ReportFactory

FIGURES = [
    *(f"map viewport, zoom {zoom}" for zoom in (6, 12, 15, 17)),
    *(f"map viewport, zoom {zoom}" for zoom in ("15, small", "17, large", "15, large")),
    *("home", "report page", "list", "list, page 100", "list, one category and status"),
    *("list, most supported", "list, words", "quarter", "API list"),
    *(f"queries: {kind}" for kind in ("home", "report page", "list", "quarter", "API list")),
    "beat, once a minute: merge the map’s counts",
    "beat, once a minute: count the figures",
    "mixed reads, no two addresses alike",
    "home alone, from the front’s cache",
    "reports sent, 1 client",
    "reports sent, 16 clients",
    *(f"status change to 5 open maps, {who}" for who in ("half of them", "95 %", "the last one")),
    *(f"memory: {name}, with 5 open maps" for name in ("web", "live", "worker", "beat", "front", "postgres", "redis")),
    "memory: all, with 5 open maps",
]


@pytest.mark.timeout(600)
def test_bench_prints_every_row() -> None:
    command = [sys.executable, "-m", "ops.bench", "--reports", "2000", "--sockets", "5", "--seconds", "1"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert (result.returncode, result.stderr) == (0, "")
    table = [[cell.strip() for cell in line.split("|")[1:-1]] for line in result.stdout.splitlines() if line[:1] == "|"]
    assert table[0] == ["figure", "value", "compared with", "ratio"]
    printed = {line[0] for line in table}
    assert [figure for figure in FIGURES if figure not in printed] == []
    assert any(figure.startswith("mixed reads, 64 visitors, ") for figure in printed)
    assert "FAILED" not in result.stdout


@pytest.fixture
def filled(transactional_db: None) -> Iterator[int]:
    """A thousand reports beside one of our own, in two quarters."""
    ours = ReportFactory(quarter=QuarterFactory())
    PhotoFactory(report=ours)
    OrganisationFactory()
    QuarterFactory(town=ours.quarter.town, slug="bastos", name="Bastos", boundary=ours.quarter.town.boundary)
    before = structure()
    fill.main(1000)
    assert structure() == before
    yield Report.objects.count()
    connection.close()  # with its temporary tables and limits


def structure() -> set[tuple[str, ...]]:
    """Return every index, reference and trigger; PostgreSQL writes an index's condition anew, with other casts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT split_part(indexdef, ' WHERE ', 1), '' FROM pg_indexes WHERE schemaname = 'public' UNION ALL"
            " SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint UNION ALL"
            " SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
        )
        return set(cursor.fetchall())


def test_fill_makes_reports_as_the_portal_does(filled: int) -> None:
    assert filled == 1001
    assert Report.objects.exclude(point__coveredby=F("quarter__boundary")).count() == 0
    assert all(canonical_ref(ref) == ref for ref in Report.objects.values_list("ref", flat=True))
    assert Report.objects.values("quarter").distinct().count() == Quarter.objects.count() == 2
    assert Event.objects.filter(kind=Event.Kind.CREATED).count() == 1000
    assert Photo.objects.count() > 400
    counted = MapCell.objects.filter(level=12).aggregate(all=Sum("count"))["all"]
    assert counted == Report.objects.public().count() > 900


def test_choices_have_bounds(capsys: pytest.CaptureFixture[str]) -> None:
    assert Choices.read([]) == Choices(reports=1_000_000, sockets=1_000, seconds=10)
    assert Choices.read(["--reports", "50000"]).few_reports == 500
    with pytest.raises(SystemExit):
        Choices.read(["--sockets", "many"])
    assert "argument --sockets: 'many' is no whole number from 1 to 10000" in capsys.readouterr().err


def test_table_is_aligned() -> None:
    rows = [Row("home", milliseconds(0.0042), "small: 4.00 ms", times(0.0042, 0.004)), Row("", "1", "0", times(1, 0))]
    assert layout(rows) == (
        "| figure | value   | compared with  | ratio |\n"
        "|--------|---------|----------------|-------|\n"
        "| home   | 4.20 ms | small: 4.00 ms | 1.05  |\n"
        "|        | 1       | 0              | –     |"
    )


def test_viewport_has_the_shape_of_a_screen() -> None:
    west, south, east, north = (float(edge) for edge in bbox(Place(11.5, 0.0), 15).split(","))
    assert (west + east) / 2 == pytest.approx(11.5)
    assert (east - west) / (north - south) == pytest.approx(1280 / 800, rel=0.001)
