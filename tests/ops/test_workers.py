"""The suite in several processes: each has services of its own, and what shares a portal stays together."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ops.options import ROOT
from ops.workers import SERVICES, unit_of

SUITE = """
import os
from pathlib import Path

def test_it():
    Path(__file__).with_suffix(".txt").write_text(os.environ["FMQ_DATABASE_URL"])
"""


@pytest.mark.parametrize(
    ("test", "unit"),
    [
        ("tests/reports/test_vote.py::test_vote[a::b]", "tests/reports/test_vote.py"),
        ("tests/test_roles.py::test_role", "tests/test_roles.py"),
        ("tests/browser/test_trip.py::test_trip", "tests/browser/"),
    ],
)
def test_unit_is_the_file_or_the_folder_with_one_portal(test: str, unit: str) -> None:
    assert unit_of(test) == unit


def test_process_uses_its_own_services(tmp_path: Path) -> None:
    for name in ("test_one.py", "test_other.py"):
        (tmp_path / name).write_text(SUITE)
    services = [{"FMQ_DATABASE_URL": "postgis://first"}, {"FMQ_DATABASE_URL": "postgis://second"}]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        **services[0],
        SERVICES: json.dumps(services),
        "PYTEST_PLUGINS": "ops.workers",
        "PYTHONPATH": str(ROOT),
    }
    options = ["-p", "no:django", "-p", "no:cacheprovider", "--numprocesses", "2", "--rootdir", str(tmp_path)]
    command = [sys.executable, "-m", "pytest", *options, str(tmp_path)]
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    used = {(tmp_path / name).read_text() for name in ("test_one.txt", "test_other.txt")}
    assert used == {"postgis://first", "postgis://second"}
