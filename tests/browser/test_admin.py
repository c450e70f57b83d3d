"""The back office's own pages in a browser: readable for everybody, and within their content security policy."""

from collections.abc import Callable
from functools import cache

import pytest
from playwright.sync_api import Browser, Page, StorageState, ViewportSize, expect

from ops.portal import Portal
from tests.browser.conftest import PHONE, Watched, sign_in, violations

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

WIDE = ViewportSize(width=1280, height=900)
LIST = "/admin/reports/report/"
# Address and what must be there before axe looks.
PAGES = {
    "home": ("/admin/", ".desk-home"),
    "queue": (f"{LIST}queue/", "[data-desk-map] .pin"),
    "list": (f"{LIST}?status=todo", ".report-row"),
    "list-empty": (f"{LIST}?q=introuvable", ".desk-empty"),
}


@pytest.fixture(scope="module")
def sessions(portal: Portal, chromium: Browser) -> Callable[[str], StorageState]:
    """Return a function that gives a role's cookies, signed in once."""

    @cache
    def session(role: str) -> StorageState:
        with chromium.new_context(base_url=portal.url) as context:
            sign_in(context.new_page(), portal, role)
            return context.storage_state()

    return session


def found_by_axe(page: Page) -> list[str]:
    """Return what axe finds as a phone and a desktop show the page, in light and dark."""
    found = violations(page)
    page.set_viewport_size(WIDE)
    found += violations(page)
    page.emulate_media(color_scheme="dark")
    page.reload()  # the theme looks at the preference once
    return found + violations(page)


@pytest.mark.parametrize("name", PAGES)
def test_page_of_the_back_office_is_for_everybody(
    watched: Watched, sessions: Callable[[str], StorageState], name: str
) -> None:
    path, landmark = PAGES[name]
    page = watched.page(path, PHONE, storage_state=sessions("moderator"))
    expect(page.locator(landmark).first).to_be_visible()

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert found_by_axe(page) == []


@pytest.mark.parametrize(
    ("role", "status"), [("moderator", "open"), ("operator", "in_progress"), ("moderator", "resolved")]
)
def test_page_of_a_report_is_for_everybody(
    watched: Watched, sessions: Callable[[str], StorageState], role: str, status: str
) -> None:
    page = watched.page(f"{LIST}?status={status}", PHONE, storage_state=sessions(role))
    page.locator(".report-row a").first.click()
    expect(page.locator("[data-desk-map] .pin").first).to_be_visible()

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert found_by_axe(page) == []
