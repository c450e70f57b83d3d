"""The admin's first page: what waits and how the work goes, each person their own part, at a fixed cost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from moderation.admin.dashboard import WEEKS
from reports import workflow
from reports.models import Quarter
from reports.services import rollups
from tests.factories import OrganisationFactory, PhotoFactory, QuarterFactory, ReportFactory, TownFactory, square
from tests.moderation.conftest import signed_in, words_of


@pytest.fixture
def reports(quarter: Quarter) -> None:
    """In the place of the cast: two of its organisation, one late; a pending one; one of another organisation.

    And one of another town.
    """
    ReportFactory(due_at=timezone.now() - timedelta(days=1))
    ReportFactory(status=workflow.RESOLVED)
    ReportFactory(status=workflow.PENDING)
    ReportFactory(organisation=OrganisationFactory(slug="eau", name="Service de l’eau"))
    elsewhere = TownFactory(slug="douala", name="Douala", boundary=square(9.7, 4.0))
    ReportFactory(quarter=QuarterFactory(town=elsewhere, slug="akwa", name="Akwa"), organisation=None)
    rollups.recompute()


@pytest.mark.parametrize(
    ("person", "published", "quarters", "organisations"),
    [
        ("moderator", 3, ["Mokolo"], ["Service de la voirie", "Service de l’eau"]),
        ("moderator_elsewhere", 1, ["Akwa"], ["Sans responsable"]),
        ("operator", 2, ["Mokolo"], ["Service de la voirie"]),
        ("operator_elsewhere", 1, ["Mokolo"], ["Service de l’eau"]),
        (
            "administrator",
            4,
            ["Akwa, Douala", "Mokolo, Yaoundé"],
            ["Service de la voirie", "Service de l’eau", "Sans responsable"],
        ),
    ],
    indirect=["person"],
)
def test_everybody_sees_the_figures_of_their_own_part(
    person: User, published: int, quarters: list[str], organisations: list[str], reports: None
) -> None:
    context = signed_in(person).get(reverse("admin:index")).context
    by_quarter, _by_category, by_organisation = context["tables"]
    assert context["summary"].total.published == published
    assert [row.name for row in by_quarter["rows"]] == quarters
    assert sorted(row.name for row in by_organisation["rows"]) == sorted(organisations)
    assert sum(numbers[1] for numbers in context["week_rows"]) == published


@pytest.mark.parametrize(
    ("person", "counts"),
    [
        ("moderator", {"pending": "1", "open": "2", "in_progress": "0", "late": "1", "resolved": "1"}),
        ("moderator_elsewhere", {"pending": "0", "open": "1", "in_progress": "0", "late": "0", "resolved": "0"}),
        ("operator", {"open": "1", "in_progress": "0", "late": "1", "resolved": "1"}),
        ("operator_elsewhere", {"open": "1", "in_progress": "0", "late": "0", "resolved": "0"}),
    ],
    indirect=["person"],
)
def test_tiles_count_what_waits_for_each(person: User, counts: dict[str, str], reports: None) -> None:
    tiles = signed_in(person).get(reverse("admin:index")).context["tiles"]
    assert {tile["kind"]: tile["count"] for tile in tiles if tile["kind"] != "waiting"} == counts


@pytest.mark.parametrize("person", ["nobody", "stranger"], indirect=True)
def test_first_page_is_not_for_citizens(person: User | None) -> None:
    response = signed_in(person).get(reverse("admin:index"))
    assert response.status_code in {302, 403}


@pytest.mark.parametrize("months", ["1", "3", "12"])
def test_first_page_of_a_period(months: str, moderator: User, reports: None) -> None:
    context = signed_in(moderator).get(reverse("admin:index"), {"months": months}).context
    assert len(context["summary"].months) == int(months) + 1
    assert [option["current"] for option in context["spans"]] == [months == span for span in ("1", "3", "12")]


@pytest.mark.parametrize("months", ["x", "2", "\x00", "9" * 300])
def test_first_page_refuses_another_period(months: str, moderator: User) -> None:
    assert signed_in(moderator).get(reverse("admin:index"), {"months": months}).status_code == 400


def test_trend_shows_every_week(operator: User, quarter: Quarter) -> None:
    for weeks in (0, 2, 12, 40):
        ReportFactory(received_at=timezone.now() - timedelta(weeks=weeks))
    rollups.recompute()
    rows = signed_in(operator).get(reverse("admin:index")).context["week_rows"]
    assert len(rows) == WEEKS
    assert [numbers[1] for numbers in rows] == [1, 0, 1, *[0] * 9, 1]


def test_charts_have_words_and_tables(moderator: User, reports: None) -> None:
    text = words_of(signed_in(moderator).get(reverse("admin:index")))
    assert text.count('role="img"') == 1
    assert "les nombres sont dans le tableau qui suit.</title>" in text
    assert 'id="weeks-table"' in text


def test_what_is_read_of_the_reports_is_bounded(moderator: User, reports: None) -> None:
    client = signed_in(moderator)
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("admin:index"))
    whole = [query["sql"] for query in queries if "reports_report" in query["sql"]]
    assert len(whole) >= 2
    assert [sql for sql in whole if "LIMIT" not in sql or "COUNT(" in sql] == []


@pytest.mark.parametrize("rows", [1, 12])
def test_first_page_costs_the_same_for_one_report_and_for_many(
    rows: int, moderator: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(rows):
        PhotoFactory(report=ReportFactory())
        ReportFactory(status=workflow.PENDING)
    rollups.recompute()
    client = signed_in(moderator)
    with django_assert_max_num_queries(15):
        client.get(reverse("admin:index"))
