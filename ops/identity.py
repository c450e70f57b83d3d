"""Knowing a process again: a pid alone may by now belong to a stranger, a pid with its start time does not."""

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

STARTED_FIELD = 19  # of /proc/PID/stat, counted after the name in brackets
STATE_FIELD = 0


@dataclass(frozen=True)
class Identity:
    """A process of this boot: its pid, and when it started (boot id and clock ticks since boot)."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> Self | None:
        """Return the identity of a living process, or nothing when there is none (a zombie has ended)."""
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
            boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        except (FileNotFoundError, ProcessLookupError):
            return None
        fields = stat.rpartition(")")[2].split()
        if fields[STATE_FIELD] in "ZX":
            return None
        return cls(pid, f"{boot}/{fields[STARTED_FIELD]}")

    @property
    def is_alive(self) -> bool:
        """Whether this very process still runs."""
        return Identity.of(self.pid) == self

    def stop(self, first: signal.Signals, patience: float, *, group: bool) -> bool:
        """Ask the process to end, insist after `patience` seconds, and tell whether there was anything to stop.

        With `group`, its whole process group is meant; do that only for a process that leads one.
        """
        if not self.is_alive:
            return False
        send = os.killpg if group else os.kill
        with contextlib.suppress(ProcessLookupError):
            send(self.pid, first)
            if not self._ends_within(patience):
                send(self.pid, signal.SIGKILL)
                self._ends_within(patience)
        return True

    def _ends_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.is_alive:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True
