"""A moderator paints a part of a photo over and hides it, by keys and on a phone; everybody sees it at once."""

import re
from io import BytesIO
from urllib.error import HTTPError

import pytest
from PIL import Image
from playwright.sync_api import Page, ViewportSize, expect

from ops.portal import Portal
from tests.browser.conftest import PHONE, Watched, ask, sign_in, violations

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

LIST = "/admin/reports/report/"
PUBLIC_PHOTO = "[data-photos] img"
PREPARED = 30_000
DARK = 60


def open_photo(page: Page, status: str) -> str:
    """Go from the list to the first photo of a report in some status; return the address of its public page."""
    page.goto(f"{LIST}?status={status}")
    page.locator(".report-row:has(img) .report-row-what a").first.click()
    public = page.get_by_role("link", name="Voir la page publique").get_attribute("href") or ""
    page.get_by_role("link", name="Retoucher la photo 1").click()
    return public


def is_dark(portal: Portal, address: str) -> bool:
    """Say whether the middle of a public picture is painted over."""
    with ask(portal, address) as answer, Image.open(BytesIO(answer.read())) as image:
        grey = image.convert("L")
        middle = grey.getpixel((grey.width // 2, grey.height // 2))
        assert isinstance(middle, int)
        return middle < DARK


def is_gone(portal: Portal, address: str) -> bool:
    """Say whether nobody can fetch an address any more."""
    try:
        ask(portal, address).close()
    except HTTPError as error:
        return error.code == 404
    return False


def source(page: Page) -> str:
    return page.locator(PUBLIC_PHOTO).first.get_attribute("src") or ""


def test_photo_is_masked_by_keys_and_hidden(watched: Watched, portal: Portal) -> None:
    desk = watched.browser(viewport=ViewportSize(width=1280, height=900)).new_page()
    sign_in(desk, portal, "moderator")
    public = open_photo(desk, "in_progress")
    everybody = watched.page(public)
    before = source(everybody)
    assert not is_gone(portal, before)

    # Only keys: a box in the middle, made larger.
    desk.get_by_role("button", name="Ajouter une zone").focus()
    desk.keyboard.press("Enter")
    box = desk.locator(".mask-box")
    expect(box).to_be_focused()
    for key in ("ArrowUp", "ArrowLeft", "Shift+ArrowDown", "Shift+ArrowRight"):
        for _unused in range(3):
            desk.keyboard.press(key)
    assert [desk.locator(f"#id_{side}0").input_value() for side in "xywh"] == ["37", "37", "23", "18"]
    assert violations(desk) == []
    desk.get_by_role("button", name="Enregistrer les zones").focus()
    desk.keyboard.press("Enter")
    # The page moves on by itself once the worker is done; the open public page hears of it.
    expect(desk.get_by_role("button", name="Voir la photo entière")).to_be_visible(timeout=PREPARED)
    expect(everybody.locator(PUBLIC_PHOTO).first).not_to_have_attribute("src", before, timeout=PREPARED)
    masked = source(everybody)
    assert is_dark(portal, masked)

    desk.get_by_role("button", name="Voir la photo entière").click()
    expect(desk.locator(".mask-box")).to_have_count(1)
    expect(desk.locator("[data-stage] img")).to_have_js_property("complete", value=True)
    assert desk.locator("[data-stage] img").evaluate("image => image.naturalWidth") > 0
    assert violations(desk) == []

    desk.get_by_text("Cacher la photo").click()
    desk.get_by_label("Pourquoi la cacher").fill("On voit un visage.")
    desk.get_by_role("button", name="Cacher", exact=True).click()
    expect(desk.get_by_text("Cachée", exact=True).first).to_be_visible()
    assert is_gone(portal, masked)
    key = re.findall(r"[0-9a-f-]{36}", masked)[0]
    assert key not in watched.page(f"{public}?apres").content()


def test_photo_desk_on_a_phone_and_without_a_script(watched: Watched, portal: Portal) -> None:
    phone = watched.browser(PHONE, color_scheme="dark").new_page()
    sign_in(phone, portal, "moderator")
    open_photo(phone, "open")
    phone.get_by_role("button", name="Ajouter une zone").tap()
    corner = phone.locator("[data-grip]").bounding_box()
    assert corner is not None
    assert min(corner["width"], corner["height"]) >= 48
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(phone) == []

    plain = watched.browser(java_script_enabled=False, storage_state=phone.context.storage_state()).new_page()
    plain.goto(phone.url)
    for side, percent in {"x": 10, "y": 20, "w": 30, "h": 40}.items():
        plain.locator(f"#id_{side}0").fill(str(percent))
    plain.get_by_role("button", name="Enregistrer les zones").click()
    expect(plain.get_by_text("1 zone masquée").first).to_be_visible()
