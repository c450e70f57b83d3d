"""`POST /api/v1/reports/<ref>/photos/`"""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from reports import workflow
from reports.models import Event, Photo, Report
from tests.factories import PhotoFactory, ReportFactory
from tests.reports.api_client import bearer, codes, jpeg, send


def add(client: Client, report: Report, user: User | None, *photos: Any) -> Any:
    headers = bearer(user) if user else {}
    return client.post(f"/api/v1/reports/{report.ref}/photos/", {"photos": list(photos)}, headers=headers)


def test_add_to_own_pending(client: Client, author: User) -> None:
    report = ReportFactory(status=workflow.PENDING, reporter=author)
    response = add(client, report, author, jpeg(), jpeg(colour="red"))
    assert response.status_code == 201
    assert [photo["kind"] for photo in response.json()["photos"]] == ["problem", "problem"]
    assert Event.objects.get().kind == Event.Kind.PHOTO_ADDED


def test_add_proof(client: Client, operator: User) -> None:
    report = ReportFactory(status=workflow.RESOLVED)
    response = add(client, report, operator, jpeg())
    assert [photo["kind"] for photo in response.json()["photos"]] == ["proof"]


@pytest.mark.parametrize(
    ("who", "status"),
    [(None, 401), ("stranger", 403), ("author", 403), ("operator_elsewhere", 403), ("moderator", 201)],
)
def test_add_to_public(
    client: Client, author: User, request: pytest.FixtureRequest, who: str | None, status: int
) -> None:
    report = ReportFactory(reporter=author)
    user = request.getfixturevalue(who) if who else None
    assert add(client, report, user, jpeg()).status_code == status
    assert Photo.objects.exists() is (status == 201)


def test_add_more_than_three(client: Client, author: User) -> None:
    report = ReportFactory(status=workflow.PENDING, reporter=author)
    PhotoFactory.create_batch(2, report=report)
    PhotoFactory(report=report, status=Photo.Status.REFUSED)
    response = add(client, report, author, jpeg(), jpeg(colour="red"))
    assert response.status_code == 403
    assert codes(response) == [("photos", "not_allowed")]
    assert Photo.objects.count() == 3


def test_add_nothing(client: Client, author: User) -> None:
    report = ReportFactory(status=workflow.PENDING, reporter=author)
    assert codes(add(client, report, author)) == [("photos", "required")]


def test_add_as_json(client: Client, author: User) -> None:
    report = ReportFactory(status=workflow.PENDING, reporter=author)
    assert send(client, f"/reports/{report.ref}/photos/", {"photos": []}, user=author).status_code == 415


def test_add_to_somebody_elses_pending(client: Client, stranger: User) -> None:
    assert add(client, ReportFactory(status=workflow.PENDING), stranger, jpeg()).status_code == 404
