"""Viewports and pages on the small and on the large database, turn by turn, so that a busy minute hits both alike.

Run as `python -m ops.bench.pages SMALL_NAME ROWS_FILE` with the environment of the large database. Requests are made
inside this process: what is timed is ours, from the address to the last byte, without a network.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.conf import settings
from django.contrib.gis.geos import Polygon
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.module_loading import import_string
from rest_framework.renderers import JSONRenderer
from rest_framework_gis.serializers import GeoFeatureModelSerializer

from ops.bench.table import Row, milliseconds, times
from ops.bench.views import Place, bbox, edges

ROUNDS = 5
PLACES = 12
ZOOMS = (6, 12, 15, 17)
# (large?, zoom, how many boxes): a plain list of every report in a large box takes seconds.
PLAIN = ((False, 15, 5), (True, 17, 3), (True, 15, 1))
PUBLIC = ("open", "in_progress", "resolved")
BEAT = {
    "compact map cells": "beat, once a minute: merge the map’s counts",
    "refresh figures": "beat, once a minute: count the figures",
}


@dataclass(frozen=True)
class Sizes:
    """The two databases by name."""

    small: str
    large: str

    def use(self, name: str) -> None:
        """Go on with another database."""
        connection.close()
        connection.settings_dict["NAME"] = name


@dataclass(frozen=True)
class Pair:
    """The same work on both databases: the median in seconds."""

    small: float
    large: float


def turn_by_turn(sizes: Sizes, rounds: int, works: list[Callable[[], object]]) -> Pair:
    """Do all works on one database, then on the other, in several rounds; the first of each is not counted."""
    taken: dict[str, list[float]] = {sizes.small: [], sizes.large: []}
    for _round in range(rounds):
        for name, found in taken.items():
            sizes.use(name)
            works[0]()
            found.extend(seconds(work) for work in works)
    return Pair(*(statistics.median(found) for found in taken.values()))


def seconds(work: Callable[[], object]) -> float:
    """Return how long a piece of work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


class Visitor:
    """Asks for addresses, and does not take an error for an answer."""

    def __init__(self) -> None:
        self._client = Client(SERVER_NAME="127.0.0.1")

    def ask(self, address: str) -> bytes:
        """Return the body of an answer."""
        response = self._client.get(address)
        if response.status_code != 200:  # noqa: PLR2004  (HTTP's own number)
            message = f"{address} answered with {response.status_code}"
            raise RuntimeError(message)
        return bytes(response.content)

    def asking(self, addresses: Iterable[str]) -> list[Callable[[], object]]:
        """Return the works of asking for some addresses."""
        return [lambda address=address: self.ask(address) for address in addresses]  # type: ignore[misc]


def map_address(place: Place, zoom: int) -> str:
    """Return the address of the viewport of a laptop."""
    return f"/api/v1/map/?bbox={bbox(place, zoom)}&zoom={zoom}"


def viewports(sizes: Sizes, visitor: Visitor, places: list[Place]) -> Iterable[Row]:
    """Compare viewports on the large database with the same on the small one."""
    for zoom in ZOOMS:
        addresses = [map_address(place, zoom) for place in places]
        pair = turn_by_turn(sizes, ROUNDS, visitor.asking(addresses))
        shown = {}
        for name in (sizes.small, sizes.large):
            sizes.use(name)
            shown[name] = statistics.median(len(json.loads(visitor.ask(address))["features"]) for address in addresses)
        yield Row(
            f"map viewport, zoom {zoom}",
            f"{milliseconds(pair.large)} ({shown[sizes.large]:.0f} features)",
            f"small: {milliseconds(pair.small)} ({shown[sizes.small]:.0f})",
            times(pair.large, pair.small),
        )


def plain_list(place: Place, zoom: int) -> tuple[int, bytes]:
    """Return how many reports lie in a viewport, and their GeoJSON, as the textbook makes it."""
    report = apps.get_model("reports", "Report")

    class Plain(GeoFeatureModelSerializer):  # type: ignore[misc]  # the package ships no types
        class Meta:
            model = report
            geo_field = "point"
            fields = ("ref", "status", "category", "votes")

    box = Polygon.from_bbox(edges(place, zoom))
    rows: Any = report._default_manager.filter(status__in=PUBLIC, point__bboverlaps=box)  # noqa: SLF001  (Django's own)
    features = Plain(rows, many=True).data
    return len(features["features"]), JSONRenderer().render(features)


