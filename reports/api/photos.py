"""`reports/<ref>/photos/`: one more look at the problem, or the proof of its repair."""

from typing import ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from reports.api.base import (
    REF_PARAMETER,
    LazySignInView,
    drop,
    elsewhere,
    find_report,
    keep_private,
    may_see,
    problems,
    role_of,
    signed_in,
    take_in,
)
from reports.api.parsers import FormParser
from reports.api.scopes import REPORTS, STAFF
from reports.errors import DomainError, NotAllowed
from reports.serializers import NewPhotosSerializer, ReportSerializer, report_data
from reports.services.editing import add_photos


@extend_schema(parameters=[REF_PARAMETER])
class PhotosView(LazySignInView):
    """The photos of one report."""

    scopes: ClassVar = {"POST": (REPORTS, STAFF)}
    parser_classes = (FormParser,)

    @extend_schema(
        operation_id="reports_add_photos",
        summary="Add photos to a report",
        request={"multipart/form-data": NewPhotosSerializer},
        responses={
            201: ReportSerializer,
            **problems(
                _400="A photo is refused; `errors` says which and why.",
                _401="Nobody is signed in.",
                _403="`not_allowed`: neither its author while it waits nor who handles it, or it has all its photos.",
                _404="No such report.",
            ),
        },
    )
    def post(self, request: Request, ref: str) -> HttpResponse:
        """Add photos of the problem (its author, while it waits) or of the repair (who handles it)."""
        signed_in(request)
        report = find_report(ref)
        if report is None or not may_see(request, report):
            return elsewhere(report, "photos")
        actor = role_of(request, report)
        if not actor.roles:
            raise NotAllowed
        given = NewPhotosSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        photos = take_in(given.validated_data["photos"])
        try:
            add_photos(report=report, photos=photos, actor=actor)
        except DomainError:
            drop(photos)
            raise
        return keep_private(Response(report_data(find_report(ref) or report), status=201))
