"""The state folder ($FMQ_VAR): what lies where in it, who may use it, and what a crash left behind."""

import contextlib
import fcntl
import json
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ops.identity import Identity
from ops.refusal import Refusal
from ops.secrets import Secrets


@dataclass(frozen=True)
class State:
    """Paths in one state folder."""

    var: Path

    @property
    def run(self) -> Path:
        """What is only true while the portal runs."""
        return self.var / "run"

    @property
    def register(self) -> Path:
        """What the supervisor runs at this moment."""
        return self.run / "processes.json"

    @property
    def environment(self) -> Path:
        """The environment of the running portal, for `make manage` and for tests."""
        return self.run / "environment.json"

    @property
    def lock(self) -> Path:
        """Held by the manager as long as it lives; its text is the manager's identity."""
        return self.run / "lock"

    @property
    def demo(self) -> Path:
        """The demonstration sign-ins; there once the demonstration town is loaded."""
        return self.var / "demo.json"

    @property
    def static(self) -> Path:
        """Collected static files."""
        return self.var / "static"

    @property
    def media(self) -> Path:
        """Photos: `public/` has an address, `private/` has none."""
        return self.var / "media"

    def secrets(self) -> Secrets:
        """Return this folder's passwords, made on the first call."""
        return Secrets.load(self.var / "secrets.json")

    def manager(self) -> Identity | None:
        """Return the manager that holds this folder, if one lives."""
        try:
            pid, started = self.lock.read_text().split()
        except (FileNotFoundError, ValueError):
            return None
        identity = Identity(int(pid), started)
        return identity if identity.is_alive else None

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Make the folder and keep every other manager out of it for the length of the block."""
        try:
            self.run.mkdir(parents=True, exist_ok=True, mode=0o700)
            stream = self.lock.open("a+")
        except OSError as error:
            message = f"The state folder {self.var} cannot be used ({error.strerror}): choose another one with FMQ_VAR."
            raise Refusal(message) from error
        with stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                message = f"A portal already runs on {self.var}: stop it (make stop) or choose another FMQ_VAR."
                raise Refusal(message) from None
            stream.truncate(0)
            me = Identity.of(os.getpid())
            assert me is not None  # noqa: S101 - we are alive
            stream.write(f"{me.pid} {me.started}")
            stream.flush()
            yield
            stream.truncate(0)

    def clear_leftovers(self) -> list[str]:
        """Stop the programs that a killed manager left behind, and nobody else; return their names.

        Call it only while holding the folder.
        """
        if not self.register.exists():
            return []
        stopped = [
            row["name"]
            for row in reversed(json.loads(self.register.read_text()))
            if Identity(row["pid"], row["started"]).stop(signal.Signals[row["stop_signal"]], patience=8, group=True)
        ]
        self.register.unlink()
        return stopped
