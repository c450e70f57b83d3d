"""The pages of signing in and of one's own space in a browser, with a real second factor."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, StorageState, ViewportSize, expect

from ops.portal import Portal
from tests.browser.conftest import PHONE, Watched, sign_in, violations
from tests.browser.second_factor import next_code

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

WIDE = ViewportSize(width=1280, height=900)
OWN = ["", "profil/", "securite/", "appareils/", "adresse/", "mot-de-passe/", "second-facteur/retirer/", "deconnexion/"]


@pytest.fixture(scope="module")
def moderator(portal: Portal, chromium: Browser) -> Iterator[StorageState]:
    """Cookies of the demonstration's moderator, signed in with both factors."""
    with chromium.new_context(base_url=portal.url) as context:
        sign_in(context.new_page(), portal, "moderator", "/compte/")
        yield context.storage_state()


def found_by_axe(page: Page) -> list[str]:
    """Return what axe finds as a phone and a desktop show the page, in light and dark."""
    found = violations(page)
    page.set_viewport_size(WIDE)
    found += violations(page)
    page.emulate_media(color_scheme="dark")
    return found + violations(page)


@pytest.mark.parametrize("path", [*OWN, "en"])
def test_page_of_ones_own_space_is_for_everybody(watched: Watched, moderator: StorageState, path: str) -> None:
    page = watched.page("/en/compte/" if path == "en" else f"/compte/{path}", PHONE, storage_state=moderator)
    expect(page.locator("h1")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert found_by_axe(page) == []


def test_citizen_activates_and_takes_off_a_second_factor(watched: Watched, portal: Portal) -> None:
    page = watched.browser(PHONE).new_page()
    sign_in(page, portal, "citizen", "/compte/second-facteur/activer/")
    assert found_by_axe(page) == []
    page.locator("input[name=code]").fill(next_code(page.locator(".totp-key").inner_text()))
    page.locator("input[name=code]").press("Enter")
    expect(page.locator(".codes li")).to_have_count(10)
    assert found_by_axe(page) == []
    page.goto("/compte/second-facteur/retirer/")
    page.locator(".btn-danger").click()
    expect(page.get_by_role("status")).to_contain_text("Le second facteur est retiré")


def test_sign_in_without_javascript(watched: Watched, portal: Portal) -> None:
    page = watched.browser(PHONE, java_script_enabled=False).new_page()
    sign_in(page, portal, "citizen", "/compte/")
    expect(page.locator("h1")).to_have_text("Mon espace")


def test_mark_is_there_while_somebody_is_in(watched: Watched, portal: Portal) -> None:
    browser = watched.browser()
    page = browser.new_page()
    page.goto("/")
    assert browser.cookies() == []
    sign_in(page, portal, "citizen", "/compte/")
    assert page.evaluate("document.cookie") == "fmq_here=1"
    page.locator("form[action$='deconnexion/'] button").click()
    page.wait_for_url("**/")
    assert page.evaluate("document.cookie") == ""
