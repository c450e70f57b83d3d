"""What operations ask."""

import json
import logging

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from fixmyquarter.middleware import RequestIdFilter, request_id


def test_live_answers_without_any_part(client: Client) -> None:
    response = client.get("/healthz/live")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_ready_when_all_works(client: Client, db: None) -> None:
    response = client.get("/healthz/ready")
    assert (response.status_code, response.json()) == (200, {"status": "ok", "failing": []})


def test_ready_names_a_cache_that_is_away(client: Client, db: None, settings: Settings) -> None:
    away = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": away}
    response = client.get("/healthz/ready")
    assert (response.status_code, response.json()["failing"]) == (503, ["cache"])


def test_ready_names_migrations_that_wait(client: Client, db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations WHERE app = 'reports')"
        )
    response = client.get("/healthz/ready")
    assert (response.status_code, response.json()["failing"]) == (503, ["migrations"])


@pytest.mark.django_db
def test_metrics_count_requests(client: Client) -> None:
    client.get("/healthz/live")
    assert "django_http_requests_total_by_method_total" in client.get("/metrics").content.decode()


def test_every_answer_carries_a_request_id(client: Client) -> None:
    assert len(client.get("/healthz/live")["X-Request-ID"]) == 32


@pytest.mark.parametrize("given", ["abc-12345678", "mobile.app_12345"])
def test_a_request_id_of_the_front_is_kept(client: Client, given: str) -> None:
    assert client.get("/healthz/live", headers={"X-Request-ID": given})["X-Request-ID"] == given


@pytest.mark.parametrize("forged", ["short", "x" * 65, "a b c d e f g h", "1234567\r\n8"])
def test_a_forged_request_id_is_replaced(client: Client, forged: str) -> None:
    assert client.get("/healthz/live", headers={"X-Request-ID": forged})["X-Request-ID"] != forged


def test_logs_are_json_with_the_request_id() -> None:
    from pythonjsonlogger.json import JsonFormatter  # noqa: PLC0415

    record = logging.LogRecord("reports", logging.INFO, __file__, 1, "report %s filed", ("K7M-4QX",), None)
    token = request_id.set("abc-12345678")
    RequestIdFilter().filter(record)
    request_id.reset(token)
    line = json.loads(JsonFormatter("%(levelname)s %(name)s %(message)s %(request_id)s").format(record))
    assert line == {
        "levelname": "INFO",
        "name": "reports",
        "message": "report K7M-4QX filed",
        "request_id": "abc-12345678",
    }


def test_cache_is_the_real_one() -> None:
    cache.set("a", 1)
    assert cache.get("a") == 1
