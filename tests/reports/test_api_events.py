"""`GET /api/v1/events/` and `reports/<ref>/events/`"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from reports import workflow
from reports.models import Event, Report
from reports.permissions import NOBODY, Actor
from reports.services.log import record
from tests.factories import ReportFactory
from tests.reports.api_client import codes, read


def tell(report: Report, *, is_public: bool = True, **data: Any) -> Event:
    return record(kind=Event.Kind.VOTED, report=report, actor=NOBODY, is_public=is_public, data=data)


@pytest.fixture
def report(transactional_db: None) -> Report:
    found: Report = ReportFactory()
    return found


def test_feed_tells_what_is_public(client: Client, report: Report) -> None:
    actor = Actor(roles=frozenset({workflow.OPERATOR}), public_name="Service de la voirie")
    first = record(
        kind=Event.Kind.REPLY,
        report=report,
        actor=actor,
        is_public=True,
        data={"text": "Bonjour"},
        private_data={"phone": "secret"},
    )
    tell(report, is_public=False)
    second = tell(report)
    response = read(client, "/events/")
    body = response.json()
    assert body["next_after"] == second.pk
    assert [event["id"] for event in body["results"]] == [first.pk, second.pk]
    told = body["results"][0]
    assert set(told) == {"id", "kind", "report", "at", "actor", "data"}
    assert (told["kind"], told["report"]) == ("reply", report.ref)
    assert told["actor"] == {"role": "operator", "name": "Service de la voirie"}
    assert (told["data"]["text"], told["data"]["status"]) == ("Bonjour", "open")
    assert body["results"][1]["actor"] is None
    assert b"secret" not in response.content


def test_feed_goes_on_from_where_it_was(client: Client, report: Report) -> None:
    events = [tell(report).pk for _ in range(5)]
    seen, after = [], 0
    while results := (body := read(client, "/events/", after=after, limit=2).json())["results"]:
        seen += [event["id"] for event in results]
        after = body["next_after"]
    assert (seen, body["next_after"]) == (events, events[-1])


def test_feed_begins_now(client: Client, report: Report) -> None:
    assert read(client, "/events/", after="latest").json() == {"results": [], "next_after": 0}
    event = tell(report)
    body = read(client, "/events/", after="latest").json()
    assert body == {"results": [], "next_after": event.pk}
    later = tell(report)
    assert [told["id"] for told in read(client, "/events/", after=event.pk).json()["results"]] == [later.pk]


def test_feed_may_be_kept_for_a_second(client: Client, report: Report) -> None:
    response = read(client, "/events/", after=0)
    assert response["Cache-Control"] == "public, max-age=1"
    assert "Vary" not in response
    again = client.get("/api/v1/events/?after=0", headers={"if-none-match": response["ETag"]})
    assert again.status_code == 304


def test_feed_takes_the_same_queries_for_one_and_three(client: Client, report: Report) -> None:
    counts = []
    start = tell(report).pk
    for number in (1, 2):
        for _ in range(number):
            tell(ReportFactory())
        with CaptureQueriesContext(connection) as queries:
            assert read(client, "/events/", after=start).json()["results"]
        counts.append(len(queries))
    assert counts == [4, 4]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"after": "-1"}, "after"),
        ({"after": "x"}, "after"),
        ({"after": "1" * 30}, "after"),
        ({"after": "9223372036854775808"}, "after"),
        ({"after": "²"}, "after"),
        ({"after": "1\x00"}, "after"),
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
    ],
)
def test_feed_refuses(client: Client, db: None, query: dict[str, Any], field: str) -> None:
    response = read(client, "/events/", **query)
    assert response.status_code == 400
    assert [name for name, _code in codes(response)] == [field]


@pytest.fixture
def slow_connection(report: Report) -> Iterator[BaseDatabaseWrapper]:
    """A second, real connection: somebody whose transaction takes long."""
    slow = connections.create_connection("default")
    slow.settings_dict = connection.settings_dict
    slow.connect()
    slow.set_autocommit(False)
    yield slow
    slow.rollback()
    slow.close()


def write_slowly(slow: BaseDatabaseWrapper, report: Report) -> int:
    with slow.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reports_event (kind, report_id, actor_role, actor_name, is_public, data, private_data, at)"
            " VALUES ('voted', %s, '', '', true, '{}', '{}', now()) RETURNING id",
            [report.pk],
        )
        (event_id,) = cursor.fetchone()
    return int(event_id)


def test_feed_misses_nothing_that_commits_late(
    client: Client, report: Report, slow_connection: BaseDatabaseWrapper
) -> None:
    before = tell(report).pk
    late = write_slowly(slow_connection, report)
    quick = tell(report).pk
    assert late < quick
    body = read(client, "/events/").json()
    # What was written after the slow one began waits for it: handing it out would step over the other.
    assert [event["id"] for event in body["results"]] == [before]
    assert read(client, "/events/", after="latest").json()["next_after"] == before
    slow_connection.commit()
    body = read(client, "/events/", after=body["next_after"]).json()
    assert [event["id"] for event in body["results"]] == [late, quick]
    assert read(client, "/events/", after=body["next_after"]).json()["results"] == []


def test_feed_misses_nothing_when_the_older_transaction_writes_last(
    client: Client, report: Report, slow_connection: BaseDatabaseWrapper
) -> None:
    with slow_connection.cursor() as cursor:
        # Its number is drawn now, its event later: the larger id belongs to the older transaction.
        cursor.execute("SELECT pg_current_xact_id()")
    quick = tell(report).pk
    assert read(client, "/events/").json()["results"] == []
    late = write_slowly(slow_connection, report)
    slow_connection.commit()
    after, seen = 0, []
    while results := (body := read(client, "/events/", after=after, limit=1).json())["results"]:
        seen += [event["id"] for event in results]
        after = body["next_after"]
    assert (sorted(seen), seen) == ([quick, late], [late, quick])


def test_feed_is_not_held_up_for_readers(client: Client, report: Report, slow_connection: BaseDatabaseWrapper) -> None:
    with slow_connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM reports_event")
    event = tell(report).pk
    assert [told["id"] for told in read(client, "/events/").json()["results"]] == [event]


def story(client: Client, report: Report, user: User | None = None) -> list[str]:
    return [event["kind"] for event in read(client, f"/reports/{report.ref}/events/", user=user).json()["results"]]


def test_story_of_a_public_report(client: Client, db: None, moderator: User) -> None:
    report = ReportFactory()
    tell(report)
    record(kind=Event.Kind.NOTE, report=report, actor=NOBODY, is_public=False, private_data={"text": "secret"})
    response = read(client, f"/reports/{report.ref}/events/")
    assert [event["kind"] for event in response.json()["results"]] == ["voted"]
    assert response["Cache-Control"] == "public, max-age=1"
    assert story(client, report, moderator) == ["voted"]


def test_story_of_a_pending_report(client: Client, author: User, moderator: User, stranger: User) -> None:
    report = ReportFactory(status=workflow.PENDING, reporter=author)
    tell(report, is_public=False)
    record(kind=Event.Kind.NOTE, report=report, actor=NOBODY, is_public=False, private_data={"text": "secret"})
    assert story(client, report, author) == ["voted"]
    assert story(client, report, moderator) == ["voted", "note"]
    assert read(client, f"/reports/{report.ref}/events/", user=stranger).status_code == 404
    assert read(client, f"/reports/{report.ref}/events/").status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_story_takes_three_queries(client: Client, db: None, number: int) -> None:
    report = ReportFactory()
    for _ in range(number):
        tell(report)
    with CaptureQueriesContext(connection) as queries:
        assert len(story(client, report)) == number
    assert len(queries) == 3
