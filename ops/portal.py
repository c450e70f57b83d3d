"""A whole portal for tests and benchmarks: what `make run` starts, on a port and in a folder of the caller's choice."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from ops.options import ROOT
from ops.ports import free_port
from ops.state import State

START_SECONDS = 240.0
STOP_SECONDS = 30.0
LAST_LINES = 40


class PortalError(RuntimeError):
    """The portal did not become ready; the message ends with its last words."""


class Portal:
    """A portal that runs. Made by `running_portal`.

    url   its address, e.g. http://127.0.0.1:45123
    var   its state folder: demo.json, mail/, media/
    env   the environment of its processes: the same database, Redis and folders, for Django code in the test itself
    """

    def __init__(self, process: subprocess.Popen[str], var: Path, url: str) -> None:
        self.var = var
        self.url = url
        self.env: dict[str, str] = {}
        self._process = process
        self._lines: list[str] = []
        self._is_ready = False
        self._settled = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def log(self) -> str:
        """Everything that the portal's processes have said so far."""
        return "\n".join(self._lines)

    def people(self) -> dict[str, dict[str, str]]:
        """Return the demonstration sign-ins by role; a `FileNotFoundError` without the demonstration."""
        people: dict[str, dict[str, str]] = json.loads(State(self.var).demo.read_text())["people"]
        return people

    def wait_until_ready(self, seconds: float = START_SECONDS) -> None:
        """Return when the first page answers; raise `PortalError` when that does not happen."""
        self._settled.wait(seconds)
        if not self._is_ready:
            self.stop()
            last_words = "\n".join(self._lines[-LAST_LINES:])
            message = f"the portal did not become ready; its last words:\n{last_words}"
            raise PortalError(message)
        self.env = json.loads(State(self.var).environment.read_text())

    def stop(self) -> int:
        """Stop the portal and all its processes, as Ctrl-C does; return its exit status. May be called twice."""
        self._process.send_signal(signal.SIGINT)
        return self.wait()

    def wait(self, seconds: float = STOP_SECONDS) -> int:
        """Wait until the portal has ended by itself; return its exit status."""
        status = self._process.wait(seconds)
        self._reader.join(timeout=1)
        return status

    def _read(self) -> None:
        if self._process.stdout is not None:
            with self._process.stdout as stream:
                for line in stream:
                    self._lines.append(line.rstrip("\n"))
                    if line.startswith("ready: "):
                        self._is_ready = True
                        self._settled.set()
        self._settled.set()  # it has ended: nobody need wait any longer


@contextlib.contextmanager
def running_portal(
    var: Path,
    *,
    port: int | None = None,
    demo: bool = True,
    throttle: bool = False,
    env: Mapping[str, str] | None = None,
) -> Iterator[Portal]:
    """Run a whole portal while the block lasts; everything is stopped at its end, whatever happens inside.

    var       state folder, made if absent; give the same one twice and the second start finds the data of the first
    port      a free one unless given
    demo      load the demonstration town (off: an empty installation)
    throttle  keep rate limits (off, because a test sends more than a person does)
    env       more variables for the portal's settings

    Raises `PortalError` when the portal does not become ready. Call it from the main thread.
    """
    chosen = port or free_port()
    environment = {
        **os.environ,
        **(env or {}),
        "PORT": str(chosen),
        "FMQ_VAR": str(var.resolve()),
        "FMQ_DEMO": str(int(demo)),
        "FMQ_THROTTLE": str(int(throttle)),
    }
    process = subprocess.Popen(
        ["setpriv", "--pdeathsig", "TERM", sys.executable, "-m", "ops.run"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    portal = Portal(process, var.resolve(), f"http://127.0.0.1:{chosen}")
    try:
        portal.wait_until_ready()
        yield portal
    finally:
        portal.stop()
