"""A private Redis: cache, queue and live channel. It may be lost at any moment without losing data."""

from dataclasses import dataclass
from pathlib import Path

from ops.packages import find_program
from ops.ports import LOOPBACK
from ops.refusal import Refusal
from ops.secrets import Secrets, write_private
from ops.supervisor import Program

# A file and not the command line, where every user of the machine could read the password.
CONFIGURATION = """\
bind {host}
port {port}
protected-mode yes
requirepass {password}
dir {folder}
daemonize no
logfile ""
loglevel warning
databases 3
save {save}
appendonly no
maxmemory 256mb
maxmemory-policy volatile-lru
"""


@dataclass(frozen=True)
class Redis:
    """One Redis in `folder`, listening on a loopback `port`; `for_tests` keeps nothing on disk."""

    folder: Path
    port: int
    secrets: Secrets
    for_tests: bool = False

    @property
    def url(self) -> str:
        """The address, without a database number: the settings add one for each use."""
        return f"redis://:{self.secrets.redis}@{LOOPBACK}:{self.port}"

    def program(self) -> Program:
        """Describe the server for a supervisor, and write its configuration."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        configuration = self.folder / "redis.conf"
        text = CONFIGURATION.format(
            host=LOOPBACK,
            port=self.port,
            password=self.secrets.redis,
            folder=f'"{self.folder}"',
            # Queued work survives a restart of the portal.
            save='""' if self.for_tests else "300 1",
        )
        write_private(configuration, text)
        server = find_program("redis-server")
        if server is None:
            message = "redis-server is not installed: call make run, which installs it."
            raise Refusal(message)
        return Program("redis", (server, str(configuration)))
