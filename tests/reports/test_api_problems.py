"""Errors of the API: one shape everywhere, and never a 500 on what strangers send."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.exceptions import ErrorDetail, ValidationError

from accounts.models import User
from reports import errors
from reports.api import auth, authentication, base
from reports.api.parsers import MAX_JSON_BYTES
from reports.api.problems import DOMAIN_STATUSES, field_errors, problem, problem_response
from reports.errors import Banned, DomainError
from reports.models import Category, Quarter
from tests.factories import ReportFactory
from tests.reports.api_client import NEW_REPORT, PROBLEM, bearer, read, send

SHAPE = {"type", "title", "status", "detail"}
quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def domain_errors() -> Iterator[type[DomainError]]:
    """Every refusal that the domain has."""
    for value in vars(errors).values():
        if isinstance(value, type) and issubclass(value, DomainError) and value not in {DomainError, Banned}:
            yield value


@pytest.mark.parametrize("refusal", list(domain_errors()))
def test_each_refusal_of_the_domain_has_its_status(refusal: type[DomainError]) -> None:
    response = problem_response(refusal(field="there"), {})
    assert response is not None
    body = json.loads(response.content)
    assert body["status"] == response.status_code == DOMAIN_STATUSES[refusal]
    assert body["code"] == refusal.code
    assert body["type"] == f"http://127.0.0.1:8000/developpeurs/#{refusal.code}"
    assert body["errors"] == [{"field": "there", "code": refusal.code, "message": str(refusal.message)}]


def test_ban_says_until_when_and_where_to_contest_it() -> None:
    response = problem_response(Banned(until=datetime(2026, 12, 1, tzinfo=UTC), token="a" * 24), {})
    assert response is not None
    body = json.loads(response.content)
    assert (body["status"], body["code"], body["until"]) == (403, "banned", "2026-12-01T00:00:00+00:00")
    assert body["appeal"].endswith(f"/motifs/{'a' * 24}/")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Http404(), 404),
        (PermissionDenied(), 403),
        (RequestDataTooBig(), 413),
        (SuspiciousOperation(), 400),
        (BadRequest(), 400),
    ],
)
def test_errors_of_django_are_problems(error: Exception, status: int) -> None:
    response = problem_response(error, {})
    assert response is not None
    assert (response.status_code, response["Content-Type"]) == (status, PROBLEM)
    assert set(json.loads(response.content)) == SHAPE


def test_our_own_faults_are_not_hidden() -> None:
    assert problem_response(RuntimeError("bug"), {}) is None


def test_problem_without_a_code_says_about_blank() -> None:
    body = json.loads(problem(404).content)
    assert body["type"] == "about:blank"
    assert body["detail"] == body["title"]


def test_nested_errors_have_dotted_fields() -> None:
    nested = ValidationError({"a": {"b": [ErrorDetail("no", "bad")]}, "non_field_errors": ["all"]})
    assert list(field_errors(nested.detail)) == [
        {"field": "a.b", "code": "bad", "message": "no"},
        {"field": "", "code": "invalid", "message": "all"},
    ]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/nowhere/", 404),
        ("get", "/reports/../x/", 404),
        ("delete", "/reports/", 405),
        ("post", "/map/", 405),
        ("put", "/categories/", 405),
        ("get", "/auth/token/", 405),
    ],
)
def test_wrong_address_or_method(client: Client, db: None, method: str, path: str, status: int) -> None:
    response = getattr(client, method)(f"/api/v1{path}")
    assert (response.status_code, response["Content-Type"]) == (status, PROBLEM)
    assert response.json()["status"] == status
    assert set(response.json()) >= SHAPE
    if status == 405:
        assert response["Allow"]


def test_wrong_content_type(client: Client, db: None) -> None:
    response = client.post("/api/v1/reports/", "a=1", content_type="text/plain")
    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


def test_english_where_it_is_asked_for(client: Client, db: None) -> None:
    french = client.get("/api/v1/reports/", {"page_size": "x"})
    assert french["Content-Language"] == "fr"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"12",
        b'{"category": NaN}',
        b'{"category": Infinity}',
        b'{"category": -Infinity}',
        b"\xff\xfe{}",
        b'{"category": "\xff"}',
        b"[" * 100_000,
        b'{"a":' * 60_000,
        b'{"a": ' + b"1" * 5000 + b"}",
    ],
)
def test_body_that_is_no_object(client: Client, db: None, body: bytes) -> None:
    response = client.post("/api/v1/reports/", body, content_type="application/json")
    assert response.status_code in {400, 413}
    assert response["Content-Type"] == PROBLEM


def test_body_that_is_too_long(client: Client, db: None) -> None:
    body = {**NEW_REPORT, "description": "x" * MAX_JSON_BYTES}
    assert send(client, "/reports/", body).status_code == 413


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=", b"x"),
        ("multipart/form-data; boundary=a", b"--b\r\n"),
        ("multipart/form-data; boundary=a", b"--a\r\nContent-Disposition: form-data; name=x\r\n\r\n"),
        ("multipart/form-data; boundary=a; charset=nonsense", b"--a\r\n\r\n--a--\r\n"),
        ("multipart/form-data; boundary=\xe9", b"x"),
        (
            "multipart/form-data; boundary=a",
            b'--a\r\nContent-Disposition: form-data; name="description"\r\n\r\na\x00b\r\n--a--\r\n',
        ),
        (
            "multipart/form-data; boundary=a",
            b'--a\r\nContent-Disposition: form-data; name="category"\r\n\r\n\xff\xfe\r\n--a--\r\n',
        ),
        (
            "multipart/form-data; boundary=a",
            b'--a\r\nContent-Disposition: form-data; name="photos"; filename="a\x00b"\r\n\r\nx\r\n--a--\r\n',
        ),
        (
            "multipart/form-data; boundary=a",
            (
                b'--a\r\nContent-Disposition: form-data; name="photos"; filename="x"\r\n'
                b"Content-Transfer-Encoding: base64\r\n\r\n!!!\r\n--a--\r\n"
            ),
        ),
        ("multipart/form-data; boundary=a", b'--a\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n' * 500),
    ],
)
def test_form_that_is_none(
    client: Client, quarter: Quarter, category: Category, content_type: str, body: bytes
) -> None:
    response = client.generic("POST", "/api/v1/reports/", body, content_type=content_type)
    assert response.status_code in {400, 413, 415}
    assert response["Content-Type"] == PROBLEM


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\x00") | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def fuzzed(names: str) -> st.SearchStrategy[dict[str, Any]]:
    """Some of the fields, each with anything that JSON can hold."""
    return st.dictionaries(st.sampled_from(names.split()), json_values, max_size=4)


def encode(body: Any) -> str:
    # `allow_nan` writes what JSON does not have: the server must refuse it.
    return json.dumps(body)


@given(body=fuzzed("category location description address email phone captured_at photos answers"))
@quick
def test_fuzzed_report(client: Client, quarter: Quarter, category: Category, settings: Any, body: Any) -> None:
    settings.THROTTLE = False
    response = client.post("/api/v1/reports/", encode({**NEW_REPORT, **body}), content_type="application/json")
    assert response.status_code in {200, 201, 400, 422}


@given(coordinates=json_values)
@quick
def test_fuzzed_location(client: Client, quarter: Quarter, category: Category, settings: Any, coordinates: Any) -> None:
    settings.THROTTLE = False
    body = {**NEW_REPORT, "location": {"type": "Point", "coordinates": coordinates}}
    response = client.post("/api/v1/reports/", encode(body), content_type="application/json")
    assert response.status_code in {400, 422}


@given(body=fuzzed("to seen note original photos"))
@quick
def test_fuzzed_transition(client: Client, moderator: User, settings: Any, body: Any) -> None:
    settings.THROTTLE = False
    report = ReportFactory()
    response = client.post(
        f"/api/v1/reports/{report.ref}/transitions/",
        encode(body),
        content_type="application/json",
        headers=bearer(moderator),
    )
    assert response.status_code in {200, 400, 403, 409, 422}


@given(
    path=st.sampled_from(["reports", "map", "basemap", "events", "quarters"]),
    query=st.dictionaries(
        st.sampled_from(
            [
                "status",
                "category",
                "quarter",
                "q",
                "bbox",
                "near",
                "since",
                "until",
                "sort",
                "cursor",
                "page_size",
                "after",
                "limit",
                "zoom",
                "format",
                "town",
            ]
        ),
        st.text(max_size=30) | st.from_regex(r"[0-9.,eE+\-naif]{1,40}", fullmatch=True),
        max_size=5,
    ),
)
@settings(quick, max_examples=150)
def test_fuzzed_query(client: Client, db: None, settings: Any, path: str, query: dict[str, Any]) -> None:
    settings.THROTTLE = False
    response = read(client, f"/{path}/", **query)
    assert response.status_code in {200, 400, 404}
    if response.status_code != 200:
        assert response["Content-Type"] == PROBLEM


@given(raw=st.binary(max_size=60))
@quick
def test_fuzzed_raw_query(client: Client, db: None, settings: Any, raw: bytes) -> None:
    settings.THROTTLE = False
    response = client.get("/api/v1/reports/", QUERY_STRING=raw.decode("latin-1").replace("\n", "").replace("\r", ""))
    assert response.status_code in {200, 400}


def test_developers_page_explains_every_code(client: Client, db: None) -> None:
    refusals = {refusal.code for refusal in domain_errors()}
    of_signing_in = {
        kind.default_code
        for kind in (
            auth.WrongCredentials,
            auth.SecondFactorRequired,
            auth.SecondFactorMissing,
            auth.EmailNotConfirmed,
            authentication.WrongToken,
            authentication.InsufficientScope,
            base.PersonNeeded,
        )
    }
    page = client.get("/developpeurs/").content.decode()
    codes_of_the_page = {code for code in refusals | of_signing_in if f'<div id="{code}">' in page}
    assert codes_of_the_page == refusals | of_signing_in
