"""Two scratch databases, small and large, and Django in a process of its own on either."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import psycopg2
from psycopg2 import sql

from ops.options import ROOT
from ops.refusal import Refusal

SMALL = "small"
SETTINGS = "fixmyquarter.settings"


@dataclass(frozen=True)
class Scratch:
    """The databases of one benchmark; `env` is the portal's environment with the large one."""

    env: Mapping[str, str]

    @property
    def small_env(self) -> dict[str, str]:
        """The same environment with the small database."""
        return {**self.env, "FMQ_DATABASE_URL": self.env["FMQ_DATABASE_URL"].rpartition("/")[0] + f"/{SMALL}"}

    def run(self, module: str, *arguments: str, env: Mapping[str, str] | None = None) -> None:
        """Run a module with Django in a process of its own; raise `Refusal` when it fails."""
        command = ["setpriv", "--pdeathsig", "TERM", sys.executable, "-m", module, *arguments]
        environment = {**(env or self.env), "DJANGO_SETTINGS_MODULE": SETTINGS}
        if subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False).returncode:
            message = f"{module} failed (its own words are above), so there is no table."
            raise Refusal(message)

    def prepare(self) -> None:
        """Make the schema and the demonstration town, in silence unless it fails."""
        command = [sys.executable, "-m", "ops.prepare"]
        result = subprocess.run(
            command, cwd=ROOT, env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if result.returncode:
            message = f"The database could not be prepared: {result.stderr.strip()[-500:]}"
            raise Refusal(message)

    def copy(self) -> None:
        """Make the small database, as a copy of what the large one holds so far; nobody else may be connected."""
        url = self.env["FMQ_DATABASE_URL"]
        with connected(f"{url.rpartition('/')[0]}/postgres") as cursor:
            original = sql.Identifier(url.rpartition("/")[2])
            cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(SMALL), original))


@contextlib.contextmanager
def connected(url: str) -> Iterator["psycopg2.extensions.cursor"]:
    """Connect to a database by a portal's address; each statement is a transaction of its own."""
    connection = psycopg2.connect(url.replace("postgis://", "postgresql://", 1))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()
