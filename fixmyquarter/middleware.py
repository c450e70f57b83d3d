"""The request's id in every log line, what other sites may read, and the language from the address alone."""

import logging
import re
import uuid
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from typing import ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import translation
from django.utils.cache import patch_vary_headers

GetResponse = Callable[[HttpRequest], HttpResponse]

request_id: ContextVar[str] = ContextVar("request_id", default="-")
ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
NEGOTIATED = ("/api/", "/admin/")


class RequestIdFilter(logging.Filter):
    """Adds `request_id` to each record; `-` outside a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class RequestIdMiddleware:
    """Takes the front's `X-Request-ID`, or makes one, and answers with it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        token = request_id.set(given if ACCEPTABLE_ID.fullmatch(given) else uuid.uuid4().hex)
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id.get()
            return response
        finally:
            request_id.reset(token)


class WholeBodyMiddleware:
    """Reads what a view left unread of a request, e.g. because it was too long or came too often.

    The front has sent all of it. Unread, it stays in the connection to web, and the next request that the front sends
    there, somebody else's, is answered by 502. Bounded by the front's `client_max_body_size`.
    """

    CHUNK = 256 * 1024

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.META.get("CONTENT_LENGTH", "") not in {"", "0"}:
            # Who hangs up in the middle has no connection left to keep in order.
            with suppress(UnreadablePostError):
                while request.read(self.CHUNK):
                    pass
        return response


class OpenReadsMiddleware:
    """Lets the pages of any other site read what the API tells everybody: GET and HEAD, without cookies or tokens.

    The same header for everybody, so that no answer varies on who asks (`Origin`) and every cache keeps one copy of it;
    what is told to one person only carries none.
    """

    ROOM = "/api/v1/"
    # A page that asks before it reads: which methods, with which headers, and for how long the answer holds.
    BEFOREHAND: ClassVar[dict[str, str]] = {
        "Access-Control-Allow-Methods": "GET, HEAD",
        "Access-Control-Allow-Headers": "If-None-Match",
        "Access-Control-Max-Age": "86400",
    }
    READABLE = "ETag, Retry-After, X-Request-ID"

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(self.ROOM):
            return self.get_response(request)
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            return HttpResponse(status=204, headers={"Access-Control-Allow-Origin": "*", **self.BEFOREHAND})
        response = self.get_response(request)
        if request.method in {"GET", "HEAD"} and "private" not in response.get("Cache-Control", ""):
            response["Access-Control-Allow-Origin"] = "*"
            response["Access-Control-Expose-Headers"] = self.READABLE
        return response


class LanguageFromAddressMiddleware:
    """French without a prefix, English under /en/; no cookie and no `Vary`, so that the front can cache every page.

    Django's own middleware varies French pages on `Accept-Language`. Only the API and the admin, which have no prefix,
    follow that header; an answer that names no language (`has_no_language`, e.g. the map's codes and numbers) does not
    vary on it either.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        negotiated = request.path_info.startswith(NEGOTIATED)
        language = (
            translation.get_language_from_request(request)
            if negotiated
            else translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
        )
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        if getattr(response, "has_no_language", False):
            return response
        response.headers.setdefault("Content-Language", language)
        if negotiated:
            patch_vary_headers(response, ("Accept-Language",))
        return response
