"""The real live process for tests: uvicorn on a free port, on the test database and a real Redis."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from websockets import Origin
from websockets.sync.client import ClientConnection, connect

from tests.factories import CENTRE

START_SECONDS = 30.0
# Around the point of ReportFactory's reports.
HERE = [CENTRE[0] - 0.01, CENTRE[1] - 0.01, CENTRE[0] + 0.01, CENTRE[1] + 0.01]
ELSEWHERE = [9.6, 4.0, 9.8, 4.2]


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return when something accepts connections there.

    Raises:
        RuntimeError: the process ended, or did not get ready in time.
    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    message = f"nothing listens on port {port}; the process ended with {process.poll()}"
    raise RuntimeError(message)


def database_url() -> str:
    """Return the address of the database that this test uses."""
    row = connection.settings_dict
    password = f":{quote(row['PASSWORD'])}" if row["PASSWORD"] else ""
    host = quote(row["HOST"], safe="")
    return f"postgis://{quote(row['USER'])}{password}@{host}:{row['PORT']}/{row['NAME']}"


@contextmanager
def live_process(redis_url: str | None = None) -> Iterator[int]:
    """Run the sockets' process and give its port."""
    port = free_port()
    environment = {
        **os.environ,
        "FMQ_DATABASE_URL": database_url(),
        "FMQ_REDIS_URL": redis_url or settings.REDIS_URL,
    }
    # As ops/processes.py runs it.
    options = ["--port", str(port), "--lifespan", "off", "--ws", "websockets-sansio", "--ws-max-size", "16384"]
    command = [sys.executable, "-m", "uvicorn", *options, "fixmyquarter.asgi:application"]
    process = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR)  # noqa: S603  (our own program)
    try:
        wait_for_port(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def open_socket(port: int, path: str, origin: str | None = "http://127.0.0.1:8000") -> Iterator[ClientConnection]:
    """Connect as a browser on our own page does."""
    address = f"ws://127.0.0.1:{port}{path}"
    with connect(address, origin=Origin(origin) if origin else None, close_timeout=2) as client:
        yield client


def hear(client: ClientConnection, seconds: float = 5.0) -> dict[str, Any]:
    """Return the next message.

    Raises:
        TimeoutError: none came.
    """
    return dict(json.loads(client.recv(timeout=seconds)))


def say(client: ClientConnection, message: Any) -> None:
    """Send a message."""
    client.send(json.dumps(message))


@contextmanager
def watch(port: int, bbox: list[float]) -> Iterator[ClientConnection]:
    """Give a socket that watches a box already."""
    with open_socket(port, "/ws/map/") as client:
        say(client, {"type": "watch", "bbox": bbox})
        assert hear(client)["type"] == "watching"
        yield client
