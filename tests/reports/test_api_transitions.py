"""`POST /api/v1/reports/<ref>/transitions/`"""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from reports import workflow
from reports.models import Event, Photo, Report
from tests.factories import ReportFactory
from tests.reports.api_client import bearer, codes, jpeg, send


@pytest.fixture
def opened(moderator: User, operator: User) -> Report:
    report: Report = ReportFactory()
    return report


def move(client: Client, report: Report, user: User | None, **body: Any) -> Any:
    return send(client, f"/reports/{report.ref}/transitions/", body, user=user)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        (None, 401),
        ("stranger", 403),
        ("author", 403),
        ("moderator_elsewhere", 403),
        ("operator_elsewhere", 403),
        ("operator", 200),
        ("moderator", 200),
        ("administrator", 200),
    ],
)
def test_take_up(client: Client, opened: Report, request: pytest.FixtureRequest, who: str | None, status: int) -> None:
    user = request.getfixturevalue(who) if who else None
    response = move(client, opened, user, to="in_progress", seen="open")
    assert response.status_code == status
    opened.refresh_from_db()
    assert opened.status == ("in_progress" if status == 200 else "open")


def test_take_up_answers_with_the_report(client: Client, opened: Report, operator: User) -> None:
    response = move(client, opened, operator, to="in_progress", note="Équipe sur place")
    assert response.json()["status"] == "in_progress"
    event = Event.objects.get()
    assert (event.data["note"], event.actor_name) == ("Équipe sur place", "Service de la voirie")


def test_move_what_changed_meanwhile(client: Client, opened: Report, operator: User) -> None:
    Report.objects.filter(pk=opened.pk).update(status=workflow.IN_PROGRESS)
    response = move(client, opened, operator, to="in_progress", seen="open")
    assert (response.status_code, response.json()["code"]) == (409, "stale_report")
    assert not Event.objects.exists()


def test_move_illegally(client: Client, opened: Report, moderator: User) -> None:
    response = move(client, opened, moderator, to="pending")
    assert (response.status_code, response.json()["code"]) == (422, "illegal_transition")


def test_resolve_without_words_or_proof(client: Client, opened: Report, operator: User) -> None:
    response = move(client, opened, operator, to="resolved")
    assert response.status_code == 422
    assert codes(response) == [("note", "explanation_needed")]


def test_resolve_with_proof(client: Client, opened: Report, operator: User) -> None:
    response = client.post(
        f"/api/v1/reports/{opened.ref}/transitions/",
        {"to": "resolved", "seen": "open", "photos": [jpeg()]},
        headers=bearer(operator),
    )
    assert response.status_code == 200
    assert [photo["kind"] for photo in response.json()["photos"]] == ["proof"]
    assert response.json()["resolved_at"]


def test_resolve_in_vain_keeps_no_proof(client: Client, opened: Report, operator: User, stranger: User) -> None:
    for user, body, status in [(operator, {"seen": "in_progress"}, 409), (stranger, {"seen": "open"}, 403)]:
        response = client.post(
            f"/api/v1/reports/{opened.ref}/transitions/",
            {"to": "resolved", "photos": [jpeg()], **body},
            headers=bearer(user),
        )
        assert response.status_code == status
    assert not Photo.objects.exists()


def test_mark_as_duplicate(client: Client, opened: Report, moderator: User) -> None:
    original = ReportFactory()
    response = move(client, opened, moderator, to="duplicate", original=original.ref.lower())
    assert response.status_code == 200
    opened.refresh_from_db()
    assert opened.duplicate_of == original


@pytest.mark.parametrize("original", ["", None])
def test_mark_as_duplicate_of_nothing(client: Client, opened: Report, moderator: User, original: str | None) -> None:
    body = {} if original is None else {"original": original}
    response = move(client, opened, moderator, to="duplicate", **body)
    assert response.status_code == 422
    assert codes(response) == [("original", "explanation_needed")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, [("to", "required")]),
        ({"to": "fixed"}, [("to", "invalid_choice")]),
        ({"to": ["open"]}, [("to", "invalid_choice")]),
        ({"to": {}}, [("to", "invalid_choice")]),
        ({"to": "in_progress", "seen": "x"}, [("seen", "invalid_choice")]),
        ({"to": "in_progress", "note": "x" * 2001}, [("note", "max_length")]),
        ({"to": "duplicate", "original": "K7M-4QX"}, [("original", "unknown_report")]),
        ({"to": "duplicate", "original": "x\x00"}, [("original", "null_characters_not_allowed")]),
        ({"to": "duplicate", "original": "nonsense"}, [("original", "unknown_report")]),
    ],
)
def test_move_refuses(
    client: Client, opened: Report, moderator: User, body: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    response = move(client, opened, moderator, **body)
    assert response.status_code == 400
    assert codes(response) == expected


def test_move_what_one_may_not_see(client: Client, stranger: User) -> None:
    report = ReportFactory(status=workflow.PENDING)
    assert move(client, report, stranger, to="open").status_code == 404


def test_withdraw_own(client: Client, author: User) -> None:
    report = ReportFactory(status=workflow.PENDING, reporter=author)
    response = move(client, report, author, to="withdrawn")
    assert response.json()["status"] == "withdrawn"
