"""PostgreSQL and Redis of our own: rights, extensions, settings, and a folder that only its owner may enter."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
import redis

from ops.packages import postgresql_folder
from ops.postgres import EXTENSIONS, Cluster
from ops.secrets import Secrets
from ops.stack import start_services


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    closed = tmp_path_factory.mktemp("closed")
    closed.chmod(0o700)
    with start_services(closed / "var") as environment:
        yield environment


def ask(url: str, question: str) -> list[tuple[object, ...]]:
    parts = urlsplit(url)
    connection = psycopg2.connect(
        host=parts.hostname, port=parts.port, user=parts.username, password=parts.password, dbname=parts.path[1:]
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute(question)
            rows: list[tuple[object, ...]] = cursor.fetchall()
            return rows
    finally:
        connection.close()


def test_services_database_has_the_extensions(services: dict[str, str]) -> None:
    found = {name for (name,) in ask(services["FMQ_DATABASE_URL"], "SELECT extname FROM pg_extension")}
    assert set(EXTENSIONS) <= found


def test_services_role_owns_its_database_and_nothing_else(services: dict[str, str]) -> None:
    role = ask(
        services["FMQ_DATABASE_URL"], "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = user"
    )
    assert role == [(False, False, True)]  # databases: for tests only
    owned = ask(services["FMQ_DATABASE_URL"], "SELECT datname FROM pg_database WHERE pg_get_userbyid(datdba) = user")
    assert owned == [("fixmyquarter",)]


def test_services_speak_utf8_and_utc_on_loopback_only(services: dict[str, str]) -> None:
    question = (
        "SELECT current_setting('server_encoding'), current_setting('timezone'), current_setting('listen_addresses'), "
        "datcollate FROM pg_database WHERE datname = current_database()"
    )
    assert ask(services["FMQ_DATABASE_URL"], question) == [("UTF8", "UTC", "127.0.0.1", "C.UTF-8")]


def test_services_refuse_a_wrong_password(services: dict[str, str]) -> None:
    wrong = services["FMQ_DATABASE_URL"].replace("fixmyquarter:", "fixmyquarter:x", 1)
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        ask(wrong, "SELECT 1")
    address = urlsplit(services["FMQ_REDIS_URL"])
    with redis.Redis(port=address.port or 0) as nobody, pytest.raises(redis.AuthenticationError):
        nobody.ping()


def test_services_redis_answers(services: dict[str, str]) -> None:
    with redis.Redis.from_url(services["FMQ_REDIS_URL"]) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "volatile-lru"}


def test_cluster_made_by_another_version_is_refused(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, 1, Secrets.load(tmp_path / "secrets.json"))
    cluster.data.mkdir()
    (cluster.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(Exception, match=r"made by PostgreSQL 9 and this machine now has .* make clean"):
        cluster.create()


def test_cluster_lock_of_a_stranger_is_removed(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, 1, Secrets.load(tmp_path / "secrets.json"))
    cluster.data.mkdir()
    lock = cluster.data / "postmaster.pid"
    lock.write_text("1\n")  # alive, but it does not stand in our folder
    assert cluster.clear_leftovers() is False
    assert not lock.exists()


def test_postgresql_is_found_by_what_it_can_do() -> None:
    folder = postgresql_folder()
    assert folder is not None
    assert (folder / "initdb").exists()
