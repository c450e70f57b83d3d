"""`reports/` and `reports/<ref>/`: looking, sending, correcting."""

from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from accounts.models import User
from reports import validators
from reports.api.base import (
    REF_PARAMETER,
    LazySignInView,
    drop,
    elsewhere,
    find_report,
    keep_private,
    may_see,
    person,
    problems,
    role_of,
    signed_in,
    take_in,
    understood,
)
from reports.api.pagination import MAX_PAGE_SIZE, page_of
from reports.api.parsers import FormParser, JsonObjectParser
from reports.api.scopes import REPORTS
from reports.errors import DomainError, NotAllowed
from reports.filters import ReportFilter
from reports.models import Report
from reports.serializers import (
    FiledReportSerializer,
    NewReportSerializer,
    ReportChangeSerializer,
    ReportPageSerializer,
    ReportSerializer,
    report_data,
)
from reports.services.editing import edit_report
from reports.services.reporting import Filing, create_report
from reports.throttles import CreateReport, Reads, seconds_to_wait
from reports.views.device import device_of, new_device, remember

LIST_SECONDS = 1


def text_parameter(name: str, description: str, **kwargs: Any) -> OpenApiParameter:
    """Return one optional parameter of a query string."""
    return OpenApiParameter(name, OpenApiTypes.STR, description=description, **kwargs)


FILTERS = [
    text_parameter("status", "One or more of `open`, `in_progress`, `resolved`, repeated or separated by commas."),
    text_parameter("category", "One or more codes, repeated or separated by commas."),
    text_parameter("quarter", "`town/slug`, or the slug alone where only one town has it."),
    text_parameter("q", "Words of the description or the place; or a report's number."),
    text_parameter("since", "First day (`2026-03-01`) or moment of publication."),
    text_parameter("until", "Last day, or the moment before which it was published."),
    text_parameter(
        "timing",
        "How it stands against what was promised: `soon` due, `late` (also three times), `very_late`.",
        enum=["soon", "late", "very_late"],
    ),
]
BOX = text_parameter("bbox", "`west,south,east,north` in degrees.")


class ReportsView(LazySignInView):
    """The public reports."""

    scopes: ClassVar = {"POST": (REPORTS,)}
    parser_classes = (JsonObjectParser, FormParser)

    def get_throttles(self) -> list[BaseThrottle]:
        """Count new reports apart from looking at reports."""
        return [CreateReport() if self.request.method == "POST" else Reads()]

    @extend_schema(
        operation_id="reports_list",
        summary="List public reports",
        parameters=[
            *FILTERS,
            BOX,
            text_parameter("near", "`lon,lat`, or `lon,lat,metres` to keep only what is within that distance."),
            text_parameter(
                "sort",
                "`nearest` (the default with `near`), `newest` (the default without) or `votes`.",
                enum=["newest", "votes", "nearest"],
            ),
            text_parameter("cursor", "From `next` or `previous` of an earlier page."),
            OpenApiParameter("page_size", OpenApiTypes.INT, description=f"1 to {MAX_PAGE_SIZE}, 20 unless told."),
        ],
        responses={200: ReportPageSerializer, **problems(_400="A filter cannot be understood.")},
    )
    def get(self, request: Request) -> HttpResponse:
        """Return one page of public reports; never how many there are: counting costs more with every report."""
        found = understood(ReportFilter(request.GET, queryset=Report.objects.public()))
        page = page_of(found.qs.with_card(), found.ordering, query=request.GET, path=request.path)
        response = Response(
            {
                "next": page.following,
                "previous": page.preceding,
                "results": ReportSerializer(page.rows, many=True).data,
            }
        )
        patch_cache_control(response, public=True, max_age=LIST_SECONDS)
        return response

    @extend_schema(
        operation_id="reports_create",
        summary="Send a report",
        parameters=[
            OpenApiParameter(
                "Idempotency-Key",
                OpenApiTypes.STR,
                OpenApiParameter.HEADER,
                description="1 to 80 visible ASCII characters, e.g. a UUID: a repeated sending makes no second report.",
            )
        ],
        request={"application/json": NewReportSerializer, "multipart/form-data": NewReportSerializer},
        responses={
            201: OpenApiResponse(FiledReportSerializer, description="Filed; `Location` is its address in the API."),
            200: OpenApiResponse(FiledReportSerializer, description="Filed before with the same key."),
            **problems(
                _400="A field cannot be understood.",
                _403="`banned`: this person may not contribute until `until`; `appeal` says why.",
                _422="`outside_served_area`, or `duplicate_key`: the key was used with other content.",
                _429="Too many reports from one address; see `Retry-After`.",
            ),
        },
    )
    def post(self, request: Request) -> HttpResponse:
        """File a report; no account is needed."""
        reporter = person(request)
        given = NewReportSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        # A program that acts for many people carries a token: it is no device.
        asked = request._request  # noqa: SLF001  (DRF names the plain request so)
        device = "" if reporter or request.auth else device_of(asked) or new_device()
        filing = file_report(request, reporter, given.validated_data, device)
        response = Response(
            {
                **report_data(filing.report),
                "follow_url": settings.PUBLIC_URL + reverse("follow", args=[filing.follow.token]),
            },
            status=201 if filing.is_new else 200,
            headers={"Location": settings.PUBLIC_URL + reverse("api:report", args=[filing.report.ref])},
        )
        if device:
            remember(response, device, is_secure=request.is_secure())
        return keep_private(response)


