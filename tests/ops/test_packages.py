"""Missing packages: installed where possible, otherwise one sentence says what and what to do."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from ops import bootstrap, packages
from ops.options import ROOT
from ops.packages import Package, install, missing
from ops.refusal import Refusal

HERE = Package("here", lambda: True)


class Machine:
    """A folder of programs that stands for the machine's own."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.programs = folder / "bin"
        self.programs.mkdir()
        self.installed = folder / "installed"
        self._monkeypatch = monkeypatch
        monkeypatch.setenv("PATH", f"{self.programs}:/usr/bin:/bin")
        monkeypatch.setattr("sys.stdin", io.StringIO())
        monkeypatch.setattr(packages, "find_program", self.find)
        monkeypatch.setattr(packages, "INSTALL", 'apt-get install "$@"')

    def find(self, name: str) -> str | None:
        return name if (self.programs / name).exists() else None

    def has(self, name: str, script: str) -> None:
        program = self.programs / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    def is_used_by(self, user: int) -> None:
        self._monkeypatch.setattr("os.geteuid", lambda: user)

    @property
    def wanted(self) -> Package:
        return Package("thing", self.installed.exists)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_missing_names_what_is_not_there() -> None:
    assert missing([HERE, Package("gone", lambda: False)]) == ["gone"]


def test_install_asks_nobody_when_all_is_there(machine: Machine) -> None:
    machine.has("apt-get", "exit 1")
    install([HERE])


def test_install_as_root_calls_apt(machine: Machine) -> None:
    machine.is_used_by(0)
    machine.has("apt-get", f"echo $* > {machine.installed}")
    install([HERE, machine.wanted])
    assert machine.installed.read_text() == "install thing\n"


def test_install_as_somebody_calls_apt_with_sudo(machine: Machine) -> None:
    machine.is_used_by(1000)
    machine.has("sudo", '[ "$1" = --non-interactive ] && shift; exec "$@"')
    machine.has("apt-get", f"echo $* > {machine.installed}")
    install([machine.wanted])
    assert machine.installed.read_text() == "install thing\n"


def refusal_of(machine: Machine) -> str:
    with pytest.raises(Refusal) as refusal:
        install([machine.wanted])
    return str(refusal.value)


def test_install_without_apt_says_what_to_do(machine: Machine) -> None:
    assert refusal_of(machine) == (
        "These packages are missing and this machine has no apt-get: thing; "
        "install them yourself (apt-get install thing) and start again."
    )


def test_install_without_rights_says_what_to_do(machine: Machine) -> None:
    machine.is_used_by(1000)
    machine.has("apt-get", "exit 0")
    assert refusal_of(machine) == (
        "Packages are missing, and you are neither root nor have sudo: "
        "install them yourself (apt-get install thing) and start again."
    )


def test_install_without_a_password_says_what_to_do(machine: Machine) -> None:
    machine.is_used_by(1000)
    machine.has("apt-get", "exit 0")
    machine.has("sudo", "exit 1")
    assert refusal_of(machine).startswith(
        "Packages are missing, and sudo wants a password that nobody is here to type: "
    )


@pytest.mark.parametrize("script", ["exit 100", "exit 0"])
def test_install_that_did_not_help_says_what_to_do(machine: Machine, script: str) -> None:
    machine.is_used_by(0)
    machine.has("apt-get", script)
    assert refusal_of(machine).startswith(
        "apt-get could not install thing (its own words are above): check the network"
    )


def test_python_that_is_too_old_is_refused() -> None:
    with pytest.raises(Refusal) as refusal:
        bootstrap.require_python((3, 10))
    assert str(refusal.value) == (
        "FixMyQuarter needs Python 3.11 and this is 3.10: install it and add PYTHON=python3.11."
    )


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with empty requirements, whose environment is the one that runs the tests."""
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap, "PYTHON", Path(sys.executable))
    (tmp_path / "requirements.txt").write_text("")
    return tmp_path


def test_requirements_are_installed_once_and_again_when_they_change(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = []
    for line in ("", "", "# more\n"):
        (checkout / "requirements.txt").write_text(line)
        bootstrap.prepare_venv(("requirements.txt",))
        said.append(capsys.readouterr().out)
    assert said == ["installing the Python packages of requirements.txt\n", "", said[0]]


def test_requirements_that_cannot_be_installed_say_so(checkout: Path) -> None:
    (checkout / "requirements.txt").write_text("no-such-file-here @ file:///nowhere/at/all\n")
    with pytest.raises(Refusal, match=r"pip could not install requirements.txt .* check the network"):
        bootstrap.prepare_venv(("requirements.txt",))


def test_venv_whose_python_does_not_start_is_made_anew(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = checkout / "python"
    broken.symlink_to("/nowhere/python")
    monkeypatch.setattr(bootstrap, "PYTHON", broken)
    done: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "run", lambda command, _: done.append(command))
    bootstrap.prepare_venv(("requirements.txt",))
    assert done[0] == [sys.executable, "-m", "venv", "--clear", str(checkout)]


def test_bootstrap_needs_the_standard_library_only() -> None:
    command = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        f"import sys; sys.path.append({str(ROOT)!r}); import ops.bootstrap, ops.stop",
    ]
    assert subprocess.run(command, capture_output=True, text=True, check=False).stderr == ""
