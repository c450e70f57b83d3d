"""Many visitors at once, through the front of a whole portal: reading, and sending reports.

The visitors are wrk(1)'s: as many connections as we say, each asking again as soon as it has its answer.
"""

import json
import random
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ops.bench.scratch import connected
from ops.bench.table import Row, milliseconds, times
from ops.bench.views import Place, bbox
from ops.packages import find_program
from ops.refusal import Refusal

SCRIPT = Path(__file__).with_name("load.lua")
READERS = 64
WRITERS = 16
SEED = 7
VISITS = 5_000
ASKED_PER_MINUTE = 100_000
ASKED_P95 = 0.5
GOAL_PER_MINUTE = 500_000
GOAL_P95 = 0.1
MICRO = 1e-6

REFS = "SELECT ref FROM reports_report WHERE status = 'open' ORDER BY published_at DESC, id DESC LIMIT 300"
PLACES = "SELECT ST_X(point), ST_Y(point) FROM reports_report WHERE status = 'open' ORDER BY ref LIMIT 300"
CATEGORIES = "SELECT code FROM reports_category WHERE is_active ORDER BY position, code"
QUARTERS = """
SELECT town.slug || '/' || quarter.slug FROM reports_quarter AS quarter JOIN reports_town AS town ON town.id = town_id
"""


@dataclass(frozen=True)
class Figures:
    """What wrk measured: percentiles in seconds, and how many requests failed."""

    per_second: float
    p50: float
    p95: float
    p99: float
    failed: int

    @property
    def per_minute(self) -> float:
        """Requests answered in a minute."""
        return 60 * self.per_second

    @property
    def percentiles(self) -> str:
        """The percentiles, and the failures if there were any, in words."""
        words = f"p50 {milliseconds(self.p50)}, p95 {milliseconds(self.p95)}, p99 {milliseconds(self.p99)}"
        return f"{words}, {self.failed} FAILED" if self.failed else words


def load(url: str, lines: Path, mode: str, *, visitors: int, seconds: int) -> Figures:
    """Let visitors ask for some seconds; `lines` and `mode` are explained in load.lua.

    Raises:
        Refusal: wrk is not there or did not finish.
    """
    wrk = find_program("wrk")
    if wrk is None:
        message = "wrk is not installed: call make bench, which installs it."
        raise Refusal(message)
    threads = min(2, visitors)
    numbers = [f"--threads={threads}", f"--connections={visitors}", f"--duration={seconds}s", "--timeout=10s"]
    command = [wrk, *numbers, f"--script={SCRIPT}", url, "--", str(lines), mode]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds + 60)
    found = [line for line in result.stdout.splitlines() if line.startswith("figures ")]
    if result.returncode or not found:
        message = f"wrk did not finish: {(result.stderr or result.stdout).strip()[-300:]}"
        raise Refusal(message)
    raw = json.loads(found[0].removeprefix("figures "))
    return Figures(
        per_second=raw["requests"] / (raw["microseconds"] * MICRO),
        p50=raw["p50"] * MICRO,
        p95=raw["p95"] * MICRO,
        p99=raw["p99"] * MICRO,
        failed=raw["failed"],
    )


def popular(chance: random.Random, things: list[str]) -> str:
    """Draw one; the first is asked for twice as often as the second, and so on (Zipf)."""
    return chance.choices(things, [1 / rank for rank in range(1, len(things) + 1)])[0]


def visits(database_url: str) -> list[str]:
    """Return addresses as people ask for them: home 15 %, list 20, report 25, map 30, quarters 5, API list 5."""
    with connected(database_url) as cursor:
        columns = []
        for question in (REFS, CATEGORIES, QUARTERS):
            cursor.execute(question)
            columns.append([row[0] for row in cursor.fetchall()])
        cursor.execute(PLACES)
        places = [Place(*row) for row in cursor.fetchall()]
    refs, categories, quarters = columns
    lists = ["/signalements/", "/signalements/?view=map", "/signalements/?page=2", "/en/signalements/"]
    lists += [f"/signalements/?category={code}" for code in categories]
    maps = [
        f"/api/v1/map/?bbox={bbox(place, zoom)}&zoom={zoom}"
        for place, zoom in zip(places, (12, 13, 14, 15, 16, 17) * len(places), strict=False)
    ]
    kinds = {
        "home": (15, ["/", "/en/"]),
        "list": (20, lists),
        "report": (25, [f"/signalements/{ref}/" for ref in refs]),
        "map": (30, maps),
        "quarter": (5, ["/quartiers/", *(f"/quartiers/{path}/" for path in quarters)]),
        "api": (5, ["/api/v1/reports/", *(f"/api/v1/reports/?category={code}" for code in categories)]),
    }
    chance = random.Random(SEED)  # noqa: S311  (the same visits each time, no secret)
    drawn = chance.choices(list(kinds), [weight for weight, _addresses in kinds.values()], k=VISITS)
    return [popular(chance, kinds[kind][1]) for kind in drawn]


