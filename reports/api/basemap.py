"""`basemap/`: our own ground under the pins, for when no tile server answers."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request

from reports.api.base import PublicView, cached, problems
from reports.api.features import outlines
from reports.api.map import CONTENT_TYPE, VIEW_BOX, ZOOM, View

# Boundaries change when somebody loads new ones.
BASEMAP_SECONDS = 3600
BASEMAP_STALE_SECONDS = 7 * 86400


class BaseMapView(PublicView):
    """The outlines of towns and quarters."""

    @extend_schema(
        operation_id="basemap_read",
        summary="Draw the ground of a viewport",
        parameters=[VIEW_BOX, ZOOM],
        responses={
            (200, CONTENT_TYPE): OpenApiResponse(
                OpenApiTypes.OBJECT,
                description=(
                    "A FeatureCollection of outlines with `layer` (`town` or `quarter`), `town`, `slug`, `name` and "
                    "`label`, the `[lon, lat]` to write the name at, or null where it has no room."
                ),
            ),
            **problems(_400="A parameter cannot be understood, or the box is too wide for the zoom."),
        },
    )
    def get(self, request: Request) -> HttpResponse:
        """Return outlines as coarse as the zoom allows: towns from afar, quarters with their names from close by."""
        view = View.of(request.GET)
        body = f'{{"type":"FeatureCollection","features":{outlines(view.box, int(view.zoom)).text}}}'
        return cached(request, body, content_type=CONTENT_TYPE, max_age=BASEMAP_SECONDS, stale=BASEMAP_STALE_SECONDS)
