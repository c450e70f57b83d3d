"""docker-compose.yml is a valid compose file and describes the processes that `make run` starts."""

import importlib.resources
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.nginx import PLACE, TEMPLATE
from ops.options import ROOT
from ops.processes import FRONT, PROCESSES, SERVICES

COMPOSE = ROOT / "docker-compose.yml"
AROUND = {"storage", "mail", "prometheus", "grafana"}
ONCE = {"prepare", "buckets"}
PORT_OF = {"web": 8001, "live": 8002, "worker": 0, "beat": 0}


def read(text: str) -> dict[str, Any]:
    compose: dict[str, Any] = yaml.safe_load(text)
    return compose


def drift(compose: dict[str, Any]) -> list[str]:
    """Say how a compose file differs from the process list."""
    services = compose["services"]
    wanted = {process.name for process in PROCESSES} | set(SERVICES) | {FRONT}
    found = set(services) - AROUND - ONCE
    said = [f"{name} only in one" for name in sorted(wanted ^ found)]
    for process in PROCESSES:
        command = process.command("0.0.0.0", PORT_OF[process.name], python="python")  # noqa: S104 - inside a container
        if list(command) != services.get(process.name, {}).get("command"):
            said.append(f"{process.name} is started differently")
    return said


def complaints(file: Path) -> str:
    """Return what the compose specification's own JSON schema finds wrong with a file."""
    assert importlib.resources.files("check_jsonschema").joinpath("builtin_schemas/vendor/compose-spec.json").is_file()
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(file)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.stdout if result.returncode else ""


def test_compose_file_fits_the_compose_schema() -> None:
    assert complaints(COMPOSE) == ""


def test_compose_schema_fires(tmp_path: Path) -> None:
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text(COMPOSE.read_text().replace("restart: unless-stopped", "restarts: unless-stopped", 1))
    assert "restarts" in complaints(wrong)


def test_compose_has_the_processes_of_the_local_run() -> None:
    assert drift(read(COMPOSE.read_text())) == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("\n  beat:\n", "\n  clock:\n", ["beat only in one", "clock only in one", "beat is started differently"]),
        ('"urgent,default,mail,photos"', '"default,mail,photos"', ["worker is started differently"]),
        ("--interface, wsgi", "--interface, asgi", ["web is started differently"]),
    ],
)
def test_compose_drift_is_seen(before: str, after: str, said: list[str]) -> None:
    text = COMPOSE.read_text()
    assert before in text
    assert drift(read(text.replace(before, after))) == said


def test_compose_front_fills_every_place_of_the_nginx_template() -> None:
    front = read(COMPOSE.read_text())["services"]["front"]["environment"]
    assert set(front) == set(PLACE.findall(TEMPLATE.read_text()))


def test_compose_front_passes_to_where_web_and_live_listen() -> None:
    front = read(COMPOSE.read_text())["services"]["front"]["environment"]
    assert (front["FMQ_WEB"], front["FMQ_LIVE"]) == (f"web:{PORT_OF['web']}", f"live:{PORT_OF['live']}")


def test_compose_opens_ports_to_this_machine_only() -> None:
    services = read(COMPOSE.read_text())["services"]
    opened = [port for service in services.values() for port in service.get("ports", [])]
    assert opened
    assert [port for port in opened if not port.startswith("127.0.0.1:")] == []


def test_compose_pins_every_image() -> None:
    images = [service["image"] for service in read(COMPOSE.read_text())["services"].values() if "build" not in service]
    assert [image for image in images if not re.search(r":v?\d+", image)] == []


def test_prometheus_asks_web_where_it_listens() -> None:
    prometheus = yaml.safe_load((ROOT / "ops" / "prometheus.yml").read_text())
    targets = [
        target for job in prometheus["scrape_configs"] for one in job["static_configs"] for target in one["targets"]
    ]
    assert targets == [f"web:{PORT_OF['web']}"]
