"""The report flow on a phone-sized screen, as a thumb does it; without JavaScript; with a bad network."""

import gzip
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.gis.geos import Point
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Route, expect
from pytest_django.live_server_helper import LiveServer

from reports import workflow
from reports.models import Category, Photo, Quarter, Report
from tests.factories import CENTRE, CategoryFactory, QuarterFactory, ReportFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LON, LAT = CENTRE
HERE = {"longitude": LON, "latitude": LAT, "accuracy": 15}
FIRST_VISIT_BYTES = 40 * 1024
# In the phone's own camera: the shutter, and "use this photo".
CAMERA_TAPS = 2
ERROR_TITLE = re.compile("^Erreur\u00a0: ")
REMEMBER_VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective));
"""


@pytest.fixture
def phone(
    playwright_of_module: Playwright, chromium: Browser, live_server: LiveServer
) -> Iterator[Callable[..., Page]]:
    """Open a page on a phone that stands in the town."""
    opened: list[BrowserContext] = []

    def open_page(**changes: Any) -> Page:
        options = {"locale": "fr-FR", "geolocation": HERE, "permissions": ["geolocation"], **changes}
        context = chromium.new_context(**playwright_of_module.devices["Pixel 5"], base_url=live_server.url, **options)
        opened.append(context)
        context.add_init_script(REMEMBER_VIOLATIONS)
        page = context.new_page()
        page.set_default_timeout(15_000)
        return page

    yield open_page
    for context in opened:
        context.close()


@pytest.fixture
def town_to_report_in(quarter: Quarter, category: Category) -> Quarter:
    CategoryFactory(code="lamp", name_fr="Lampadaire", icon="lamp", position=1)
    return quarter


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "trou.jpg"
    Image.effect_noise((1600, 1200), 60).convert("RGB").save(path, quality=95)
    return path


class Thumb:
    """Taps, and counts them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.taps = 0

    def tap(self, selector: str) -> None:
        self.page.locator(selector).locator("visible=true").first.tap()
        self.taps += 1

    def photograph(self, picture: Path) -> None:
        with self.page.expect_file_chooser() as chooser:
            self.tap("label[for=id_photos_camera]")
        chooser.value.set_files(picture)
        self.taps += CAMERA_TAPS

    def confirm_place(self) -> None:
        expect(self.page.locator("[data-place-words]")).to_have_text("Lieu : Mokolo, Yaoundé")
        self.tap("[data-here]")

    def send(self) -> None:
        self.tap("[data-send]")
        self.page.wait_for_url("**/suivi/**")


def at_step(page: Page, step: str) -> None:
    expect(page.locator(f"[data-step={step}]")).to_be_visible()
    expect(page.locator(f"[data-step={step}] h2").first).to_be_focused()


def to_check(page: Page) -> Thumb:
    """Walk to the last step without a photo."""
    thumb = Thumb(page)
    page.goto("/signaler/")
    thumb.tap("[data-next]")
    thumb.tap(".tile label")
    thumb.confirm_place()
    at_step(page, "check")
    return thumb


# --- Seven taps, five taps ------------------------------------------------------------------------


def test_report_with_a_photo_takes_seven_taps(
    phone: Callable[..., Page], town_to_report_in: Quarter, picture: Path
) -> None:
    page = phone()
    page.goto("/")
    thumb = Thumb(page)

    thumb.tap("a.bar-act")
    thumb.photograph(picture)
    at_step(page, "what")
    thumb.tap(".tile label")
    at_step(page, "where")
    thumb.confirm_place()
    at_step(page, "check")
    thumb.send()

    report = Report.objects.get()
    assert thumb.taps == 7
    assert (report.category.code, report.quarter) == ("pothole", town_to_report_in)
    assert report.point.coords == pytest.approx(CENTRE, abs=1e-4)
    photo = report.photos.get()
    assert photo.original.size < picture.stat().st_size
    assert photo.original.size <= 180_000
    expect(page.get_by_text(report.ref).first).to_be_visible()
    assert page.evaluate("violations") == []


def test_photo_that_was_chosen_before_the_scripts_came(
    phone: Callable[..., Page], town_to_report_in: Quarter, picture: Path
) -> None:
    page = phone()
    held: list[Route] = []
    page.route("**/fmq/js/report.js", lambda route: held.append(route))  # noqa: PLW0108  (Playwright cannot take a built-in)
    page.goto("/signaler/", wait_until="commit")
    page.locator("#id_photos_camera").set_input_files(picture)
    assert len(held) == 1
    held[0].continue_()
    at_step(page, "what")


