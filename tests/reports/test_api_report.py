"""`GET` and `PATCH /api/v1/reports/<ref>/`"""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from reports import workflow
from reports.models import Event, Report
from reports.permissions import actor_for
from reports.services.editing import edit_report
from tests.factories import PhotoFactory, ReportFactory
from tests.reports.api_client import codes, read, send


def test_read_public(client: Client, db: None) -> None:
    report = ReportFactory()
    response = read(client, f"/reports/{report.ref}/")
    assert response.json()["ref"] == report.ref
    assert response["Cache-Control"] == "public, max-age=1"
    assert response["Vary"] == "Accept-Language"
    assert read(client, f"/reports/{report.ref.replace('-', '').lower()}/").json() == response.json()


@pytest.mark.parametrize(("photos", "expected"), [(1, 2), (3, 2)])
def test_read_takes_two_queries(client: Client, db: None, photos: int, expected: int) -> None:
    report = ReportFactory()
    PhotoFactory.create_batch(photos, report=report)
    with CaptureQueriesContext(connection) as queries:
        assert len(read(client, f"/reports/{report.ref}/").json()["photos"]) == photos
    assert len(queries) == expected


@pytest.mark.parametrize(
    ("who", "status"),
    [
        (None, 404),
        ("stranger", 404),
        ("moderator_elsewhere", 404),
        ("operator_elsewhere", 404),
        ("author", 200),
        ("moderator", 200),
        ("administrator", 200),
    ],
)
def test_read_pending(
    client: Client, author: User, request: pytest.FixtureRequest, who: str | None, status: int
) -> None:
    report = ReportFactory(status=workflow.PENDING, reporter=author)
    user = request.getfixturevalue(who) if who else None
    response = read(client, f"/reports/{report.ref}/", user=user)
    assert response.status_code == status
    assert "no-store" in response["Cache-Control"]


def test_read_pending_with_a_session(client: Client, author: User) -> None:
    report = ReportFactory(status=workflow.PENDING, reporter=author)
    client.force_login(author)
    assert read(client, f"/reports/{report.ref}/").status_code == 200


def test_read_pending_with_a_broken_token(client: Client, db: None) -> None:
    report = ReportFactory(status=workflow.PENDING)
    response = client.get(f"/api/v1/reports/{report.ref}/", headers={"authorization": "Bearer broken"})
    assert response.status_code == 401


def test_read_duplicate_goes_to_its_original(client: Client, db: None) -> None:
    original = ReportFactory()
    report = ReportFactory(status=workflow.DUPLICATE, duplicate_of=original)
    response = read(client, f"/reports/{report.ref}/")
    assert response.status_code == 303
    assert response["Location"] == f"http://127.0.0.1:8000/api/v1/reports/{original.ref}/"


def test_read_duplicate_of_a_duplicate_leads_to_the_first(client: Client, db: None) -> None:
    original = ReportFactory()
    between = ReportFactory(status=workflow.DUPLICATE, duplicate_of=original)
    report = ReportFactory(status=workflow.DUPLICATE, duplicate_of=between)
    response = read(client, f"/reports/{report.ref}/")
    assert (response.status_code, response["Location"]) == (
        303,
        f"http://127.0.0.1:8000/api/v1/reports/{original.ref}/",
    )


@pytest.mark.parametrize(
    ("status", "who"), [(workflow.REJECTED, "par la modération"), (workflow.WITHDRAWN, "par son auteur")]
)
def test_read_what_was_public_is_gone(client: Client, db: None, status: str, who: str) -> None:
    report = ReportFactory(status=status, published_at=timezone.now())
    response = read(client, f"/reports/{report.ref}/")
    assert (response.status_code, response.json()["code"]) == (410, "gone")
    assert response.json()["detail"] == f"Ce signalement a été retiré {who}."


@pytest.mark.parametrize("status", [workflow.REJECTED, workflow.WITHDRAWN])
def test_read_what_never_was_public_is_unknown(client: Client, db: None, status: str) -> None:
    report = ReportFactory(status=status, published_at=None)
    assert read(client, f"/reports/{report.ref}/").status_code == 404


@pytest.mark.parametrize("ref", ["K7M-4QX", "%00", "OOO-OOO", "K7M-4QXX", "é", "..%2f..", "' OR 1=1"])
def test_read_unknown(client: Client, db: None, ref: str) -> None:
    response = client.get(f"/api/v1/reports/{ref}/")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


@pytest.fixture
def own(author: User) -> Report:
    report: Report = ReportFactory(status=workflow.PENDING, reporter=author)
    return report


def test_correct_own(client: Client, own: Report, author: User) -> None:
    response = send(client, f"/reports/{own.ref}/", {"description": " Autre \r\n"}, user=author, method="patch")
    assert response.status_code == 200
    assert response.json()["description"] == "Autre"
    event = Event.objects.get(kind=Event.Kind.EDITED)
    assert (event.is_public, event.data["fields"], event.actor_role) == (False, ["description"], "reporter")
    assert event.private_data == {"earlier": {"description": own.description}}
    own.refresh_from_db()
    assert (own.description, own.address) == ("Autre", "Devant le marché")


@pytest.mark.parametrize(
    ("who", "status"), [(None, 401), ("stranger", 404), ("moderator_elsewhere", 404), ("moderator", 403)]
)
def test_correct_somebody_elses(
    client: Client, own: Report, request: pytest.FixtureRequest, who: str | None, status: int
) -> None:
    user = request.getfixturevalue(who) if who else None
    response = send(client, f"/reports/{own.ref}/", {"description": "x"}, user=user, method="patch")
    assert response.status_code == status
    assert not Event.objects.exists()


def test_correct_after_it_was_judged(client: Client, author: User) -> None:
    report = ReportFactory(reporter=author)
    response = send(client, f"/reports/{report.ref}/", {"description": "x"}, user=author, method="patch")
    assert (response.status_code, response.json()["code"]) == (403, "not_allowed")


def test_correct_while_it_is_judged(own: Report, author: User) -> None:
    from reports.errors import StaleReport  # noqa: PLC0415

    actor = actor_for(author, own)
    Report.objects.filter(pk=own.pk).update(status=workflow.OPEN)
    with pytest.raises(StaleReport):
        edit_report(report=own, actor=actor, description="x")


def test_correct_nothing(client: Client, own: Report, author: User) -> None:
    response = send(client, f"/reports/{own.ref}/", {"status": "open"}, user=author, method="patch")
    assert codes(response) == [("", "nothing_to_change")]


def test_correct_with_too_much(client: Client, own: Report, author: User) -> None:
    response = send(client, f"/reports/{own.ref}/", {"address": "x" * 201}, user=author, method="patch")
    assert codes(response) == [("address", "max_length")]
