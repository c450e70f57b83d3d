"""What every request passes through."""

import json

from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from fixmyquarter.middleware import WholeBodyMiddleware

BIG = b"a" * 1_000_000


def test_body_that_no_view_read_is_read_to_its_end() -> None:
    request = RequestFactory().post("/", BIG, content_type="text/plain")
    WholeBodyMiddleware(lambda _request: HttpResponse(status=429))(request)
    assert request.read() == b""


def test_body_that_a_view_read_in_part_is_read_to_its_end() -> None:
    def answer(request: HttpRequest) -> HttpResponse:
        return HttpResponse(request.read(3))

    request = RequestFactory().post("/", BIG, content_type="text/plain")
    assert WholeBodyMiddleware(answer)(request).content == b"aaa"
    assert request.read() == b""


def test_body_too_long_for_the_api_is_refused_and_read(client: Client, db: None) -> None:
    body = json.dumps({"email": "a" * 1_000_000})
    response = client.post("/api/v1/auth/token/", body, content_type="application/json")
    assert response.status_code == 413
    assert response.wsgi_request.read() == b""
