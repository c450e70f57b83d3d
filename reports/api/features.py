"""The two maps as GeoJSON that the database writes: one query each, and no object per pin or outline.

Text comes back ready to send; nothing of it is parsed in Python.
"""

from dataclasses import dataclass
from typing import Any, cast

from django.contrib.gis.db.models.functions import GeometryDistance
from django.contrib.gis.geos import Point
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, FloatField, Func
from django.utils import timezone

from reports.geo import CELL_ZOOM_OFFSET, Box, cell_level, tile_range
from reports.querysets import ReportQuerySet, timing_at

# More pins than this say less than a number does, and cost a cheap phone its frame rate.
MAX_LOOSE_POINTS = 100
MAX_POINTS = 500
# The largest view: 64 × 64 cells of 64 pixels, beyond any screen.
MAX_CELLS = 64 * 64
# From here on a cell would be finer than the kept counts.
POINTS_ZOOM = 17

# Strip by strip: the index is sorted by x, then y; one range of x alone would lead over the whole height of a town.
# OFFSET 0 keeps the planner to it: written as one join, it fails test_map_never_reads_the_whole_table.
CELLS = """
WITH summed AS (
    SELECT strip.x >> %(shift)s AS x, y >> %(shift)s AS y, status,
        sum(count) AS number, sum(lon_sum) AS lon, sum(lat_sum) AS lat
    FROM generate_series(%(first_x)s, %(last_x)s) AS strip (x), LATERAL (
        SELECT y, category_id, status, count, lon_sum, lat_sum FROM reports_mapcell
        WHERE level = %(level)s AND x = strip.x AND y BETWEEN %(first_y)s AND %(last_y)s OFFSET 0
    ) AS cell
    WHERE (%(statuses)s IS NULL OR status = ANY(%(statuses)s::text[]))
        AND (%(categories)s IS NULL OR category_id = ANY(%(categories)s::bigint[]))
    GROUP BY 1, 2, 3 HAVING sum(count) > 0
), cells AS (
    SELECT x, y, sum(number) AS number, sum(lon) / sum(number) AS lon, sum(lat) / sum(number) AS lat,
        json_object_agg(status, number) AS by_status
    FROM summed GROUP BY 1, 2
)
SELECT coalesce(json_agg(json_build_object(
    'type', 'Feature',
    'id', concat_ws('/', %(drawn)s, x, y),
    'geometry', json_build_object('type', 'Point', 'coordinates', json_build_array(
        round(lon::numeric, 6), round(lat::numeric, 6))),
    'properties', json_build_object('count', number, 'by_status', by_status)
)), '[]')::text, coalesce(sum(number), 0)::bigint FROM cells
"""

POINTS = """
SELECT coalesce(json_agg(json_build_object(
    'type', 'Feature',
    'id', ref,
    'geometry', json_build_object('type', 'Point', 'coordinates', json_build_array(
        round(lon::numeric, 6), round(lat::numeric, 6))),
    'properties', json_build_object(
        'ref', ref, 'status', status, 'category', category_code, 'icon', category_icon, 'votes', votes,
        'timing', standing)
)) FILTER (WHERE place <= {limit}), '[]')::text, count(*) > {limit}
FROM (SELECT found.*, row_number() OVER () AS place FROM ({rows}) AS found) AS numbered
"""

# A corner that moves by less than half a pixel is not seen. Names are drawn once quarters have room for them.
TOWNS_UNTIL_ZOOM = 10
NAMES_FROM_ZOOM = 12
MAX_OUTLINES = 2000
OUTLINES = """
SELECT coalesce(json_agg(json_build_object(
    'type', 'Feature',
    'id', concat_ws('/', layer, town, slug),
    'geometry', ST_AsGeoJSON(ST_SimplifyPreserveTopology(boundary, %(tolerance)s), 5)::json,
    'properties', json_build_object('layer', layer, 'town', town, 'slug', slug, 'name', name, 'label', label)
) ORDER BY layer DESC, town, slug), '[]')::text
FROM (
    SELECT 'town' AS layer, slug AS town, NULL AS slug, name, boundary,
        CASE WHEN %(zoom)s < %(towns_until)s
            THEN json_build_array(round(ST_X(centre)::numeric, 5), round(ST_Y(centre)::numeric, 5)) END AS label
    FROM reports_town
    WHERE boundary && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
    UNION ALL
    (SELECT 'quarter', town.slug, quarter.slug, quarter.name, quarter.boundary,
        CASE WHEN %(zoom)s >= %(names_from)s THEN (
            SELECT json_build_array(round(ST_X(inside)::numeric, 5), round(ST_Y(inside)::numeric, 5))
            FROM ST_PointOnSurface(quarter.boundary) AS inside) END
    FROM reports_quarter AS quarter JOIN reports_town AS town ON town.id = quarter.town_id
    WHERE %(zoom)s >= %(towns_until)s
        AND quarter.boundary && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
    ORDER BY quarter.id LIMIT %(max_outlines)s)
) AS outlines
"""


