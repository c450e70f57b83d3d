"""`PUT` and `DELETE /api/v1/reports/<ref>/vote/`, and what a person says of a repair"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from pytest_django.fixtures import Settings

from accounts.models import User
from reports import workflow
from reports.models import Event, Report, Vote
from tests.client import Client
from tests.factories import ReportFactory, UserFactory
from tests.reports.api_client import bearer, codes, send

CAST = ["stranger", "author", "moderator", "operator", "moderator_elsewhere", "operator_elsewhere", "administrator"]


@pytest.fixture
def report(author: User) -> Report:
    return ReportFactory(reporter=author)


def vote(client: Client, report: Report, user: User | None, method: str = "put") -> Any:
    return send(client, f"/reports/{report.ref}/vote/", {}, user=user, method=method)


@pytest.mark.parametrize("who", CAST)
def test_vote(client: Client, report: Report, request: pytest.FixtureRequest, who: str) -> None:
    response = vote(client, report, request.getfixturevalue(who))
    assert (response.status_code, response.json()) == (200, {"supports": True, "votes": 1})
    assert response["Cache-Control"] == "private, no-store"
    assert Vote.objects.get().user == request.getfixturevalue(who)


@pytest.mark.parametrize("method", ["put", "delete"])
def test_vote_by_nobody(client: Client, report: Report, method: str) -> None:
    response = vote(client, report, None, method)
    assert (response.status_code, response["WWW-Authenticate"]) == (401, 'Bearer realm="api"')
    assert codes(response) == []
    assert not Vote.objects.exists()


def test_vote_twice_is_one(client: Client, report: Report, stranger: User) -> None:
    assert [vote(client, report, stranger).json()["votes"] for _unused in range(2)] == [1, 1]
    assert Event.objects.filter(kind=Event.Kind.VOTED).count() == 1


def test_take_back_twice_is_none(client: Client, report: Report, stranger: User) -> None:
    vote(client, report, stranger)
    answers = [vote(client, report, stranger, "delete").json() for _unused in range(2)]
    assert answers == [{"supports": False, "votes": 0}] * 2


def test_take_back_leaves_the_others(client: Client, report: Report, stranger: User, moderator: User) -> None:
    vote(client, report, moderator)
    assert vote(client, report, stranger, "delete").json()["votes"] == 1


@pytest.mark.parametrize(
    ("status", "who", "expected"),
    [
        (workflow.PENDING, "stranger", 404),
        (workflow.PENDING, "operator", 404),
        (workflow.PENDING, "moderator_elsewhere", 404),
        (workflow.PENDING, "author", 422),
        (workflow.PENDING, "moderator", 422),
        (workflow.REJECTED, "stranger", 410),
        (workflow.WITHDRAWN, "stranger", 404),
        (workflow.DUPLICATE, "stranger", 303),
    ],
)
def test_vote_for_a_hidden_report(
    client: Client, author: User, request: pytest.FixtureRequest, status: str, who: str, expected: int
) -> None:
    report = ReportFactory(reporter=author, status=status)
    assert vote(client, report, request.getfixturevalue(who)).status_code == expected
    assert not Vote.objects.exists()


def test_vote_for_nothing(client: Client, stranger: User) -> None:
    assert send(client, "/reports/AAA-AAA/vote/", {}, user=stranger, method="put").status_code == 404


def test_vote_too_often_waits(client: Client, report: Report, stranger: User, settings: Settings) -> None:
    rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "support": "2/hour"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    assert [vote(client, report, stranger).status_code for _unused in range(3)] == [200, 200, 429]
    assert vote(client, report, UserFactory()).status_code == 200


def test_vote_costs_the_same_at_any_count(client: Client, report: Report, django_assert_max_num_queries: Any) -> None:
    for user in [UserFactory() for _unused in range(3)]:
        headers = bearer(user)
        with django_assert_max_num_queries(13):
            client.put(f"/api/v1/reports/{report.ref}/vote/", headers=headers)


@pytest.mark.django_db(transaction=True)
def test_votes_of_one_person_at_once_count_once(report: Report, stranger: User) -> None:
    headers = bearer(stranger)

    def ask(_number: int) -> int:
        try:
            return int(Client().put(f"/api/v1/reports/{report.ref}/vote/", headers=headers).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(8))) == [200] * 8
    report.refresh_from_db()
    assert report.votes == 1


def confirm(client: Client, report: Report, user: User | None) -> Any:
    return send(client, f"/reports/{report.ref}/confirmation/", {}, user=user, method="put")


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        (None, 401),
        ("stranger", 403),
        ("moderator", 403),
        ("operator", 403),
        ("moderator_elsewhere", 403),
        ("operator_elsewhere", 403),
        ("administrator", 403),
        ("author", 200),
    ],
)
def test_confirm(client: Client, author: User, request: pytest.FixtureRequest, who: str | None, expected: int) -> None:
    report = ReportFactory(reporter=author, status=workflow.RESOLVED)
    assert confirm(client, report, request.getfixturevalue(who) if who else None).status_code == expected
    report.refresh_from_db()
    assert (report.confirmed_at is not None) == (expected == 200)


def test_confirm_twice_changes_nothing(client: Client, author: User) -> None:
    report = ReportFactory(reporter=author, status=workflow.RESOLVED)
    assert [confirm(client, report, author).status_code for _unused in range(2)] == [200, 200]
    assert Event.objects.filter(kind=Event.Kind.CONFIRMED).count() == 1


def test_confirm_what_is_not_repaired(client: Client, report: Report, author: User) -> None:
    assert confirm(client, report, author).json()["code"] == "illegal_transition"
