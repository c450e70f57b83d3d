"""`/api/v1/me/`: a person's own data, reports and copy"""

import io
import json
import os
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, DataExport, User
from accounts.services.data import build_export
from reports import workflow
from tests.client import Client
from tests.factories import ReportFactory
from tests.reports.api_client import bearer, codes, read, send

STRINGS = Path(os.environ.get("FMQ_SHARED_DATA", Path(__file__).parents[2] / "../shared/data")) / "text/blns.json"
CAST = ["stranger", "author", "moderator", "operator", "moderator_elsewhere", "operator_elsewhere", "administrator"]


def change(client: Client, user: User | None, **body: Any) -> Any:
    return send(client, "/me/", body, user=user, method="patch")


@pytest.mark.parametrize("who", CAST)
def test_change(client: Client, request: pytest.FixtureRequest, who: str) -> None:
    user = request.getfixturevalue(who)
    body = change(client, user, name=" Awa  N. ", language="en", shows_name=True).json()
    user.refresh_from_db()
    assert (body["name"], body["language"], body["shows_name"]) == ("Awa N.", "en", True)
    assert (user.name, user.language, user.shows_name) == ("Awa N.", "en", True)


def test_change_one_thing(client: Client, author: User) -> None:
    change(client, author, shows_name=True)
    before = author.name
    author.refresh_from_db()
    assert (author.name, author.shows_name) == (before, True)


def test_change_by_nobody(client: Client, db: None) -> None:
    assert change(client, None, name="Awa").status_code == 401


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, [("", "nothing_to_change")]),
        ({"name": "x" * 81}, [("name", "max_length")]),
        ({"name": "a\x00"}, [("name", "null_characters_not_allowed")]),
        ({"name": None}, [("name", "null")]),
        ({"language": "de"}, [("language", "invalid_choice")]),
        ({"shows_name": "perhaps"}, [("shows_name", "invalid")]),
    ],
)
def test_change_refuses(client: Client, author: User, body: Any, expected: Any) -> None:
    assert codes(change(client, author, **body)) == expected


def test_change_nothing_that_is_not_ones_own_to_change(client: Client, author: User) -> None:
    change(
        client, author, name="Awa", email="other@example.org", is_staff=True, is_superuser=True, roles=["administrator"]
    )
    author.refresh_from_db()
    assert (author.email, author.is_staff, author.is_superuser) == ("auteur@example.org", False, False)


@pytest.mark.skipif(not STRINGS.is_file(), reason="the shared data (../shared/data) are not here")
def test_change_to_naughty_strings(client: Client, author: User) -> None:
    headers = bearer(author)
    for text in json.loads(STRINGS.read_text()):
        response: Any = client.patch("/api/v1/me/", {"name": text}, "application/json", headers=headers)
        assert response.status_code in {200, 400}


def test_my_reports_are_mine(client: Client, author: User, stranger: User) -> None:
    mine = [ReportFactory(reporter=author, status=status).ref for status in sorted(workflow.STATUSES)]
    ReportFactory(reporter=stranger)
    response = read(client, "/me/reports/", user=author)
    assert [row["ref"] for row in response.json()["results"]] == mine[::-1]
    assert response["Cache-Control"] == "private, no-store"
    assert read(client, "/me/reports/").status_code == 401


def test_my_reports_cost_the_same_at_any_count(client: Client, author: User, django_assert_num_queries: Any) -> None:
    headers = bearer(author)
    for _unused in range(3):
        ReportFactory(reporter=author)
        with django_assert_num_queries(3):
            client.get("/api/v1/me/reports/", headers=headers)


def test_export(client: Client, author: User) -> None:
    assert read(client, "/me/export/", user=author).status_code == 404
    asked = send(client, "/me/export/", {}, user=author)
    assert (asked.status_code, asked.json()["status"], asked.json()["url"]) == (202, "waiting", None)
    assert send(client, "/me/export/", {}, user=author).status_code == 202
    build_export(export_id=DataExport.objects.get().pk)
    ready = read(client, "/me/export/", user=author).json()
    assert (ready["status"], ready["url"]) == ("ready", "http://127.0.0.1:8000/api/v1/me/export/file/")
    response: Any = client.get("/api/v1/me/export/file/", headers=bearer(author))
    assert response["Cache-Control"] == "private, no-store"
    packed = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    assert "LISEZMOI.txt" in packed.namelist()
    assert AuditEntry.objects.filter(kind=AuditEntry.Kind.EXPORT_FETCHED, actor=author).count() == 1


def test_export_of_another(client: Client, author: User, stranger: User, administrator: User) -> None:
    send(client, "/me/export/", {}, user=author)
    build_export(export_id=DataExport.objects.get().pk)
    for user in (stranger, administrator):
        assert read(client, "/me/export/", user=user).status_code == 404
        assert read(client, "/me/export/file/", user=user).status_code == 404


@pytest.mark.parametrize(("method", "path"), [("get", ""), ("post", ""), ("get", "file/")])
def test_export_by_nobody(client: Client, db: None, method: str, path: str) -> None:
    assert send(client, f"/me/export/{path}", {}, method=method).status_code == 401


def test_export_that_expired(client: Client, author: User) -> None:
    send(client, "/me/export/", {}, user=author)
    build_export(export_id=DataExport.objects.get().pk)
    DataExport.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert read(client, "/me/export/file/", user=author).status_code == 404
    assert read(client, "/me/export/", user=author).json()["status"] == "expired"


def test_export_too_often(client: Client, author: User) -> None:
    for _unused in range(3):
        DataExport.objects.create(user=author, status=DataExport.Status.EXPIRED)
    response = send(client, "/me/export/", {}, user=author)
    assert (response.status_code, response.json()["code"]) == (429, "too_many_exports")