@dataclass(frozen=True)
class Features:
    """A JSON array of GeoJSON features, how many reports they stand for, and whether some were left out."""

    text: str
    total: int = 0
    truncated: bool = False


def drawn_level(zoom: float) -> int:
    """Return the tile level of the cells drawn at a zoom: a quarter of a tile wide, 64 pixels."""
    return int(zoom) + CELL_ZOOM_OFFSET


def cells_in_view(box: Box, zoom: float) -> int:
    """Return how many cells a view has at a zoom, with or without reports."""
    first_x, first_y, last_x, last_y = tile_range(box, drawn_level(zoom))
    return (last_x - first_x + 1) * (last_y - first_y + 1)


def counted_cells(
    box: Box, zoom: float, *, statuses: list[str] | None = None, categories: list[int] | None = None
) -> Features:
    """Return the view's counts as cells that stay where they are when the map is dragged.

    Reads only kept counts: the cost follows the number of cells in view, never the number of reports. `zoom` is below
    POINTS_ZOOM. Counts are kept at every second level, and merged four to one where the view needs the coarser one.
    """
    drawn, level = drawn_level(zoom), cell_level(zoom)
    shift = level - drawn
    first_x, first_y, last_x, last_y = tile_range(box, drawn)
    values = {
        "drawn": drawn,
        "level": level,
        "shift": shift,
        "first_x": first_x << shift,
        "first_y": first_y << shift,
        "last_x": ((last_x + 1) << shift) - 1,
        "last_y": ((last_y + 1) << shift) - 1,
        "statuses": statuses,
        "categories": categories,
    }
    with connection.cursor() as cursor:
        cursor.execute(CELLS, values)
        text, total = cursor.fetchone()
    return Features(text=text, total=total)


class Coordinate(Func):
    """One coordinate of a point."""

    arity = 1
    output_field = FloatField()


def points(found: ReportQuerySet) -> Features:
    """Return at most MAX_POINTS reports as features, the first ones in the order of the queryset."""
    rows = found.values(
        "ref",
        "status",
        "votes",
        category_code=F("category__code"),
        category_icon=F("category__icon"),
        standing=timing_at(timezone.now()),
        lon=Coordinate("point", function="ST_X"),
        lat=Coordinate("point", function="ST_Y"),
    )[: MAX_POINTS + 1]
    try:
        sql, values = rows.query.sql_with_params()
    except EmptyResultSet:
        # Django knows without asking that nothing can be found, e.g. for words that no report contains.
        return Features(text="[]")
    with connection.cursor() as cursor:
        cursor.execute(POINTS.format(limit=MAX_POINTS, rows=sql), cast("Any", values))
        text, truncated = cursor.fetchone()
    return Features(text=text, truncated=truncated)


def nearest_to_centre(found: ReportQuerySet, box: Box) -> ReportQuerySet:
    """Order by distance from the middle of the view: the index yields them one by one, and the rest is never read."""
    middle = Point((box.west + box.east) / 2, (box.south + box.north) / 2, srid=4326)
    return found.order_by(GeometryDistance("point", middle))


def outlines(box: Box, zoom: int) -> Features:
    """Return the towns, and from close by their quarters, that a view touches, as coarse as its pixels allow."""
    values = {
        "zoom": zoom,
        "tolerance": 180 / (256 * 2**zoom),
        "towns_until": TOWNS_UNTIL_ZOOM,
        "names_from": NAMES_FROM_ZOOM,
        "max_outlines": MAX_OUTLINES,
        "west": box.west,
        "south": box.south,
        "east": box.east,
        "north": box.north,
    }
    with connection.cursor() as cursor:
        cursor.execute(OUTLINES, values)
        (text,) = cursor.fetchone()
    return Features(text=text)
