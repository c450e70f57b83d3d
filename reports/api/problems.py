"""Errors of the API: one shape everywhere, RFC 9457 `application/problem+json`.

`type` is `about:blank` where the status says it all, else the place in the developers' page that explains the code;
`errors` names the fields: `[{"field", "code", "message"}]`, with dotted fields inside objects.
"""

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, TypedDict

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation, ValidationError
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.http import Http404, HttpResponse
from django.http.request import UnreadablePostError
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.exceptions import APIException, ErrorDetail

from reports import errors
from reports.errors import DomainError

CONTENT_TYPE = "application/problem+json"
DEVELOPERS = f"{settings.PUBLIC_URL}/developpeurs/"

# What the domain refuses, in the words of HTTP. A missing explanation or a place out of town is well-formed and cannot
# be processed (422); a change that came too late conflicts with the report as it is now (409).
DOMAIN_STATUSES: dict[type[DomainError], int] = {
    errors.OutsideServedArea: 422,
    errors.MissingExplanation: 422,
    errors.IllegalTransition: 422,
    errors.DuplicateKey: 422,
    errors.BadArea: 422,
    errors.TooManyFollows: 422,
    errors.NotAllowed: 403,
    errors.Banned: 403,
    errors.StaleReport: 409,
}


class FieldError(TypedDict):
    """What is wrong with one field; an empty `field` means the whole body."""

    field: str
    code: str
    message: str


def titles() -> dict[int, str]:
    """Return the short, unchanging sentence of each status, in the caller's language."""
    return {
        400: _("La demande est mal formée."),
        401: _("Connectez-vous pour faire cela."),
        403: _("Vous n’avez pas le droit de faire cela."),
        404: _("Rien ne se trouve à cette adresse."),
        405: _("Cette adresse ne connaît pas cette méthode."),
        406: _("Ce format n’est pas proposé ici."),
        409: _("L’état a changé entre-temps."),
        410: _("Ce signalement n’est plus publié."),
        413: _("La demande est trop volumineuse."),
        415: _("Ce type de contenu n’est pas accepté ici."),
        422: _("La demande est bien formée, mais ne peut pas être traitée."),
        429: _("Vous demandez trop souvent."),
        500: _("Une erreur est survenue de notre côté."),
    }


def problem(
    status: int,
    *,
    code: str = "",
    detail: str = "",
    fields: list[FieldError] | None = None,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Return a problem document. Also for errors that never reach a view of the API (unknown address, crash)."""
    title = titles().get(status) or HTTPStatus(status).phrase
    body: dict[str, Any] = {
        "type": f"{DEVELOPERS}#{code}" if code else "about:blank",
        "title": title,
        "status": status,
        "detail": detail or title,
        **(more or {}),
    }
    if code:
        body["code"] = code
    if fields:
        body["errors"] = fields
    return HttpResponse(
        # A message may quote half a character that somebody sent.
        json.dumps(body, ensure_ascii=False).encode(errors="replace"),
        status=status,
        content_type=CONTENT_TYPE,
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def problem_response(exc: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """Turn whatever a view raised into a problem document; None leaves what we did not foresee to the 500 page.

    The `EXCEPTION_HANDLER` of Django REST framework.
    """
    if isinstance(exc, DomainError):
        return domain_problem(exc)
    if isinstance(exc, ValidationError):
        return invalid(list(django_errors(exc)))
    if isinstance(exc, exceptions.ValidationError):
        return invalid(list(field_errors(exc.detail)))
    if isinstance(exc, APIException):
        return api_problem(exc)
    return django_problem(exc)


def domain_problem(refusal: DomainError) -> HttpResponse:
    """Return the domain's refusal; a ban also says until when (`until`), and where to contest it (`appeal`)."""
    status = DOMAIN_STATUSES.get(type(refusal), 422)
    fields = [FieldError(field=refusal.field, code=refusal.code, message=str(refusal))] if refusal.field else None
    more: dict[str, Any] = {}
    if isinstance(refusal, errors.Banned):
        appeal = settings.PUBLIC_URL + reverse("statement", args=[refusal.token])
        more = {"until": refusal.until.isoformat(), "appeal": appeal}
    return problem(status, code=refusal.code, detail=str(refusal), fields=fields, more=more)


def invalid(fields: list[FieldError]) -> HttpResponse:
    """Return what is wrong with the fields; `detail` repeats the first sentence."""
    return problem(400, code="invalid", detail=fields[0]["message"] if fields else "", fields=fields)


def api_problem(exc: APIException) -> HttpResponse:
    """Return an error of the framework with the headers that belong to it."""
    headers: dict[str, str] = {}
    detail = str(exc.detail) if isinstance(exc.detail, ErrorDetail) else ""
    code = exc.detail.code if isinstance(exc.detail, ErrorDetail) else exc.default_code
    if isinstance(exc, exceptions.AuthenticationFailed) and isinstance(exc.detail, dict):
        detail, code = str(exc.detail.get("detail", "")), str(exc.detail.get("code", code))
    if header := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if isinstance(exc, exceptions.Throttled):
        seconds = int(getattr(exc, "wait", None) or 1)
        headers["Retry-After"] = str(seconds)
        detail = _("Vous demandez trop souvent. Recommencez dans %(seconds)d secondes.") % {"seconds": seconds}
    return problem(exc.status_code, code=str(code), detail=detail, headers=headers)


def django_problem(exc: Exception) -> HttpResponse | None:
    """Return an error of Django that a view of the API let through."""
    if isinstance(exc, Http404):
        return problem(404)
    if isinstance(exc, DjangoPermissionDenied):
        return problem(403)
    if isinstance(exc, RequestDataTooBig):
        return problem(413)
    if isinstance(exc, SuspiciousOperation | BadRequest | UnreadablePostError):
        return problem(400)
    return None


def field_errors(detail: Any, path: str = "") -> Iterator[FieldError]:
    """Flatten the framework's nested errors."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = "" if name == "non_field_errors" else str(name)
            yield from field_errors(inner, ".".join(part for part in (path, own) if part))
    elif isinstance(detail, list):
        for inner in detail:
            yield from field_errors(inner, path)
    else:
        yield FieldError(field=path, code=str(getattr(detail, "code", "invalid")), message=str(detail))


def django_errors(error: ValidationError, path: str = "") -> Iterator[FieldError]:
    """Flatten the errors of a form or of a validator."""
    if hasattr(error, "error_dict"):
        for name, inner in error.error_dict.items():
            for one in inner:
                yield from django_errors(one, "" if name == "__all__" else str(name))
        return
    for one in error.error_list:
        yield FieldError(field=path, code=one.code or "invalid", message=str(one.messages[0]))
