"""`make run` as a whole: it starts, refuses, survives being killed, and takes everything with it when it goes."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.identity import Identity
from ops.options import ROOT
from ops.portal import Portal, PortalError, running_portal
from ops.processes import FRONT, PROCESSES, SERVICES
from ops.run import sign_ins
from ops.state import State
from tests.ops.test_supervisor import eventually

ALL = {*SERVICES, *(process.name for process in PROCESSES), FRONT}


def running(var: Path) -> dict[str, Identity]:
    rows = json.loads(State(var).register.read_text())
    return {row["name"]: Identity(row["pid"], row["started"]) for row in rows}


def manager(portal: Portal) -> Identity:
    found = State(portal.var).manager()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with running_portal(tmp_path_factory.mktemp("run") / "var", demo=False) as one:
        yield one


def stop(var: Path) -> str:
    """Do `make stop`; return what it says."""
    command = [sys.executable, "-m", "ops.stop"]
    environment = {**os.environ, "FMQ_VAR": str(var)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


def test_run_starts_every_process(portal: Portal) -> None:
    processes = running(portal.var)
    assert set(processes) == ALL
    assert all(process.is_alive for process in processes.values())
    with urllib.request.urlopen(portal.url) as page:  # noqa: S310 - our own portal
        assert page.status == 200
    assert f"ready: {portal.url}" in portal.log.splitlines()


def test_run_listens_to_this_machine_only(portal: Portal) -> None:
    pids = {process.pid for process in running(portal.var).values()}
    command = ["ss", "--listening", "--tcp", "--numeric", "--processes", "--no-header"]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    ours = [line.split()[3] for line in listing.splitlines() if any(f"pid={pid}," in line for pid in pids)]
    assert len(ours) >= len(SERVICES) + 1
    assert [address for address in ours if not address.startswith("127.0.0.1:")] == []


def test_run_refuses_a_folder_that_is_in_use(portal: Portal) -> None:
    with pytest.raises(PortalError, match=r"A portal already runs on .*make stop"), running_portal(portal.var):
        pass


def test_run_that_is_asked_to_stop_takes_everything_along(portal: Portal) -> None:
    processes = running(portal.var)
    assert portal.stop() == 0
    assert not any(process.is_alive for process in processes.values())


def test_run_that_is_killed_leaves_nothing_and_starts_again(portal: Portal) -> None:
    with running_portal(portal.var, demo=False) as killed:
        processes = running(killed.var)
        os.kill(manager(killed).pid, signal.SIGKILL)
        assert eventually(lambda: not any(process.is_alive for process in processes.values()), 20)
    with running_portal(portal.var, demo=False) as again:
        assert set(running(again.var)) == ALL
        assert stop(again.var) == "stopped: make run\n"
        assert again.wait() == 0
    assert stop(portal.var) == "nothing was running\n"


def test_run_names_the_process_that_died_and_stops_the_rest(portal: Portal) -> None:
    with running_portal(portal.var, demo=False) as hurt:
        processes = running(hurt.var)
        os.kill(processes["live"].pid, signal.SIGKILL)
        assert hurt.wait() == 1
        assert not any(process.is_alive for process in processes.values())
    last = hurt.log.splitlines()[-1]
    assert last == "live has ended by itself (signal 9), so all is stopped: its words are above."


def test_run_refuses_a_port_that_is_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(PortalError, match=f"Port {port} is already in use"), running_portal(tmp_path, port=port):
            pass


def test_sign_ins_stand_in_columns(tmp_path: Path) -> None:
    file = tmp_path / "demo.json"
    people = {
        "citizen": {"email": "c@x.example", "password": "1"},
        "moderator": {"email": "mo@x.example", "password": "2"},
    }
    file.write_text(json.dumps({"people": people}))
    assert sign_ins(file) == ["  citizen        c@x.example   1", "  moderator      mo@x.example  2"]
    assert sign_ins(tmp_path / "none.json") == []


def test_sign_ins_tell_where_the_second_factor_is(tmp_path: Path) -> None:
    file = tmp_path / "demo.json"
    file.write_text(json.dumps({"people": {"moderator": {"email": "mo@x.example", "password": "2", "totp": "ABC"}}}))
    assert sign_ins(file) == [
        "  moderator      mo@x.example  2",
        '  second factor of the staff: make manage ARGS="demo_code", or their "totp" in demo.json',
    ]
