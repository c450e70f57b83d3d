"""The map and the open pages in a real browser on a whole portal, while somebody else works on the reports."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from ops.portal import Portal, running_portal
from tests.browser.conftest import Watched

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

TILES = "https://tiles.example"
REPORTS = 320  # more than the map shows one by one
SECOND = 1000
SOON = 3 * SECOND  # where the promised second is not what is tested
# A pixel that is a picture.
TILE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c020000000b4944415478da6364f80f00010501012718e3660000"
    "000049454e44ae426082"
)
HERE = (11.53, 3.87)
CLOSE_BY = f"{HERE[0] - 0.006},{HERE[1] - 0.006},{HERE[0] + 0.006},{HERE[1] + 0.006}"
Act = Callable[..., Any]
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    tiles = {"MAP_TILES_URL": f"{TILES}/{{z}}/{{x}}/{{y}}.png", "MAP_TILES_ATTRIBUTION": "Fond d’essai"}
    with running_portal(tmp_path_factory.mktemp("var"), demo=False, env=tiles) as running:
        yield running


class Somebody:
    """Drives `tests.browser.live_actor`."""

    def __init__(self, portal: Portal) -> None:
        environment = {**portal.env, "DJANGO_SETTINGS_MODULE": "fixmyquarter.settings"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.browser.live_actor"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *command: Any) -> Any:
        """Send a command and return its answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{json.dumps(command)}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def stop(self) -> None:
        self.process.communicate()


@pytest.fixture(scope="module")
def act(portal: Portal) -> Iterator[Act]:
    somebody = Somebody(portal)
    somebody("fill", REPORTS)
    yield somebody
    somebody.stop()


@pytest.fixture
def open_page(act: Act, watched: Watched) -> Open:
    """Opens a page; the tile server answers nothing unless asked to."""
    watched.forgive("net::ERR_FAILED")

    def opener(
        path: str, prepare: Callable[[Page], object] = lambda _page: None, *, tiles: bool = False, **options: Any
    ) -> Page:
        context = watched.browser(**options)
        context.route(f"{TILES}/**", answer_tile if tiles else refuse_tile)
        page = context.new_page()
        prepare(page)
        page.goto(path)
        return page

    return opener


def answer_tile(route: Route) -> None:
    route.fulfill(body=TILE, content_type="image/png")


def refuse_tile(route: Route) -> None:
    route.abort()


# A page that is left at the moment when its socket begins to connect.
LEAVE_WHILE_CONNECTING = """
    globalThis.WebSocket = class extends WebSocket {
      constructor(address) {
        super(address);
        queueMicrotask(() => dispatchEvent(new Event("pagehide")));
      }
    };
"""


def pin(page: Page, ref: str) -> Any:
    return page.locator(f'.pin[data-report="{ref}"]')


def published(act: Act, north: float = 0.0) -> str:
    """Make a public report as a moderator does, with its event: the front may answer with the map of a moment ago."""
    ref = str(act("add", HERE[0], HERE[1] + north, "pending"))
    act("change", ref, "open")
    return ref


def is_live(page: Page) -> None:
    """Wait until the page hears."""
    page.wait_for_timeout(100)
    page.wait_for_load_state("networkidle")


def test_change_moves_every_open_page_within_a_second(open_page: Open, act: Act) -> None:
    ref = published(act)
    views = [f"/signalements/?view=map&bbox={CLOSE_BY}", "/signalements/", "/", f"/signalements/{ref}/"]
    on_map, on_list, on_home, on_report = (open_page(path) for path in views)
    for page in (on_map, on_list, on_home, on_report):
        is_live(page)
    expect(pin(on_map, ref)).to_have_attribute("data-status", "open")
    act("change", ref, "in_progress")
    expect(pin(on_map, ref)).to_have_attribute("data-status", "in_progress", timeout=SECOND)
    for page in (on_list, on_home):
        card = page.locator(f'[data-cards] [data-report="{ref}"] [data-status-pill]')
        expect(card).to_contain_text("En cours", timeout=SECOND)
    expect(on_report.locator(".page-head [data-status-pill]")).to_contain_text("En cours", timeout=SECOND)
    expect(on_report.locator("[data-timeline-region]")).to_contain_text("Réparation en cours", timeout=SECOND)
    expect(on_report.locator(".pin use")).to_have_attribute("href", re.compile("#s-in_progress$"), timeout=SECOND)
    expect(on_report.locator(".live[data-live]")).to_have_text("En direct")