def against_plain(sizes: Sizes, visitor: Visitor, places: list[Place]) -> Iterable[Row]:
    """Compare viewports with a plain list of every report in the same box."""
    for is_large, zoom, boxes in PLAIN:
        sizes.use(sizes.large if is_large else sizes.small)
        addresses = [map_address(place, zoom) for place in places[:boxes]]
        visitor.ask(addresses[0])
        ours = statistics.median(seconds(work) for work in visitor.asking(addresses * ROUNDS))
        counts = []
        started = time.perf_counter()
        for place in places[:boxes]:
            count, _body = plain_list(place, zoom)
            counts.append(count)
        plain = (time.perf_counter() - started) / boxes
        yield Row(
            f"map viewport, zoom {zoom}, {'large' if is_large else 'small'}",
            milliseconds(ours),
            f"plain GeoFeatureModelSerializer: {milliseconds(plain)} ({statistics.mean(counts):,.0f} features)",
            times(ours, plain),
        )


def pages(sizes: Sizes, visitor: Visitor) -> Iterable[Row]:
    """Compare pages on the large database with the same on the small one, in time and in queries."""
    sizes.use(sizes.small)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(ref ORDER BY ref) FROM reports_report WHERE source = 'import' AND status = 'open'"
        )
        (refs,) = cursor.fetchone()
        cursor.execute(
            "SELECT town.slug || '/' || quarter.slug FROM reports_quarter AS quarter"
            " JOIN reports_town AS town ON town.id = town_id ORDER BY quarter.slug LIMIT 5"
        )
        quarters = [path for (path,) in cursor.fetchall()]
        cursor.execute("SELECT code FROM reports_category ORDER BY position, code LIMIT 5")
        categories = [code for (code,) in cursor.fetchall()]
    kinds = {
        "home": ["/"],
        "report page": [f"/signalements/{ref}/" for ref in refs[:PLACES]],
        "list": ["/signalements/"],
        "list, page 100": [f"/signalements/?page={min(100, len(refs) // 20 + 1)}"],
        "list, one category and status": [f"/signalements/?status=open&category={code}" for code in categories],
        "list, most supported": ["/signalements/?sort=votes"],
        "list, words": [f"/signalements/?q={word}" for word in ("route", "eau", "lampadaire", "introuvable")],
        "quarter": [f"/quartiers/{path}/" for path in quarters],
        "API list": ["/api/v1/reports/"],
    }
    queries: list[Row] = []
    for kind, addresses in kinds.items():
        pair = turn_by_turn(sizes, ROUNDS, visitor.asking(addresses))
        yield Row(kind, milliseconds(pair.large), f"small: {milliseconds(pair.small)}", times(pair.large, pair.small))
        queries.append(queries_row(sizes, visitor, kind, addresses[0]))
    yield from queries


def queries_row(sizes: Sizes, visitor: Visitor, kind: str, address: str) -> Row:
    """Count the queries of a page on both databases."""
    counts = {}
    for name in (sizes.small, sizes.large):
        sizes.use(name)
        visitor.ask(address)
        with CaptureQueriesContext(connection) as captured:
            visitor.ask(address)
        counts[name] = len(captured)
    small, large = counts[sizes.small], counts[sizes.large]
    return Row(f"queries: {kind}", str(large), f"small: {small}", times(large, small))


def beat(sizes: Sizes) -> Iterable[Row]:
    """Compare what beat does each minute, which may grow with the town."""
    for name, figure in BEAT.items():
        task = import_string(str(settings.CELERY_BEAT_SCHEDULE[name]["task"]))
        pair = turn_by_turn(sizes, 1, [task])
        yield Row(figure, milliseconds(pair.large), f"small: {milliseconds(pair.small)}", times(pair.large, pair.small))


def busy_places(sizes: Sizes) -> list[Place]:
    """Return points of the small database's reports: people look where something is."""
    sizes.use(sizes.small)
    with connection.cursor() as cursor:
        cursor.execute("SELECT ST_X(point), ST_Y(point) FROM reports_report ORDER BY ref LIMIT %s", [PLACES])
        return [Place(*row) for row in cursor.fetchall()]


def main(small: str, file: Path) -> None:
    """Measure, saying so, and write the rows as JSON."""
    django.setup()
    sizes = Sizes(small, connection.settings_dict["NAME"])
    visitor = Visitor()
    places = busy_places(sizes)
    rows: list[Row] = []
    for step in (
        viewports(sizes, visitor, places),
        against_plain(sizes, visitor, places),
        pages(sizes, visitor),
        beat(sizes),
    ):
        for row in step:
            print(f"  {row.figure}: {row.value}", flush=True)
            rows.append(row)
    file.write_text(json.dumps([asdict(row) for row in rows]))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
