"""What the small map of a report's page draws."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.gis.db.models.functions import AsGeoJSON

from reports.models import Quarter, Report

# About a metre: an outline that nobody measures on.
DIGITS = 5


def mark_of(report: Report) -> dict[str, Any]:
    """Return a report as a pin: longitude, latitude, and what its label says."""
    return {
        "ref": report.ref,
        "status": report.status,
        "icon": report.category.icon,
        "lon": report.point.x,
        "lat": report.point.y,
    }


def map_of(report: Report, near: Iterable[Report] = ()) -> dict[str, Any]:
    """Return the report's pin, its neighbours', the radius (metres) of the search for them, and the quarter's outline.

    The outline is a GeoJSON text, or None; it is what the map shows where no tile server answers.
    """
    outline = (
        Quarter.objects.filter(pk=report.quarter_id)
        .values_list(AsGeoJSON("boundary", precision=DIGITS), flat=True)
        .first()
    )
    return {
        "report": mark_of(report),
        "near": [mark_of(other) for other in near],
        "radius": report.category.duplicate_radius_m,
        "outline": outline,
        "tiles": settings.MAP_TILES_URL,
        "attribution": settings.MAP_TILES_ATTRIBUTION,
    }
