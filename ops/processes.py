"""What a portal consists of: one list for `make run` and for docker-compose.yml.

`tests/ops/test_compose.py` holds the compose file against it, so that the two cannot drift apart.
"""

import sys
from dataclasses import dataclass

SERVICES = ("postgres", "redis")
"""Programs of others that hold data; each has a module here and an image there."""

FRONT = "front"
"""nginx: the only one that people reach."""


@dataclass(frozen=True)
class Process:
    """A process of ours: a Python module with arguments; `{host}` and `{port}` say where it listens, if it does."""

    name: str
    module: str
    arguments: tuple[str, ...]

    @property
    def listens(self) -> bool:
        """Whether the front passes requests to it."""
        return "{port}" in self.arguments

    def command(self, host: str, port: int, python: str = sys.executable) -> tuple[str, ...]:
        """Return the command line."""
        return (python, "-m", self.module, *(word.format(host=host, port=port) for word in self.arguments))


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


PROCESSES = (
    Process(
        "web",
        "granian",
        # WSGI: on two cores a page leaves ten times as often as from an ASGI server. A stuck worker is replaced.
        _words(
            "--interface wsgi --host {host} --port {port} --workers 2 --blocking-threads 4 --no-ws"
            " --respawn-failed-workers --workers-kill-timeout 3 --log-level warning fixmyquarter.wsgi:application"
        ),
    ),
    Process(
        "live",
        "uvicorn",
        # The front is the only one that can reach it, so its word about the client's address is taken. A client has
        # nothing to say that is longer than a bounding box.
        _words(
            "--host {host} --port {port} --ws websockets-sansio --ws-max-size 16384 --lifespan off --no-access-log"
            " --forwarded-allow-ips * --timeout-graceful-shutdown 2 --log-level warning fixmyquarter.asgi:application"
        ),
    ),
    Process(
        "worker",
        "celery",
        # A child that a huge photo has blown up to 300 MB is replaced when it is done.
        _words(
            "--quiet -A fixmyquarter worker -Q urgent,default,mail,photos --concurrency 2 --max-memory-per-child 300000"
            " --without-gossip --without-mingle --loglevel INFO"
        ),
    ),
    Process(
        "beat",
        "celery",
        _words(
            "--quiet -A fixmyquarter beat --scheduler django_celery_beat.schedulers:DatabaseScheduler --pidfile="
            " --loglevel WARNING"
        ),
    ),
)