def test_report_without_a_photo_takes_five_taps(phone: Callable[..., Page], town_to_report_in: Quarter) -> None:
    page = phone()
    page.goto("/")
    thumb = Thumb(page)

    thumb.tap("a.bar-act")
    thumb.tap("[data-next]")
    thumb.tap(".tile label")
    thumb.confirm_place()
    at_step(page, "check")
    thumb.send()

    assert thumb.taps == 5
    assert Report.objects.get().photos.count() == 0


def test_three_photos_from_the_gallery(phone: Callable[..., Page], town_to_report_in: Quarter, picture: Path) -> None:
    page = phone()
    page.goto("/signaler/")
    page.set_input_files("#id_photos_gallery", [picture] * 4)
    page.go_back()
    expect(page.locator(".thumb")).to_have_count(3)
    page.locator("[data-remove]").first.tap()
    expect(page.locator("[data-picked]")).to_have_text("2 photos")
    page.locator("[data-step=photo] [data-next]").tap()
    thumb = Thumb(page)
    thumb.tap(".tile label")
    thumb.confirm_place()
    expect(page.locator('[data-answer="photo"]')).to_have_text("2 photos")
    thumb.send()

    assert Report.objects.get().photos.count() == 2


# --- Steps ----------------------------------------------------------------------------------------


def test_back_and_reload_keep_the_answers(phone: Callable[..., Page], town_to_report_in: Quarter) -> None:
    page = phone()
    to_check(page)
    page.fill("#id_description", "Très profond")

    page.go_back()
    at_step(page, "where")
    page.go_back()
    at_step(page, "what")
    assert page.locator("[name=category]:checked").input_value() == "pothole"
    page.go_forward()
    page.go_forward()
    at_step(page, "check")
    page.reload()

    expect(page.locator("#id_description")).to_have_value("Très profond")
    expect(page.locator('[data-answer="what"]')).to_have_text("Nid-de-poule")
    expect(page.locator('[data-answer="where"]')).to_have_text("Mokolo, Yaoundé")


def test_draft_waits_for_the_next_visit_and_can_be_thrown_away(
    phone: Callable[..., Page], town_to_report_in: Quarter
) -> None:
    page = phone()
    to_check(page)
    page.fill("#id_description", "Très profond")
    key = page.locator("[name=idempotency_key]").input_value()

    page.goto("/")
    page.goto("/signaler/")
    expect(page.locator("[data-restored]")).to_be_visible()
    assert page.locator("[name=idempotency_key]").input_value() == key
    page.locator("[data-restart]").tap()

    expect(page.locator("[data-restored]")).to_be_hidden()
    expect(page.locator("#id_description")).to_have_value("")
    expect(page.locator("[name=idempotency_key]")).not_to_have_value(key)


def test_sent_report_leaves_no_draft(phone: Callable[..., Page], town_to_report_in: Quarter) -> None:
    page = phone()
    to_check(page).send()

    page.goto("/signaler/")

    expect(page.locator("[data-restored]")).to_be_hidden()
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_correcting_one_answer_leads_back_to_the_check(phone: Callable[..., Page], town_to_report_in: Quarter) -> None:
    page = phone()
    thumb = to_check(page)

    thumb.tap('[data-edit="what"]')
    at_step(page, "what")
    thumb.tap(".tile label[for=id_category_1]")

    at_step(page, "check")
    expect(page.locator('[data-answer="what"]')).to_have_text("Lampadaire")


def test_keyboard_chooses_with_arrows_and_goes_on_with_enter(
    phone: Callable[..., Page], town_to_report_in: Quarter
) -> None:
    page = phone()
    page.goto("/signaler/")
    page.locator("[data-step=photo] [data-next]").press("Enter")
    at_step(page, "what")

    page.locator("#id_category_0").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#id_category_1")).to_be_checked()
    expect(page.locator("[data-step=what]")).to_be_visible()
    page.keyboard.press("Enter")

    at_step(page, "where")


# --- Where ----------------------------------------------------------------------------------------


def test_vague_position_asks_to_move_the_map(phone: Callable[..., Page], town_to_report_in: Quarter) -> None:
    page = phone(geolocation={**HERE, "accuracy": 350})
    page.goto("/signaler/")
    thumb = Thumb(page)
    thumb.tap("[data-next]")
    thumb.tap(".tile label")

    expect(page.locator("[data-place-words]")).to_contain_text("350 m")
    thumb.tap("[data-here]")
    expect(page.locator("[data-step=where]")).to_be_visible()
    page.locator("[data-place-map]").tap(position={"x": 150, "y": 120})
    thumb.confirm_place()

    at_step(page, "check")


