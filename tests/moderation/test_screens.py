"""The back office in a real browser: no breach of the content policy, no barrier, and two taps for an operator."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection
from django.utils import timezone
from PIL import Image
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from accounts.services.factor import confirm_address, give_factor
from reports import workflow
from reports.models import Report
from tests.accounts.doors import SECRET, factor_code
from tests.factories import PASSWORD, ReportFactory
from tests.moderation.conftest import post

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage"]
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DESK = {"viewport": {"width": 1280, "height": 900}}
OWN_PAGES = [
    "/admin/",
    "/admin/reports/report/",
    "/admin/reports/report/queue/",
    "/admin/reports/report/{pk}/change/",
    "/admin/reports/report/tasks/",
    "/admin/reports/report/nobody/",
    "/admin/reports/report/lists/",
]
THEME_PAGES = [
    "/admin/reports/category/",
    "/admin/reports/category/add/",
    "/admin/accounts/user/",
    "/admin/accounts/membership/add/",
    "/admin/reports/quarter/",
    "/admin/password_change/",
]


def equip(email: str) -> None:
    """Confirm somebody's address and give them a second factor."""
    person = User.objects.get(email=email)
    confirm_address(user=person)
    give_factor(user=person, secret=SECRET)
    connection.close()


class Visitor:
    """A browser with one page, and what its console complained about."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.base = base
        self.complaints: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("console", self.hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def hear(self, message: ConsoleMessage) -> None:
        """Keep what the console says, but not that a form was refused (422): the page says it better."""
        if message.type in {"error", "warning"} and "status of 422" not in message.text:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def open(self, path: str) -> Page:
        """Go to a page of the admin."""
        self.page.goto(self.base + path)
        return self.page

    def sign_in(self, email: str) -> None:
        """Sign in as staff do, with their second factor."""
        # Playwright's loop runs in this thread, where Django then refuses to ask the database.
        with ThreadPoolExecutor(1) as beside:
            beside.submit(equip, email).result()
        self.open("/admin/")
        self.page.locator("input[name=login]").fill(email)
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.page.locator("input[name=password]").press("Enter")
        self.page.locator("input[name=code]").fill(factor_code())
        self.page.locator("input[name=code]").press("Enter")
        self.page.wait_for_url("**/admin/")

    def is_wider_than_the_screen(self) -> bool:
        """Say whether the page scrolls sideways."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


@pytest.fixture
def reports(moderator: User) -> list[Report]:
    """Reports in every state that a page shows, made before the browser starts: its loop forbids the ORM afterwards."""
    pending = ReportFactory(status=workflow.PENDING, contact_email="mbida@example.org")
    late = ReportFactory(status=workflow.OPEN, due_at=timezone.now() - timedelta(days=3))
    post(moderator, "note", late, text="Vu avec le chef de quartier.")
    post(moderator, "reply", late, text="Une équipe passe demain.")
    return [pending, late, ReportFactory(status=workflow.IN_PROGRESS), ReportFactory(status=workflow.RESOLVED)]


@pytest.fixture
def visit(live_server: LiveServer) -> Iterator[Any]:
    """Open browsers, and check at the end that no console complained."""
    visitors: list[Visitor] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)

        def opened(**options: Any) -> Visitor:
            context = browser.new_context(locale="fr-FR", reduced_motion="reduce", **options)
            context.set_default_timeout(10_000)
            visitors.append(Visitor(context, live_server.url))
            return visitors[-1]

        yield opened
        browser.close()
    assert [words for visitor in visitors for words in visitor.complaints] == []


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_own_pages_have_no_barrier(
    screen: dict[str, Any], scheme: str, reports: list[Report], administrator: User, visit: Any
) -> None:
    visitor = visit(color_scheme=scheme, **screen)
    visitor.sign_in(administrator.email)
    found: list[str] = []
    for path in OWN_PAGES:
        visitor.open(path.format(pk=reports[1].pk))
        violations = Axe().run(visitor.page).response["violations"]
        found += [f"{path} {issue['id']}: {node['html'][:160]}" for issue in violations for node in issue["nodes"]]
        found += [f"{path} is too wide"] * visitor.is_wider_than_the_screen()
    assert found == []


def test_theme_pages_keep_to_the_content_policy(reports: list[Report], administrator: User, visit: Any) -> None:
    visitor = visit(**DESK)
    visitor.sign_in(administrator.email)
    for path in THEME_PAGES:
        visitor.open(path)
        expect(visitor.page.locator("#nav-sidebar")).to_be_visible()


