"""The suite in several processes: a pytest plugin that gives each its services and tells which tests stay together."""

import json
import os

import pytest
from xdist.scheduler import LoadScopeScheduling

SERVICES = "FMQ_TEST_SERVICES"
# Set by pytest-xdist in each of its processes: gw0, gw1, …
WORKER = "PYTEST_XDIST_WORKER"
# Files in these folders share something that is dear to start: a whole portal, with its demonstration.
TOGETHER = ("tests/browser/",)


def unit_of(test: str) -> str:
    """Return what runs in one process, one after the other: the file of a test, or its folder."""
    file = test.partition("::")[0]
    return next((folder for folder in TOGETHER if file.startswith(folder)), file)


class Schedule(LoadScopeScheduling):  # type: ignore[misc]
    """A file at a time, and a folder at a time where its files share what they start."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Schedule:
    return Schedule(config, log)


def settle_in() -> None:
    """Put the services of this process in its environment, before Django reads its settings.

    Each has a PostgreSQL of its own, not only a database: readers of the event log wait for every open transaction of
    the cluster, so that the tests of one process would hold back those of another.
    """
    worker = os.environ.get(WORKER)
    if worker is not None:
        os.environ.update(json.loads(os.environ[SERVICES])[int(worker.removeprefix("gw"))])


settle_in()
