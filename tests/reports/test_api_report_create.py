"""`POST /api/v1/reports/`"""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from reports import workflow
from reports.models import Category, Event, Follow, Photo, Quarter, Report
from tests.factories import CENTRE, CategoryFactory
from tests.reports.api_client import NEW_REPORT, codes, jpeg, read, send

FORM = {"category": "pothole", "location": f"{CENTRE[0]},{CENTRE[1]}", "description": "Un trou profond."}


@pytest.fixture(autouse=True)
def ground(quarter: Quarter, category: Category) -> None:
    """Everything a report needs."""


def test_create_anonymously(client: Client) -> None:
    response = send(client, "/reports/", {**NEW_REPORT, "email": "Voisin@Example.org", "phone": "+237 6 70 00 00 00"})
    report = Report.objects.get()
    body = response.json()
    assert response.status_code == 201
    assert response["Location"] == f"http://127.0.0.1:8000/api/v1/reports/{report.ref}/"
    assert response["Cache-Control"] == "private, no-store"
    assert body["ref"] == report.ref
    assert body["status"] == "pending"
    assert body["follow_url"] == f"http://127.0.0.1:8000/suivi/{Follow.objects.get().token}/"
    assert "email" not in body
    assert (report.source, report.reporter, report.contact_email) == ("api", None, "voisin@example.org")
    assert Event.objects.get().kind == Event.Kind.CREATED


def test_create_signed_in(client: Client, author: User) -> None:
    assert send(client, "/reports/", NEW_REPORT, user=author).status_code == 201
    assert Report.objects.get().reporter == author


def test_create_with_an_invalid_token_is_refused(client: Client) -> None:
    response = send(client, "/reports/", NEW_REPORT, authorization="Bearer broken")
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'
    assert codes(response) == []
    assert not Report.objects.exists()


def test_create_in_english_speaks_english(client: Client) -> None:
    client.post("/api/v1/reports/", NEW_REPORT, "application/json", headers={"accept-language": "en"})
    assert Report.objects.get().language == "en"


def test_create_in_a_post_moderated_category_is_public(client: Client) -> None:
    CategoryFactory(code="street-light", post_moderated=True)
    body = send(client, "/reports/", {**NEW_REPORT, "category": "street-light"}).json()
    assert body["status"] == "open"
    assert read(client, f"/reports/{body['ref']}/").status_code == 200


def test_create_with_the_least(client: Client) -> None:
    response = send(client, "/reports/", {"category": "pothole", "location": NEW_REPORT["location"]})
    assert response.status_code == 201


def test_create_with_nulls(client: Client) -> None:
    nothing = dict.fromkeys(("description", "address", "email", "phone", "captured_at"))
    assert send(client, "/reports/", {**NEW_REPORT, **nothing}).status_code == 201


def test_create_keeps_html_as_text(client: Client) -> None:
    words = "<script>alert(1)</script> & <b>trou</b>"
    body = send(client, "/reports/", {**NEW_REPORT, "description": words}).json()
    assert body["description"] == words


def test_create_with_photos(client: Client) -> None:
    response = client.post("/api/v1/reports/", {**FORM, "photos": [jpeg(), jpeg(colour="red")]})
    assert response.status_code == 201
    photos = response.json()["photos"]
    assert [(photo["kind"], photo["status"], photo["sizes"]) for photo in photos] == [("problem", "processing", {})] * 2
    assert Photo.objects.filter(report=Report.objects.get()).count() == 2


def test_create_with_four_photos_is_refused(client: Client) -> None:
    response = client.post("/api/v1/reports/", {**FORM, "photos": [jpeg() for _ in range(4)]})
    assert response.status_code == 400
    assert codes(response) == [("photos", "too_many_photos")]
    assert not Photo.objects.exists()


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "empty"), (b"GIF89a" + b"x" * 50, "unknown_format"), (b"\xff\xd8\xff\xe0\x00", "unreadable")],
)
def test_create_with_a_bad_photo_is_refused(client: Client, content: bytes, code: str) -> None:
    file = SimpleUploadedFile("photo.jpg", content, "image/jpeg")
    response = client.post("/api/v1/reports/", {**FORM, "photos": [file]})
    assert response.status_code == 400
    (field, given) = codes(response)[0]
    assert field == "photos"
    assert given in {code, "truncated"}
    assert not Report.objects.exists()


def test_create_outside_town_is_refused_and_keeps_nothing(client: Client) -> None:
    response = client.post("/api/v1/reports/", {**FORM, "location": "2.35,48.85", "photos": [jpeg()]})
    assert response.status_code == 422
    assert response.json()["code"] == "outside_served_area"
    assert codes(response) == [("location", "outside_served_area")]
    assert not Photo.objects.exists()


def test_create_twice_with_a_key_makes_one(client: Client) -> None:
    key: dict[str, Any] = {"idempotency-key": str(uuid.uuid4())}
    first = send(client, "/reports/", NEW_REPORT, **key)
    second = send(client, "/reports/", NEW_REPORT, **key)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert first["Location"] == second["Location"]
    assert Report.objects.count() == 1


def test_create_twice_with_a_key_and_photos_keeps_one_set(client: Client) -> None:
    key: dict[str, Any] = {"idempotency-key": "abc"}
    for expected in (201, 200):
        response = client.post("/api/v1/reports/", {**FORM, "photos": [jpeg()]}, headers=key)
        assert response.status_code == expected
    assert Photo.objects.count() == 1


