"""The state folder: one manager at a time, leftovers stopped, strangers left alone."""

import json
import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.identity import Identity
from ops.refusal import Refusal
from ops.secrets import Secrets, write_private
from ops.state import State
from ops.stop import stop


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path / "var")


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as process:
        yield process
        process.kill()


def identity(process: subprocess.Popen[bytes]) -> Identity:
    found = Identity.of(process.pid)
    assert found is not None
    return found


def leave(state: State, who: Identity) -> None:
    """Write the register of a manager that was killed."""
    state.run.mkdir(parents=True, exist_ok=True)
    row = {"name": "web", "pid": who.pid, "started": who.started, "stop_signal": "SIGTERM"}
    state.register.write_text(json.dumps([row]))


def test_state_is_held_by_one_manager_only(state: State) -> None:
    with state.held(), pytest.raises(Refusal, match=r"A portal already runs on .*FMQ_VAR"), State(state.var).held():
        pass


def test_state_can_be_held_again_afterwards(state: State) -> None:
    for _ in range(2):
        with state.held():
            assert state.manager() == Identity.of(os.getpid())
    assert state.manager() is None


def test_state_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refusal, match=r"cannot be used .*FMQ_VAR"), State(tmp_path / "file").held():
        pass


def test_leftovers_are_stopped(state: State, sleeper: subprocess.Popen[bytes]) -> None:
    leave(state, identity(sleeper))
    with state.held():
        assert state.clear_leftovers() == ["web"]
        assert state.clear_leftovers() == []
    assert sleeper.wait(1) == -signal.SIGTERM


def test_a_stranger_with_a_recycled_pid_is_left_alone(state: State, sleeper: subprocess.Popen[bytes]) -> None:
    leave(state, Identity(sleeper.pid, "another-boot/1"))
    with state.held():
        assert state.clear_leftovers() == []
    assert sleeper.poll() is None


def test_stop_without_anything_running_stops_nothing(state: State) -> None:
    assert stop(state) == []


def test_stop_ends_a_manager_and_what_it_left(state: State, sleeper: subprocess.Popen[bytes]) -> None:
    leave(state, identity(sleeper))
    assert stop(state) == ["web"]


def test_identity_of_a_zombie_is_nobody(sleeper: subprocess.Popen[bytes]) -> None:
    before = identity(sleeper)
    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    assert not before.is_alive


def test_secrets_are_made_once_and_private(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    first = Secrets.load(file)
    assert Secrets.load(file) == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len({first.secret_key, first.database, first.database_owner, first.redis}) == 4


def test_secrets_do_not_show_themselves(tmp_path: Path) -> None:
    made = Secrets.load(tmp_path / "secrets.json")
    assert repr(made) == "Secrets(secret_key, database_owner, database, redis)"


def test_write_private_closes_a_file_that_was_open_to_all(tmp_path: Path) -> None:
    file = tmp_path / "open"
    file.write_text("old")
    file.chmod(0o644)
    write_private(file, "new")
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("new", 0o600)
