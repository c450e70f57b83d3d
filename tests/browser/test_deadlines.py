"""What is late, from the filter of the public list to its pin, and a country's holidays added by keyboard."""

import pytest
from playwright.sync_api import expect

from ops.portal import Portal
from tests.browser.conftest import PHONE, Watched, sign_in, violations

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_late_report_is_found_on_a_phone(watched: Watched) -> None:
    page = watched.page("/signalements/", PHONE)
    page.get_by_role("list", name="Statut").get_by_role("link", name="En retard").tap()
    page.wait_for_url("**/signalements/?timing=late")
    cards = page.locator("[data-cards] article, article.card")
    expect(cards.first).to_be_visible()
    assert cards.count() == page.locator('article.card [data-timing$="late"]').count()
    assert violations(page) == []

    page.goto("/signalements/?timing=late&view=map")
    expect(page.locator(".pin .pin-late").first).to_be_visible()
    assert page.locator(".pin").count() == page.locator(".pin[data-late]").count()
    assert violations(page) == []


def test_holidays_of_a_country_are_added_by_keyboard(watched: Watched, portal: Portal) -> None:
    page = watched.page("/")
    sign_in(page, portal, "administrator", "/admin/reports/holiday/propose/")
    page.get_by_label("Pays").select_option("CM")
    page.get_by_label("Année").fill("2031")
    page.get_by_label("Année").press("Enter")
    first = page.get_by_role("checkbox").first
    expect(first).to_be_checked()
    assert violations(page) == []

    first.press("Space")
    expect(first).not_to_be_checked()
    count = page.get_by_role("checkbox").count()
    page.get_by_role("button", name="Ajouter les jours cochés").press("Enter")
    expect(page.get_by_text(f"{count - 1} jours fériés ajoutés.")).to_be_visible()