def test_place_out_of_town_is_told_at_once(phone: Callable[..., Page], town_to_report_in: Quarter) -> None:
    page = phone(geolocation={"longitude": 2.35, "latitude": 48.85, "accuracy": 15})
    page.goto("/signaler/")
    thumb = Thumb(page)
    thumb.tap("[data-next]")
    thumb.tap(".tile label")

    expect(page.locator("[data-place-words]")).to_contain_text("en dehors des quartiers desservis")
    thumb.tap("[data-here]")

    expect(page.locator("[data-step=where]")).to_be_visible()


def test_place_in_words_needs_no_position(phone: Callable[..., Page], town_to_report_in: Quarter) -> None:
    page = phone(permissions=[])
    page.goto("/signaler/")
    thumb = Thumb(page)
    thumb.tap("[data-next]")
    thumb.tap(".tile label")
    expect(page.locator("[data-place-words]")).to_contain_text("Votre position n’est pas partagée")

    thumb.tap("[data-words-toggle]")
    thumb.tap("[data-here]")
    expect(page.locator("#id_quarter")).to_be_focused()
    page.select_option("#id_quarter", label="Mokolo")
    page.fill("#id_address", "Derrière le marché")
    thumb.tap("[data-here]")
    thumb.send()

    report = Report.objects.get()
    assert (report.quarter, report.address) == (town_to_report_in, "Derrière le marché")


def test_map_that_cannot_load_offers_words(phone: Callable[..., Page], town_to_report_in: Quarter) -> None:
    page = phone()
    page.route("**/leaflet/leaflet*.js", lambda route: route.abort())
    page.goto("/signaler/")
    thumb = Thumb(page)
    thumb.tap("[data-next]")
    thumb.tap(".tile label")

    expect(page.locator("#id_quarter")).to_be_focused()
    expect(page.locator("[data-step=where]")).to_contain_text("La carte n’a pas pu se charger")


def test_place_of_the_photo_is_offered_never_forced(
    phone: Callable[..., Page], town_to_report_in: Quarter, tmp_path: Path
) -> None:
    QuarterFactory(town=town_to_report_in.town, slug="bastos", name="Bastos", boundary=neighbour(town_to_report_in))
    path = tmp_path / "gps.jpg"
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (LAT, 0.0, 0.0), 3: "E", 4: (LON + 0.01, 0.0, 0.0)}
    Image.effect_noise((640, 480), 60).convert("RGB").save(path, exif=exif)
    page = phone()
    page.goto("/signaler/")
    page.set_input_files("#id_photos_gallery", path)
    thumb = Thumb(page)
    thumb.tap(".tile label")

    expect(page.locator("[data-place-words]")).to_have_text("Lieu : Mokolo, Yaoundé")
    thumb.tap("[data-photo-place]")

    expect(page.locator("[data-place-words]")).to_have_text("Lieu : Bastos, Yaoundé")


def neighbour(quarter: Quarter) -> Any:
    """Return the square to the east of a quarter."""
    from tests.factories import square  # noqa: PLC0415

    west, south, east, _north = quarter.boundary.extent
    return square(east, south, east - west)


# --- Already reported? ----------------------------------------------------------------------------


def twin_of(category: Category, quarter: Quarter) -> Report:
    return ReportFactory(category=category, quarter=quarter, point=Point(LON + 0.0001, LAT, srid=4326))


def test_support_instead_of_a_second_report(
    phone: Callable[..., Page], town_to_report_in: Quarter, category: Category
) -> None:
    twin = twin_of(category, town_to_report_in)
    page = phone()
    page.goto("/signaler/")
    thumb = Thumb(page)
    thumb.tap("[data-next]")
    thumb.tap(".tile label")
    thumb.confirm_place()
    at_step(page, "nearby")

    thumb.tap("text=C’est celui-ci")
    page.wait_for_url(f"**/signalements/{twin.ref}/**")

    twin.refresh_from_db()
    assert (twin.votes, Report.objects.count()) == (1, 1)


def test_something_else_goes_on(phone: Callable[..., Page], town_to_report_in: Quarter, category: Category) -> None:
    twin_of(category, town_to_report_in)
    page = phone()
    page.goto("/signaler/")
    thumb = Thumb(page)
    thumb.tap("[data-next]")
    thumb.tap(".tile label")
    thumb.confirm_place()
    thumb.tap("[data-other]")
    at_step(page, "check")
    thumb.send()

    assert Report.objects.count() == 2


