"""What the pages of another site may read: what the API tells everybody, and nothing else."""

import pytest
from django.test import Client

from accounts.models import User
from reports.models import Category
from tests.reports.api_client import bearer

ELSEWHERE = {"origin": "https://carte.example.org"}
ALLOWED = "Access-Control-Allow-Origin"

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("headers", [ELSEWHERE, {}])
def test_public_read_is_open_to_every_site_and_varies_on_none(category: Category, headers: dict[str, str]) -> None:
    answer = Client().get("/api/v1/categories/", headers=headers)
    assert (answer.status_code, answer[ALLOWED]) == (200, "*")
    assert "Access-Control-Allow-Credentials" not in answer
    assert "origin" not in answer.get("Vary", "").lower()
    assert answer.cookies.keys() == {}.keys()


def test_refusal_of_a_read_can_be_read(db: None) -> None:
    answer = Client().get("/api/v1/reports/K7M-4QX/", headers=ELSEWHERE)
    assert (answer.status_code, answer[ALLOWED]) == (404, "*")


def test_answer_to_one_person_is_closed(author: User) -> None:
    answer = Client().get("/api/v1/me/", headers={**ELSEWHERE, **bearer(author)})
    assert (answer.status_code, ALLOWED in answer) == (200, False)


@pytest.mark.parametrize("path", ["/", "/admin/", "/oauth/token/", "/compte/connexion/", "/api/v1.html"])
def test_other_pages_are_closed(path: str) -> None:
    assert ALLOWED not in Client().get(path, headers=ELSEWHERE)


def test_write_is_closed(category: Category) -> None:
    answer = Client().post("/api/v1/reports/", {}, "application/json", headers=ELSEWHERE)
    assert (answer.status_code, ALLOWED in answer) == (400, False)


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_asking_beforehand_is_told_that_reading_is_all(method: str) -> None:
    asked = {**ELSEWHERE, "access-control-request-method": method, "access-control-request-headers": "authorization"}
    answer = Client().options("/api/v1/reports/", headers=asked)
    assert (answer.status_code, answer[ALLOWED]) == (204, "*")
    assert answer["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert answer["Access-Control-Allow-Headers"] == "If-None-Match"
