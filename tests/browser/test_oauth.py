"""A native app asks a person in a real browser, gets its code on the loopback, and acts for them."""

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlencode

import pytest
from oauthlib.oauth2 import WebApplicationClient
from playwright.sync_api import Browser, Page, expect

from ops.portal import Portal
from tests.browser.conftest import PHONE, Watched, ask, sign_in, violations

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@dataclass
class App:
    """A program on the person's own computer, which listens for its answer."""

    portal: Portal
    callback: str
    client_id: str
    answers: list[str] = field(default_factory=list)

    def address(self, library: WebApplicationClient, verifier: str, **more: str) -> str:
        """Return where it sends the person."""
        uri: str = library.prepare_request_uri(
            "https://portal/oauth/authorize/",
            redirect_uri=self.callback,
            scope="read account",
            state="xyz",
            code_challenge=library.create_code_challenge(verifier, "S256"),
            code_challenge_method="S256",
            **more,
        )
        # The library knows no address without encryption.
        return uri.replace("https://portal", self.portal.url, 1)

    def post(self, body: str) -> dict[str, Any]:
        """Ask for a token."""
        with ask(self.portal, "/oauth/token/", body.encode()) as response:
            answer: dict[str, Any] = json.load(response)
            return answer


@pytest.fixture(scope="module")
def client_id(portal: Portal, chromium: Browser) -> str:
    """Have an administrator register the program. Its port is not known yet, so the address has none."""
    with chromium.new_context(base_url=portal.url) as context:
        page = context.new_page()
        sign_in(page, portal, "administrator")
        page.goto("/admin/oauth2_provider/application/add/")
        page.fill("[name=name]", "Ma ville")
        page.select_option("[name=client_type]", "public")
        page.fill("[name=redirect_uris]", "http://127.0.0.1/retour")
        page.click("[name=_save]")
        return page.locator("dl code").first.inner_text()


@pytest.fixture
def app(portal: Portal, client_id: str) -> Iterator[App]:
    """The program, listening at a port that the system has chosen."""

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/retour"):
                listening.answers.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b'<link rel="icon" href="data:,"><title>App</title>Merci')

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the library's name)
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        listening = App(portal, f"http://127.0.0.1:{server.server_port}/retour", client_id)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield listening
        server.shutdown()


def arrive(page: Page, address: str) -> None:
    """Bring a person to the page."""
    page.goto(address)
    expect(page.locator("h1")).to_contain_text("Ma ville")


def test_a_person_allows_an_app(watched: Watched, app: App) -> None:
    library = WebApplicationClient(app.client_id)
    verifier = library.create_code_verifier(64)
    address = app.address(library, verifier)
    page = watched.page("/", PHONE)
    sign_in(page, app.portal, "citizen", "/compte/")
    arrive(page, address)
    assert violations(page) == []
    page.get_by_role("button", name="Autoriser", exact=True).click()
    page.wait_for_url(re.compile("/retour"))
    library.parse_request_uri_response(f"https://app{app.answers[0]}", state="xyz")
    token = app.post(library.prepare_request_body(redirect_uri=app.callback, code_verifier=verifier))
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    with ask(app.portal, "/api/v1/me/", headers=headers) as response:
        assert json.load(response)["signed_in"] is True


def test_a_person_refuses_in_english(watched: Watched, app: App) -> None:
    library = WebApplicationClient(app.client_id)
    page = watched.page("/")
    sign_in(page, app.portal, "citizen", "/compte/")
    arrive(page, app.address(library, library.create_code_verifier(64), ui_locales="en"))
    assert page.locator("html").get_attribute("lang") == "en"
    page.locator("form button").nth(1).click()
    page.wait_for_url(re.compile("/retour"))
    assert app.answers == [f"/retour?{urlencode({'error': 'access_denied', 'state': 'xyz'})}"]