def test_twins_of_a_place_in_words_are_shown_when_sending(
    phone: Callable[..., Page], town_to_report_in: Quarter, category: Category
) -> None:
    ReportFactory(category=category, quarter=town_to_report_in, point=town_to_report_in.boundary.point_on_surface)
    page = phone(permissions=[])
    page.goto("/signaler/")
    thumb = Thumb(page)
    thumb.tap("[data-next]")
    thumb.tap(".tile label")
    thumb.tap("[data-words-toggle]")
    page.select_option("#id_quarter", label="Mokolo")
    page.fill("#id_address", "Derrière le marché")
    thumb.tap("[data-here]")
    thumb.tap("[data-send]")
    at_step(page, "nearby")

    thumb.tap("[data-other]")
    page.wait_for_url("**/suivi/**")

    assert Report.objects.count() == 2


def test_support_button_turns_on_and_off_and_remembers(
    phone: Callable[..., Page], town_to_report_in: Quarter, category: Category
) -> None:
    twin = twin_of(category, town_to_report_in)
    page = phone()
    page.goto(f"/signalements/{twin.ref}/")
    button = page.locator("form[data-support] button")

    button.tap()
    expect(button).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(button).to_have_attribute("aria-pressed", "true")
    twin.refresh_from_db()
    assert twin.votes == 1
    button.tap()
    expect(button).to_have_attribute("aria-pressed", "false")

    twin.refresh_from_db()
    assert twin.votes == 0


# --- Sending --------------------------------------------------------------------------------------


def test_error_keeps_every_answer_and_leads_to_the_field(
    phone: Callable[..., Page], town_to_report_in: Quarter, picture: Path
) -> None:
    page = phone()
    page.goto("/signaler/")
    page.set_input_files("#id_photos_gallery", picture)
    thumb = Thumb(page)
    thumb.tap(".tile label")
    thumb.confirm_place()
    page.fill("#id_description", "Très profond")
    page.fill("#id_email", "amina@")
    thumb.tap("[data-send]")

    expect(page.locator(".errors")).to_be_focused()
    expect(page).to_have_title(ERROR_TITLE)
    page.locator(".errors a").tap()
    expect(page.locator("#id_email")).to_be_focused()
    expect(page.locator("#id_description")).to_have_value("Très profond")
    page.fill("#id_email", "amina@example.org")
    thumb.send()

    report = Report.objects.get()
    assert (report.description, report.contact_email, report.photos.count()) == ("Très profond", "amina@example.org", 1)


def test_double_tap_makes_one_report(phone: Callable[..., Page], town_to_report_in: Quarter, picture: Path) -> None:
    page = phone()
    page.goto("/signaler/")
    page.set_input_files("#id_photos_gallery", picture)
    thumb = Thumb(page)
    thumb.tap(".tile label")
    thumb.confirm_place()
    at_step(page, "check")

    page.evaluate(
        "const send = document.querySelector('[data-send]'); send.click(); send.click(); send.form.requestSubmit()"
    )
    page.wait_for_url("**/suivi/**")

    assert (Report.objects.count(), Photo.objects.count()) == (1, 1)


def test_lost_network_keeps_everything_and_the_retry_makes_one_report(
    phone: Callable[..., Page], town_to_report_in: Quarter
) -> None:
    page = phone()
    thumb = to_check(page)
    page.fill("#id_description", "Très profond")

    def deliver_but_lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/signaler/", deliver_but_lose_the_answer, times=1)
    thumb.tap("[data-send]")
    expect(page.locator("[data-told]")).to_contain_text("Pas de réseau")
    expect(page.locator("#id_description")).to_have_value("Très profond")
    thumb.send()

    assert Report.objects.get().description == "Très profond"


def test_refused_photo_is_told_beside_the_picker(
    phone: Callable[..., Page], town_to_report_in: Quarter, tmp_path: Path
) -> None:
    wrong = tmp_path / "texte.jpg"
    wrong.write_text("pas une photo")
    page = phone()
    page.goto("/signaler/")
    page.set_input_files("#id_photos_gallery", wrong)
    thumb = Thumb(page)
    thumb.tap(".tile label")
    thumb.confirm_place()
    thumb.tap("[data-send]")
    page.locator(".errors a").tap()

    at_photo = page.locator("[data-step=photo]")
    expect(at_photo.locator(".field-error")).to_contain_text("texte.jpg")
    expect(page.locator("#id_photos_camera")).to_be_focused()
    at_photo.locator("[data-remove]").tap()
    at_photo.locator("[data-next]").tap()
    at_step(page, "check")
    thumb.send()

    assert Report.objects.get().photos.count() == 0


# --- Without JavaScript ---------------------------------------------------------------------------