def test_operator_takes_up_and_repairs_in_two_taps(reports: list[Report], operator: User, visit: Any) -> None:
    visitor = visit(**PHONE)
    visitor.sign_in(operator.email)
    page = visitor.open(f"/admin/reports/report/{reports[1].pk}/change/")
    page.get_by_role("button", name="Prendre en charge").tap()
    expect(page.locator(".report-head .pill")).to_contain_text("En cours")
    assert page.locator("input[name=camera]").get_attribute("capture") == "environment"
    page.locator(".desk-repaired textarea").fill("Trou bouché.")
    page.locator(".desk-repaired .btn-act").tap()
    expect(page.locator(".report-head .pill")).to_contain_text("Résolu")


def test_operator_works_through_their_tasks_with_the_camera(
    reports: list[Report], operator: User, visit: Any, tmp_path: Path
) -> None:
    picture = tmp_path / "repaired.jpg"
    Image.new("RGB", (640, 480), "grey").save(picture, "JPEG")
    visitor = visit(**PHONE)
    visitor.sign_in(operator.email)
    page = visitor.open("/admin/reports/report/tasks/")
    page.get_by_role("link", name="À prendre dans l’équipe").tap()
    page.locator(f"[data-report='{reports[1].ref}']").get_by_role("button", name="Prendre en charge").tap()
    page.get_by_role("link", name="À moi").tap()
    task = page.locator(f".task[data-report='{reports[1].ref}']")
    expect(task.locator(".pill")).to_contain_text("En cours")
    expect(page.locator(".stop")).to_have_count(1)
    # The picture that is taken is sent at once; nothing is typed.
    task.locator("input[name=camera]").set_input_files(picture)
    expect(page.get_by_text("Rien à faire pour l’instant")).to_be_visible()
    visitor.open(f"/admin/reports/report/{reports[1].pk}/change/")
    expect(page.locator(".report-head .pill")).to_contain_text("Résolu")


def test_moderator_refuses_from_the_queue_on_a_phone(reports: list[Report], moderator: User, visit: Any) -> None:
    visitor = visit(**PHONE)
    visitor.sign_in(moderator.email)
    page = visitor.open("/admin/reports/report/queue/")
    page.locator("summary", has_text="Refuser").tap()
    page.get_by_role("button", name="Refuser avec ces mots").tap()
    expect(page.get_by_role("alert")).to_contain_text("Expliquez ce changement")
    page.get_by_role("button", name="Terrain privé").tap()
    expect(page.get_by_text("Rien n’attend votre validation")).to_be_visible()


def test_words_of_one_form_outlive_the_sending_of_another(reports: list[Report], operator: User, visit: Any) -> None:
    visitor = visit(**PHONE)
    visitor.sign_in(operator.email)
    page = visitor.open(f"/admin/reports/report/{reports[1].pk}/change/")
    page.locator("summary", has_text="Note interne").tap()
    note = page.locator("form[action$='/note/'] textarea")
    note.fill("Prévoir deux sacs.")
    page.get_by_role("button", name="Je m’en occupe").tap()
    expect(page.get_by_text("C’est noté.")).to_be_visible()
    expect(note).to_have_value("Prévoir deux sacs.")
    page.get_by_role("button", name="Garder la note").tap()
    expect(page.get_by_text("Votre note est gardée.")).to_be_visible()
    expect(note).to_have_value("")


def test_words_for_one_report_of_the_queue_are_not_put_to_the_next(
    reports: list[Report], moderator: User, visit: Any
) -> None:
    visitor = visit(**DESK)
    visitor.sign_in(moderator.email)
    page = visitor.open("/admin/reports/report/queue/")
    page.locator("summary", has_text="Refuser").click()
    page.locator(".queue-more textarea").first.fill("Terrain de M. Untel.")
    visitor.open("/admin/reports/report/queue/")
    expect(page.locator(".queue-more textarea").first).to_have_value("")


def test_language_is_chosen_in_the_menu(reports: list[Report], moderator: User, visit: Any) -> None:
    visitor = visit(**DESK)
    visitor.sign_in(moderator.email)
    visitor.page.get_by_text(moderator.email).click()
    visitor.page.get_by_role("button", name="English").click()
    expect(visitor.page.locator("html")).to_have_attribute("lang", "en")
