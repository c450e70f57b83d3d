"""One tap for a neighbour's report, on cards, map and page, and back; what is one's own; a circle to follow."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Ban, User
from reports.models import Follow, Quarter, Report
from reports.services.community import vote
from tests.factories import CENTRE, ReportFactory, UserFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]
LON, LAT = CENTRE
CLOSE_BY = f"{LON - 0.002},{LAT - 0.002},{LON + 0.002},{LAT + 0.002}"
CARD = "article.card form[data-support] button"


@pytest.fixture
def phone(playwright_of_module: Playwright, chromium: Browser, live_server: LiveServer) -> Iterator[Open]:
    """Open a page on a phone; `person` is signed in on it."""
    opened: list[BrowserContext] = []

    def open_page(*, person: User | None = None, device: str = "Pixel 5", **changes: Any) -> Page:
        screen = {**playwright_of_module.devices[device], **changes}
        context = chromium.new_context(**screen, base_url=live_server.url, locale="fr-FR")
        opened.append(context)
        if person:
            client = Client()
            client.force_login(person)
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            cookies = {settings.SESSION_COOKIE_NAME: session, "fmq_here": "1"}
            context.add_cookies(
                [{"name": name, "value": kept, "url": live_server.url} for name, kept in cookies.items()]
            )
        page = context.new_page()
        page.set_default_timeout(15_000)
        return page

    yield open_page
    for context in opened:
        context.close()


@pytest.fixture
def report(quarter: Quarter) -> Report:
    return ReportFactory(quarter=quarter)


def votes_of(report: Report) -> int:
    return Report.objects.get(pk=report.pk).votes


def violations(page: Page) -> list[str]:
    return [violation["id"] for violation in Axe().run(page).response["violations"]]


@pytest.mark.parametrize("address", ["/", "/signalements/", "/quartiers/yaounde/mokolo/", "/en/signalements/"])
def test_card_is_supported_by_one_tap_and_taken_back(address: str, phone: Open, report: Report) -> None:
    page = phone()
    page.goto(address)
    button = page.locator(CARD)
    button.tap()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button.locator("[data-votes]")).to_have_text("1")
    assert (page.url.endswith(address), votes_of(report)) == (True, 1)
    button.tap()
    expect(button).to_have_attribute("aria-pressed", "false")
    assert votes_of(report) == 0


@pytest.mark.parametrize("device", ["Pixel 5", "Desktop Chrome"])
def test_map_card_is_supported_by_one_tap_and_taken_back(device: str, phone: Open, report: Report) -> None:
    page = phone(device=device)
    page.goto(f"/signalements/?view=map&bbox={CLOSE_BY}")
    page.locator(".pin").dispatch_event("click")
    button = page.locator(".map-card form[data-support] button")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button.locator("[data-votes]")).to_have_text("1")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    assert votes_of(report) == 0
    assert violations(page) == []


def test_support_reaches_the_goal_on_the_open_page(phone: Open, report: Report, quarter: Quarter) -> None:
    quarter.town.vote_goal = 2
    quarter.town.save()
    vote(report=report, device="voisine")
    page = phone()
    page.goto(report.get_absolute_url())
    expect(page.get_by_text("À 2 soutiens, il est porté devant le conseil.")).to_be_visible()
    page.locator("form[data-support] button").tap()
    expect(page.get_by_text("L’objectif est atteint")).to_be_visible()
    assert page.locator("#goal").evaluate("bar => bar.value") == 2
    assert violations(page) == []


@pytest.mark.parametrize("address", ["/signalements/", "{report}"])
def test_support_without_javascript(address: str, phone: Open, report: Report) -> None:
    page = phone(java_script_enabled=False)
    page.goto(address.format(report=report.get_absolute_url()))
    page.locator("form[data-support] button").first.tap()
    expect(page.get_by_text("Merci, votre soutien est compté.")).to_be_visible()
    assert votes_of(report) == 1
    page.get_by_role("button", name="Retirer mon soutien").tap()
    expect(page.get_by_text("Votre soutien est retiré.")).to_be_visible()
    assert votes_of(report) == 0


def test_server_wins_over_what_the_phone_remembers(phone: Open, report: Report) -> None:
    page = phone()
    page.goto("/signalements/")
    page.evaluate(f"localStorage.setItem('fmq-support', JSON.stringify(['{report.ref}']))")
    with page.expect_response("**/moi/**"):
        page.reload()
    expect(page.locator(CARD)).to_have_attribute("aria-pressed", "false")


def test_stranger_asks_nothing_personal(phone: Open, report: Report) -> None:
    page = phone()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.get_absolute_url())
    page.wait_for_load_state("networkidle")
    assert [url for url in asked if "/moi/" in url] == []


def test_person_sees_what_is_theirs(phone: Open, quarter: Quarter) -> None:
    person = UserFactory(name="Awa N.")
    report = ReportFactory(quarter=quarter, reporter=person, status="resolved")
    supported = ReportFactory(quarter=quarter)
    vote(report=supported, user=person)
    page = phone(person=person)
    page.goto(supported.get_absolute_url())
    expect(page.locator("[data-own-name]")).to_have_text("Awa N.")
    expect(page.locator("form[data-support] button")).to_have_attribute("aria-pressed", "true")
    page.goto(report.get_absolute_url())
    expect(page.locator("form[data-support]")).to_have_count(0)
    expect(page.locator("form[data-follow] button")).to_have_attribute("aria-pressed", "true")
    assert violations(page) == []
    page.get_by_role("link", name="Non, pas encore").tap()
    expect(page.get_by_label("Qu’est-ce qui ne va toujours pas")).to_be_visible()
    assert Report.objects.get(pk=report.pk).status == "resolved"


def test_person_follows_by_one_tap_and_stops(phone: Open, report: Report) -> None:
    person = UserFactory()
    page = phone(person=person)
    page.goto(report.get_absolute_url())
    button = page.locator("form[data-follow] button")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.tap()
    expect(button).to_have_attribute("aria-pressed", "true")
    assert Follow.objects.filter(user=person, report=report).exists()
    button.tap()
    expect(button).to_have_attribute("aria-pressed", "false")
    assert not Follow.objects.filter(user=person).exists()


def test_circle_is_followed_from_the_map(phone: Open, report: Report) -> None:
    person = UserFactory()
    page = phone(person=person)
    page.goto(f"/signalements/?view=map&bbox={CLOSE_BY}")
    page.locator("[data-follow-area]").click()
    expect(page.locator("[data-area-map].leaflet-container")).to_be_visible()
    page.select_option("#id_radius_m", "2000")
    assert violations(page) == []
    page.locator("form[data-area-form] button[type=submit]").click()
    page.wait_for_url("**/compte/suivis/")
    row = Follow.objects.get(user=person)
    assert row.centre is not None
    assert (row.radius_m, round(row.centre.x, 3), round(row.centre.y, 3)) == (2000, LON, LAT)
    assert violations(page) == []


def test_unfinished_report_is_offered_on_my_reports(phone: Open, report: Report) -> None:
    page = phone(person=UserFactory())
    page.goto("/compte/signalements/")
    expect(page.locator("[data-draft]")).to_be_hidden()
    page.evaluate("localStorage.setItem('fmq-report', JSON.stringify({address: 'Derrière le marché', at: Date.now()}))")
    page.reload()
    expect(page.locator("[data-draft]")).to_contain_text("Derrière le marché")


def test_name_is_proposed_only_to_who_shows_it(phone: Open, quarter: Quarter) -> None:
    for shows_name, proposed in ((True, "Awa N."), (False, "")):
        page = phone(person=UserFactory(name="Awa N.", shows_name=shows_name))
        with page.expect_response("**/moi/"):
            page.goto("/signaler/")
        expect(page.locator("#id_public_name")).to_have_value(proposed)


@pytest.mark.parametrize("address", ["/signalements/{ref}/", "/signalements/", "/en/signalements/{ref}/"])
def test_suspended_person_reads_it_before_typing(
    address: str, phone: Open, report: Report, author: User, stranger: User
) -> None:
    ban = Ban.objects.create(user=author, until=timezone.now() + timedelta(days=3))
    page = phone(person=author)
    page.goto(address.format(ref=report.ref))
    told = page.locator("[data-suspended]")
    expect(told).to_be_visible()
    expect(told.get_by_role("link")).to_have_attribute("href", re.compile(f"{ban.token}/$"))
    assert violations(page) == []

    other = phone(person=stranger)
    with other.expect_response("**/moi/*"):
        other.goto(address.format(ref=report.ref))
    expect(other.locator("[data-suspended]")).to_be_hidden()


def test_suspended_device_reads_it_when_it_opens_the_form(phone: Open, report: Report) -> None:
    page = phone()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"/signalements/{report.ref}/")
    page.get_by_text("Écrire un commentaire").tap()
    page.locator("[data-comment-form] textarea").fill("Toujours là.")
    assert [url for url in asked if "/moi/" in url] == []
    page.get_by_role("button", name="Publier mon commentaire").tap()
    expect(page.locator("[data-comment]")).to_be_visible()

    Ban.objects.create(device=report.discussion.get().device, until=timezone.now() + timedelta(days=3))
    page.reload()
    expect(page.locator("[data-suspended]")).to_be_hidden()
    page.get_by_text("Écrire un commentaire").tap()
    expect(page.locator("[data-suspended]")).to_be_visible()
