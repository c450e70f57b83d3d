"""`GET /api/v1/categories/`, `quarters/` and `basemap/`"""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reports.models import Category, Quarter
from tests.factories import CategoryFactory
from tests.reports.api_client import PROBLEM, codes, read


def test_categories_in_the_order_of_the_tiles(client: Client, category: Category) -> None:
    CategoryFactory(code="leak", name_fr="Fuite", position=1)
    CategoryFactory(code="old", is_active=False)
    response = read(client, "/categories/")
    body = response.json()
    assert [row["code"] for row in body["results"]] == ["pothole", "leak"]
    assert body["results"][0] == {
        "code": "pothole",
        "name": "Nid-de-poule",
        "group": "Voirie",
        "icon": "pothole",
        "photo_wanted": True,
        "duplicate_radius_m": 50,
        "response_days": 3,
        "repair_days": 30,
    }
    assert (response["Cache-Control"], response["Vary"]) == ("public, max-age=300", "Accept-Language")


def test_categories_in_english(client: Client, category: Category) -> None:
    response = client.get("/api/v1/categories/", headers={"accept-language": "en"})
    assert response.json()["results"][0]["name"] == "Pothole"
    assert response["Content-Language"] == "en"


def test_quarters(client: Client, quarter: Quarter, other_quarter: Quarter) -> None:
    with CaptureQueriesContext(connection) as queries:
        response = read(client, "/quarters/")
    assert response.json()["results"] == [
        {"town": "yaounde", "slug": "bastos", "name": "Bastos", "town_name": "Yaoundé", "approximate": False},
        {"town": "yaounde", "slug": "mokolo", "name": "Mokolo", "town_name": "Yaoundé", "approximate": False},
    ]
    assert len(queries) == 1
    assert response["Vary"] == "Accept"
    assert read(client, "/quarters/", town="douala").json()["results"] == []


@pytest.mark.parametrize(("query", "accept"), [({"format": "geojson"}, "*/*"), ({}, "application/geo+json")])
def test_quarters_as_geojson(client: Client, quarter: Quarter, query: dict[str, Any], accept: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        response = client.get("/api/v1/quarters/", query, headers={"accept": accept})
    assert response["Content-Type"] == "application/geo+json"
    body = response.json()
    (feature,) = body["features"]
    assert body["type"] == "FeatureCollection"
    assert feature["properties"] == {
        "town": "yaounde",
        "town_name": "Yaoundé",
        "slug": "mokolo",
        "name": "Mokolo",
        "approximate": False,
    }
    assert feature["geometry"]["type"] in {"Polygon", "MultiPolygon"}
    assert len(queries) == 1


def test_quarters_in_an_unknown_format(client: Client, db: None) -> None:
    response = read(client, "/quarters/", format="xml")
    assert (response.status_code, response["Content-Type"]) == (404, PROBLEM)


def layers(response: Any) -> list[tuple[str, str]]:
    return [(f["properties"]["layer"], f["properties"]["name"]) for f in response.json()["features"]]


def test_basemap_from_afar_shows_towns(client: Client, quarter: Quarter) -> None:
    response = read(client, "/basemap/", bbox="11,3,12,4", zoom=8)
    (town,) = response.json()["features"]
    assert town["properties"] == {
        "layer": "town",
        "town": "yaounde",
        "slug": None,
        "name": "Yaoundé",
        "label": [11.51, 3.87],
    }


def test_basemap_from_close_by_shows_quarters(client: Client, quarter: Quarter, other_quarter: Quarter) -> None:
    response = read(client, "/basemap/", bbox="11.501,3.861,11.509,3.869", zoom=14)
    assert layers(response) == [("town", "Yaoundé"), ("quarter", "Mokolo")]
    label = response.json()["features"][1]["properties"]["label"]
    assert 11.5 < label[0] < 11.51
    assert response.json()["features"][0]["properties"]["label"] is None


def test_basemap_between_shows_quarters_without_names(client: Client, quarter: Quarter) -> None:
    response = read(client, "/basemap/", bbox="11.4,3.8,11.6,3.9", zoom=11)
    assert [feature["properties"]["label"] for feature in response.json()["features"]] == [None, None]


def test_basemap_may_be_kept_long(client: Client, quarter: Quarter) -> None:
    with CaptureQueriesContext(connection) as queries:
        response = read(client, "/basemap/", bbox="11.4,3.8,11.6,3.9", zoom=12)
    assert len(queries) == 1
    assert response["Cache-Control"] == "public, max-age=3600, stale-while-revalidate=604800"
    assert "Vary" not in response
    again = client.get(response.wsgi_request.get_full_path(), headers={"if-none-match": response["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("query", [{}, {"bbox": "1,2,3"}, {"bbox": "-180,-80,180,80", "zoom": "14"}])
def test_basemap_refuses(client: Client, db: None, query: dict[str, Any]) -> None:
    response = read(client, "/basemap/", **query)
    assert response.status_code == 400
    assert codes(response)[0][0] == "bbox"
