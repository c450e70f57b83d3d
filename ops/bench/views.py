"""What a visitor's map shows: a laptop's viewport around a place."""

import math
from dataclasses import dataclass

WIDTH = 1280
HEIGHT = 800
TILE = 256


@dataclass(frozen=True)
class Place:
    """A point in degrees."""

    longitude: float
    latitude: float


def bbox(place: Place, zoom: int) -> str:
    """Return `west,south,east,north` in degrees of the viewport with this middle."""
    degrees_per_pixel = 360 / (TILE * 2**zoom)
    half_width = WIDTH / 2 * degrees_per_pixel
    half_height = HEIGHT / 2 * degrees_per_pixel * math.cos(math.radians(place.latitude))
    west, east = place.longitude - half_width, place.longitude + half_width
    return f"{west:.6f},{place.latitude - half_height:.6f},{east:.6f},{place.latitude + half_height:.6f}"
