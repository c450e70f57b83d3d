"""`/api/v1/reports/<ref>/comments/`"""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from reports import workflow
from reports.models import Comment, Organisation, Photo, Report
from reports.services.comments import add_comment
from tests.client import Client
from tests.factories import ReportFactory
from tests.reports.api_client import bearer, codes, jpeg, read, send

CAST = ["stranger", "author", "moderator", "operator", "moderator_elsewhere", "operator_elsewhere", "administrator"]
STRINGS = Path(os.environ.get("FMQ_SHARED_DATA", Path(__file__).parents[2] / "../shared/data")) / "text/blns.json"
SHAPE = {"id", "text", "status", "name", "organisation", "photo", "created_at", "edited_at"}


@pytest.fixture
def report(author: User) -> Report:
    return ReportFactory(reporter=author)


def say(client: Client, report: Report, user: User | None, text: Any = "Toujours là ce matin.", **more: Any) -> Any:
    return send(client, f"/reports/{report.ref}/comments/", {"text": text, **more}, user=user)


def comment_of(report: Report, user: User, **fields: Any) -> Comment:
    comment = add_comment(report=report, text="Toujours là.", author=user)
    Comment.objects.filter(pk=comment.pk).update(**{"status": Comment.Status.VISIBLE, **fields})
    return comment


def change(client: Client, comment: Comment, user: User | None, method: str = "patch", **body: Any) -> Any:
    return send(client, f"/reports/{comment.report.ref}/comments/{comment.pk}/", body, user=user, method=method)


@pytest.mark.parametrize("who", CAST)
def test_say(client: Client, report: Report, request: pytest.FixtureRequest, who: str) -> None:
    user = request.getfixturevalue(who)
    response = say(client, report, user)
    comment = Comment.objects.get()
    assert response.status_code == 201
    assert response["Location"] == f"http://127.0.0.1:8000/api/v1/reports/{report.ref}/comments/{comment.pk}/"
    assert set(response.json()) == SHAPE
    assert (response.json()["name"], comment.author, comment.public_name) == (None, user, "")


def test_say_by_nobody(client: Client, report: Report) -> None:
    response = say(client, report, None)
    assert response.status_code == 401
    assert not Comment.objects.exists()


@pytest.mark.parametrize(("chosen", "sent", "shown"), [(True, None, True), (True, False, False), (False, True, True)])
def test_say_with_ones_name(client: Client, report: Report, stranger: User, chosen: Any, sent: Any, shown: Any) -> None:
    User.objects.filter(pk=stranger.pk).update(shows_name=chosen)
    body = say(client, report, stranger, shows_name=sent).json()
    assert body["name"] == (stranger.name if shown else None)


def test_say_for_an_organisation(client: Client, report: Report, operator: User, organisation: Organisation) -> None:
    body = say(client, report, operator, organisation="voirie").json()
    assert body["organisation"] == {"slug": "voirie", "name": organisation.name}


@pytest.mark.parametrize("who", ["stranger", "author", "operator_elsewhere", "moderator_elsewhere"])
def test_say_for_an_organisation_of_others(
    client: Client, report: Report, organisation: Organisation, request: pytest.FixtureRequest, who: str
) -> None:
    response = say(client, report, request.getfixturevalue(who), organisation="voirie")
    assert (response.status_code, response.json()["code"]) == (403, "not_allowed")


def test_say_with_a_photo(client: Client, report: Report, stranger: User) -> None:
    path = f"/api/v1/reports/{report.ref}/comments/"
    response = client.post(path, {"text": "Voyez.", "photo": jpeg()}, headers=bearer(stranger))
    assert response.json()["photo"]["status"] == "processing"
    assert Photo.objects.get().kind == Photo.Kind.COMMENT


@pytest.mark.parametrize("photo", ["text", SimpleUploadedFile("photo.jpg", b"not a picture", "image/jpeg")])
def test_say_with_a_photo_that_is_none(client: Client, report: Report, stranger: User, photo: Any) -> None:
    path = f"/api/v1/reports/{report.ref}/comments/"
    response = client.post(path, {"text": "Voyez.", "photo": photo}, headers=bearer(stranger))
    assert [field for field, _code in codes(response)] == ["photo"]
    assert not Photo.objects.exists()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [("text", "blank")]),
        (" \n\u200b ", [("text", "required")]),
        ("a\x00b", [("text", "null_characters_not_allowed")]),
        ("x" * 100_000, [("text", "max_length")]),
        (None, [("text", "null")]),
        (["a"], [("text", "invalid")]),
        ({}, [("text", "invalid")]),
    ],
)
def test_say_refuses(client: Client, report: Report, stranger: User, text: Any, expected: Any) -> None:
    assert codes(say(client, report, stranger, text)) == expected
    assert not Comment.objects.exists()


def test_say_more_than_is_read(client: Client, report: Report, stranger: User) -> None:
    assert say(client, report, stranger, "é" * 200_000).status_code == 413


@pytest.mark.skipif(not STRINGS.is_file(), reason="the shared data (../shared/data) are not here")
def test_say_naughty_strings(client: Client, report: Report, stranger: User, settings: Settings) -> None:
    settings.THROTTLE = False
    headers = bearer(stranger)
    for text in json.loads(STRINGS.read_text()):
        response: Any = client.post(
            f"/api/v1/reports/{report.ref}/comments/", {"text": text}, "application/json", headers=headers
        )
        assert response.status_code in {201, 400}
        if response.status_code == 201:
            assert set(response.json()) == SHAPE
    assert client.get(f"/api/v1/reports/{report.ref}/comments/?page_size=100").status_code == 200


