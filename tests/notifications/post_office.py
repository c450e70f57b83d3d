"""What drills need for real: a Redis of their own, a mail server that counts, and the worker with its beat."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from celery import current_app
from django.conf import settings

from tests.reports.live_process import database_url, free_port, wait_for_port

PATIENCE = 40.0
CLAIM_SECONDS = 5


class PostOffice:
    """A real SMTP server on loopback that may be closed and opened again; keeps what it has accepted."""

    def __init__(self) -> None:
        self.port = free_port()
        self.seconds_each = 0.0
        self.accepted: list[tuple[str, str]] = []
        self.bytes: list[bytes] = []
        self.answers: dict[str, str] = {}
        self._controller: Controller | None = None
        self._lock = threading.Lock()

    def open(self) -> None:
        """Listen."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Accept connections at the same address and say nothing, as a server does that hangs."""
        with socket.create_server(("127.0.0.1", self.port)):
            yield

    def close(self) -> None:
        """Refuse connections; may be called twice."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    async def handle_RCPT(  # noqa: N802  (aiosmtpd's name)
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """Take a recipient, or answer what the test says about it."""
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  (aiosmtpd's name)
        """Accept a mail, and note for whom and which."""
        number = message_from_bytes(envelope.content)["Message-ID"]
        with self._lock:
            self.accepted += [(address, number) for address in envelope.rcpt_tos]
            self.bytes.append(envelope.content)
        # Written down, but the sender does not know yet: whoever kills it now makes a second copy.
        time.sleep(self.seconds_each)  # noqa: ASYNC251  (one sender at a time is what makes it slow)
        return "250 OK"

    @property
    def copies(self) -> Counter[str]:
        """How many mails each address was sent."""
        return Counter(address for address, _number in self.accepted)

    @property
    def distinct(self) -> Counter[str]:
        """How many different mails each address was sent, by their Message-ID."""
        return Counter(address for address, _number in set(self.accepted))


@contextmanager
def own_redis(folder: Path) -> Iterator[int]:
    """Run a Redis and make it this process's broker; give its port."""
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with started([*command, "--loglevel", "warning"], {}) as process:
        wait_for_port(port, process)
        address = f"redis://127.0.0.1:{port}/1"
        os.environ["CELERY_BROKER_URL"] = address
        # The connections that this process has open lead to the other Redis.
        forget_connections()
        try:
            yield port
        finally:
            del os.environ["CELERY_BROKER_URL"]
            forget_connections()


def forget_connections() -> None:
    """Make Celery connect anew, to the broker that the environment names now."""
    current_app._after_fork()  # type: ignore[attr-defined]  # what it does in a forked child; the stubs leave it out


@contextmanager
def started(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program as the leader of its own group; the whole group ends with the block."""
    process = subprocess.Popen(  # noqa: S603  (a program of the project)
        command, env={**os.environ, **environment}, cwd=settings.BASE_DIR, start_new_session=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL a program and all its children: nothing is tidied up."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


@contextmanager
def worker(
    office: PostOffice, redis_port: int, folder: Path, *, email_timeout: int = 10
) -> Iterator[subprocess.Popen[bytes]]:
    """Run the worker with a beat inside, on the test's database, with everything that waits made quick."""
    environment = {
        "FMQ_DATABASE_URL": database_url(),
        "FMQ_REDIS_URL": f"redis://127.0.0.1:{redis_port}",
        "FMQ_EMAIL_URL": f"smtp://127.0.0.1:{office.port}",
        "FMQ_EMAIL_TIMEOUT": str(email_timeout),
        "FMQ_SWEEP_SECONDS": "1",
        "FMQ_DELIVERY_FIRST_WAIT": "1",
        "FMQ_DELIVERY_LONGEST_WAIT": "2",
        "FMQ_DELIVERY_CLAIM": str(CLAIM_SECONDS),
    }
    # As ops/processes.py runs it, with its beat in the same group, so that one signal reaches all of it.
    options = "-Q urgent,default,mail,photos --concurrency 2 --without-gossip --without-mingle --loglevel ERROR -B"
    schedule = ["--scheduler", "celery.beat:PersistentScheduler", "-s", str(folder / "beat")]
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "fixmyquarter", "worker", *options.split(), *schedule]
    with started(command, environment) as process:
        yield process


def wait_until(is_so: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Return once something is so.

    Raises:
        TimeoutError: it did not become so.
    """
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.05)
