"""What the resources share: who asks, what they may see, and answers that a cache may keep."""

import hashlib
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated, PermissionDenied, Throttled
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import User
from reports import workflow
from reports.api.problems import CONTENT_TYPE, problem
from reports.filters import ReportFilter
from reports.models import Photo, Report
from reports.permissions import NOBODY, Actor, actor_for
from reports.services import photos as photo_services
from reports.throttles import seconds_to_wait
from reports.validators import Judged

# What was public and is not any more, by its status.
GONE = {
    workflow.REJECTED: gettext_lazy("Ce signalement a été retiré par la modération."),
    workflow.WITHDRAWN: gettext_lazy("Ce signalement a été retiré par son auteur."),
}


class FieldErrorSerializer(serializers.Serializer[Any]):
    """What is wrong with one field."""

    field = serializers.CharField(help_text="Dotted inside objects; empty for the whole body.")
    code = serializers.CharField()
    message = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """RFC 9457 problem details."""

    type = serializers.URLField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField(required=False)
    until = serializers.DateTimeField(required=False, help_text="When a ban ends (`banned`).")
    appeal = serializers.URLField(required=False, help_text="Where a ban can be contested (`banned`).")
    errors = FieldErrorSerializer(many=True, required=False)  # type: ignore[assignment]  # RFC 9457 names it so


def problems(**reasons: str) -> dict[tuple[int, str], OpenApiResponse]:
    """Return the schema of the errors that an operation may answer with, as `_404="…"`."""
    return {
        (int(status.strip("_")), CONTENT_TYPE): OpenApiResponse(ProblemSerializer, description=reason)
        for status, reason in reasons.items()
    }


REF_PARAMETER = OpenApiParameter(
    "ref", OpenApiTypes.STR, OpenApiParameter.PATH, description="The report's number, e.g. `K7M-4QX`."
)


class LazySignInView(APIView):
    """A view that finds out who asks only where the answer depends on it.

    What everybody gets alike then reads no cookie and no token, and may be kept by every cache on the way. `scopes`
    says what an application needs for each method; see `reports.api.scopes`.
    """

    scopes: ClassVar[dict[str, tuple[str, ...]]] = {}
    permission_classes = (AllowAny,)

    def perform_authentication(self, request: Request) -> None:
        """Leave it to the first look at `request.user`."""


class PublicView(APIView):
    """A view that answers everybody alike."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


def person(request: Request) -> User | None:
    """Return who is signed in.

    Raises:
        AuthenticationFailed: the token is not valid.
    """
    user = request.user
    return user if isinstance(user, User) and user.is_active else None


class PersonNeeded(PermissionDenied):
    """An application that acts by itself asks for something that only a person does."""

    default_code = "person_needed"
    default_detail = gettext_lazy("Il faut une personne pour cela : demandez un jeton en son nom.")


def signed_in(request: Request) -> User:
    """Return who is signed in, where somebody must be.

    Raises:
        NotAuthenticated: nobody is.
        PersonNeeded: an application is, for nobody.
    """
    user = person(request)
    if user is not None:
        return user
    if request.auth is not None:
        raise PersonNeeded
    raise NotAuthenticated


def count_request(request: Request, scope: str, user: User) -> None:
    """Count what one person does, wherever they are.

    Raises:
        Throttled: it was too much for now.
    """
    wait = seconds_to_wait(request._request, scope, identity=f"user:{user.pk}")  # noqa: SLF001  (DRF names it so)
    if wait:
        raise Throttled(wait)


def understood(found: ReportFilter) -> ReportFilter:
    """Return the filters.

    Raises:
        ValidationError: one of them cannot be understood.
    """
    if not found.is_valid():
        raise ValidationError(found.errors.as_data())
    return found


def find_report(ref: str) -> Report | None:
    """Return a report with all that its public shape shows, in two queries."""
    return Report.objects.with_card().filter(ref=ref).first()


def role_of(request: Request, report: Report) -> Actor:
    """Return what the caller is for a report."""
    user = person(request)
    return actor_for(user, report) if user else NOBODY


def may_see(request: Request, report: Report) -> bool:
    """Say whether the caller may see a report; only what is not public needs to know who asks."""
    return report.is_public or role_of(request, report).may_read(report)


def elsewhere(report: Report | None, name: str) -> HttpResponse:
    """Return where a report went that the caller may not see: to its original, away, or nowhere that we would tell."""
    if report is not None and (original := report.find_original()):
        # Not for good: a moderator may find that it is no duplicate.
        response = HttpResponseRedirect(settings.PUBLIC_URL + reverse(f"api:{name}", args=[original.ref]))
        response.status_code = 303
        return response
    if report is not None and report.is_gone:
        return problem(410, code="gone", detail=str(GONE[report.status]))
    return problem(404)


def keep_private(response: HttpResponse) -> HttpResponse:
    """Forbid every cache to keep an answer that depends on who asked."""
    patch_cache_control(response, private=True, no_store=True)
    patch_vary_headers(response, ("Authorization", "Cookie"))
    return response


def cached(request: HttpRequest, body: str, *, content_type: str, max_age: int, stale: int = 0) -> HttpResponse:
    """Return a body that everybody may keep for `max_age` seconds, and show for `stale` more while asking again.

    It names no language, so that it varies on nothing; a client that has it already gets 304.
    """
    content = body.encode()
    etag = f'"{hashlib.blake2b(content, digest_size=16).hexdigest()}"'
    response = HttpResponse(content, content_type=content_type, headers={"ETag": etag})
    answer = get_conditional_response(request, etag=etag, response=response) or response
    extra = {"stale_while_revalidate": stale} if stale else {}
    patch_cache_control(answer, public=True, max_age=max_age, **extra)
    return without_language(answer)


def without_language(response: HttpResponse) -> HttpResponse:
    """Mark an answer as the same in every language: see `LanguageFromAddressMiddleware`."""
    response.has_no_language = True  # type: ignore[attr-defined]  # read by the middleware
    return response


def take_in(judged: list[Judged], kind: str = Photo.Kind.PROBLEM) -> list[Photo]:
    """Keep judged uploads as waiting photos."""
    return [photo_services.take_in(file=file, facts=facts, kind=kind) for file, facts in judged]


def drop(photos: list[Photo]) -> None:
    """Remove waiting photos whose report came to nothing."""
    for photo in photos:
        photo_services.remove(photo=photo)
