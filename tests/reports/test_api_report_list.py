"""`GET /api/v1/reports/`"""

import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reports import workflow
from reports.models import Category, Organisation, Photo, Quarter, Report
from tests.factories import CENTRE, CategoryFactory, PhotoFactory, QuarterFactory, ReportFactory, TownFactory, square
from tests.reports.api_client import codes, read

SHAPE = {
    "ref",
    "url",
    "status",
    "category",
    "description",
    "location",
    "address",
    "quarter",
    "organisation",
    "name",
    "votes",
    "comments",
    "photos",
    "created_at",
    "updated_at",
    "resolved_at",
    "answer_due_at",
    "answered_at",
    "due_at",
    "timing",
}


def refs(response: object) -> list[str]:
    return [row["ref"] for row in response.json()["results"]]  # type: ignore[attr-defined]


def test_list_is_empty(client: Client, db: None) -> None:
    response = read(client, "/reports/")
    assert response.json() == {"next": None, "previous": None, "results": []}
    assert response["Cache-Control"] == "public, max-age=1"
    assert response["Vary"] == "Accept-Language"


def test_list_shows_public_fields_only(client: Client, author: object) -> None:
    report = ReportFactory(reporter=author, contact_email="secret@example.org", contact_phone="+237670000000", votes=3)
    PhotoFactory(report=report)
    PhotoFactory(report=report, status=Photo.Status.REFUSED)
    response = read(client, "/reports/")
    (row,) = response.json()["results"]
    assert set(row) == SHAPE
    assert row["url"] == f"http://127.0.0.1:8000/signalements/{report.ref}/"
    assert row["category"] == {"code": "pothole", "name": "Nid-de-poule"}
    assert row["quarter"] == {"town": "yaounde", "slug": "mokolo", "name": "Mokolo"}
    assert row["organisation"] == {"slug": "voirie", "name": "Service de la voirie"}
    assert row["location"] == {"type": "Point", "coordinates": list(CENTRE)}
    assert row["name"] is None
    assert row["votes"] == 3
    (photo,) = row["photos"]
    assert set(photo) == {"key", "kind", "status", "width", "height", "sizes"}
    assert photo["sizes"]["320"] == f"http://127.0.0.1:8000/media/photos/{photo['key']}/320.webp"
    assert b"secret" not in response.content
    assert b"67000" not in response.content


def test_list_speaks_english(client: Client, db: None) -> None:
    ReportFactory()
    response = client.get("/api/v1/reports/", headers={"accept-language": "en"})
    (row,) = response.json()["results"]
    assert row["category"]["name"] == "Pothole"
    assert "/en/signalements/" in row["url"]


@pytest.mark.parametrize("status", [workflow.PENDING, workflow.REJECTED, workflow.WITHDRAWN, workflow.DUPLICATE])
def test_list_leaves_out_what_is_not_public(client: Client, db: None, status: str) -> None:
    hidden = ReportFactory(status=status)
    assert hidden.ref not in refs(read(client, "/reports/"))


def test_list_takes_the_same_queries_for_one_and_three(client: Client, db: None) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert read(client, "/reports/").status_code == 200
        return len(queries)

    PhotoFactory()
    first = count()
    PhotoFactory.create_batch(2)
    assert (first, count()) == (2, 2)


def test_list_by_status(client: Client, db: None) -> None:
    opened = ReportFactory()
    moving = ReportFactory(status=workflow.IN_PROGRESS)
    ReportFactory(status=workflow.RESOLVED)
    assert refs(read(client, "/reports/", status="open")) == [opened.ref]
    assert refs(read(client, "/reports/", status="open,in_progress")) == [moving.ref, opened.ref]
    assert refs(read(client, "/reports/", status=["open", "in_progress"])) == [moving.ref, opened.ref]


def test_list_by_category(client: Client, db: None) -> None:
    ReportFactory()
    lamp = ReportFactory(category=CategoryFactory(code="street-light", name_fr="Éclairage"))
    assert refs(read(client, "/reports/", category="street-light")) == [lamp.ref]


def test_list_by_quarter(client: Client, other_quarter: Quarter) -> None:
    ReportFactory()
    there = ReportFactory(quarter=other_quarter)
    assert refs(read(client, "/reports/", quarter="bastos")) == [there.ref]
    assert refs(read(client, "/reports/", quarter="yaounde/bastos")) == [there.ref]


def test_list_by_quarter_of_two_towns(client: Client, quarter: Quarter) -> None:
    douala = TownFactory(slug="douala", name="Douala", boundary=square(9.7, 4.0))
    there = ReportFactory(quarter=QuarterFactory(town=douala, slug=quarter.slug))
    assert codes(read(client, "/reports/", quarter=quarter.slug)) == [("quarter", "several_towns")]
    assert refs(read(client, "/reports/", quarter=f"douala/{quarter.slug}")) == [there.ref]


