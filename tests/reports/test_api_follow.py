"""`/api/v1/reports/<ref>/follow/` and `/api/v1/me/follows/`"""

from typing import Any

import pytest

from accounts.models import User
from reports import workflow
from reports.models import Category, Follow, Quarter, Report
from reports.services.areas import MOST_AREAS
from tests.client import Client
from tests.factories import CENTRE, CategoryFactory, ReportFactory
from tests.reports.api_client import bearer, codes, read, send

CAST = ["stranger", "author", "moderator", "operator", "moderator_elsewhere", "operator_elsewhere", "administrator"]
CIRCLE = {"location": {"type": "Point", "coordinates": list(CENTRE)}, "radius_m": 500}


def follow(client: Client, report: Report, user: User | None, method: str = "put") -> Any:
    return send(client, f"/reports/{report.ref}/follow/", {}, user=user, method=method)


def follow_area(client: Client, user: User | None, **area: Any) -> Any:
    return send(client, "/me/follows/", area, user=user)


@pytest.mark.parametrize("who", CAST)
def test_follow(client: Client, author: User, request: pytest.FixtureRequest, who: str) -> None:
    report, user = ReportFactory(reporter=author), request.getfixturevalue(who)
    responses = [follow(client, report, user) for _unused in range(2)]
    assert [(response.status_code, response.json()) for response in responses] == [(200, {"follows": True})] * 2
    assert Follow.objects.filter(report=report, user=user).count() == 1


def test_unfollow_twice(client: Client, stranger: User) -> None:
    report = ReportFactory()
    follow(client, report, stranger)
    assert [follow(client, report, stranger, "delete").json() for _unused in range(2)] == [{"follows": False}] * 2
    assert not Follow.objects.filter(user=stranger).exists()


def test_unfollow_leaves_the_others(client: Client, stranger: User, moderator: User) -> None:
    report = ReportFactory()
    follow(client, report, moderator)
    follow(client, report, stranger, "delete")
    assert Follow.objects.filter(report=report, user=moderator).exists()


@pytest.mark.parametrize("method", ["put", "delete"])
def test_follow_by_nobody(client: Client, db: None, method: str) -> None:
    assert follow(client, ReportFactory(), None, method).status_code == 401


@pytest.mark.parametrize(
    ("status", "expected"),
    [(workflow.PENDING, 404), (workflow.WITHDRAWN, 404), (workflow.REJECTED, 410), (workflow.DUPLICATE, 303)],
)
def test_follow_what_one_may_not_see(client: Client, stranger: User, status: str, expected: int) -> None:
    assert follow(client, ReportFactory(status=status), stranger).status_code == expected
    assert not Follow.objects.filter(user=stranger).exists()


@pytest.mark.parametrize(
    "area",
    [
        {"quarter": "yaounde/mokolo"},
        {"quarter": "mokolo"},
        {"category": "pothole"},
        {"quarter": "mokolo", "category": "pothole"},
        {"circle": CIRCLE},
        {"circle": CIRCLE, "category": "pothole"},
    ],
)
def test_follow_area(client: Client, stranger: User, quarter: Quarter, category: Category, area: Any) -> None:
    response = follow_area(client, stranger, **area)
    row = Follow.objects.get()
    assert response.status_code == 201
    assert response["Location"] == f"http://127.0.0.1:8000/api/v1/me/follows/{row.pk}/"
    assert (row.user, row.quarter_id is not None, row.radius_m) == (
        stranger,
        "quarter" in area,
        500 if "circle" in area else None,
    )
    assert follow_area(client, stranger, **area).json() == response.json()
    assert Follow.objects.count() == 1


def test_follow_area_shape(client: Client, stranger: User, quarter: Quarter, category: Category) -> None:
    body = follow_area(client, stranger, circle=CIRCLE, category="pothole").json()
    assert {name: body[name] for name in ("report", "quarter", "category", "circle")} == {
        "report": None,
        "quarter": None,
        "category": {"code": "pothole", "name": "Nid-de-poule"},
        "circle": CIRCLE,
    }


