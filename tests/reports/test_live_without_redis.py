"""Sockets and services when Redis is away: nothing crashes for good, nothing waits for long."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings
from websockets.exceptions import ConnectionClosed, InvalidStatus

from accounts.models import User
from reports import live, workflow
from reports.models import Event, Quarter
from reports.permissions import actor_for
from reports.services.handling import change_status
from tests.factories import ReportFactory
from tests.reports.live_process import ELSEWHERE, HERE, free_port, hear, live_process, say, wait_for_port, watch

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(60)]


@contextmanager
def redis_on(port: int, folder: Path) -> Iterator[None]:
    command = ["redis-server", "--port", str(port), "--save", "", "--dir", str(folder), "--loglevel", "warning"]
    process = subprocess.Popen(command)  # noqa: S603  (a program of the project)
    try:
        wait_for_port(port, process)
        yield
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def redis_port(settings: Settings) -> Iterator[int]:
    """A port whose Redis the test starts and stops; this process publishes there too."""
    port = free_port()
    settings.CHANNEL_LAYERS = {
        "default": {
            **settings.CHANNEL_LAYERS["default"],
            "CONFIG": {"hosts": [f"redis://127.0.0.1:{port}/2"], "prefix": "fmq"},
        }
    }
    live.connections.cache_clear()
    yield port
    live.connections.cache_clear()


def test_sockets_come_back_with_redis(redis_port: int, tmp_path: Path, quarter: Quarter, moderator: User) -> None:
    report = ReportFactory(quarter=quarter)
    with live_process(f"redis://127.0.0.1:{redis_port}") as port, ExitStack() as open_sockets:
        with redis_on(redis_port, tmp_path):
            first = open_sockets.enter_context(watch(port, HERE))
        # Gone: a new box cannot be joined, a new socket is refused, and the change itself goes through.
        say(first, {"type": "watch", "bbox": ELSEWHERE})
        with pytest.raises(ConnectionClosed) as closed:
            hear(first)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1013
        with pytest.raises(InvalidStatus), watch(port, HERE):
            pass
        event = change_status(report=report, to=workflow.IN_PROGRESS, actor=actor_for(moderator, report))
        assert Event.objects.public().filter(pk=event.pk).exists()
        with redis_on(redis_port, tmp_path):
            time.sleep(2.5)
            with watch(port, HERE) as again:
                actor = actor_for(moderator, report)
                change_status(report=report, to=workflow.RESOLVED, actor=actor, note="Trou comblé.")
                assert hear(again)["report"]["status"] == "resolved"


def test_publishing_to_a_redis_that_is_away_is_quick(redis_port: int, quarter: Quarter, moderator: User) -> None:
    report = ReportFactory(quarter=quarter)
    before = time.monotonic()
    change_status(report=report, to=workflow.IN_PROGRESS, actor=actor_for(moderator, report))
    assert time.monotonic() - before < 2 * live.TIMEOUT_S
    report.refresh_from_db()
    assert report.status == workflow.IN_PROGRESS
