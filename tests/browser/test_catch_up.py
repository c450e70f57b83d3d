"""An open page that was cut off misses nothing: it catches up from the event log, and polls where no socket passes."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.conftest import PHONE, Api, Watched

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

# A page waits longer after each failed attempt, so that a thousand of them do not come back at once.
UNTIL_BACK = 25_000
AROUND = 0.003
Make = Callable[..., str]
STAY = "window.neverReloaded = true"


@pytest.fixture
def pending(passer_by: Api, quiet_place: tuple[float, float]) -> Make:
    """Return a function that makes a report which waits, so many degrees east of a quiet place."""

    def make(east: float = 0.0) -> str:
        location = {"type": "Point", "coordinates": [quiet_place[0] + east, quiet_place[1]]}
        report = passer_by("POST", "reports/", {"category": "sign", "location": location})
        assert report["status"] == "pending"
        return str(report["ref"])

    return make


@pytest.fixture
def published(pending: Make, judge: Api) -> Make:
    """Return a function that makes a report which everybody sees."""

    def make(east: float = 0.0) -> str:
        ref = pending(east)
        judge.move(ref, "pending", "open")
        return ref

    return make


@pytest.fixture
def around(quiet_place: tuple[float, float]) -> str:
    """The address of the map around the quiet place."""
    lon, lat = quiet_place
    return f"/signalements/?view=map&bbox={lon - AROUND},{lat - AROUND},{lon + AROUND},{lat + AROUND}"


def pin(page: Page, ref: str) -> Any:
    return page.locator(f'.pin[data-report="{ref}"]')


class Line:
    """The sockets of a page, with scissors."""

    def __init__(self) -> None:
        self.is_cut = False
        self.sockets: list[WebSocketRoute] = []
        self.attempts = 0

    def connect(self, socket: WebSocketRoute) -> None:
        self.attempts += 1
        if self.is_cut:
            socket.close(code=1012)
        else:
            socket.connect_to_server()
            self.sockets.append(socket)

    def cut(self) -> None:
        self.is_cut = True
        while self.sockets:
            self.sockets.pop().close(code=1012)


def test_page_catches_up_when_the_network_comes_back(watched: Watched, judge: Api, published: Make) -> None:
    ref = published()
    page = watched.page(f"/signalements/{ref}/", PHONE)
    watched.wait_until_live(page)
    page.evaluate(STAY)
    watched.forgive("ERR_INTERNET_DISCONNECTED")

    page.context.set_offline(True)
    expect(page.locator(".live[data-live]")).to_have_text("Hors connexion")
    judge.move(ref, "open", "in_progress", "Une équipe est en route.")
    judge.move(ref, "in_progress", "resolved", "Panneau redressé.")
    page.context.set_offline(False)

    expect(page.locator(".page-head [data-status-pill]")).to_contain_text("Résolu", timeout=UNTIL_BACK)
    expect(page.locator("[data-timeline]")).to_contain_text("Panneau redressé.", timeout=UNTIL_BACK)
    expect(page.locator("[data-timeline]")).to_contain_text("Une équipe est en route.")
    expect(page.locator(".live[data-live]")).to_have_text("En direct", timeout=UNTIL_BACK)
    assert page.evaluate("window.neverReloaded")


def test_map_catches_up_when_its_line_is_mended(
    watched: Watched, judge: Api, pending: Make, published: Make, around: str
) -> None:
    gone, moved, arriving = published(), published(0.0005), pending(0.001)
    line = Line()
    page = watched.browser().new_page()
    page.route_web_socket("**/ws/**", line.connect)
    page.goto(around)
    for ref in (gone, moved):
        expect(pin(page, ref)).to_have_attribute("data-status", "open")
    page.evaluate(STAY)

    line.cut()
    judge.move(gone, "open", "rejected")
    judge.move(moved, "open", "in_progress")
    judge.move(arriving, "pending", "open")
    expect(pin(page, arriving)).to_have_count(0)
    line.is_cut = False

    expect(pin(page, arriving)).to_have_attribute("data-status", "open", timeout=UNTIL_BACK)
    expect(pin(page, moved)).to_have_attribute("data-status", "in_progress")
    expect(pin(page, gone)).to_have_count(0)
    assert page.evaluate("window.neverReloaded")


def test_map_polls_where_no_socket_passes(
    watched: Watched, judge: Api, pending: Make, published: Make, around: str
) -> None:
    standing, arriving = published(), pending(0.0015)
    line = Line()
    line.cut()
    page = watched.browser(PHONE).new_page()
    page.route_web_socket("**/ws/**", line.connect)
    page.goto(around)
    expect(pin(page, standing)).to_be_visible()
    page.evaluate(STAY)

    judge.move(arriving, "pending", "open")

    expect(pin(page, arriving)).to_have_count(1, timeout=UNTIL_BACK)
    assert line.attempts > 0
    assert page.evaluate("window.neverReloaded")
