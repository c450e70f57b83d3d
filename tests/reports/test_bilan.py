"""« Bilan »: the figures are those of the reports, honest about few, the same for everybody, and cheap."""

import csv
import io
from collections import Counter
from datetime import date, timedelta
from statistics import median_low
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from reports import workflow
from reports.models import Backlog, Category, Organisation, Quarter, Report, Rollup
from reports.services import bilan, rollups
from tests.factories import CategoryFactory, OrganisationFactory, QuarterFactory, ReportFactory, TownFactory, square

PAGE = "/bilan/"


def repair(days: int, **fields: Any) -> Report:
    """Return a report that was repaired now, so many days after it was sent."""
    sent = timezone.now() - timedelta(days=days)
    due = fields.pop("due_at", timezone.now() + timedelta(days=1))
    return ReportFactory(
        status=workflow.RESOLVED,
        received_at=sent + timedelta(minutes=1),
        published_at=sent + timedelta(minutes=1),
        due_at=due,
        **fields,
    )


@pytest.fixture
def history(quarter: Quarter, other_quarter: Quarter) -> None:
    """Five repairs and one open report here, one repair elsewhere."""
    for days in (1, 2, 3, 8, 20):
        repair(days, quarter=quarter)
    ReportFactory(quarter=quarter, due_at=timezone.now() - timedelta(days=1))
    repair(4, quarter=other_quarter, organisation=None)
    rollups.recompute()


def text_of(client: Client, address: str = PAGE) -> str:
    """Return a page that was found."""
    response = client.get(address)
    assert response.status_code == 200
    return str(response.content.decode())


@given(st.lists(st.integers(1, 60), min_size=bilan.ENOUGH, max_size=200))
def test_the_median_is_that_of_the_repairs(days: list[int]) -> None:
    assert bilan.within(Counter(days), 50) == median_low(days)


@given(st.lists(st.integers(1, 60), min_size=bilan.ENOUGH, max_size=200))
def test_nine_in_ten_repairs_take_no_longer(days: list[int]) -> None:
    most = bilan.within(Counter(days), 90)
    assert most is not None
    assert sum(day <= most for day in days) * 10 >= len(days) * 9
    assert sum(day < most for day in days) * 10 < len(days) * 9


def test_too_few_say_nothing() -> None:
    tally = bilan.Tally(resolved=4, in_time=4, confirmed=4, spans=Counter({2: 4}))
    assert (tally.days, tally.most_days, tally.in_time_share, tally.satisfaction) == (None, None, None, None)


@pytest.mark.parametrize(
    ("span", "today", "first"),
    [
        (1, date(2026, 1, 31), date(2025, 12, 1)),
        (3, date(2026, 11, 21), date(2026, 8, 1)),
        (12, date(2024, 2, 29), date(2023, 2, 1)),
    ],
)
def test_first_month(span: int, today: date, first: date) -> None:
    assert bilan.first_month(span, today) == first


def test_summary_sums_by_place(history: None, quarter: Quarter, other_quarter: Quarter) -> None:
    found = bilan.summary(bilan.first_month(3))
    mine = found.quarters[quarter.pk]
    assert (mine.published, mine.resolved, mine.days, mine.most_days, mine.unresolved, mine.late) == (6, 5, 3, 20, 1, 1)
    assert found.quarters[other_quarter.pk].resolved == 1
    assert found.organisations[None].resolved == 1
    assert (found.total.resolved, found.total.in_time_share) == (6, 100)
    assert sum(tally.resolved for tally in found.months.values()) == 6