def test_long_form_works_without_javascript(
    phone: Callable[..., Page], town_to_report_in: Quarter, picture: Path
) -> None:
    page = phone(java_script_enabled=False)
    page.goto("/signaler/")
    page.set_input_files("#id_photos_gallery", picture)
    page.locator(".tile label").first.tap()
    page.fill("#id_email", "x")
    page.locator("[data-send]").tap()
    expect(page).to_have_title(ERROR_TITLE)
    expect(page.locator(".errors a")).to_have_count(2)

    page.select_option("#id_quarter", label="Mokolo")
    page.fill("#id_address", "Derrière le marché")
    page.fill("#id_email", "")
    page.locator("[data-send]").tap()
    page.wait_for_url("**/suivi/**")

    report = Report.objects.get()
    assert (report.address, report.photos.count()) == ("Derrière le marché", 1)


def test_twins_are_shown_without_javascript(
    phone: Callable[..., Page], town_to_report_in: Quarter, category: Category
) -> None:
    inside = town_to_report_in.boundary.point_on_surface
    twin = ReportFactory(category=category, quarter=town_to_report_in, point=inside)
    page = phone(java_script_enabled=False)
    page.goto("/signaler/")
    page.locator(".tile label").first.tap()
    page.select_option("#id_quarter", label="Mokolo")
    page.fill("#id_address", "Derrière le marché")
    page.locator("[data-send]").tap()

    page.get_by_role("button", name=re.compile("C’est celui-ci")).tap()
    page.wait_for_url(f"**/signalements/{twin.ref}/**")

    assert Report.objects.get(pk=twin.pk).votes == 1


# --- For everybody, and light ---------------------------------------------------------------------


def problems_of(page: Page) -> list[str]:
    """Return what axe has to say, in one line each."""
    found = Axe().run(page).response["violations"]
    return [f"{violation['id']}: {violation['nodes'][0]['html'][:120]}" for violation in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_step_is_accessible(
    phone: Callable[..., Page], town_to_report_in: Quarter, category: Category, picture: Path, scheme: str
) -> None:
    twin_of(category, town_to_report_in)
    page = phone(color_scheme=scheme)
    thumb = Thumb(page)
    page.goto("/signaler/")
    assert problems_of(page) == []
    page.set_input_files("#id_photos_gallery", picture)
    at_step(page, "what")
    assert problems_of(page) == []
    thumb.tap(".tile label")
    expect(page.locator("[data-place-words]")).to_have_text("Lieu : Mokolo, Yaoundé")
    assert problems_of(page) == []
    thumb.tap("[data-here]")
    at_step(page, "nearby")
    assert problems_of(page) == []
    thumb.tap("[data-other]")
    at_step(page, "check")
    assert problems_of(page) == []
    page.fill("#id_email", "x")
    thumb.tap("[data-send]")
    expect(page.locator(".errors")).to_be_focused()
    assert problems_of(page) == []
    page.fill("#id_email", "")
    thumb.send()
    assert problems_of(page) == []
    assert page.evaluate("violations") == []


def test_long_form_is_accessible(phone: Callable[..., Page], town_to_report_in: Quarter) -> None:
    page = phone()
    page.route("**/report.js", lambda route: route.abort())
    page.goto("/signaler/")
    page.locator("[data-send]").tap()

    expect(page.locator(".errors")).to_be_focused()
    assert problems_of(page) == []


@pytest.mark.parametrize("status", [workflow.PENDING, workflow.OPEN, workflow.RESOLVED, workflow.REJECTED])
def test_private_page_is_accessible(phone: Callable[..., Page], town_to_report_in: Quarter, status: str) -> None:
    report = ReportFactory(status=status, quarter=town_to_report_in)
    page = phone()
    page.goto(f"/suivi/{report.followers.get().token}/")

    assert problems_of(page) == []
    assert page.evaluate("violations") == []


def test_first_visit_is_light(phone: Callable[..., Page], town_to_report_in: Quarter) -> None:
    for number in range(12):
        CategoryFactory(code=f"c{number}", name_fr=f"Catégorie {number}", icon="other", position=5)
    page = phone()
    weights: dict[str, int] = {}
    page.on("response", lambda reply: weights.__setitem__(reply.url, len(gzip.compress(reply.body(), 6))))
    page.goto("/signaler/")
    page.wait_for_load_state("networkidle")

    assert not [url for url in weights if "leaflet" in url]
    assert sum(weights.values()) <= FIRST_VISIT_BYTES, weights


def test_narrow_screen_does_not_scroll_sideways(phone: Callable[..., Page], town_to_report_in: Quarter) -> None:
    page = phone()
    page.set_viewport_size({"width": 320, "height": 640})
    to_check(page)

    assert page.evaluate("document.documentElement.scrollWidth") <= 320
