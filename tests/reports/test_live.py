"""What open maps and pages hear, through the real live process and Redis, while services run in this one."""

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from accounts.models import User
from reports import workflow
from reports.models import Event, Quarter, Report
from reports.permissions import actor_for
from reports.services.community import vote
from reports.services.handling import add_note, change_status
from tests.factories import ReportFactory
from tests.reports.live_process import ELSEWHERE, HERE, hear, live_process, open_socket, say, watch

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(60)]

QUIET_SECONDS = 0.6


@pytest.fixture(scope="module")
def port(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    with django_db_blocker.unblock(), live_process() as running:
        yield running


def move(report: Report, to: str, moderator: User, note: str = "") -> Event:
    return change_status(report=report, to=to, actor=actor_for(moderator, report), note=note)


def heard_of(client: ClientConnection, report: Report, seconds: float = QUIET_SECONDS) -> list[dict[str, Any]]:
    """Return what a socket hears of one report; the Redis may be shared with others."""
    found = []
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        try:
            message = hear(client, left)
        except TimeoutError:
            break
        if message["report"]["ref"] == report.ref:
            found.append(message)
    return found


def close_code(client: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        list(iter(lambda: client.recv(timeout=5), None))
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def test_change_of_status_reaches_the_map_within_a_second(port: int, quarter: Quarter, moderator: User) -> None:
    report = ReportFactory(quarter=quarter)
    with watch(port, HERE) as client:
        before = time.monotonic()
        event = move(report, workflow.IN_PROGRESS, moderator)
        (message,) = heard_of(client, report, 1.0)
        assert time.monotonic() - before < 1.5
    assert message == {
        "type": "report.changed",
        "event": event.pk,
        "kind": "status_changed",
        "report": {
            "ref": report.ref,
            "status": "in_progress",
            "category": "pothole",
            "icon": "pothole",
            "location": [report.point.x, report.point.y],
            "votes": 0,
            "comments": 0,
            "timing": "due",
            "updated_at": report.updated_at.isoformat(),
        },
    }


def test_accepted_report_appears_and_rejected_one_is_gone(port: int, quarter: Quarter, moderator: User) -> None:
    report = ReportFactory(quarter=quarter, status=workflow.PENDING)
    with watch(port, HERE) as client:
        move(report, workflow.OPEN, moderator)
        assert [message["type"] for message in heard_of(client, report)] == ["report.created"]
        move(report, workflow.REJECTED, moderator, "Hors sujet.")
        assert [message["type"] for message in heard_of(client, report)] == ["report.gone"]


def test_nothing_is_heard_of_what_is_not_public(port: int, quarter: Quarter, moderator: User) -> None:
    waiting = ReportFactory(quarter=quarter, status=workflow.PENDING)
    shown = ReportFactory(quarter=quarter)
    with watch(port, HERE) as client:
        move(waiting, workflow.REJECTED, moderator, "Hors sujet.")
        add_note(report=shown, text="Appeler le chef de quartier.", actor=actor_for(moderator, shown))
        assert heard_of(client, waiting) == []
        assert heard_of(client, shown) == []


def test_nothing_is_heard_of_a_change_that_was_rolled_back(port: int, quarter: Quarter, moderator: User) -> None:
    report = ReportFactory(quarter=quarter)
    with watch(port, HERE) as client:
        with transaction.atomic():
            move(report, workflow.IN_PROGRESS, moderator)
            transaction.set_rollback(True)
        assert heard_of(client, report) == []


def test_map_hears_only_what_lies_in_its_box(port: int, quarter: Quarter, moderator: User) -> None:
    report = ReportFactory(quarter=quarter)
    lon, lat = report.point.coords
    # The same tile as the point, so only the exact box keeps it away.
    beside = [lon + 0.0001, lat + 0.0001, lon + 0.001, lat + 0.001]
    with watch(port, HERE) as near, watch(port, beside) as next_to_it, watch(port, ELSEWHERE) as far:
        move(report, workflow.IN_PROGRESS, moderator)
        assert len(heard_of(near, report)) == 1
        assert heard_of(next_to_it, report) == []
        assert heard_of(far, report) == []


def test_map_that_moves_on_hears_of_the_new_place_only(port: int, quarter: Quarter, moderator: User) -> None:
    report = ReportFactory(quarter=quarter)
    with watch(port, ELSEWHERE) as client:
        say(client, {"type": "watch", "bbox": HERE})
        assert hear(client)["bbox"] == HERE
        vote(report=report, device="appareil")
        assert [message["report"]["votes"] for message in heard_of(client, report)] == [1]
        say(client, {"type": "watch", "bbox": ELSEWHERE})
        assert hear(client)["bbox"] == ELSEWHERE
        move(report, workflow.IN_PROGRESS, moderator)
        assert heard_of(client, report) == []


def test_world_is_watched_as_well(port: int, quarter: Quarter, moderator: User) -> None:
    report = ReportFactory(quarter=quarter)
    with watch(port, [-180, -85, 180, 85]) as client:
        move(report, workflow.IN_PROGRESS, moderator)
        assert len(heard_of(client, report)) == 1


def test_report_socket_hears_of_its_report_only(port: int, quarter: Quarter, moderator: User) -> None:
    report, other = ReportFactory(quarter=quarter), ReportFactory(quarter=quarter)
    with open_socket(port, f"/ws/reports/{report.ref.lower()}/") as client:
        assert hear(client)["report"] == report.ref
        move(other, workflow.IN_PROGRESS, moderator)
        event = move(report, workflow.IN_PROGRESS, moderator)
        message = hear(client)
        assert (message["event"], message["report"]["ref"]) == (event.pk, report.ref)
        assert heard_of(client, other) == []


@pytest.mark.parametrize("status", [workflow.PENDING, workflow.REJECTED, workflow.WITHDRAWN, workflow.DUPLICATE])
def test_report_socket_of_what_is_not_public_closes(port: int, quarter: Quarter, status: str) -> None:
    report = ReportFactory(quarter=quarter, status=status)
    with open_socket(port, f"/ws/reports/{report.ref}/") as client:
        assert close_code(client) == 4404


def test_catch_up_begins_before_a_transaction_that_commits_late(port: int, quarter: Quarter) -> None:
    report = ReportFactory(quarter=quarter)
    first = Event.objects.create(report=report, kind=Event.Kind.VOTED, is_public=True)
    written, may_commit = threading.Event(), threading.Event()
    late: list[int] = []

    def hold() -> None:
        with transaction.atomic():
            late.append(Event.objects.create(report=report, kind=Event.Kind.VOTED, is_public=True).pk)
            written.set()
            may_commit.wait(10)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert written.wait(10)
    overtaking = Event.objects.create(report=report, kind=Event.Kind.VOTED, is_public=True)
    time.sleep(1.1)  # the process remembers its last answer for a second
    with open_socket(port, "/ws/map/") as client:
        say(client, {"type": "watch", "bbox": HERE})
        after = hear(client)["after"]
    may_commit.set()
    thread.join()
    assert after == first.pk
    missed = Event.objects.public().settled().after(after).values_list("pk", flat=True)
    assert list(missed) == [late[0], overtaking.pk]


NONSENSE = [
    "ceci n’est pas du JSON",
    "[]",
    '{"type": "watch"}',
    '{"type": "watch", "bbox": [1, 2, 3]}',
    '{"type": "watch", "bbox": [11.6, 3.8, 11.4, 3.9]}',
    '{"type": "watch", "bbox": ["a", "b", "c", "d"]}',
    '{"type": "watch", "bbox": [NaN, 0, 1, 1]}',
    '{"type": "watch", "bbox": [null, 0, 1, 1]}',
    '{"type": "publish", "report": "K7M-4QX"}',
    "[" * 4000,
]


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_is_answered(port: int, text: str) -> None:
    with open_socket(port, "/ws/map/") as client:
        client.send(text)
        answer = hear(client)
        assert answer["type"] == "error"
        assert answer["message"].endswith(".")


def test_fifth_mistake_closes_with_1008(port: int) -> None:
    with open_socket(port, "/ws/map/") as client:
        for _mistake in range(20):
            client.send(b"\x00\x01")
        assert [hear(client)["type"] for _mistake in range(5)] == ["error"] * 5
        assert close_code(client) == 1008


def test_report_socket_takes_no_orders(port: int, quarter: Quarter) -> None:
    report = ReportFactory(quarter=quarter)
    with open_socket(port, f"/ws/reports/{report.ref}/") as client:
        assert hear(client)["type"] == "watching"
        say(client, {"type": "watch", "bbox": HERE})
        assert hear(client)["type"] == "error"


def test_long_message_closes_with_1009(port: int) -> None:
    with open_socket(port, "/ws/map/") as client:
        client.send(json.dumps({"type": "watch", "bbox": HERE, "padding": "x" * 5000}))
        assert close_code(client) == 1009


def test_flood_of_messages_closes_with_1008(port: int) -> None:
    with open_socket(port, "/ws/map/") as client:
        for _message in range(40):
            say(client, {"type": "watch", "bbox": HERE})
        assert close_code(client) == 1008


@pytest.mark.parametrize("origin", ["https://ailleurs.example", None])
def test_foreign_origin_is_refused(port: int, origin: str | None) -> None:
    with pytest.raises(InvalidStatus) as refused, open_socket(port, "/ws/map/", origin=origin):
        pass
    assert refused.value.response.status_code == 403


def test_unknown_address_is_refused(port: int) -> None:
    with pytest.raises(InvalidStatus) as refused, open_socket(port, "/ws/tout/"):
        pass
    assert refused.value.response.status_code == 403