def test_list_by_words(client: Client, db: None) -> None:
    found = ReportFactory(description="Les ÉGOUTS débordent", address="")
    ReportFactory()
    assert refs(read(client, "/reports/", q="egout")) == [found.ref]
    assert refs(read(client, "/reports/", q=found.ref.lower())) == [found.ref]
    assert refs(read(client, "/reports/", q=found.ref.replace("-", ""))) == [found.ref]


def test_list_by_box(client: Client, db: None) -> None:
    inside = ReportFactory()
    ReportFactory(point=Point(11.6, 3.9, srid=4326))
    assert refs(read(client, "/reports/", bbox="11.5,3.86,11.51,3.87")) == [inside.ref]


def test_list_by_period(client: Client, db: None) -> None:
    now = timezone.now()
    old = ReportFactory(published_at=now - timedelta(days=40))
    new = ReportFactory(published_at=now)
    day = timezone.localdate() - timedelta(days=40)
    assert refs(read(client, "/reports/", since=timezone.localdate().isoformat())) == [new.ref]
    assert refs(read(client, "/reports/", until=day.isoformat())) == [old.ref]
    assert refs(read(client, "/reports/", since=day.isoformat(), until=day.isoformat())) == [old.ref]
    assert refs(read(client, "/reports/", until=(now - timedelta(days=1)).isoformat())) == [old.ref]


def test_list_near_orders_by_distance(client: Client, db: None) -> None:
    lon, lat = CENTRE
    far = ReportFactory(point=Point(lon + 0.004, lat, srid=4326))
    near = ReportFactory(point=Point(lon + 0.001, lat, srid=4326))
    place = f"{lon},{lat}"
    assert refs(read(client, "/reports/", near=place)) == [near.ref, far.ref]
    assert refs(read(client, "/reports/", near=f"{place},200")) == [near.ref]
    assert refs(read(client, "/reports/", near=f"{place},2000", sort="newest")) == [near.ref, far.ref]