def test_summary_costs_the_same_however_many_reports(
    quarter: Quarter, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for reports in (1, 40):
        for _unused in range(reports):
            repair(2)
        rollups.recompute()
        with django_assert_num_queries(2):
            bilan.summary(bilan.first_month(1))
    # A row for each month of arrival and of repair, quarter, category and organisation; not for each report.
    assert Rollup.objects.by_month(bilan.first_month(1)).count() <= 2
    assert Backlog.objects.count() == 0


def test_page_shows_the_figures(history: None, client: Client) -> None:
    response = client.get(PAGE)
    assert {row.name: row.tally.days for row in response.context["tables"][0]["rows"]} == {"Bastos": None, "Mokolo": 3}
    assert [figure["value"] for figure in response.context["shown_figures"]] == [
        "7", "6", 3, 20, "100\u00a0%", "1", "1", "–",
    ]  # fmt: skip


def test_page_leaves_out_the_months_before_the_first_report(client: Client, quarter: Quarter) -> None:
    ReportFactory()
    rollups.recompute()
    assert len(client.get(PAGE).context["months"]) == 1


def test_page_of_an_empty_town(client: Client, quarter: Quarter) -> None:
    assert "Comment ces chiffres sont faits" in text_of(client)


def test_page_in_english(client: Client, history: None) -> None:
    assert client.get("/en/bilan/")["Content-Language"] == "en"


def test_page_is_the_same_for_everybody(client: Client, history: None) -> None:
    response = client.get(PAGE)
    assert response["Cache-Control"] == "public, max-age=60"
    assert (response.cookies, response.get("Vary")) == ({}, None)


@pytest.mark.parametrize("months", ["2", "0", "-1", "x", "12'--", "9" * 400, "٣", "3\x00"])
@pytest.mark.parametrize("address", [PAGE, "/bilan/bilan.csv"])
def test_page_refuses_a_period_that_is_not_offered(client: Client, db: None, address: str, months: str) -> None:
    assert client.get(address, {"months": months}).status_code == 400


@pytest.mark.parametrize("town", ["nulle-part", "\x00", "' or 1=1", "é" * 500])
@pytest.mark.parametrize("address", [PAGE, "/bilan/bilan.csv"])
def test_page_of_no_such_town(client: Client, db: None, address: str, town: str) -> None:
    assert client.get(address, {"town": town}).status_code == 404


def test_page_of_one_of_two_towns(client: Client, history: None) -> None:
    elsewhere = TownFactory(slug="douala", name="Douala", boundary=square(9.7, 4.0))
    ReportFactory(quarter=QuarterFactory(town=elsewhere, slug="akwa", name="Akwa"))
    rollups.recompute()
    rows = client.get(PAGE, {"town": "douala", "months": "3"}).context["tables"][0]["rows"]
    assert [row.name for row in rows] == ["Akwa"]
    rows = client.get(PAGE).context["tables"][0]["rows"]
    assert [row.name for row in rows] == ["Akwa, Douala", "Bastos, Yaoundé", "Mokolo, Yaoundé"]


@pytest.mark.parametrize("places", [1, 3])
def test_page_costs_the_same_for_one_place_and_for_three(
    places: int, client: Client, quarter: Quarter, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(places):
        ReportFactory(
            quarter=QuarterFactory(town=quarter.town, slug=f"q{number}", name=f"Quartier {number}"),
            category=CategoryFactory(code=f"c{number}"),
            organisation=OrganisationFactory(slug=f"o{number}"),
        )
    rollups.recompute()
    # The sums and the backlog, the names of three kinds, the towns to choose from.
    with django_assert_num_queries(6):
        text_of(client)


@pytest.mark.parametrize("address", [PAGE, "/bilan/bilan.csv", "/api/v1/stats/"])
def test_page_reads_no_report(address: str, client: Client, history: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    asked = [query["sql"] for query in queries]
    assert [sql for sql in asked if "reports_report" in sql or "reports_event" in sql] == []
    assert len(asked) >= 1


def test_csv_has_a_line_for_each_place(client: Client, history: None, category: Category) -> None:
    response = client.get("/bilan/bilan.csv", {"months": "3"})
    lines = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert {line["category"] for line in lines} == {category.code}
    assert sum(int(line["resolved"]) for line in lines) == 6
    assert [(line["days_to_repair"], line["organisation"]) for line in lines if line["quarter"] == "bastos"][-1] == (
        "4×1",
        "",
    )


def test_csv_writes_no_formula(client: Client, quarter: Quarter) -> None:
    organisation = OrganisationFactory(slug="-1+cmd")
    ReportFactory(organisation=organisation)
    rollups.recompute()
    assert Organisation.objects.get().slug == "-1+cmd"
    lines = csv.DictReader(io.StringIO(client.get("/bilan/bilan.csv").content.decode("utf-8-sig")))
    assert [line["organisation"] for line in lines] == ["'-1+cmd"]
