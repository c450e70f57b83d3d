"""PostgreSQL and Redis together: what every part of the portal needs, and what tests and benchmarks need alone."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from ops.log import Log
from ops.options import Options
from ops.ports import answers, free_port
from ops.postgres import Cluster
from ops.redis import Redis
from ops.refusal import Refusal
from ops.state import State
from ops.supervisor import Supervisor

REDIS_SECONDS = 15


def bring_up(supervisor: Supervisor, state: State, *, for_tests: bool = False) -> dict[str, str]:
    """Start both services under a supervisor, on free loopback ports; return the variables that name them.

    Raises `Refusal` when one does not come up.
    """
    secrets = state.secrets()
    cluster = Cluster(state.var / "postgres", free_port(), secrets, for_tests)
    cluster.create()
    cluster.clear_leftovers()
    with cluster.program() as program:
        supervisor.start(program)
    redis = Redis(state.var / "redis", free_port(), secrets, for_tests)
    supervisor.start(redis.program())
    cluster.prepare(supervisor.ended)
    wait_for_redis(supervisor, redis)
    return {"FMQ_DATABASE_URL": cluster.url, "FMQ_REDIS_URL": redis.url}


def wait_for_redis(supervisor: Supervisor, redis: Redis) -> None:
    """Return when Redis accepts connections; raise `Refusal` when it ends or takes too long."""
    deadline = time.monotonic() + REDIS_SECONDS
    while not answers(redis.port):
        if supervisor.ended() or time.monotonic() > deadline:
            message = "Redis did not start: its own words are in the log above."
            raise Refusal(message)
        time.sleep(0.05)


def portal_environment(options: Options, state: State) -> dict[str, str]:
    """Return the variables that tell the portal's settings about this machine, without those of `bring_up`."""
    return {
        "FMQ_ENV": "development",
        "FMQ_SECRET_KEY": state.secrets().secret_key,
        "FMQ_VAR": str(state.var),
        "FMQ_STATIC_ROOT": str(state.static),
        "FMQ_MEDIA_ROOT": str(state.media),
        "FMQ_PUBLIC_URL": options.url,
        "FMQ_DEMO": str(int(options.demo)),
        "FMQ_THROTTLE": str(int(options.throttle)),
        "PORT": str(options.port),
    }


@contextlib.contextmanager
def start_services(var: Path) -> Iterator[dict[str, str]]:
    """Run a PostgreSQL and a Redis for tests or benchmarks while the block lasts; the data in `var` is not durable.

    Yields the environment for the portal's settings: FMQ_DATABASE_URL, FMQ_REDIS_URL and all of `portal_environment`.
    The database role may make databases, so that pytest-django can. What the services say goes to `var`/services.log.
    Call it from the main thread. Raises `Refusal` when a service does not come up.
    """
    state = State(var.resolve())
    options = Options(port=8000, var=state.var, demo=False, throttle=True)
    with state.held(), (state.var / "services.log").open("w") as log:
        state.clear_leftovers()
        with Supervisor(Log(log), state.register) as supervisor:
            yield {**portal_environment(options, state), **bring_up(supervisor, state, for_tests=True)}