def test_new_report_appears_on_the_map_and_is_offered_in_the_list(open_page: Open, act: Act) -> None:
    ref = act("add", HERE[0] + 0.001, HERE[1], "pending")
    on_map, on_list = open_page(f"/signalements/?view=map&bbox={CLOSE_BY}"), open_page("/signalements/")
    is_live(on_map)
    is_live(on_list)
    act("change", ref, "open")
    expect(pin(on_map, ref)).to_have_count(1, timeout=SOON)
    expect(on_list.locator("[data-new]")).to_have_text(re.compile(r"Nouveaux signalements\s:\s*1"), timeout=SOON)
    expect(on_list.locator(f'[data-report="{ref}"]')).to_have_count(0)
    act("change", ref, "rejected")
    expect(pin(on_map, ref)).to_have_count(0, timeout=SOON)


def test_map_with_filters_shows_only_what_they_allow(open_page: Open, act: Act) -> None:
    ref = published(act, north=0.001)
    page = open_page(f"/signalements/?view=map&status=open&bbox={CLOSE_BY}")
    is_live(page)
    expect(pin(page, ref)).to_have_count(1)
    act("change", ref, "in_progress")
    expect(pin(page, ref)).to_have_count(0, timeout=SOON)
    act("change", ref, "open")
    expect(pin(page, ref)).to_have_count(1, timeout=SOON)


def test_votes_are_counted_on_open_pages(open_page: Open, act: Act) -> None:
    ref = published(act)
    page = open_page(f"/signalements/{ref}/")
    is_live(page)
    act("support", ref, "téléphone")
    expect(page.locator("[data-support] [data-votes]")).to_have_text("1", timeout=SOON)


@pytest.fixture
def colleague(portal: Portal, act: Act) -> Iterator[Act]:
    somebody = Somebody(portal)
    yield somebody
    somebody.stop()


def test_page_that_was_cut_off_catches_up_also_with_what_commits_late(
    open_page: Open, act: Act, colleague: Act
) -> None:
    missed, late, overtaking = (published(act, north=north) for north in (-0.002, 0.0, 0.002))
    lines: list[WebSocketRoute] = []
    cut = False

    def connect(line: WebSocketRoute) -> None:
        if cut:
            line.close(code=1012)
        else:
            line.connect_to_server()
            lines.append(line)

    page = open_page(f"/signalements/?view=map&bbox={CLOSE_BY}", lambda it: it.route_web_socket("**/ws/**", connect))
    is_live(page)
    act("change", missed, "in_progress")
    expect(pin(page, missed)).to_have_attribute("data-status", "in_progress", timeout=SOON)
    cut = True
    lines[0].close(code=1012)
    act("change", missed, "resolved")
    colleague("change_late", late, "in_progress")
    act("change", overtaking, "in_progress")
    cut = False
    expect(pin(page, missed)).to_have_attribute("data-status", "resolved", timeout=15 * SECOND)
    # What overtook a running transaction is not final yet, so the feed holds it back with the late one.
    expect(pin(page, overtaking)).to_have_attribute("data-status", "open")
    colleague("end")
    for ref in (late, overtaking):
        expect(pin(page, ref)).to_have_attribute("data-status", "in_progress", timeout=15 * SECOND)


def test_page_without_websockets_polls(open_page: Open, act: Act) -> None:
    ref = published(act)
    page = open_page(f"/signalements/{ref}/", lambda it: it.add_init_script("delete globalThis.WebSocket"))
    is_live(page)
    act("change", ref, "in_progress")
    expect(page.locator(".page-head [data-status-pill]")).to_contain_text("En cours", timeout=10 * SECOND)
    expect(page.locator(".live[data-live]")).to_have_text("En direct")


