"""`/api/v1/me/preferences/`"""

from typing import Any

import pytest

from accounts.models import User
from notifications.models import Preference, Recipient
from tests.client import Client
from tests.reports.api_client import bearer, codes, read, send

DEFAULT_TOPICS = {
    "progress": {"email": "at_once", "push": "at_once"},
    "comments": {"email": "daily", "push": "never"},
    "nearby": {"email": "daily", "push": "never"},
}


def change(client: Client, user: User | None, **body: Any) -> Any:
    return send(client, "/me/preferences/", body, user=user, method="patch")


def test_read_the_defaults(client: Client, author: User) -> None:
    response = read(client, "/me/preferences/", user=author)
    assert response.json() == {
        "topics": DEFAULT_TOPICS,
        "hour": 7,
        "weekday": 0,
        "time_zone": "Africa/Douala",
        "muted": False,
    }
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("who", ["moderator", "operator", "administrator"])
def test_read_by_staff_has_their_work(client: Client, request: pytest.FixtureRequest, who: str) -> None:
    topics = read(client, "/me/preferences/", user=request.getfixturevalue(who)).json()["topics"]
    assert topics["work"] == {"email": "daily", "push": "never"}


@pytest.mark.parametrize("method", ["get", "patch"])
def test_by_nobody(client: Client, db: None, method: str) -> None:
    assert send(client, "/me/preferences/", {}, method=method).status_code == 401


def test_change(client: Client, author: User, stranger: User) -> None:
    body = change(
        client,
        author,
        topics={"comments": {"email": "weekly"}},
        hour=18,
        weekday=6,
        time_zone="Africa/Abidjan",
        muted=True,
    ).json()
    assert body["topics"] == {**DEFAULT_TOPICS, "comments": {"email": "weekly", "push": "never"}}
    assert (body["hour"], body["weekday"], body["time_zone"], body["muted"]) == (18, 6, "Africa/Abidjan", True)
    assert read(client, "/me/preferences/", user=stranger).json()["hour"] == 7
    assert change(client, author, muted=False).json()["muted"] is False
    assert Preference.objects.get().user == author


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, [("", "nothing_to_change")]),
        ({"hour": 24}, [("hour", "max_value")]),
        ({"weekday": -1}, [("weekday", "min_value")]),
        ({"hour": "soon"}, [("hour", "invalid")]),
        ({"time_zone": "x" * 41}, [("time_zone", "max_length")]),
        ({"topics": "all"}, [("topics", "invalid")]),
        ({"topics": {"comments": {"email": "hourly"}}}, [("topics.comments.email", "invalid_choice")]),
        ({"topics": {"comments": {"push": "daily"}}}, [("topics.comments.push", "invalid_choice")]),
    ],
)
def test_change_refuses(client: Client, author: User, body: Any, expected: Any) -> None:
    assert codes(change(client, author, **body)) == expected


@pytest.mark.parametrize(
    "body",
    [
        {"topics": {"work": {"email": "daily"}}},
        {"hour": 9, "time_zone": "Africa/Nowhere"},
        {"topics": {"comments": {"email": "weekly"}}, "time_zone": "../../etc/passwd"},
    ],
)
def test_change_to_what_is_not_offered_changes_nothing(client: Client, author: User, body: Any) -> None:
    response = change(client, author, **body)
    assert (response.status_code, response.json()["code"]) == (422, "unknown_choice")
    assert not Preference.objects.exists()
    assert set(Recipient.objects.values_list("hour", flat=True)) <= {7}


def test_read_costs_little(client: Client, author: User, django_assert_num_queries: Any) -> None:
    headers = bearer(author)
    client.get("/api/v1/me/preferences/", headers=headers)
    with django_assert_num_queries(4):
        client.get("/api/v1/me/preferences/", headers=headers)