def test_list_by_votes(client: Client, db: None) -> None:
    some = ReportFactory(votes=5)
    most = ReportFactory(votes=9)
    none = ReportFactory(votes=0)
    assert refs(read(client, "/reports/", sort="votes")) == [most.ref, some.ref, none.ref]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"status": "pending"}, [("status", "invalid_choice")]),
        ({"status": "open\x00"}, [("status", "invalid_choice")]),
        ({"category": "no-such"}, [("category", "invalid_choice")]),
        ({"category": "a\x00b"}, [("category", "invalid_choice")]),
        ({"quarter": "no-such"}, [("quarter", "unknown_quarter")]),
        ({"quarter": "a\x00b"}, [("quarter", "unknown_quarter")]),
        ({"q": "x" * 201}, [("q", "max_length")]),
        ({"q": "a\x00b"}, [("q", "null_characters_not_allowed")]),
        ({"bbox": "1,2,3"}, [("bbox", "invalid_box")]),
        ({"bbox": "nan,2,3,4"}, [("bbox", "invalid_box")]),
        ({"bbox": "5,2,3,4"}, [("bbox", "invalid_box")]),
        ({"near": "11.5"}, [("near", "invalid_near")]),
        ({"near": "11.5,3.8,5,6"}, [("near", "invalid_near")]),
        ({"near": "inf,3.8"}, [("near", "invalid_near")]),
        ({"near": "11.5,3.8,nan"}, [("near", "too_far")]),
        ({"near": "11.5,3.8,1e9"}, [("near", "too_far")]),
        ({"since": "yesterday"}, [("since", "invalid_date")]),
        ({"since": "0001-01-01"}, [("since", "invalid_date")]),
        ({"until": "9999-12-31"}, [("until", "invalid_date")]),
        ({"since": "2026-02-30"}, [("since", "invalid_date")]),
        ({"since": "2026-02-02", "until": "2026-02-01"}, [("until", "empty_period")]),
        ({"sort": "best"}, [("sort", "invalid_choice")]),
        ({"sort": "nearest"}, [("sort", "place_needed")]),
        ({"page_size": "0"}, [("page_size", "invalid_number")]),
        ({"page_size": "101"}, [("page_size", "invalid_number")]),
        ({"page_size": "٣"}, [("page_size", "invalid_number")]),
        ({"cursor": "x"}, [("cursor", "invalid_cursor")]),
        ({"cursor": "bnVsbA"}, [("cursor", "invalid_cursor")]),
        ({"cursor": "é" * 10}, [("cursor", "invalid_cursor")]),
    ],
)
def test_list_refuses(client: Client, db: None, query: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    response = read(client, "/reports/", **query)
    assert response.status_code == 400
    assert codes(response) == expected


@pytest.mark.parametrize("order", [{}, {"sort": "votes"}, {"near": f"{CENTRE[0]},{CENTRE[1]}"}])
def test_cursor_walks_forth_and_back(client: Client, db: None, order: dict[str, Any]) -> None:
    for number in range(7):
        # Ties in every order: the id decides.
        ReportFactory(votes=number // 3, published_at=timezone.now().replace(microsecond=0))
    whole = refs(read(client, "/reports/", **order))
    pages, response = [], read(client, "/reports/", page_size=3, **order)
    assert response.json()["previous"] is None
    while True:
        pages.append(refs(response))
        if not (following := response.json()["next"]):
            break
        response = client.get(following)
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [ref for page in pages for ref in page] == whole
    back = client.get(response.json()["previous"])
    assert refs(back) == pages[1]
    first = client.get(back.json()["previous"])
    assert refs(first) == pages[0]
    assert first.json()["previous"] is None
    assert refs(client.get(first.json()["next"])) == pages[1]


def test_cursor_survives_new_rows(client: Client, db: None) -> None:
    ReportFactory.create_batch(4)
    response = read(client, "/reports/", page_size=2)
    expected = refs(read(client, "/reports/"))[2:]
    ReportFactory.create_batch(3)
    assert refs(client.get(response.json()["next"])) == expected


@pytest.mark.parametrize(
    ("order", "place", "status"),
    [
        ("votes", ["votes", 1, 1, False], 200),
        ("votes", ["votes", 1.5, 2**63 - 1, True], 200),
        ("votes", ["votes", 9e18, 1, 0], 200),
        ("votes", ["votes", 2**63, 1, False], 400),
        ("votes", ["votes", "2026-01-01T00:00:00Z", 1, False], 400),
        ("votes", ["votes", True, 1, False], 400),
        ("votes", ["votes", 1, -1, False], 400),
        ("votes", ["votes", 1, 2**63, False], 400),
        ("votes", ["id", 1, 1, False], 400),
        ("votes", ["votes", float("nan"), 1, False], 400),
        ("newest", ["published_at", "0001-01-01T00:00:00+14:00", 1, False], 200),
        ("newest", ["published_at", "2026-01-01T00:00:00", 1, False], 400),
        ("newest", ["published_at", 5, 1, False], 400),
        ("newest", {"a": 1}, 400),
        ("newest", [1, 2], 400),
    ],
)
def test_cursor_of_somebody_elses_making(client: Client, db: None, order: str, place: Any, status: int) -> None:
    ReportFactory()
    cursor = urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")
    assert read(client, "/reports/", sort=order, cursor=cursor).status_code == status


def test_cursor_of_another_order_is_refused(client: Client, db: None) -> None:
    ReportFactory.create_batch(2)
    following = read(client, "/reports/", page_size=1).json()["next"]
    response = client.get(f"{following}&sort=votes")
    assert codes(response) == [("cursor", "invalid_cursor")]


@pytest.mark.parametrize(("order", "index"), [("newest", "public_newest"), ("votes", "public_most_supported")])
def test_cursor_uses_its_index_and_counts_nothing(client: Client, db: None, order: str, index: str) -> None:
    ReportFactory.create_batch(3)
    with CaptureQueriesContext(connection) as queries:
        following = read(client, "/reports/", page_size=1, sort=order).json()["next"]
        assert client.get(following).status_code == 200
    sql = queries.captured_queries[-2]["sql"]
    assert "COUNT(" not in sql.upper()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {sql}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert f"Index Scan using {index} on reports_report" in plan
    assert "Index Cond: (ROW(" in plan


@pytest.mark.parametrize("query", [{}, {"sort": "nearest"}])
def test_list_near_is_counted_off_an_index(client: Client, db: None, query: dict[str, Any]) -> None:
    ReportFactory.create_batch(3)
    with CaptureQueriesContext(connection) as queries:
        assert read(client, "/reports/", near=f"{CENTRE[0]},{CENTRE[1]}", page_size=1, **query).status_code == 200
    # The first such request of a process also asks for the version of PostGIS.
    counted_off, _page, _photos = (query["sql"] for query in queries if "VERSION" not in query["sql"].upper())
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {counted_off}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Scan using public_points" in plan
    assert "Order By: (point <->" in plan
    assert "Sort" not in plan


def test_list_by_a_frequent_word(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.filters.FEW", 2)
    found = ReportFactory.create_batch(3)
    assert sorted(refs(read(client, "/reports/", q="chaussée"))) == sorted(report.ref for report in found)


def test_list_needs_no_sign_in_and_reads_none(client: Client, category: Category, organisation: Organisation) -> None:
    response = client.get("/api/v1/reports/", headers={"authorization": "Bearer broken"})
    assert response.status_code == 200
    assert not Report.objects.exists()
