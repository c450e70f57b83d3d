"""The request's id in every log line, and the language from the address alone."""

import logging
import re
import uuid
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar

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
