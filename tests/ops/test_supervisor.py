"""The process manager: order, prefixes, ends, and nobody left behind."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ops.identity import Identity
from ops.log import Log
from ops.options import ROOT
from ops.supervisor import Program, Supervisor

SLEEP = ("sleep", "60")


def eventually(condition: Callable[[], bool], seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def is_alive(pid: int) -> bool:
    return Identity.of(pid) is not None


@pytest.fixture
def text() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def register(tmp_path: Path) -> Path:
    return tmp_path / "processes.json"


@pytest.fixture
def supervisor(text: io.StringIO, register: Path) -> Iterator[Supervisor]:
    with Supervisor(Log(text), register) as one:
        yield one


def registered(register: Path) -> dict[str, int]:
    return {row["name"]: row["pid"] for row in json.loads(register.read_text())}


def test_supervisor_prefixes_each_line_with_its_program(supervisor: Supervisor, text: io.StringIO) -> None:
    assert supervisor.complete(Program("speaker", ("sh", "-c", "echo one; echo two >&2"))) == 0
    assert [line.split(" ", 1)[1] for line in text.getvalue().splitlines()] == ["speaker  | one", "speaker  | two"]


def test_supervisor_shows_bytes_that_are_no_text(supervisor: Supervisor, text: io.StringIO) -> None:
    supervisor.complete(Program("odd", ("printf", r"\377\n")))
    assert text.getvalue().endswith("| �\n")


def test_supervisor_tells_which_program_ended_and_how(supervisor: Supervisor) -> None:
    supervisor.start(Program("stays", SLEEP))
    supervisor.start(Program("goes", ("sh", "-c", "exit 7")))
    assert supervisor.watch() == ("goes", 7)


def test_supervisor_tells_the_signal_that_ended_a_program(supervisor: Supervisor) -> None:
    supervisor.start(Program("killed", ("sh", "-c", "kill -9 $$")))
    assert supervisor.watch() == ("killed", -9)


def test_supervisor_stops_higher_layers_first(supervisor: Supervisor, text: io.StringIO) -> None:
    script = "trap 'sleep 0.3; echo bye; exit' TERM; echo up; while :; do sleep 0.05; done"
    for name, layer in (("data", 0), ("front", 2), ("web", 1)):
        supervisor.start(Program(name, ("sh", "-c", script), layer=layer))
    assert eventually(lambda: text.getvalue().count("up") == 3)
    supervisor.stop()
    assert [line.split()[1] for line in text.getvalue().splitlines() if line.endswith("bye")] == [
        "front",
        "web",
        "data",
    ]


def test_supervisor_uses_the_program_s_own_stop_signal(supervisor: Supervisor, text: io.StringIO) -> None:
    script = "trap 'echo int; exit' INT; trap '' TERM; echo up; while :; do sleep 0.05; done"
    supervisor.start(Program("one", ("sh", "-c", script), stop_signal=signal.SIGINT))
    assert eventually(lambda: "up" in text.getvalue())
    supervisor.stop()
    assert text.getvalue().endswith("| int\n")


def test_supervisor_kills_what_does_not_obey(
    supervisor: Supervisor, text: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.supervisor.PATIENCE", 0.3)
    supervisor.start(Program("stubborn", ("sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.05; done")))
    assert eventually(lambda: "up" in text.getvalue())
    supervisor.stop()
    assert "stubborn | is killed" in text.getvalue()


def test_supervisor_kills_the_children_that_a_program_left(supervisor: Supervisor, text: io.StringIO) -> None:
    supervisor.complete(Program("parent", ("sh", "-c", "sleep 60 & echo $!")))
    child = int(text.getvalue().split()[-1])
    assert eventually(lambda: not is_alive(child))


def test_supervisor_stops_the_others_when_two_ended_by_themselves(supervisor: Supervisor) -> None:
    for name, command in [("one", ("true",)), ("two", ("true",)), ("three", SLEEP)]:
        supervisor.start(Program(name, command))
    one, two, three = supervisor._running
    assert eventually(lambda: one.has_ended and two.has_ended)

    supervisor.stop()

    assert not is_alive(three.process.pid)


def test_supervisor_register_names_what_runs(supervisor: Supervisor, register: Path) -> None:
    supervisor.start(Program("one", SLEEP))
    pid = registered(register)["one"]
    assert is_alive(pid)
    supervisor.stop()
    assert registered(register) == {}
    assert not is_alive(pid)


def test_supervisor_that_is_killed_takes_its_programs_along(tmp_path: Path) -> None:
    register = tmp_path / "processes.json"
    code = f"""
import sys; from pathlib import Path; from ops.log import Log; from ops.supervisor import Program, Supervisor
with Supervisor(Log(sys.stdout), Path({str(register)!r})) as supervisor:
    supervisor.start(Program("one", ("sleep", "60")))
    supervisor.start(Program("two", ("sleep", "60")))
    print("up", flush=True)
    supervisor.watch()
"""
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as manager:
        assert manager.stdout is not None
        assert manager.stdout.readline() == "up\n"
        pids = registered(register).values()
        assert len(pids) == 2
        os.kill(manager.pid, signal.SIGKILL)
    assert eventually(lambda: not any(map(is_alive, pids)))


def test_log_goes_on_when_its_reader_has_gone() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    stream = os.fdopen(write_end, "w")
    log = Log(stream)
    log.line("one", "lost")
    log.line("one", "lost too")
    with pytest.raises(BrokenPipeError):
        stream.close()
