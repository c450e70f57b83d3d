"""From a change of status to every open map, through the front, the live process and Redis."""

import asyncio
import json
import statistics
import time
import urllib.request
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from ops.bench.memory import held
from ops.bench.table import Row, milliseconds, times
from ops.bench.views import Place, edges
from ops.factor import code_now
from ops.portal import Portal
from ops.refusal import Refusal

CHANGES = 20
AT_ONCE = 50
PATIENCE = 60.0
ZOOM = 14
NEXT = {"open": "in_progress", "in_progress": "open"}


@dataclass(frozen=True)
class Heard:
    """Seconds from sending a change until the answer, and until each socket had it; and memory meanwhile, in MiB."""

    answers: list[float]
    arrivals: list[float]
    memory: dict[str, float]


class Moderator:
    """Somebody who moves one report to and fro through the API."""

    def __init__(self, portal: Portal) -> None:
        person = portal.people()["moderator"]
        self._api = f"{portal.url}/api/v1"
        self._token = ""
        proof = {"email": person["email"], "password": person["password"], "otp": code_now(person["totp"])}
        self._token = self.post("/auth/token/", proof)["access"]
        self.report = self.get("/reports/?status=open&page_size=1")["results"][0]

    @property
    def place(self) -> Place:
        """Where the report is."""
        return Place(*self.report["location"]["coordinates"])

    def move(self) -> float:
        """Change the report's status; return how many seconds the answer took."""
        seen = self.report["status"]
        started = time.perf_counter()
        self.report = self.post(f"/reports/{self.report['ref']}/transitions/", {"to": NEXT[seen], "seen": seen})
        return time.perf_counter() - started

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Send a body to the API and return the answer."""
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        return self._ask(urllib.request.Request(self._api + path, json.dumps(body).encode(), headers))  # noqa: S310

    def get(self, path: str) -> Any:
        """Read from the API."""
        return self._ask(urllib.request.Request(self._api + path))  # noqa: S310  (our own portal)

    def _ask(self, request: urllib.request.Request) -> Any:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310  (our own portal)
            return json.load(answer)


async def open_map(stack: AsyncExitStack, url: str, watch: str) -> ClientConnection:
    """Open a socket that watches a box, as a page of the portal does; it is closed with the stack."""
    address = f"{url.replace('http', 'ws', 1)}/ws/map/"
    opening = connect(address, origin=Origin(url), open_timeout=PATIENCE, ping_interval=None, proxy=None)
    socket = await stack.enter_async_context(opening)
    await socket.send(watch)
    await asyncio.wait_for(socket.recv(), PATIENCE)
    return socket


async def arrival(socket: ClientConnection) -> float:
    """Return when the next message comes."""
    await socket.recv()
    return time.perf_counter()


async def listen(portal: Portal, count: int) -> Heard:
    """Open so many maps that all show one report, move it, and see when each of them hears."""
    moderator = await asyncio.to_thread(Moderator, portal)
    watch = json.dumps({"type": "watch", "bbox": edges(moderator.place, ZOOM)})
    answers: list[float] = []
    arrivals: list[float] = []
    async with AsyncExitStack() as stack:
        maps: list[ClientConnection] = []
        for first in range(0, count, AT_ONCE):
            portion = min(AT_ONCE, count - first)
            maps += await asyncio.gather(*(open_map(stack, portal.url, watch) for _number in range(portion)))
        for _change in range(CHANGES):
            waiting = [asyncio.create_task(arrival(socket)) for socket in maps]
            await asyncio.sleep(0)
            started = time.perf_counter()
            answers.append(await asyncio.to_thread(moderator.move))
            arrivals += [moment - started for moment in await asyncio.wait_for(asyncio.gather(*waiting), PATIENCE)]
        memory = held(portal.var)
    return Heard(answers, arrivals, memory)


def delays(portal: Portal, count: int) -> tuple[list[Row], dict[str, float]]:
    """Measure the delays of so many open maps; return the rows, and the memory while all were open."""
    try:
        heard = asyncio.run(listen(portal, count))
    except TimeoutError as error:
        message = f"Not every one of {count:,} sockets opened and heard of a change within {PATIENCE:.0f} s."
        raise Refusal(message) from error
    return list(rows(heard, count)), heard.memory


def rows(heard: Heard, count: int) -> Iterable[Row]:
    """Compare the delays, over all changes, with the answer that the moderator waits for."""
    answer = statistics.median(heard.answers)
    ordered = sorted(heard.arrivals)
    points = {
        "half of them": statistics.median(ordered),
        "95 %": ordered[int(0.95 * (len(ordered) - 1))],
        "the last one": ordered[-1],
    }
    for who, delay in points.items():
        figure = f"status change to {count:,} open maps, {who}"
        yield Row(figure, milliseconds(delay), f"answer to the moderator: {milliseconds(answer)}", times(delay, answer))
