"""What the small map of a report's page draws."""

from collections.abc import Iterable
from typing import Any

from reports.models import Report


def mark_of(report: Report) -> dict[str, Any]:
    """Return a report as a pin: number, status, whether it is late, longitude and latitude in degrees."""
    place = {"lon": report.point.x, "lat": report.point.y}
    return {"ref": report.ref, "status": report.status, "timing": report.timing, **place}


def map_of(report: Report, near: Iterable[Report] = ()) -> dict[str, Any]:
    """Return the report's pin, its neighbours', and the radius in metres in which they were looked for."""
    return {
        "report": mark_of(report),
        "near": [mark_of(other) for other in near],
        "radius": report.category.duplicate_radius_m,
    }
