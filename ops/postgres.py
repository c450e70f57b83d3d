"""A private PostgreSQL with PostGIS: made, started and prepared under a folder of ours.

PostgreSQL refuses to run as root, and where a checkout lies in root's home its own user `postgres` may not walk in. It
need not walk: we open the folder, hand over the descriptor, and tell the server that its data is at /proc/self/fd/N.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import chown

import psycopg2
from psycopg2 import sql

from ops.identity import Identity
from ops.packages import postgresql_folder
from ops.ports import LOOPBACK
from ops.refusal import Refusal
from ops.secrets import Secrets, write_private
from ops.supervisor import Program

ACCOUNT = "postgres"
AS_ACCOUNT = (f"--reuid={ACCOUNT}", f"--regid={ACCOUNT}", "--clear-groups")
OWNER = "postgres"
NAME = "fixmyquarter"
EXTENSIONS = ("postgis", "unaccent", "pg_trgm", "btree_gist")
START_SECONDS = 60
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%q%u ",
    "log_checkpoints": "off",
    "shared_buffers": "256MB",
    "max_connections": "200",
    # Compiling a query costs more than every query of ours takes.
    "jit": "off",
}
# For data that nobody will miss: a test's database is made for the test.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "2GB"}


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL installation in `folder`, listening on a loopback `port`.

    `for_tests` gives up durability for speed, and lets the application's role make databases.
    """

    folder: Path
    port: int
    secrets: Secrets
    for_tests: bool = False

    @property
    def url(self) -> str:
        """The address of the application's database, with its role and password."""
        return f"postgis://{NAME}:{self.secrets.database}@{LOOPBACK}:{self.port}/{NAME}"

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder."""
        return self.folder / "data"

    def create(self) -> None:
        """Make the cluster, unless it is there."""
        if (self.data / "PG_VERSION").exists():
            self._require_same_version()
            return
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        password = self.folder / "password"
        write_private(password, self.secrets.database_owner)
        if os.geteuid() == 0:
            chown(self.folder, ACCOUNT, ACCOUNT)
            chown(password, ACCOUNT, ACCOUNT)
        with self._handle() as handle:
            options = [f"--username={OWNER}", "--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256"]
            command = [program("initdb"), *options, f"--pgdata={handle.path}/data", f"--pwfile={handle.path}/password"]
            result = subprocess.run(
                [*(("setpriv", *AS_ACCOUNT) if os.geteuid() == 0 else ()), *command],
                pass_fds=[handle.number],
                cwd="/",
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
        password.unlink()
        if result.returncode:
            last_words = (result.stderr or result.stdout).strip().splitlines()[-1:]
            message = f"PostgreSQL could not make its folder {self.data}: {' '.join(last_words)}"
            raise Refusal(message)

    @contextlib.contextmanager
    def program(self) -> Iterator[Program]:
        """Describe the server for a supervisor; start it inside the block."""
        settings = {**SETTINGS, "port": str(self.port), **(CARELESS if self.for_tests else {})}
        with self._handle() as handle:
            options = (f"--{key}={value}" for key, value in settings.items())
            yield Program(
                "postgres",
                (program("postgres"), "-D", f"{handle.path}/data", *options),
                env={"LC_ALL": "C.UTF-8", "PATH": os.defpath},
                stop_signal=signal.SIGINT,  # "fast": ends open sessions; SIGTERM would wait for them
                privileges=AS_ACCOUNT if os.geteuid() == 0 else (),
                inherit=(handle.number,),
            )

    def prepare(self, ended: Callable[[], object]) -> None:
        """Give the server our role, our database and the extensions, where they are missing.

        Waits until it answers, or until `ended` says that something has ended. The role owns its database and nothing
        else. Extensions need a superuser, so they are put into the template: every database is a copy of it.
        """
        with contextlib.closing(self._connect("template1", ended)) as connection, connection.cursor() as cursor:
            for extension in EXTENSIONS:
                cursor.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
            cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [NAME])
            verb = "ALTER" if cursor.fetchone() is not None else "CREATE"
            right = "CREATEDB" if self.for_tests else "NOCREATEDB"
            statement = sql.SQL(f"{verb} ROLE {{}} LOGIN NOSUPERUSER {right} PASSWORD %s").format(sql.Identifier(NAME))
            cursor.execute(statement, [self.secrets.database])
        with contextlib.closing(self._connect(OWNER, ended)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", [NAME])
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("CREATE DATABASE {0} OWNER {0}").format(sql.Identifier(NAME)))

    def clear_leftovers(self) -> bool:
        """Stop a server that a killed manager left on this folder, and remove a lock that only looks alive.

        Call it only while holding the state folder's lock. Tells whether a server was stopped.
        """
        lock = self.data / "postmaster.pid"
        if not lock.exists():
            return False
        who = Identity.of(int(lock.read_text().split()[0]))
        # After a reboot the number may be anybody's: a server of ours is the one that stands in our folder.
        if who is not None and self._stands_here(who.pid):
            return who.stop(signal.SIGINT, patience=10, group=False)
        lock.unlink()
        return False

    def _stands_here(self, pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/cwd").samefile(self.data)
        except (FileNotFoundError, PermissionError):
            return False

    def _connect(self, database: str, ended: Callable[[], object]) -> "psycopg2.extensions.connection":
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                connection = psycopg2.connect(
                    host=LOOPBACK, port=self.port, user=OWNER, password=self.secrets.database_owner, dbname=database
                )
            except psycopg2.OperationalError as error:
                if ended() or time.monotonic() > deadline:
                    message = "PostgreSQL did not start: its own words are in the log above."
                    raise Refusal(message) from error
                time.sleep(0.1)
            else:
                connection.autocommit = True
                return connection

    def _require_same_version(self) -> None:
        wanted = (self.data / "PG_VERSION").read_text().strip()
        found = Path(program("postgres")).parent.parent.name
        if wanted != found:
            message = (
                f"{self.data} was made by PostgreSQL {wanted} and this machine now has {found}: install "
                f"postgresql-{wanted}-postgis-3 again, or give up this demonstration data with make clean."
            )
            raise Refusal(message)

    @contextlib.contextmanager
    def _handle(self) -> Iterator["Handle"]:
        try:
            number = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        except PermissionError as error:
            message = f"{self.folder} belongs to another user: start as that user, or choose another FMQ_VAR."
            raise Refusal(message) from error
        try:
            yield Handle(number)
        finally:
            os.close(number)


@dataclass(frozen=True)
class Handle:
    """An open folder, and the path under which whoever inherits it finds it."""

    number: int

    @property
    def path(self) -> str:
        """A path that needs no right to search the folder's parents."""
        return f"/proc/self/fd/{self.number}"


def program(name: str) -> str:
    """Return the path of one of PostgreSQL's programs."""
    folder = postgresql_folder()
    if folder is None:
        message = "PostgreSQL with PostGIS is not installed: call make run, which installs it."
        raise Refusal(message)
    return str(folder / name)
