"""The moderators' queue by keyboard alone, two people at once, and several reports together."""

import re
from collections.abc import Callable
from functools import cache

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from ops.portal import Portal
from tests.browser.conftest import Watched, sign_in, violations

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

LIST = "/admin/reports/report/"
QUEUE = f"{LIST}queue/"


@pytest.fixture(scope="module")
def sessions(portal: Portal, chromium: Browser) -> Callable[[str], StorageState]:
    """Return a function that gives a role's cookies, signed in once."""

    @cache
    def session(role: str) -> StorageState:
        with chromium.new_context(base_url=portal.url) as context:
            sign_in(context.new_page(), portal, role)
            return context.storage_state()

    return session


@pytest.fixture
def desk(watched: Watched, sessions: Callable[[str], StorageState]) -> Callable[[str], Page]:
    """Return a function that opens the queue as a role, on a desktop."""

    def opened(role: str) -> Page:
        page = watched.browser(storage_state=sessions(role)).new_page()
        page.goto(QUEUE)
        return page

    return opened


def on_screen(page: Page) -> str:
    """Return the number of the report that is being judged."""
    return page.locator("[data-queue]").get_attribute("data-report") or ""


def press(page: Page, key: str) -> str:
    """Press a key that decides, and return the number of the report that stands there then."""
    before = on_screen(page)
    page.keyboard.press(key)
    expect(page.locator("[data-queue]")).not_to_have_attribute("data-report", before)
    return on_screen(page)


def test_queue_is_judged_by_keyboard_alone(desk: Callable[[str], Page]) -> None:
    page = desk("moderator")
    first = on_screen(page)
    second = press(page, "a")
    expect(page.get_by_text(f"{first} est publié.")).to_be_visible()
    # Undone, it stands there again.
    assert press(page, "u") == first
    assert press(page, "a") == second
    # Rejected for the second reason.
    page.keyboard.press("r")
    expect(page.locator("[data-choice=reject]").first).to_be_focused()
    third = press(page, "2")
    expect(page.get_by_text(f"{second} est refusé")).to_be_visible()
    # A duplicate of the first report, by its number: while one types, no letter decides.
    page.keyboard.press("d")
    if page.locator("[data-choice=duplicate]").count():
        page.locator("input[name=original]").focus()
    page.keyboard.type(first)
    assert on_screen(page) == third
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"{third} est rattaché")).to_be_visible()
    # Put off, the next one comes.
    fourth = on_screen(page)
    assert press(page, "n") not in {first, second, third, fourth}


def test_queue_shows_its_keys_and_lets_them_be_switched_off(desk: Callable[[str], Page]) -> None:
    page = desk("moderator")
    page.keyboard.press("?")
    expect(page.get_by_text("Annuler la dernière décision")).to_be_visible()
    assert violations(page) == []
    page.get_by_label("Touches actives sur cet appareil").uncheck()
    before = on_screen(page)
    page.keyboard.press("n")
    page.keyboard.press("a")
    page.wait_for_timeout(300)
    assert on_screen(page) == before
    page.get_by_label("Touches actives sur cet appareil").check()
    assert press(page, "n") != before


def test_queue_never_gives_one_report_to_two(desk: Callable[[str], Page]) -> None:
    moderator, administrator = desk("moderator"), desk("administrator")
    assert on_screen(moderator) != on_screen(administrator)
    told = re.compile(f"examine {on_screen(moderator)} depuis")
    expect(administrator.get_by_text(told)).to_be_visible()


def test_several_reports_are_foreseen_then_done(watched: Watched, sessions: Callable[[str], StorageState]) -> None:
    page = watched.browser(storage_state=sessions("moderator")).new_page()
    page.goto(f"{LIST}?status=open")
    for row in (0, 1):
        page.locator(".bulk-box input").nth(row).check()
    page.get_by_text("Agir sur plusieurs (2)").click()
    assert violations(page) == []
    page.get_by_label("Que faire").select_option("reject")
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Motif").select_option("repaired")
    page.get_by_role("button", name="Voir ce qui se passera").click()
    expect(page.get_by_text("2 signalements changeront")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Refuser (2)").click()
    expect(page.get_by_text("2 signalements sont changés.")).to_be_visible()