def idempotency_key(request: Request) -> str | None:
    """Return the client's key for this sending, if it gave one.

    Raises:
        ValidationError: it is not printable ASCII.
    """
    text = request.headers.get("Idempotency-Key")
    return validators.clean_idempotency_key(text) if text else None


def named(name: str | None, reporter: User | None) -> str:
    """Return the name that a report shows: the one that was sent, or what the person chose for all of theirs."""
    if name is not None or reporter is None:
        return name or ""
    return reporter.public_name


def file_report(request: Request, reporter: User | None, facts: dict[str, Any], device: str) -> Filing:
    """File what was sent; photos are removed again where nothing new came of it.

    Raises:
        DomainError: the domain refused.
    """
    key = idempotency_key(request)
    photos = take_in(facts["photos"])
    try:
        filing = create_report(
            category=facts["category"],
            point=facts["location"],
            description=facts["description"],
            address=facts["address"],
            contact_email=facts["email"],
            contact_phone=facts["phone"],
            captured_at=facts["captured_at"],
            reporter=reporter,
            public_name=named(facts["name"], reporter),
            photos=photos,
            source=Report.Source.API,
            language=get_language() or settings.LANGUAGE_CODE,
            idempotency_key=key,
            device=device,
            crowded=bool(seconds_to_wait(request._request, "crowd")),  # noqa: SLF001
        )
    except DomainError:
        drop(photos)
        raise
    if not filing.is_new:
        drop(photos)
    return filing


@extend_schema(parameters=[REF_PARAMETER])
class ReportView(LazySignInView):
    """One report."""

    scopes: ClassVar = {"PATCH": (REPORTS,)}
    parser_classes = (JsonObjectParser,)

    @extend_schema(
        operation_id="reports_read",
        summary="Read a report",
        responses={
            200: ReportSerializer,
            303: OpenApiResponse(description="A duplicate: `Location` is its original."),
            **problems(_404="No such public report.", _410="It was public and is not any more."),
        },
    )
    def get(self, request: Request, ref: str) -> HttpResponse:
        """Return a public report to everybody, any other one to its author and to the staff of its place."""
        report = find_report(ref)
        if report is None or not may_see(request, report):
            return elsewhere(report, "report")
        response = Response(report_data(report))
        if not report.is_public:
            return keep_private(response)
        patch_cache_control(response, public=True, max_age=LIST_SECONDS)
        return response

    @extend_schema(
        operation_id="reports_correct",
        summary="Correct one’s own report while it waits for a moderator",
        request=ReportChangeSerializer,
        responses={
            200: ReportSerializer,
            **problems(
                _400="A field cannot be understood.",
                _401="Nobody is signed in.",
                _403="`not_allowed`: not the author, or judged already.",
                _404="No such report.",
                _409="`stale_report`: judged a moment ago.",
            ),
        },
    )
    def patch(self, request: Request, ref: str) -> HttpResponse:
        """Change the description or the place in words."""
        signed_in(request)
        report = find_report(ref)
        if report is None or not may_see(request, report):
            return elsewhere(report, "report")
        actor = role_of(request, report)
        if not actor.roles:
            raise NotAllowed
        given = ReportChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        edit_report(report=report, actor=actor, **given.validated_data)
        return keep_private(Response(report_data(report)))
