"""How a report stands against what was promised: in its row, in the database's words, on lists, the map and pages."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from reports import workflow
from reports.models import Quarter, Report
from reports.querysets import timing_at
from tests.factories import CENTRE, ReportFactory

DAY = timedelta(days=1)
AROUND = f"{CENTRE[0] - 0.01},{CENTRE[1] - 0.01},{CENTRE[0] + 0.01},{CENTRE[1] + 0.01}"
# Days until the repair is due → how that stands; the factory's reports are soon due 6 days before, very late 60 after.
STANDS = {30: "due", 5: "soon", -1: "late", -59: "late", -61: "very_late"}


def due(days: float, **fields: Any) -> Report:
    return ReportFactory(due_at=timezone.now() + days * DAY, **fields)


@pytest.fixture
def standing(quarter: Quarter) -> dict[int, Report]:
    """Return a report of each standing, by the days until it is due."""
    return {days: due(days) for days in STANDS}


def as_database(report: Report, now: datetime) -> str:
    return str(Report.objects.filter(pk=report.pk).values_list(timing_at(now), flat=True).get())


@pytest.mark.parametrize(("days", "timing"), STANDS.items())
@pytest.mark.parametrize("status", workflow.UNRESOLVED)
def test_timing_of_what_is_to_be_repaired(days: int, timing: str, status: str, quarter: Quarter) -> None:
    report = due(days, status=status)
    assert (report.timing, as_database(report, timezone.now())) == (timing, timing)
    assert report.is_late == (timing in {"late", "very_late"})


@pytest.mark.parametrize("status", sorted(set(workflow.STATUSES) - set(workflow.UNRESOLVED)))
def test_timing_of_what_is_not_to_be_repaired_is_none(status: str, quarter: Quarter) -> None:
    report = due(-1, status=status)
    assert (report.timing, as_database(report, timezone.now()), report.is_late) == ("", "", False)


def test_timing_without_a_promise_is_none(quarter: Quarter) -> None:
    report = ReportFactory(due_at=None)
    assert (report.timing, as_database(report, timezone.now())) == ("", "")


@pytest.mark.parametrize(("stopped", "timing"), [(-1, "soon"), (-3, "late"), (-0.5, "soon")])
def test_timing_while_the_clock_stands_is_that_of_the_moment_it_stopped(
    stopped: float, timing: str, quarter: Quarter
) -> None:
    """Due two days and a bit after it stopped, or late already by then."""
    now = timezone.now()
    report = due(stopped - (1 if timing == "late" else -0.25), clock_stopped_at=now + stopped * DAY)
    assert (report.timing, as_database(report, now)) == (timing, timing)


def test_standing_keeps_what_the_row_says(standing: dict[int, Report]) -> None:
    due(-1, status=workflow.RESOLVED)
    ReportFactory(due_at=None)
    due(-1, clock_stopped_at=timezone.now() - 2 * DAY)
    now = timezone.now()
    kept = {
        timing: {report.pk for report in Report.objects.standing(timing, now)}
        for timing in ("due", "soon", "late", "very_late")
    }
    stopped = Report.objects.get(clock_stopped_at__isnull=False).pk
    ids = {days: report.pk for days, report in standing.items()}
    assert kept == {
        "due": {ids[30]},
        "soon": {ids[5], stopped},
        "late": {ids[-1], ids[-59], ids[-61]},
        "very_late": {ids[-61]},
    }


def test_unanswered_keeps_what_waits_for_a_first_word(quarter: Quarter) -> None:
    now = timezone.now()
    waiting = ReportFactory(answer_due_at=now - DAY)
    ReportFactory(answer_due_at=now - DAY, answered_at=now - 2 * DAY)
    ReportFactory(answer_due_at=now - DAY, clock_stopped_at=now - 2 * DAY)
    ReportFactory(answer_due_at=now - DAY, status=workflow.RESOLVED)
    ReportFactory(answer_due_at=now + DAY)
    assert list(Report.objects.unanswered(now)) == [waiting]
    assert [report.answer_is_late for report in Report.objects.order_by("pk")] == [True, False, False, False, False]


# --- Where people see it ---


def refs_of(response: Any) -> set[str]:
    return {report.ref for report in response.context["page"].object_list}


@pytest.mark.parametrize(
    ("timing", "days"), [("late", [-1, -59, -61]), ("very_late", [-61]), ("soon", [5]), ("", list(STANDS))]
)
def test_list_filters_by_timing(timing: str, days: list[int], client: Client, standing: dict[int, Report]) -> None:
    response = client.get("/signalements/", {"timing": timing})
    assert refs_of(response) == {standing[day].ref for day in days}


def test_list_has_a_quick_filter_of_what_is_late(client: Client, standing: dict[int, Report]) -> None:
    options = client.get("/signalements/", {"status": "open"}).context["statuses"]
    assert [(option["label"], option["url"]) for option in options][-1] == ("En retard", "/signalements/?timing=late")
    chosen = client.get("/signalements/", {"timing": "late"}).context["statuses"]
    assert [option["label"] for option in chosen if option["current"]] == ["En retard"]
    assert chosen[-1]["url"] == "/signalements/"


def test_list_says_what_is_late(client: Client, standing: dict[int, Report]) -> None:
    page = client.get("/signalements/").content.decode()
    assert (page.count('data-timing="late"'), page.count('data-timing="very_late"')) == (2, 1)


@pytest.mark.parametrize("timing", ["tard", "\x00", "late,soon", "9" * 400])
def test_list_with_a_timing_that_is_none(timing: str, client: Client, standing: dict[int, Report]) -> None:
    response = client.get("/signalements/", {"timing": timing})
    assert response.status_code == 200
    assert "Ce délai n’existe pas : choisissez soon, late ou very_late." in response.content.decode()
    api = client.get("/api/v1/reports/", {"timing": timing})
    assert (api.status_code, api.headers["Content-Type"]) == (400, "application/problem+json")


def test_api_list_filters_by_timing(client: Client, standing: dict[int, Report]) -> None:
    results = client.get("/api/v1/reports/", {"timing": "very_late"}).json()["results"]
    assert [(row["ref"], row["timing"]) for row in results] == [(standing[-61].ref, "very_late")]


def test_api_tells_the_deadlines(client: Client, quarter: Quarter) -> None:
    moment = timezone.now()
    report = ReportFactory(answered_at=moment)
    body = client.get(f"/api/v1/reports/{report.ref}/").json()
    told = [datetime.fromisoformat(body[name]) for name in ("answer_due_at", "answered_at", "due_at")]
    assert told == [report.answer_due_at, moment, report.due_at]


def look(client: Client, **asked: str | int) -> Any:
    return client.get("/api/v1/map/", {"bbox": AROUND, **asked})


def test_map_marks_what_is_late(client: Client, standing: dict[int, Report]) -> None:
    features = look(client, zoom=17).json()["features"]
    assert {feature["id"]: feature["properties"]["timing"] for feature in features} == {
        standing[days].ref: timing for days, timing in STANDS.items()
    }
    late = look(client, zoom=12, timing="late").json()["features"]
    assert len(late) == 3


@pytest.mark.parametrize("rows", [1, 3])
def test_list_of_what_is_late_costs_the_same(
    rows: int, client: Client, quarter: Quarter, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(rows):
        due(-1)
    with CaptureQueriesContext(connection) as whole:
        client.get("/signalements/")
    with django_assert_num_queries(len(whole)):
        client.get("/signalements/", {"timing": "late"})


# --- The page of one report, in plain words ---


def facts(client: Client, report: Report) -> dict[str, str]:
    response = client.get(report.get_absolute_url())
    return {row["term"]: row["words"] for row in response.context["facts"]}


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (30, "prévue au plus tard le"),
        (5, "prévue bientôt, au plus tard le"),
        (-1, "en retard : elle était prévue au plus tard le"),
        (-61, "très en retard, plus de trois fois le temps promis : elle était prévue le"),
    ],
)
def test_page_tells_the_repair_in_plain_words(days: int, words: str, client: Client, quarter: Quarter) -> None:
    told = facts(client, due(days))
    assert told["Réparation"].startswith(words)
    assert told["Première réponse"].startswith("prévue au plus tard le")


def test_page_tells_who_waits_for_a_first_answer(client: Client, quarter: Quarter) -> None:
    now = timezone.now()
    late, answered = ReportFactory(answer_due_at=now - DAY), ReportFactory(answered_at=now)
    assert facts(client, late)["Première réponse"].startswith("en retard : elle était prévue au plus tard le")
    assert facts(client, answered)["Première réponse"].startswith("donnée le")


def test_page_tells_that_the_clock_stands(client: Client, quarter: Quarter) -> None:
    report = ReportFactory(clock_stopped_at=timezone.now())
    assert facts(client, report)["Délai"].endswith("le temps d’obtenir une précision")
    assert 'data-timing="stopped"' in client.get(report.get_absolute_url()).content.decode()


@pytest.mark.parametrize(("days", "words"), [(3, ", dans le délai promis"), (-3, ", après le délai promis (")])
def test_page_of_a_repair_says_whether_it_was_in_time(days: int, words: str, client: Client, quarter: Quarter) -> None:
    told = facts(client, due(days, status=workflow.RESOLVED))
    assert words in told["Résolu"]
    assert "Réparation" not in told


def test_page_without_a_promise_promises_nothing(client: Client, quarter: Quarter) -> None:
    told = facts(client, ReportFactory(due_at=None, answer_due_at=None))
    assert set(told) == {"Numéro", "Publié", "Responsable"}
    resolved = ReportFactory(status=workflow.RESOLVED, due_at=None)
    assert "promis" not in facts(client, resolved)["Résolu"]


def test_page_stays_the_same_for_everybody(client: Client, quarter: Quarter) -> None:
    response = client.get(due(-1).get_absolute_url())
    assert (response.has_header("Vary"), dict(response.cookies)) == (False, {})