def test_page_left_while_it_connects_closes_its_socket_without_a_complaint(open_page: Open) -> None:
    closed: list[str] = []

    def watch(page: Page) -> None:
        page.add_init_script(LEAVE_WHILE_CONNECTING)
        page.on("websocket", lambda socket: socket.on("close", lambda one: closed.append(one.url)))

    page = open_page("/", watch)
    page.wait_for_timeout(SECOND)
    assert len(closed) == 1


def test_map_counts_from_afar_and_shows_pins_close_up(open_page: Open) -> None:
    page = open_page("/signalements/?view=map", viewport={"width": 900, "height": 900})
    discs = page.locator(".cluster")
    expect(discs.first).to_be_visible()
    expect(page.locator(".pin")).to_have_count(0)
    assert sum(int(text) for text in discs.all_text_contents()) >= REPORTS
    discs.first.click()
    expect(page.locator(".pin").first).to_be_visible()
    expect(discs).to_have_count(0)


def test_count_changes_with_a_new_report(open_page: Open, act: Act) -> None:
    page = open_page("/signalements/?view=map", viewport={"width": 900, "height": 900})
    is_live(page)
    count = "() => [...document.querySelectorAll('.cluster')].reduce((sum, {textContent: n}) => sum + Number(n), 0)"
    before = page.evaluate(count)
    ref = act("add", HERE[0], HERE[1], "pending")
    act("change", ref, "open")
    page.wait_for_timeout(3 * SECOND)
    assert page.evaluate(count) == before + 1


def test_own_base_replaces_tiles_that_do_not_come(open_page: Open) -> None:
    page = open_page(f"/signalements/?view=map&bbox={CLOSE_BY}")
    expect(page.locator(".map-name", has_text="Tsinga")).to_have_count(1)
    expect(page.locator(".leaflet-tile")).to_have_count(0)


def test_tiles_that_come_stay(open_page: Open) -> None:
    page = open_page(f"/signalements/?view=map&bbox={CLOSE_BY}", tiles=True)
    expect(page.locator(".leaflet-tile-loaded").first).to_be_visible()
    expect(page.locator(".leaflet-control-attribution")).to_contain_text("Fond d’essai")
    expect(page.locator(".map-name")).to_have_count(0)


def test_pin_opens_a_card_and_stays_out_of_the_tab_order(open_page: Open, act: Act) -> None:
    ref = published(act)
    for width in (390, 1200):
        page = open_page(f"/signalements/?view=map&bbox={CLOSE_BY}", viewport={"width": width, "height": 900})
        expect(pin(page, ref)).to_be_visible()
        assert pin(page, ref).get_attribute("tabindex") is None
        pin(page, ref).dispatch_event("click")
        card = page.locator(".map-card")
        expect(card.get_by_role("link", name="Nid-de-poule")).to_have_attribute("href", f"/signalements/{ref}/")
        expect(card).to_contain_text("Signalé")
        assert page.locator(".leaflet-popup").count() == (width > 900)
        card.get_by_role("button", name="Fermer").click()
        expect(card).to_be_hidden()


def test_view_is_kept_in_the_address_and_in_the_way_to_the_list(open_page: Open) -> None:
    page = open_page(f"/signalements/?view=map&status=open&bbox={CLOSE_BY}")
    is_live(page)
    page.get_by_role("button", name="Zoomer", exact=True).click()
    expect(page).to_have_url(re.compile(r"status=open&bbox=11\.5[0-9]+%2C3\.8"))
    shown = re.search(r"bbox=([^&]+)", page.url)
    assert shown is not None
    assert shown[1] in str(page.locator(".switch a").first.get_attribute("href"))
    assert CLOSE_BY not in page.url


def test_controls_are_large_enough_for_a_thumb(open_page: Open) -> None:
    page = open_page("/signalements/?view=map", viewport={"width": 390, "height": 800})
    for control in page.locator(".leaflet-bar a, [data-locate]").all():
        box = control.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44