@pytest.mark.parametrize(
    ("status", "who", "expected"),
    [
        (workflow.PENDING, "stranger", 404),
        (workflow.PENDING, "author", 403),
        (workflow.PENDING, "moderator", 403),
        (workflow.WITHDRAWN, "stranger", 404),
        (workflow.REJECTED, "stranger", 410),
        (workflow.DUPLICATE, "stranger", 303),
    ],
)
def test_say_about_a_hidden_report(
    client: Client, author: User, request: pytest.FixtureRequest, status: str, who: str, expected: int
) -> None:
    report = ReportFactory(reporter=author, status=status)
    assert say(client, report, request.getfixturevalue(who)).status_code == expected
    assert not Comment.objects.exists()


def test_say_too_often_waits(client: Client, report: Report, stranger: User) -> None:
    answers = [say(client, report, stranger, f"Encore {number}.").status_code for number in range(21)]
    assert answers[-2:] == [201, 429]


def test_list_is_everybodys(client: Client, report: Report, stranger: User) -> None:
    comment = comment_of(report, stranger)
    response = read(client, f"/reports/{report.ref}/comments/")
    (row,) = response.json()["results"]
    assert set(row) == SHAPE
    assert (row["id"], row["status"], row["name"]) == (comment.pk, "visible", None)
    assert response["Cache-Control"] == "public, max-age=1"
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


@pytest.mark.parametrize("status", [Comment.Status.HELD, Comment.Status.REMOVED, Comment.Status.DELETED])
def test_list_hides(client: Client, report: Report, stranger: User, status: str) -> None:
    comment_of(report, stranger, status=status)
    assert read(client, f"/reports/{report.ref}/comments/").json()["results"] == []


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        (None, 404),
        ("stranger", 404),
        ("operator", 404),
        ("moderator_elsewhere", 404),
        ("author", 200),
        ("moderator", 200),
    ],
)
def test_list_of_a_hidden_report(
    client: Client, author: User, request: pytest.FixtureRequest, who: str | None, expected: int
) -> None:
    report = ReportFactory(reporter=author, status=workflow.PENDING)
    response = read(client, f"/reports/{report.ref}/comments/", user=request.getfixturevalue(who) if who else None)
    assert response.status_code == expected
    assert "public" not in response["Cache-Control"]


def test_list_is_paged(client: Client, report: Report, stranger: User) -> None:
    rows = [comment_of(report, stranger, text=str(number)).pk for number in range(5)]
    seen, path = [], f"/reports/{report.ref}/comments/?page_size=2"
    while path:
        body = read(client, path).json()
        seen += [row["id"] for row in body["results"]]
        path = (body["next"] or "").partition("/api/v1")[2]
    assert seen == rows[::-1]


def test_list_costs_the_same_at_any_count(
    client: Client, report: Report, stranger: User, django_assert_num_queries: Any
) -> None:
    for number in range(3):
        comment_of(report, stranger, text=str(number))
        with django_assert_num_queries(3):
            read(client, f"/reports/{report.ref}/comments/")


def test_correct(client: Client, report: Report, stranger: User) -> None:
    comment = comment_of(report, stranger)
    response = change(client, comment, stranger, text="Réparé ce matin.")
    assert (response.status_code, response.json()["text"]) == (200, "Réparé ce matin.")
    assert response.json()["edited_at"] is not None


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        (None, 401),
        ("author", 403),
        ("moderator", 403),
        ("operator", 403),
        ("moderator_elsewhere", 403),
        ("operator_elsewhere", 403),
        ("administrator", 403),
    ],
)
@pytest.mark.parametrize("method", ["patch", "delete"])
def test_change_anothers(
    client: Client,
    report: Report,
    stranger: User,
    request: pytest.FixtureRequest,
    who: str | None,
    expected: int,
    method: str,
) -> None:
    comment = comment_of(report, stranger)
    user = request.getfixturevalue(who) if who else None
    assert change(client, comment, user, method, text="Autre chose.").status_code == expected
    assert Comment.objects.get().text == "Toujours là."


def test_correct_too_late(client: Client, report: Report, stranger: User) -> None:
    comment = comment_of(report, stranger, created_at=timezone.now() - timedelta(minutes=16))
    assert change(client, comment, stranger, text="Trop tard.").json()["code"] == "not_allowed"


@pytest.mark.parametrize(
    ("body", "code"), [({}, "required"), ({"text": ""}, "blank"), ({"text": "x" * 100_000}, "max_length")]
)
def test_correct_refuses(client: Client, report: Report, stranger: User, body: Any, code: str) -> None:
    assert codes(change(client, comment_of(report, stranger), stranger, **body)) == [("text", code)]


def test_delete_twice(client: Client, report: Report, stranger: User) -> None:
    comment = comment_of(report, stranger)
    assert [change(client, comment, stranger, "delete").status_code for _unused in range(2)] == [204, 204]
    assert Comment.objects.get().text == ""


def test_change_what_others_may_not_see(client: Client, report: Report, stranger: User, moderator: User) -> None:
    comment = comment_of(report, stranger, status=Comment.Status.HELD)
    assert change(client, comment, moderator, "delete").status_code == 404
    assert change(client, comment, stranger, "delete").status_code == 204


def test_change_under_another_report(client: Client, report: Report, stranger: User) -> None:
    comment = comment_of(report, stranger)
    path = f"/reports/{ReportFactory().ref}/comments/{comment.pk}/"
    assert send(client, path, {}, user=stranger, method="delete").status_code == 404
    path = f"/reports/{report.ref}/comments/{10**30}/"
    assert send(client, path, {}, user=stranger, method="delete").status_code == 404
