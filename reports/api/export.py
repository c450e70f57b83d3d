"""`me/export/`: a copy of everything that the portal knows about a person."""

from typing import Any, ClassVar

from django.conf import settings
from django.http import FileResponse, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import TooManyExports
from accounts.models import DataExport
from accounts.services import data
from reports.api.base import LazySignInView, keep_private, problems, signed_in
from reports.api.problems import problem
from reports.api.scopes import ACCOUNT


class ExportSerializer(serializers.Serializer[Any]):
    """A copy and where it stands; `url` only while it can be fetched."""

    status = serializers.ChoiceField(choices=DataExport.Status.values)
    asked_at = serializers.DateTimeField()
    ready_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    size = serializers.IntegerField(help_text="Bytes.")
    url = serializers.SerializerMethodField()

    def get_url(self, export: DataExport) -> str | None:
        """Return where the zip is, for the same caller."""
        ready = export.status == DataExport.Status.READY
        return settings.PUBLIC_URL + reverse("api:my-export-file") if ready else None


class MyExportView(LazySignInView):
    """The latest copy of the caller's data."""

    scopes: ClassVar = {"GET": (ACCOUNT,), "POST": (ACCOUNT,)}

    @extend_schema(
        operation_id="me_export_read",
        summary="Ask how one’s copy stands",
        responses={200: ExportSerializer, **problems(_401="Nobody is signed in.", _404="None was asked for.")},
    )
    def get(self, request: Request) -> HttpResponse:
        """Return the latest copy."""
        export = DataExport.objects.filter(user=signed_in(request)).order_by("pk").last()
        if export is None:
            return problem(404, detail=_("Vous n’avez pas encore demandé de copie de vos données."))
        return keep_private(Response(ExportSerializer(export).data))

    @extend_schema(
        operation_id="me_export_create",
        summary="Ask for a copy of one’s data",
        request=None,
        responses={
            202: ExportSerializer,
            **problems(_401="Nobody is signed in.", _429="`too_many_exports`: three a day."),
        },
    )
    def post(self, request: Request) -> HttpResponse:
        """Have it made; a mail says when it is ready. Asking again meanwhile changes nothing."""
        try:
            export = data.ask_for_export(user=signed_in(request))
        except TooManyExports as refusal:
            return problem(429, code="too_many_exports", detail=str(refusal), headers={"Retry-After": "86400"})
        return keep_private(Response(ExportSerializer(export).data, status=202))


class MyExportFileView(LazySignInView):
    """The zip itself."""

    scopes: ClassVar = {"GET": (ACCOUNT,)}

    @extend_schema(
        operation_id="me_export_fetch",
        summary="Fetch one’s copy",
        responses={
            (200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY, description="The copy."),
            **problems(_401="Nobody is signed in.", _404="No copy is ready; or it has expired."),
        },
    )
    def get(self, request: Request) -> HttpResponse | FileResponse:
        """Return the latest copy that is ready; each look is put on record."""
        user = signed_in(request)
        latest = DataExport.objects.filter(user=user, status=DataExport.Status.READY).order_by("pk").last()
        export = data.fetch(token=latest.token, user=user) if latest is not None else None
        if export is None or export.status != DataExport.Status.READY:
            return problem(404, detail=_("Aucune copie n’est prête. Demandez-en une, puis revenez."))
        response = FileResponse(export.file.open("rb"), as_attachment=True, filename="fixmyquarter.zip")
        keep_private(response)  # type: ignore[arg-type]  # a streamed answer has the same headers
        return response