def test_create_with_a_used_key_and_other_content_is_refused(client: Client) -> None:
    key: dict[str, Any] = {"idempotency-key": "abc"}
    send(client, "/reports/", NEW_REPORT, **key)
    response = send(client, "/reports/", {**NEW_REPORT, "description": "Autre chose"}, **key)
    assert response.status_code == 422
    assert response.json()["code"] == "duplicate_key"
    assert Report.objects.count() == 1


@pytest.mark.parametrize("key", ["a b", "é", "x" * 81, "a\tb"])
def test_create_with_a_bad_key_is_refused(client: Client, key: str) -> None:
    headers = {"idempotency-key": key}
    response = client.post("/api/v1/reports/", NEW_REPORT, "application/json", headers=headers)
    assert codes(response) == [("", "invalid_key")]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"category": "no-such"}, [("category", "does_not_exist")]),
        ({"category": None}, [("category", "null")]),
        ({"category": {"code": "pothole"}}, [("category", "does_not_exist")]),
        ({"category": "a\x00"}, [("category", "invalid")]),
        ({"location": None}, [("location", "null")]),
        ({"location": "11.5"}, [("location", "invalid_location")]),
        ({"location": "nan,3.8"}, [("location", "invalid_location")]),
        ({"location": {"type": "Point", "coordinates": [0, 0]}}, [("location", "invalid_location")]),
        ({"location": {"type": "Point", "coordinates": [11.5, 91]}}, [("location", "invalid_location")]),
        ({"location": {"type": "Point", "coordinates": [True, 3.8]}}, [("location", "invalid")]),
        ({"location": {"type": "Point", "coordinates": ["11.5", "3.8"]}}, [("location", "invalid")]),
        ({"location": {"type": "Point", "coordinates": [10**400, 1]}}, [("location", "invalid")]),
        ({"location": {"type": "Point", "coordinates": {"0": 1}}}, [("location", "invalid")]),
        ({"location": {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}}, [("location", "invalid")]),
        ({"location": [11.5, 3.8]}, [("location", "invalid")]),
        ({"description": "x" * 4001}, [("description", "max_length")]),
        ({"description": "a\x00b"}, [("description", "null_characters_not_allowed")]),
        ({"description": "\ud800"}, [("description", "surrogate_characters_not_allowed")]),
        ({"description": {"a": 1}}, [("description", "invalid")]),
        ({"address": "x" * 201}, [("address", "max_length")]),
        ({"email": "nobody"}, [("email", "invalid_email")]),
        ({"phone": "call me"}, [("phone", "invalid_phone")]),
        ({"phone": "12"}, [("phone", "invalid_phone")]),
        ({"captured_at": "yesterday"}, [("captured_at", "invalid")]),
        ({"captured_at": [1]}, [("captured_at", "invalid")]),
        ({"photos": ["text"]}, [("photos.0", "invalid")]),
        ({"photos": "text"}, [("photos", "not_a_list")]),
    ],
)
def test_create_refuses(client: Client, change: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    response = send(client, "/reports/", {**NEW_REPORT, **change})
    assert response.status_code == 400
    assert codes(response) == expected
    assert not Report.objects.exists()


@pytest.mark.parametrize("days", [-500, 3])
def test_create_forgets_what_a_wrong_clock_says(client: Client, days: int) -> None:
    moment = timezone.now() + timedelta(days=days)
    assert send(client, "/reports/", {**NEW_REPORT, "captured_at": moment.isoformat()}).status_code == 201
    assert Report.objects.get().captured_at is None


def test_create_without_anything_names_what_is_missing(client: Client) -> None:
    response = send(client, "/reports/", {})
    assert codes(response) == [("category", "required"), ("location", "required")]


def test_create_of_an_inactive_category_is_refused(client: Client) -> None:
    CategoryFactory(code="old", is_active=False)
    assert codes(send(client, "/reports/", {**NEW_REPORT, "category": "old"})) == [("category", "does_not_exist")]


def test_create_too_often_waits(client: Client, settings: Settings) -> None:
    rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "create-report": "2/hour"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    answers = [send(client, "/reports/", NEW_REPORT) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert 1 <= int(answers[-1]["Retry-After"]) <= 3600
    assert answers[-1].json()["code"] == "throttled"
    assert read(client, "/reports/").status_code == 200
    settings.THROTTLE = False
    assert send(client, "/reports/", NEW_REPORT).status_code == 201


def test_create_takes_the_session_only_with_a_csrf_token(author: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(author)
    assert send(browser, "/reports/", NEW_REPORT).status_code == 403
    assert not Report.objects.exists()


def test_create_by_staff_is_public_at_once(client: Client, moderator: User) -> None:
    assert send(client, "/reports/", NEW_REPORT, user=moderator).json()["status"] == workflow.OPEN


def test_create_shows_no_name_unless_it_is_sent(client: Client, author: User) -> None:
    assert send(client, "/reports/", NEW_REPORT, user=author).json()["name"] is None
    named = send(client, "/reports/", {**NEW_REPORT, "name": " Awa  N. "}).json()
    assert named["name"] == "Awa N."
    assert Report.objects.get(ref=named["ref"]).public_name == "Awa N."


def test_create_shows_the_name_that_the_account_shows(client: Client, author: User) -> None:
    User.objects.update(shows_name=True)
    assert send(client, "/reports/", NEW_REPORT, user=author).json()["name"] == author.name
    assert send(client, "/reports/", {**NEW_REPORT, "name": ""}, user=author).json()["name"] is None


@pytest.mark.parametrize("name", ["x" * 81, "a\x00", ["Awa"]])
def test_create_refuses_a_name(client: Client, name: Any) -> None:
    assert [field for field, _code in codes(send(client, "/reports/", {**NEW_REPORT, "name": name}))] == ["name"]
