"""A whole portal with the demonstration town, and browsers that tell what a person should never meet."""

import functools
import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Response,
    WebError,
    expect,
    sync_playwright,
)

from ops.portal import Portal, running_portal
from reports.demo.town import places
from tests.browser.second_factor import next_code

PHONE = "Pixel 5"
DESKTOP = {"viewport": {"width": 1280, "height": 900}}
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"]
# Milliseconds; long, because both cores may be busy with the portal's own work.
PATIENCE = 10_000
expect.set_options(timeout=PATIENCE)
# What the policy stopped is told where every other complaint is told.
TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
  console.error(`Content Security Policy: ${violatedDirective} ${blockedURI}`));
"""

FIGURE = "figure"


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The portal as `make run` starts it, with the demonstration town."""
    with running_portal(tmp_path_factory.mktemp("portal")) as running:
        yield running


@pytest.fixture(scope="module")
def playwright_of_module() -> Iterator[Playwright]:
    """Playwright, ended with each module: a second one cannot run beside it in the same thread.

    Its loop runs in this thread, where Django would refuse the database calls of tests on a `live_server`.
    """
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield playwright


@pytest.fixture(scope="module")
def chromium(playwright_of_module: Playwright) -> Iterator[Browser]:
    browser = playwright_of_module.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Tell a figure that is worth knowing and depends on the machine; all of them stand at the end of the run."""
    return functools.partial(record_property, FIGURE)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures, which reports bring here from whichever process ran their tests."""
    reports = terminalreporter.getreports("passed")
    told = [value for report in reports for name, value in report.user_properties if name == FIGURE]
    if told:
        terminalreporter.section("figures from the browser")
        for line in told:
            terminalreporter.line(line)


@dataclass
class Watched:
    """Opens pages, and keeps what they complained about."""

    portal: Portal
    playwright: Playwright
    chromium: Browser
    complaints: list[str] = field(default_factory=list)
    forgiven: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)
    hearing: set[Page] = field(default_factory=set)

    def browser(self, device: str | None = None, **options: Any) -> BrowserContext:
        """Return a browser of one person: their own cookies, their own screen, in French unless said otherwise."""
        screen = self.playwright.devices[device] if device else DESKTOP
        settings = {"locale": "fr-FR", "reduced_motion": "reduce", **screen, **options}
        context = self.chromium.new_context(base_url=self.portal.url, **settings)
        context.set_default_timeout(PATIENCE)
        context.add_init_script(TELL_VIOLATIONS)
        context.on("console", self.hear)
        context.on("weberror", self.stumble)
        context.on("response", self.look_at)
        self.contexts.append(context)
        return context

    def page(self, path: str, device: str | None = None, **options: Any) -> Page:
        """Open an address in a browser of its own."""
        page = self.browser(device, **options).new_page()
        page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: self.heed(page, frame)))
        page.goto(path)
        return page

    def heed(self, page: Page, frame: str | bytes) -> None:
        if '"watching"' in str(frame):
            self.hearing.add(page)

    def wait_until_live(self, page: Page) -> None:
        """Return when the live channel has said that it sends this page what happens."""
        deadline = time.monotonic() + PATIENCE / 1000
        while page not in self.hearing:
            assert time.monotonic() < deadline, f"{page.url} hears nothing"
            page.wait_for_timeout(50)

    def forgive(self, words: str) -> None:
        """Expect complaints with these words: a page that is not there, a network that is cut."""
        self.forgiven.append(words)

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.page and message.page.url}: {message.text}")

    def stumble(self, thrown: WebError) -> None:
        self.complaints.append(f"{thrown.page and thrown.page.url}: {thrown.error.stack or thrown.error}")

    def look_at(self, response: Response) -> None:
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self.complaints.append(f"{response.status} {response.url}")

    def unforgiven(self) -> list[str]:
        """Return the complaints that nobody expected."""
        return [words for words in self.complaints if not any(expected in words for expected in self.forgiven)]


@pytest.fixture
def watched(portal: Portal, playwright_of_module: Playwright, chromium: Browser) -> Iterator[Watched]:
    """Open pages of which none may write to the console, break the content security policy or meet a server's error."""
    opener = Watched(portal, playwright_of_module, chromium)
    yield opener
    for context in opener.contexts:
        context.close()
    assert opener.unforgiven() == []


def sign_in(page: Page, portal: Portal, role: str, then: str = "/admin/") -> None:
    """Sign in as one of the demonstration's people, staff with their second factor, and go to a page."""
    person = portal.people()[role]
    page.goto(f"/compte/connexion/?next={then}")
    page.locator("input[name=login]").fill(person["email"])
    page.locator("input[name=password]").fill(person["password"])
    page.locator("input[name=password]").press("Enter")
    if "totp" in person:
        page.locator("input[name=code]").fill(next_code(person["totp"]))
        page.locator("input[name=code]").press("Enter")
    page.wait_for_url(f"**{then}")


def violations(page: Page, **options: Any) -> list[str]:
    """Return what axe finds on a page, a line each."""
    found = Axe().run(page, options={"resultTypes": ["violations"], **options}).response["violations"]
    return [
        f"{page.url}: {violation['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for violation in found
        for node in violation["nodes"]
    ]


def ask(portal: Portal, path: str, *data: Any, **options: Any) -> Any:
    """Send a request to the portal without a browser and return the answer, as `urlopen` does."""
    return urllib.request.urlopen(urllib.request.Request(f"{portal.url}{path}", *data, **options))  # noqa: S310 - ours


class Api:
    """A client of the API: one of the demonstration's people, or nobody."""

    def __init__(self, portal: Portal, role: str = "") -> None:
        self.portal = portal
        self.token = ""
        if role:
            person = portal.people()[role]
            otp = {"otp": next_code(person["totp"])} if "totp" in person else {}
            self.token = self("POST", "auth/token/", {**person, **otp})["access"]

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request and return the answer; anything but success is an error."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = json.dumps(body).encode() if body is not None else None
        with ask(self.portal, f"/api/v1/{path}", data, headers, method=method) as answer:
            return json.load(answer)

    def move(self, ref: str, seen: str, to: str, note: str = "Vu sur place.") -> None:
        """Change a status."""
        self("POST", f"reports/{ref}/transitions/", {"to": to, "seen": seen, "note": note})


@pytest.fixture(scope="session")
def judge(portal: Portal) -> Api:
    """The demonstration's moderator, at work without a browser."""
    return Api(portal, "moderator")


@pytest.fixture(scope="session")
def passer_by(portal: Portal) -> Api:
    """Somebody without an account."""
    return Api(portal)


@pytest.fixture(scope="session")
def quiet_place(portal: Portal) -> tuple[float, float]:
    """Longitude and latitude of a place in a quarter near which no pothole is open."""
    for place in places():
        query = f"category=pothole&lon={place.longitude}&lat={place.latitude}"
        with ask(portal, f"/signaler/proches/?{query}") as answer:
            if answer.status == HTTPStatus.NO_CONTENT:
                return place.longitude, place.latitude
    pytest.fail("There is an open pothole everywhere.")
