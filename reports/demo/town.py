"""Yaoundé: about forty quarters whose boundaries are computed around one known place in each.

Nobody has published the quarters' limits. A Voronoi cell gives every point of the town to the nearest known place,
which is what "approximate" means here.
"""

import csv
from dataclasses import dataclass
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db import connection

from reports.boundaries import QuarterShape, as_multipolygon, make_slug
from reports.demo import DATA
from reports.models import Town
from reports.services.boundaries import load_quarters

SLUG = "yaounde"
NAME = "Yaoundé"
# So many supports bring a report before the council.
VOTE_GOAL = 50
BOUNDARY_NOTE = (
    "Limites approximatives, calculées par le projet (cellules de Voronoï) autour de lieux "
    "© les contributeurs d’OpenStreetMap, ODbL"
)

# Metres in UTM zone 32N, so that cells are not stretched; the town ends 1.2 km outside its outermost places.
CELLS = """
WITH place AS (
    SELECT name, ST_Transform(ST_SetSRID(ST_MakePoint(longitude, latitude), 4326), 32632) AS point
    FROM unnest(%s::text[], %s::float8[], %s::float8[]) AS given (name, longitude, latitude)
), town AS (
    SELECT ST_Buffer(ST_ConvexHull(ST_Collect(point)), 1200) AS area FROM place
), cell AS (
    SELECT (ST_Dump(ST_VoronoiPolygons(ST_Collect(point), 0, (SELECT area FROM town)))).geom AS area FROM place
)
SELECT place.name, ST_AsEWKB(ST_Transform(ST_Intersection(cell.area, town.area), 4326))
FROM place JOIN cell ON ST_Contains(cell.area, place.point) CROSS JOIN town ORDER BY place.name
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A quarter's name and the known place in it, in degrees."""

    name: str
    longitude: float
    latitude: float

    @property
    def slug(self) -> str:
        """The quarter's address."""
        return make_slug(self.name)


def places() -> list[Place]:
    """Return the quarters of the data file, whose first lines are the credit."""
    with (DATA / "yaounde_quarters.csv").open(encoding="utf-8") as stream:
        rows = csv.DictReader(line for line in stream if not line.startswith("#"))
        return [Place(row["name"], float(row["longitude"]), float(row["latitude"])) for row in rows]


def quarter_shapes() -> list[QuarterShape]:
    """Return the quarters with their computed boundaries."""
    known = places()
    # Arrays, which the driver takes and its stubs do not know.
    columns: list[Any] = [
        [place.name for place in known],
        [place.longitude for place in known],
        [place.latitude for place in known],
    ]
    with connection.cursor() as cursor:
        cursor.execute(CELLS, columns)
        rows = cursor.fetchall()
    return [
        QuarterShape(number, make_slug(name), name, as_multipolygon(GEOSGeometry(memoryview(cell))))
        for number, (name, cell) in enumerate(rows, start=1)
    ]


def load_town() -> Town:
    """Create the town with its quarters; one that exists keeps the boundaries it has."""
    existing = Town.objects.filter(slug=SLUG).first()
    if existing is not None:
        return existing
    town = load_quarters(
        town=SLUG, town_name=NAME, features=quarter_shapes(), approximate=True, boundary_note=BOUNDARY_NOTE
    ).town
    town.vote_goal = VOTE_GOAL
    town.save(update_fields=["vote_goal"])
    return town
