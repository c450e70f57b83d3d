"""The map's counts follow every change of a report, whoever makes it."""

import math
from collections import Counter

import pytest
from django.contrib.gis.geos import Point
from django.db.models import Sum
from hypothesis import given
from hypothesis import strategies as st

from reports.geo import CELL_LEVELS, tile
from reports.models import Category, MapCell, Quarter, Report
from reports.services.cells import compact
from tests.factories import CategoryFactory, ReportFactory


def counts(level: int = 18) -> Counter[tuple[int, int, int, str]]:
    total: Counter[tuple[int, int, int, str]] = Counter()
    for cell in MapCell.objects.filter(level=level):
        total[cell.x, cell.y, cell.category_id, cell.status] += cell.count
    return Counter({key: count for key, count in total.items() if count})


def truth(level: int = 18) -> Counter[tuple[int, int, int, str]]:
    return Counter(
        (*tile(report.point.x, report.point.y, level), report.category_id, report.status)
        for report in Report.objects.public()
    )


@pytest.mark.parametrize("level", CELL_LEVELS)
def test_cells_after_inserts(level: int, quarter: Quarter) -> None:
    for status in ("pending", "open", "open", "in_progress", "resolved", "rejected"):
        ReportFactory(status=status, quarter=quarter)
    assert counts(level) == truth(level)
    assert sum(counts(level).values()) == 4


def test_cells_after_changes(quarter: Quarter, category: Category) -> None:
    report = ReportFactory(quarter=quarter)
    for change in (
        {"status": "in_progress"},
        {"category": CategoryFactory(code="lamp")},
        {"point": Point(11.5091, 3.8691, srid=4326)},
        {"status": "rejected"},
        {"status": "open"},
        {"votes": 3},
    ):
        Report.objects.filter(pk=report.pk).update(**change)
        assert counts() == truth()


def test_cells_after_deletion(quarter: Quarter) -> None:
    ReportFactory(quarter=quarter).delete()
    assert counts() == Counter()


def test_compact_keeps_the_counts_and_merges_the_rows(quarter: Quarter) -> None:
    reports = [ReportFactory(quarter=quarter) for _unused in range(3)]
    Report.objects.filter(pk=reports[0].pk).update(status="in_progress")
    before = counts()
    compact()
    assert counts() == before
    assert MapCell.objects.filter(level=18).count() == 2


def test_compact_drops_what_came_to_nothing(quarter: Quarter) -> None:
    ReportFactory(quarter=quarter).delete()
    compact()
    assert MapCell.objects.count() == 0


@given(lon=st.floats(-180, 180), lat=st.floats(-85, 85))
def test_tile_holds_its_point(lon: float, lat: float) -> None:
    x, y = tile(lon, lat, 12)
    west, east = (edge / 2**12 * 360 - 180 for edge in (x, x + 1))
    north, south = (math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * edge / 2**12)))) for edge in (y, y + 1))
    assert west - 1e-9 <= lon <= east + 1e-9
    assert south - 1e-9 <= lat <= north + 1e-9


def test_cells_know_the_middle_of_their_reports(quarter: Quarter) -> None:
    moved = ReportFactory(quarter=quarter, point=Point(11.501, 3.861, srid=4326))
    ReportFactory(quarter=quarter, point=Point(11.503, 3.863, srid=4326))
    Report.objects.filter(pk=moved.pk).update(point=Point(11.502, 3.862, srid=4326))
    sums = MapCell.objects.filter(level=4).aggregate(n=Sum("count"), lon=Sum("lon_sum"), lat=Sum("lat_sum"))
    assert (sums["lon"] / sums["n"], sums["lat"] / sums["n"]) == pytest.approx((11.5025, 3.8625))
