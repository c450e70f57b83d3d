"""`map/`: what a viewport shows, counted from afar and one by one from close by."""

import math
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request

from reports.api.base import PublicView, cached, problems, understood
from reports.api.features import (
    MAX_CELLS,
    MAX_LOOSE_POINTS,
    MAX_POINTS,
    POINTS_ZOOM,
    Features,
    cells_in_view,
    counted_cells,
    nearest_to_centre,
    points,
)
from reports.api.pagination import refusal
from reports.api.reports import BOX, FILTERS
from reports.filters import ReportFilter
from reports.geo import MAX_ZOOM, BadBox, Box
from reports.models import Report

CONTENT_TYPE = "application/geo+json"
MAP_SECONDS = 5
MAP_STALE_SECONDS = 30
# Kept counts know a place, a status and a category; these need the reports themselves.
UNCOUNTED = ("quarter", "q", "since", "until", "near", "timing")

ZOOM = OpenApiParameter("zoom", OpenApiTypes.NUMBER, required=True, description=f"The map's zoom, 0 to {MAX_ZOOM}.")
VIEW_BOX = OpenApiParameter("bbox", OpenApiTypes.STR, required=True, description=BOX.description)


@dataclass(frozen=True)
class View:
    """What a map shows: a box in degrees and a zoom, as large as a screen at most."""

    box: Box
    zoom: float

    @classmethod
    def of(cls, query: QueryDict) -> "View":
        """Read `bbox` and `zoom` from the query string.

        Raises:
            ValidationError: one is missing or cannot be understood, or the box is too wide for the zoom.
        """
        try:
            box = Box.parse(query.get("bbox", ""))
        except BadBox as error:
            raise refusal("bbox", str(error), "invalid_box") from None
        try:
            zoom = float(query.get("zoom", ""))
        except ValueError:
            zoom = math.nan
        # A comparison, so that NaN is refused too.
        if not 0 <= zoom <= MAX_ZOOM:
            message = _("Le zoom est un nombre de 0 à %(last)d.") % {"last": MAX_ZOOM}
            raise refusal("zoom", message, "invalid_zoom")
        if cells_in_view(box, zoom) > MAX_CELLS:
            raise refusal("bbox", _("Cette zone est trop grande pour ce zoom."), "box_too_large")
        return cls(box, zoom)


class MapView(PublicView):
    """The reports of a viewport."""

    @extend_schema(
        operation_id="map_read",
        summary="Show a viewport",
        parameters=[VIEW_BOX, ZOOM, *FILTERS],
        responses={
            (200, CONTENT_TYPE): OpenApiResponse(
                OpenApiTypes.OBJECT,
                description=(
                    "A FeatureCollection of cells (`count`, `by_status`) or of reports (`ref`, `status`, `category`, "
                    f"`icon`, `votes`, `timing`); `shows` says which, `truncated` that only {MAX_POINTS} are given."
                ),
            ),
            **problems(_400="A parameter cannot be understood, or the box is too wide for the zoom."),
        },
    )
    def get(self, request: Request) -> HttpResponse:
        """Return cells where many reports lie, reports where few do; the cost follows the view, not the archive."""
        view = View.of(request.GET)
        found = understood(ReportFilter(request.GET, queryset=Report.objects.public()))
        shows, features = look(view, found)
        return feature_collection(request, features, shows=shows)


def look(view: View, found: ReportFilter) -> tuple[str, Features]:
    """Return whether a view shows cells or reports, and these."""
    given: dict[str, Any] = found.form.cleaned_data
    if any(given[name] for name in UNCOUNTED):
        # Newest first, or by the distance that was asked for.
        return "reports", points(found.qs)
    if view.zoom >= POINTS_ZOOM:
        return "reports", points(nearest_to_centre(found.qs, view.box))
    cells = counted_cells(
        view.box,
        view.zoom,
        statuses=given["status"] or None,
        categories=[category.pk for category in given["category"]] or None,
    )
    if cells.total > MAX_LOOSE_POINTS:
        return "cells", cells
    return "reports", points(found.qs.order_by())


def feature_collection(request: Request, features: Features, *, shows: str) -> HttpResponse:
    """Return features as a collection that caches may keep for a few seconds."""
    truncated = "true" if features.truncated else "false"
    body = f'{{"type":"FeatureCollection","shows":"{shows}","truncated":{truncated},"features":{features.text}}}'
    return cached(request, body, content_type=CONTENT_TYPE, max_age=MAP_SECONDS, stale=MAP_STALE_SECONDS)
