"""What the back office's tests share: signed-in browsers, and the forms as a browser would send them."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from reports.models import Report
from tests.client import Client


def signed_in(person: User | None) -> Client:
    """Return a browser in which a person is signed in, or nobody."""
    client = Client()
    if person is not None:
        client.force_login(person)
    return client


def post(person: User | None, name: str, report: Report, **fields: Any) -> Any:
    """Send one form of a report's page (`status`, `reply`, `note`, `assign`) or of the queue (`decide`)."""
    return signed_in(person).post(reverse(f"admin:reports_report_{name}", args=[report.pk]), fields)


def words_of(response: Any) -> str:
    """Return a page's text."""
    return str(response.content.decode())


@pytest.fixture
def nobody() -> None:
    """Return the person of a browser that is not signed in."""
    return


@pytest.fixture
def person(request: pytest.FixtureRequest) -> User | None:
    """Return the member of the cast that a parameter names."""
    found: User | None = request.getfixturevalue(request.param)
    return found
