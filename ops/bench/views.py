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


def edges(place: Place, zoom: int) -> tuple[float, float, float, float]:
    """Return west, south, east and north in degrees of the viewport with this middle."""
    degrees_per_pixel = 360 / (TILE * 2**zoom)
    half_width = WIDTH / 2 * degrees_per_pixel
    half_height = HEIGHT / 2 * degrees_per_pixel * math.cos(math.radians(place.latitude))
    return (
        place.longitude - half_width,
        place.latitude - half_height,
        place.longitude + half_width,
        place.latitude + half_height,
    )


def bbox(place: Place, zoom: int) -> str:
    """Return the edges as the map's address has them."""
    return ",".join(f"{edge:.6f}" for edge in edges(place, zoom))
