"""`quarters/`: the places served, as a list and as GeoJSON."""

from typing import Any

from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.db.models.functions import GeoFunc
from django.db.models import Value
from django.http import HttpResponse
from django.utils.cache import patch_cache_control
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from reports.api.base import PublicView, problems, without_language
from reports.models import Quarter
from reports.serializers import QuarterFeatureSerializer, QuarterSerializer

PLACES_SECONDS = 3600
# About 20 metres: enough to colour a map by quarter.
OUTLINE_TOLERANCE = 0.0002


class SimplifiedOutline(GeoFunc):
    """A boundary with fewer corners, never torn."""

    function = "ST_SimplifyPreserveTopology"
    output_field = GeometryField(srid=4326)


class GeoJSONRenderer(JSONRenderer):
    """JSON under the name of RFC 7946; `?format=geojson` or `Accept: application/geo+json`."""

    media_type = "application/geo+json"
    format = "geojson"


class QuarterListSerializer(serializers.Serializer[Any]):
    """All quarters served."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = QuarterSerializer(many=True)


class QuartersView(PublicView):
    """The places served."""

    renderer_classes = (JSONRenderer, GeoJSONRenderer)

    @extend_schema(
        operation_id="quarters_list",
        summary="List the quarters",
        parameters=[
            OpenApiParameter("town", OpenApiTypes.STR, description="Only of the town with this slug."),
            OpenApiParameter("format", OpenApiTypes.STR, enum=["json", "geojson"]),
        ],
        responses={
            (200, "application/json"): QuarterListSerializer,
            (200, "application/geo+json"): OpenApiResponse(OpenApiTypes.OBJECT, description="A FeatureCollection."),
            **problems(_404="An unknown format."),
        },
    )
    def get(self, request: Request) -> HttpResponse:
        """Return every quarter with its town, or their simplified outlines as GeoJSON."""
        quarters = Quarter.objects.select_related("town").defer("boundary", "town__boundary")
        quarters = quarters.order_by("town__name", "name", "id")
        if town := request.GET.get("town", "").replace("\x00", ""):
            quarters = quarters.filter(town__slug=town)
        renderer = getattr(request, "accepted_renderer", None)
        if isinstance(renderer, GeoJSONRenderer):
            outlined = quarters.annotate(outline=SimplifiedOutline("boundary", Value(OUTLINE_TOLERANCE)))
            body: Any = QuarterFeatureSerializer(outlined, many=True).data
        else:
            body = {"next": None, "previous": None, "results": QuarterSerializer(quarters, many=True).data}
        response = Response(body)
        patch_cache_control(response, public=True, max_age=PLACES_SECONDS)
        return without_language(response)
