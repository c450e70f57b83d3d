"""`GET /api/v1/map/`"""

from collections import Counter
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import workflow
from reports.api.features import MAX_CELLS, cells_in_view, drawn_level
from reports.geo import Box, cell_level
from reports.models import Category, Quarter, Report
from tests.factories import CENTRE, CategoryFactory, ReportFactory
from tests.reports.api_client import codes, read

TOWN = "11.49,3.85,11.53,3.89"
MANY = 20_000


def look(client: Client, bbox: str = TOWN, zoom: Any = 14, **query: Any) -> Any:
    return read(client, "/map/", bbox=bbox, zoom=zoom, **query)


def scatter(number: int, quarter: Quarter, category: Category, *, side: float = 0.01) -> None:
    """Spread public reports evenly over a square, in one statement."""
    now = timezone.now()
    columns = int(number**0.5) + 1
    statuses = (workflow.OPEN, workflow.RESOLVED, workflow.RESOLVED, workflow.IN_PROGRESS)
    Report.objects.bulk_create(
        [
            Report(
                # Random ones would meet among so many.
                ref=f"{place // 1000:03d}-{place % 1000:03d}",
                quarter=quarter,
                category=category,
                point=Point(
                    11.5 + side * (place % columns) / columns, 3.86 + side * (place // columns) / columns, srid=4326
                ),
                status=statuses[place % 4],
                published_at=now,
                resolved_at=now,
            )
            for place in range(number)
        ],
        batch_size=5000,
    )


@pytest.fixture(scope="module")
def crowd(django_db_setup: None, django_db_blocker: Any) -> Any:
    """Twenty thousand reports in one quarter, kept for the tests of this file that ask for them."""
    with django_db_blocker.unblock():
        from django.db import transaction  # noqa: PLC0415

        from tests.factories import QuarterFactory  # noqa: PLC0415

        with transaction.atomic():
            scatter(MANY, QuarterFactory(), CategoryFactory())
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE reports_report")
                cursor.execute("ANALYZE reports_mapcell")
            yield
            transaction.set_rollback(True)


def test_map_shows_few_reports_one_by_one(client: Client, db: None) -> None:
    report = ReportFactory(votes=4)
    ReportFactory(status=workflow.PENDING)
    body = look(client).json()
    assert body == {
        "type": "FeatureCollection",
        "shows": "reports",
        "truncated": False,
        "features": [
            {
                "type": "Feature",
                "id": report.ref,
                "geometry": {"type": "Point", "coordinates": list(CENTRE)},
                "properties": {
                    "ref": report.ref,
                    "status": "open",
                    "category": "pothole",
                    "icon": "pothole",
                    "votes": 4,
                    "timing": "due",
                },
            }
        ],
    }


def test_map_may_be_kept_by_everybody(client: Client, db: None) -> None:
    ReportFactory()
    response = look(client)
    assert response["Content-Type"] == "application/geo+json"
    assert response["Cache-Control"] == "public, max-age=5, stale-while-revalidate=30"
    assert "Vary" not in response
    assert "Content-Language" not in response
    assert not response.cookies
    again = client.get(response.wsgi_request.get_full_path(), headers={"if-none-match": response["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", response["ETag"])
    ReportFactory()
    changed = client.get(response.wsgi_request.get_full_path(), headers={"if-none-match": response["ETag"]})
    assert changed.status_code == 200


def test_map_counts_many(client: Client, quarter: Quarter, category: Category) -> None:
    scatter(400, quarter, category)
    body = look(client).json()
    assert (body["shows"], body["truncated"]) == ("cells", False)
    totals: Counter[str] = Counter()
    for feature in body["features"]:
        properties = feature["properties"]
        assert set(properties) == {"count", "by_status"}
        assert sum(properties["by_status"].values()) == properties["count"]
        lon, lat = feature["geometry"]["coordinates"]
        # The middle of a cell is at most half a cell away from its reports.
        assert 11.49 < lon < 11.52
        assert 3.85 < lat < 3.88
        totals.update(properties["by_status"])
    assert totals == {"open": 100, "in_progress": 100, "resolved": 200}


@pytest.mark.parametrize("zoom", [0, 3, 5.5, 9, 12, 13, 16])
def test_map_counts_everybody_at_each_zoom(client: Client, quarter: Quarter, category: Category, zoom: float) -> None:
    scatter(301, quarter, category)
    body = look(client, zoom=zoom).json()
    assert sum(feature["properties"]["count"] for feature in body["features"]) == 301


def test_map_counts_what_passes_the_filters(client: Client, quarter: Quarter, category: Category) -> None:
    scatter(1300, quarter, category)
    lamp = ReportFactory(category=CategoryFactory(code="street-light"), quarter=quarter)
    body = look(client, status="open").json()
    assert sum(feature["properties"]["count"] for feature in body["features"]) == 325 + 1
    body = look(client, category="street-light").json()
    assert [feature["id"] for feature in body["features"]] == [lamp.ref]
    body = look(client, category="street-light,pothole", status="resolved").json()
    assert sum(feature["properties"]["count"] for feature in body["features"]) == 650


def test_map_close_up_shows_the_nearest_to_the_middle(client: Client, quarter: Quarter, category: Category) -> None:
    scatter(900, quarter, category, side=0.002)
    body = look(client, "11.4995,3.8595,11.5025,3.8625", zoom=18).json()
    assert (body["shows"], body["truncated"], len(body["features"])) == ("reports", True, 500)


def test_map_by_quarter_and_words(client: Client, quarter: Quarter, other_quarter: Quarter, category: Category) -> None:
    scatter(600, quarter, category)
    there = ReportFactory(quarter=other_quarter, description="Une fuite")
    assert [feature["id"] for feature in look(client, quarter="bastos").json()["features"]] == [there.ref]
    assert [feature["id"] for feature in look(client, q="fuite").json()["features"]] == [there.ref]
    body = look(client, quarter=quarter.slug).json()
    assert (body["shows"], body["truncated"], len(body["features"])) == ("reports", True, 500)


def test_map_of_words_that_nobody_wrote_is_empty(client: Client, db: None) -> None:
    ReportFactory()
    for words in ("xylophone", "';--", "\\"):
        body = look(client, q=words).json()
        assert (body["shows"], body["truncated"], body["features"]) == ("reports", False, [])


def test_map_takes_the_same_queries_for_one_and_three(client: Client, db: None) -> None:
    counts = []
    for number in (1, 2):
        ReportFactory.create_batch(number)
        with CaptureQueriesContext(connection) as queries:
            look(client)
        counts.append(len(queries))
    assert counts == [2, 2]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [("bbox", "invalid_box")]),
        ({"bbox": TOWN}, [("zoom", "invalid_zoom")]),
        ({"bbox": TOWN, "zoom": "nan"}, [("zoom", "invalid_zoom")]),
        ({"bbox": TOWN, "zoom": "inf"}, [("zoom", "invalid_zoom")]),
        ({"bbox": TOWN, "zoom": "-1"}, [("zoom", "invalid_zoom")]),
        ({"bbox": TOWN, "zoom": "23"}, [("zoom", "invalid_zoom")]),
        ({"bbox": TOWN, "zoom": "x\x00"}, [("zoom", "invalid_zoom")]),
        ({"bbox": "11,3,12,1e999", "zoom": "14"}, [("bbox", "invalid_box")]),
        ({"bbox": "-180,-90,180,90", "zoom": "14"}, [("bbox", "box_too_large")]),
        ({"bbox": "11.5,3.86,11.5,3.86", "zoom": "14"}, [("bbox", "invalid_box")]),
        ({"bbox": "11.5,3.86,11.6,3.96", "zoom": "22"}, [("bbox", "box_too_large")]),
        ({"bbox": TOWN, "zoom": "14", "status": "pending"}, [("status", "invalid_choice")]),
    ],
)
def test_map_refuses(client: Client, db: None, query: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    response = read(client, "/map/", **query)
    assert response.status_code == 400
    assert codes(response) == expected


def test_map_of_the_whole_world_is_allowed_from_afar(client: Client, db: None) -> None:
    ReportFactory()
    assert len(look(client, "-180,-90,180,90", zoom=2).json()["features"]) == 1


def plans(client: Client, **query: Any) -> str:
    """Return how the database answers a viewport."""
    with CaptureQueriesContext(connection) as queries:
        assert look(client, **query).status_code == 200
    told: list[str] = []
    for query_run in queries.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) {query_run['sql']}")
            told.extend(line for (line,) in cursor.fetchall())
    return "\n".join(told)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({}, "map_cells_by_place"),
        ({"status": "open"}, "map_cells_by_place"),
        ({"category": "pothole"}, "map_cells_by_place"),
        ({"zoom": 17, "bbox": "11.502,3.862,11.508,3.868"}, "public_points"),
        ({"zoom": 19, "bbox": "11.504,3.864,11.5045,3.8645"}, "public_points"),
        ({"zoom": 16, "bbox": "11.5041,3.8641,11.5042,3.8642", "status": "open"}, "public_points"),
        ({"since": "2020-01-01"}, "public_"),
    ],
)
def test_map_never_reads_the_whole_table(
    client: Client, crowd: None, db: None, query: dict[str, Any], index: str
) -> None:
    plan = plans(client, **query)
    assert "Seq Scan on reports_report" not in plan
    assert "Seq Scan on reports_mapcell" not in plan
    assert index in plan


def test_map_close_up_reads_no_more_than_it_shows(client: Client, crowd: None, db: None) -> None:
    plan = plans(client, zoom=17, bbox="11.5,3.86,11.51,3.87")
    (scan,) = [line for line in plan.splitlines() if "using public_points" in line]
    # All twenty thousand lie in this view; the index yields the nearest ones and stops.
    assert "actual rows=501 loops=1" in scan.replace(".00", "")


@given(
    west=st.floats(-180, 179.9),
    south=st.floats(-85, 84.9),
    width=st.floats(0.0001, 360),
    height=st.floats(0.0001, 170),
    zoom=st.floats(0, 22),
)
@settings(max_examples=200, deadline=None)
def test_view_is_bounded(west: float, south: float, width: float, height: float, zoom: float) -> None:
    box = Box.of(west, south, min(180, west + width), min(90, south + height))
    count = cells_in_view(box, zoom)
    assert count >= 1
    if zoom < 17:
        # Merging four to one at most, so that at most four times as many kept counts are read as cells are drawn.
        assert 0 <= cell_level(zoom) - drawn_level(zoom) <= 2
    assert MAX_CELLS == 4096
