"""The two questions of a load balancer: whether the process answers, and whether it can work."""

from collections.abc import Callable

from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


def check_database() -> None:
    """Ask PostgreSQL one thing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def check_migrations() -> None:
    """Compare the tables with the code."""
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        message = f"{len(waiting)} migrations wait"
        raise RuntimeError(message)


def check_cache() -> None:
    """Write to Redis and read it back."""
    cache.set("healthz", "ok", 5)
    if cache.get("healthz") != "ok":
        message = "the cache forgot"
        raise RuntimeError(message)


PARTS: dict[str, Callable[[], None]] = {
    "database": check_database,
    "migrations": check_migrations,
    "cache": check_cache,
}


@never_cache
@require_safe
def live(_request: HttpRequest) -> JsonResponse:
    """Answer: the process runs."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when every part works, else 503 and the name of each part that does not, without its secrets."""
    failing = []
    for name, check in PARTS.items():
        try:
            check()
        except Exception:  # noqa: BLE001  (whatever fails, the answer is that it fails)
            failing.append(name)
    body = {"status": "failing" if failing else "ok", "failing": failing}
    return JsonResponse(body, status=503 if failing else 200)
