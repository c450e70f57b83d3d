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
# The theme's own lists, for administrators.
LISTS = {
    "reports": LIST,
    "record": "/admin/accounts/auditentry/",
    "deliveries": "/admin/notifications/delivery/",
    "people": "/admin/accounts/user/",
    "categories": "/admin/reports/category/",
    "rules": "/admin/reports/routingrule/",
}
# What is less than 48 pixels high, by what a finger meets around its middle: a link that fills its card, and a
# box that its label or its own frame enlarges, are as high as that.
TOO_SMALL = """() => [...document.querySelectorAll(
  ":is(header, main, nav.desk-pager) :is(a[href], button, select, summary, input:not([type=hidden]))"
)].filter((control) => {
    if (!control.checkVisibility({ visibilityProperty: true }) || control.closest(".vh")) return false;
    control.scrollIntoView({ block: "center" });
    const { top, left, width, height } = control.getBoundingClientRect();
    if (height >= 48) return false;
    const rows = [...Array(96).keys()].filter((row) => {
      const met = document.elementFromPoint(left + width / 2, top + height / 2 + row - 48);
      return met && (control.contains(met) || met.closest("label")?.contains(control));
    });
    return rows.length < 48;
  }).map((control) => control.outerHTML.slice(0, 200))"""


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


@pytest.mark.parametrize("name", LISTS)
def test_list_of_the_theme_is_for_everybody(
    watched: Watched, sessions: Callable[[str], StorageState], name: str
) -> None:
    page = watched.page(LISTS[name], PHONE, storage_state=sessions("administrator"))
    expect(page.locator("main")).to_be_visible()

    assert page.evaluate(TOO_SMALL) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert found_by_axe(page) == []


@pytest.mark.parametrize("screen", [PHONE, None])
def test_filters_of_a_list_open_by_keyboard(
    watched: Watched, sessions: Callable[[str], StorageState], screen: str | None
) -> None:
    page = watched.page(LISTS["deliveries"], screen, storage_state=sessions("administrator"))
    page.get_by_role("button", name="Filtres").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Par état")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Par état")).to_be_hidden()


def test_lines_of_a_list_are_chosen_and_read(watched: Watched, sessions: Callable[[str], StorageState]) -> None:
    page = watched.page(LISTS["people"], PHONE, storage_state=sessions("administrator"))
    page.locator("input[name=_selected_action]").first.check()
    expect(page.locator("#changelist-actions")).to_be_visible()
    assert found_by_axe(page) == []
    page.locator("#result_list tbody th a").first.click()
    expect(page.locator("#submit-row")).to_be_visible()
    assert violations(page) == []


def test_first_key_leads_past_the_sidebar(watched: Watched, sessions: Callable[[str], StorageState]) -> None:
    page = watched.page("/admin/", storage_state=sessions("administrator"))
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Aller au contenu")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.locator("#content :focus").count() == 1
