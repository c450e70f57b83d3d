"""`stats/`: the figures for programs."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from reports import workflow
from reports.models import Quarter
from reports.services import rollups
from tests.factories import ReportFactory

STATS = "/api/v1/stats/"


@pytest.fixture
def repairs(quarter: Quarter) -> None:
    """Five repairs that took two days each, and one open report of nobody's."""
    sent = timezone.now() - timedelta(days=1, hours=12)
    for _unused in range(5):
        ReportFactory(status=workflow.RESOLVED, received_at=sent, published_at=sent)
    ReportFactory(organisation=None)
    rollups.recompute()


def test_stats_sums(client: Client, repairs: None) -> None:
    body = client.get(STATS, {"months": "1"}).json()
    total = body["total"]
    assert (total["published"], total["resolved"], total["open"], total["median_days"]) == (6, 5, 1, 2)
    assert total["days_to_repair"] == {"2": 5}
    assert [(one["town"], one["slug"], one["resolved"]) for one in body["quarters"]] == [("yaounde", "mokolo", 5)]
    assert [(one["slug"], one["open"]) for one in body["organisations"]] == [("voirie", 0), (None, 1)]
    assert body["months"][-1]["month"] == f"{timezone.localdate():%Y-%m}"


def test_stats_name_categories_in_the_readers_language(client: Client, repairs: None) -> None:
    response = client.get(STATS, headers={"Accept-Language": "en"})
    assert response.json()["categories"][0]["name"] == "Pothole"


def test_stats_may_be_kept(client: Client, repairs: None) -> None:
    response = client.get(STATS)
    assert (response["Cache-Control"], response["Vary"], response.cookies) == (
        "public, max-age=60",
        "Accept-Language",
        {},
    )


@pytest.mark.parametrize("months", ["2", "x", "", "9" * 300, "3\x00"])
def test_stats_refuse_another_period(client: Client, db: None, months: str) -> None:
    response = client.get(STATS, {"months": months})
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "months")


@pytest.mark.parametrize("town", ["nulle-part", "\x00", "é" * 300])
def test_stats_of_no_such_town(client: Client, db: None, town: str) -> None:
    response = client.get(STATS, {"town": town})
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


def test_stats_of_a_town(client: Client, repairs: None) -> None:
    assert client.get(STATS, {"town": "yaounde"}).json()["total"]["resolved"] == 5