@pytest.mark.parametrize(
    ("area", "status", "code"),
    [
        ({}, 422, "bad_area"),
        ({"quarter": "nowhere"}, 400, "invalid"),
        ({"quarter": "\x00"}, 400, "invalid"),
        ({"quarter": "\ud800x"}, 400, "invalid"),
        ({"quarter": 7}, 400, "invalid"),
        ({"quarter": ["mokolo"]}, 400, "invalid"),
        ({"category": "nothing"}, 400, "invalid"),
        ({"circle": {**CIRCLE, "radius_m": 10}}, 422, "bad_area"),
        ({"circle": {**CIRCLE, "radius_m": 10**30}}, 422, "bad_area"),
        ({"circle": {"radius_m": 500}}, 400, "invalid"),
        ({"circle": "here"}, 400, "invalid"),
        ({"circle": {**CIRCLE, "location": {"type": "Point", "coordinates": [9.5, 9.5]}}}, 422, "outside_served_area"),
        ({"circle": CIRCLE, "quarter": "mokolo"}, 422, "bad_area"),
    ],
)
def test_follow_area_refuses(
    client: Client, stranger: User, quarter: Quarter, category: Category, area: Any, status: int, code: str
) -> None:
    response = follow_area(client, stranger, **area)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert not Follow.objects.exists()


def test_follow_too_many_areas(client: Client, stranger: User, quarter: Quarter) -> None:
    for number in range(MOST_AREAS):
        Follow.objects.create(user=stranger, category=CategoryFactory(code=f"c{number}"))
    assert follow_area(client, stranger, quarter="mokolo").json()["code"] == "too_many_follows"


@pytest.mark.parametrize("method", ["get", "post"])
def test_my_follows_by_nobody(client: Client, db: None, method: str) -> None:
    assert send(client, "/me/follows/", {}, method=method).status_code == 401


def test_my_follows_are_mine(client: Client, stranger: User, moderator: User, quarter: Quarter) -> None:
    report = ReportFactory(quarter=quarter)
    follow(client, report, stranger)
    follow_area(client, stranger, quarter="mokolo")
    follow(client, report, moderator)
    response = read(client, "/me/follows/", user=stranger)
    assert [(row["report"], bool(row["quarter"])) for row in response.json()["results"]] == [
        (None, True),
        (report.ref, False),
    ]
    assert response["Cache-Control"] == "private, no-store"


def test_my_follows_cost_the_same_at_any_count(client: Client, stranger: User, django_assert_num_queries: Any) -> None:
    headers = bearer(stranger)
    for _unused in range(2):
        Follow.objects.create(report=ReportFactory(), user=stranger)
        with django_assert_num_queries(2):
            client.get("/api/v1/me/follows/", headers=headers)


def test_my_follows_are_paged(client: Client, stranger: User) -> None:
    rows = [Follow.objects.create(report=ReportFactory(), user=stranger).pk for _unused in range(5)]
    seen, path = [], "/me/follows/?page_size=2"
    while path:
        body = read(client, path, user=stranger).json()
        seen += [row["id"] for row in body["results"]]
        path = (body["next"] or "").partition("/api/v1")[2]
    assert seen == rows[::-1]


def test_my_follows_page_backwards(client: Client, stranger: User) -> None:
    rows = [Follow.objects.create(report=ReportFactory(), user=stranger).pk for _unused in range(3)]
    second = read(client, f"/me/follows/?page_size=1&cursor=o{rows[2]}", user=stranger).json()
    first = read(client, second["previous"].partition("/api/v1")[2], user=stranger).json()
    assert ([row["id"] for row in first["results"]], first["previous"]) == ([rows[2]], None)


@pytest.mark.parametrize("cursor", ["x", "o", "o-1", "o99999999999999999999999", "o\x00", "n1.5", "é1", "o²"])
def test_my_follows_refuse_a_cursor(client: Client, stranger: User, cursor: str) -> None:
    assert codes(read(client, "/me/follows/", user=stranger, cursor=cursor)) == [("cursor", "invalid_cursor")]


def test_stop_following(client: Client, stranger: User, quarter: Quarter) -> None:
    place = follow_area(client, stranger, quarter="mokolo")["Location"].partition("/api/v1")[2]
    assert send(client, place, {}, user=stranger, method="delete").status_code == 204
    assert send(client, place, {}, user=stranger, method="delete").status_code == 404


@pytest.mark.parametrize("who", ["author", "moderator", "administrator"])
def test_stop_anothers_follow(
    client: Client, stranger: User, quarter: Quarter, request: pytest.FixtureRequest, who: str
) -> None:
    place = follow_area(client, stranger, quarter="mokolo")["Location"].partition("/api/v1")[2]
    assert send(client, place, {}, user=request.getfixturevalue(who), method="delete").status_code == 404
    assert Follow.objects.filter(user=stranger).exists()


def test_stop_following_a_number_that_is_none(client: Client, stranger: User) -> None:
    assert send(client, f"/me/follows/{10**30}/", {}, user=stranger, method="delete").status_code == 404
