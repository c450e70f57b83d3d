"""The back office's own pages in a browser: readable for everybody, and within their content security policy."""

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from ops.portal import Portal
from tests.browser.conftest import PHONE, Watched, sign_in, violations

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

WIDE = ViewportSize(width=1280, height=900)
LIST = "/admin/reports/report/"
# Address and what must be there before axe looks.
PAGES = {
    "home": ("/admin/", ".desk-home"),
    "queue": (f"{LIST}queue/", "[data-desk-map] .pin"),
    "list": (LIST, ".report-row"),
    "list-late": (f"{LIST}?status=todo", ".report-row"),
    "list-empty": (f"{LIST}?q=introuvable", ".desk-empty"),
}


def found_by_axe(page: Page) -> list[str]:
    """Return what axe finds as a phone and a desktop show the page, in light and dark."""
    found = violations(page)
    page.set_viewport_size(WIDE)
    found += violations(page)
    page.emulate_media(color_scheme="dark")
    page.reload()  # the theme looks at the preference once
    return found + violations(page)


@pytest.mark.parametrize("name", PAGES)
def test_page_of_the_back_office_is_for_everybody(watched: Watched, portal: Portal, name: str) -> None:
    page = watched.browser(PHONE).new_page()
    sign_in(page, portal, "moderator")
    path, landmark = PAGES[name]
    page.goto(path)
    expect(page.locator(landmark).first).to_be_visible()

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert found_by_axe(page) == []


@pytest.mark.parametrize("status", ["open", "in_progress", "resolved"])
@pytest.mark.parametrize("role", ["moderator", "operator"])
def test_page_of_a_report_is_for_everybody(watched: Watched, portal: Portal, role: str, status: str) -> None:
    page = watched.browser(PHONE).new_page()
    sign_in(page, portal, role)
    page.goto(f"{LIST}?status={status}&category=pothole")
    page.locator(".report-row a").first.click()
    expect(page.locator("[data-desk-map] .pin").first).to_be_visible()

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert found_by_axe(page) == []