def new_reports(database_url: str) -> list[str]:
    """Return the bodies of reports that people send."""
    with connected(database_url) as cursor:
        cursor.execute(CATEGORIES)
        categories = [row[0] for row in cursor.fetchall()]
        cursor.execute(PLACES)
        points = cursor.fetchall()
    return [
        json.dumps(
            {
                "category": categories[number % len(categories)],
                "location": {"type": "Point", "coordinates": point},
                "description": "Depuis trois jours, juste devant le portail de l’école.",
                "address": "Devant l’école",
            },
            ensure_ascii=False,
        )
        for number, point in enumerate(points)
    ]


def reading(url: str, database_url: str, folder: Path, seconds: int) -> Iterable[Row]:
    """Measure mixed public reads: as people ask, with no two addresses alike, and one address alone."""
    lines = folder / "visits"
    addresses = visits(database_url)
    lines.write_text("\n".join(addresses) + "\n")
    load(url, lines, "get", visitors=READERS, seconds=1)
    cached = load(url, lines, "get", visitors=READERS, seconds=seconds)
    figure = f"mixed reads, {READERS} visitors, {len(set(addresses))} addresses"
    rate = f"{cached.per_minute:,.0f}/min"
    yield Row(figure, rate, f"asked: {ASKED_PER_MINUTE:,}/min", times(cached.per_minute, ASKED_PER_MINUTE))
    yield Row("", rate, f"goal: {GOAL_PER_MINUTE:,}/min", times(cached.per_minute, GOAL_PER_MINUTE))
    limits = f"p95 asked: {milliseconds(ASKED_P95)}, goal: {milliseconds(GOAL_P95)}"
    yield Row("", cached.percentiles, limits, times(cached.p95, ASKED_P95))
    anew = load(url, lines, "get-each-anew", visitors=READERS, seconds=seconds)
    rates = f"{anew.per_minute:,.0f}/min", f"as people ask: {rate}"
    yield Row("mixed reads, no two addresses alike", *rates, times(anew.per_minute, cached.per_minute))
    yield Row("", anew.percentiles, limits, times(anew.p95, ASKED_P95))
    lines.write_text("/\n")
    one = load(url, lines, "get", visitors=READERS, seconds=seconds)
    yield Row(
        "home alone, from the front’s cache",
        f"{one.per_minute:,.0f}/min",
        rates[1],
        times(one.per_minute, cached.per_minute),
    )
    yield Row("", one.percentiles, limits, times(one.p95, ASKED_P95))


def writing(url: str, database_url: str, folder: Path, seconds: int) -> Iterable[Row]:
    """Measure how fast reports are taken in, from one client and from many."""
    lines = folder / "new-reports"
    lines.write_text("\n".join(new_reports(database_url)) + "\n")
    address = f"{url}/api/v1/reports/"
    one = load(address, lines, "post", visitors=1, seconds=seconds)
    many = load(address, lines, "post", visitors=WRITERS, seconds=seconds)
    yield Row("reports sent, 1 client", f"{one.per_second:,.0f}/s", one.percentiles, "–")
    compared = f"1 client: {one.per_second:,.0f}/s"
    yield Row(
        f"reports sent, {WRITERS} clients",
        f"{many.per_second:,.0f}/s",
        compared,
        times(many.per_second, one.per_second),
    )
    yield Row("", many.percentiles, f"1 client: p95 {milliseconds(one.p95)}", times(many.p95, one.p95))
