"""The process manager: starts programs in order, prefixes their lines, notices the end of one, stops all in layers.

Why not honcho or supervisord: the programs of a portal depend on each other. A database that is told to end together
with its clients drowns the terminal in their complaints, a worker that loses its broker hangs, and both of those
managers leave orphans when they are killed themselves. Here every program leads a process group of its own (Ctrl-C
reaches the manager alone), the kernel ends it when the manager dies in whatever way, and the layers are stopped from
the top: the front, then the portal's own processes, then the data.
"""

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Self

from ops.identity import Identity
from ops.log import Log
from ops.secrets import write_private

TICK = 0.1
PATIENCE = 5.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, eq=False)
class Program:
    """How one program is started and stopped."""

    name: str
    command: tuple[str, ...]
    layer: int = 0
    """Higher layers need lower ones: they are stopped first."""
    cwd: Path = Path("/")
    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    stop_signal: signal.Signals = signal.SIGTERM
    privileges: tuple[str, ...] = ()
    """Options of setpriv(1), for a program that must not run as root."""
    inherit: tuple[int, ...] = ()
    """File descriptors that it gets from us."""


class Stopped(BaseException):
    """Somebody asked us to stop: no error, and like KeyboardInterrupt it must pass every `except Exception`."""


class Supervisor:
    """Runs programs until told otherwise; a context manager for the main thread, and leaving it stops everything.

    `register` is a file that always names what runs, for whoever cleans up after us (`ops.state`).
    """

    def __init__(self, log: Log, register: Path) -> None:
        self._log = log
        self._register = register
        self._running: list[_Running] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, program: Program) -> None:
        """Start a program; its output goes to the log line by line."""
        self._start(program)

    def complete(self, program: Program) -> int:
        """Run a program that ends by itself, beside the others; return its exit status (negative: signal)."""
        running = self._start(program)
        while not running.has_ended:
            time.sleep(TICK / 4)
        return self._bury(running)

    def ended(self) -> tuple[str, int] | None:
        """Return the name and exit status (negative: signal) of a program that has ended by itself, if any."""
        for running in self._running:
            if running.has_ended:
                return running.program.name, self._bury(running)
        return None

    def watch(self) -> tuple[str, int]:
        """Wait until one of the programs ends by itself; return its name and exit status."""
        while (end := self.ended()) is None:
            time.sleep(TICK)
        return end

    def stop(self) -> None:
        """End all programs, the highest layer first, each layer at once; kill what does not obey."""
        # A second Ctrl-C must not leave half of it undone; it is heard afterwards.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        try:
            self._stop_layers()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _stop_layers(self) -> None:
        for layer in sorted({running.program.layer for running in self._running}, reverse=True):
            members = [running for running in self._running if running.program.layer == layer]
            for running in members:
                # Not `send_signal`: it would reap a program that has ended by itself meanwhile, and free its number.
                os.kill(running.process.pid, running.program.stop_signal)
            deadline = time.monotonic() + PATIENCE
            for running in members:
                while not running.has_ended and time.monotonic() < deadline:
                    time.sleep(TICK / 4)
                if not running.has_ended:
                    self._log.line(running.program.name, f"is killed: it did not stop within {PATIENCE:.0f} s")
                self._bury(running)

    def _start(self, program: Program) -> "_Running":
        # The death signal makes the kernel end the program when this process is gone, whatever killed it.
        guard = ("setpriv", "--pdeathsig", program.stop_signal.name.removeprefix("SIG"), *program.privileges)
        process = subprocess.Popen(
            [*guard, *program.command],
            cwd=program.cwd,
            env=program.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=program.inherit,
        )
        running = _Running(program, process, self._log)
        self._running.append(running)
        self._write_register()
        return running

    def _bury(self, running: "_Running") -> int:
        """Take a program off the list, after killing what is left of its group: its children, or itself."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.process.pid, signal.SIGKILL)
        status = running.process.wait()
        running.reader.join(timeout=1)
        self._running.remove(running)
        self._write_register()
        return status

    def _write_register(self) -> None:
        known = [(running.program, Identity.of(running.process.pid)) for running in self._running]
        rows = [
            {"name": program.name, "pid": who.pid, "started": who.started, "stop_signal": program.stop_signal.name}
            for program, who in known
            if who is not None
        ]
        write_private(self._register, json.dumps(rows, indent=1))


class _Running:
    """A program, its process, and the thread that reads what it says."""

    def __init__(self, program: Program, process: subprocess.Popen[bytes], log: Log) -> None:
        self.program = program
        self.process = process
        self.reader = threading.Thread(target=self._relay, args=(log,), daemon=True)
        self.reader.start()

    @property
    def has_ended(self) -> bool:
        """Whether the process has ended; it stays a zombie, so that its group's number goes to nobody else yet."""
        return os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _relay(self, log: Log) -> None:
        if self.process.stdout is not None:
            with self.process.stdout as stream:
                for line in stream:
                    log.line(self.program.name, line.decode(errors="replace").rstrip())


def catch_stop_signals() -> None:
    """Make Ctrl-C, SIGTERM and a closed terminal raise `Stopped`, once: what follows is the stopping."""

    def stop(number: int, frame: FrameType | None) -> None:
        for one in STOP_SIGNALS:
            signal.signal(one, signal.SIG_IGN)
        raise Stopped

    for one in STOP_SIGNALS:
        signal.signal(one, stop)
