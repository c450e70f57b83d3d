"""Boxes, tiles and cells: arithmetic on coordinates, with no database and no HTTP.

Coordinates are WGS 84 degrees, longitude first. Tiles are Web Mercator's, as every web map numbers them.
"""

import math
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

MAX_LON = 180.0
MAX_LAT = 90.0
# Web Mercator ends here.
MAX_LATITUDE = 85.05112878
EARTH_RADIUS_M = 6_371_008.8
METRES_PER_DEGREE = 111_320.0

# The tile levels at which counts of reports are kept. Far away every second one does, and keeps the table small; close
# up, where a view holds many cells, each zoom has its own.
CELL_LEVELS = (4, 6, 8, 10, 12, 14, 15, 16, 17, 18)
# A circle as people draw it: 32 corners stay within half a percent of it.
CIRCLE_CORNERS = 32
# A cell drawn on the map is a quarter of a 256-pixel tile wide: 64 pixels, room for a number.
CELL_ZOOM_OFFSET = 2
MAX_ZOOM = 22

# The levels of the live map's groups: a watcher joins the finest one at which its view needs few groups.
GROUP_LEVELS = (15, 12, 9, 6, 3, 0)
MAX_GROUPS = 16


class BadBox(ValueError):
    """A box that is not west, south, east, north in degrees; its text tells the caller what to send."""


@dataclass(frozen=True)
class Box:
    """West, south, east, north in degrees; never crosses the antimeridian."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def of(cls, west: float, south: float, east: float, north: float) -> "Box":
        """Return the box.

        Raises:
            BadBox: an edge is not finite or out of range, or the edges are out of order.
        """
        # What a socket sends may be anything.
        edges: tuple[object, ...] = (west, south, east, north)
        if not all(isinstance(edge, int | float) and math.isfinite(edge) for edge in edges):
            raise BadBox(_("Chaque bord de la zone doit être un nombre."))
        if not (-MAX_LON <= west < east <= MAX_LON and -MAX_LAT <= south < north <= MAX_LAT):
            raise BadBox(_("La zone s’écrit ouest,sud,est,nord en degrés, ouest < est et sud < nord."))
        return cls(float(west), float(south), float(east), float(north))

    @classmethod
    def parse(cls, text: str) -> "Box":
        """Read `"west,south,east,north"`.

        Raises:
            BadBox: it is anything else.
        """
        parts = text.split(",")
        if len(parts) != 4:  # noqa: PLR2004  (a box has four edges)
            raise BadBox(_("La zone s’écrit avec quatre nombres : ouest,sud,est,nord."))
        try:
            return cls.of(*(float(part) for part in parts))
        except ValueError as error:
            if isinstance(error, BadBox):
                raise
            raise BadBox(_("Chaque bord de la zone doit être un nombre.")) from None

    @property
    def edges(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        return (self.west, self.south, self.east, self.north)

    def holds(self, lon: float, lat: float) -> bool:
        """Say whether a point lies inside or on the edge."""
        return self.west <= lon <= self.east and self.south <= lat <= self.north

    def around(self, metres: float) -> "Box":
        """Return the box grown by a distance on every side."""
        lat = metres / METRES_PER_DEGREE
        lon = lat / max(0.01, math.cos(math.radians((self.south + self.north) / 2)))
        return Box(
            max(-180.0, self.west - lon),
            max(-90.0, self.south - lat),
            min(180.0, self.east + lon),
            min(90.0, self.north + lat),
        )


def tile(lon: float, lat: float, level: int) -> tuple[int, int]:
    """Return the tile's x and y that a point lies in at a level."""
    size = 2**level
    bounded = math.radians(max(-MAX_LATITUDE, min(MAX_LATITUDE, lat)))
    x = int((lon + 180) / 360 * size)
    y = int((1 - math.asinh(math.tan(bounded)) / math.pi) / 2 * size)
    return min(size - 1, max(0, x)), min(size - 1, max(0, y))


def tile_range(box: Box, level: int) -> tuple[int, int, int, int]:
    """Return the first x, first y, last x and last y of the tiles that a box touches."""
    first_x, first_y = tile(box.west, box.north, level)
    last_x, last_y = tile(box.east, box.south, level)
    return first_x, first_y, last_x, last_y


def cell_level(zoom: float) -> int:
    """Return the level of the kept counts that serves a zoom: the first one fine enough."""
    wanted = math.floor(zoom) + CELL_ZOOM_OFFSET
    return next((level for level in CELL_LEVELS if level >= wanted), CELL_LEVELS[-1])


def groups_of_point(lon: float, lat: float) -> list[str]:
    """Return the names of every live group that hears of a point."""
    return [f"map.{level}.{x}.{y}" for level in GROUP_LEVELS for x, y in [tile(lon, lat, level)]]


def groups_of_box(box: Box) -> list[str]:
    """Return the fewest fine groups that hear of everything in a box, at most MAX_GROUPS."""
    for level in GROUP_LEVELS:
        first_x, first_y, last_x, last_y = tile_range(box, level)
        if (last_x - first_x + 1) * (last_y - first_y + 1) <= MAX_GROUPS:
            return [f"map.{level}.{x}.{y}" for x in range(first_x, last_x + 1) for y in range(first_y, last_y + 1)]
    return ["map.0.0.0"]


def is_position(lon: float, lat: float) -> bool:
    """Say whether two numbers can be a place: finite, in range, and not the 0,0 of a phone that found nothing."""
    return (
        # NaN and infinity fail the comparisons.
        -MAX_LON <= lon <= MAX_LON and -MAX_LAT <= lat <= MAX_LAT and (lon, lat) != (0, 0)
    )


def circle_ring(lon: float, lat: float, metres: float) -> list[tuple[float, float]]:
    """Return the closed ring of corners, longitude first, at a distance around a point."""
    north = metres / METRES_PER_DEGREE
    east = north / max(0.01, math.cos(math.radians(lat)))
    turns = [2 * math.pi * corner / CIRCLE_CORNERS for corner in range(CIRCLE_CORNERS)]
    ring = [(lon + east * math.sin(turn), lat + north * math.cos(turn)) for turn in turns]
    return [*ring, ring[0]]
