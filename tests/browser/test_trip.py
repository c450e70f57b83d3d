"""The main trip, end to end, as people live it: reported on a phone, judged, seen arriving, repaired, seen repaired."""

import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from ops.portal import Portal
from tests.browser.conftest import PHONE, Watched, sign_in
from tests.reports.photo_samples import YAOUNDE, encoded, exif, street

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

MOST_TAPS = 7
# In the phone's own camera: the shutter, and "use this photo".
CAMERA_TAPS = 2
# A photo goes through the queue and the worker.
UNTIL_READY = 20_000
MOST_WAITING = 60
WORDS = "Très profond, au milieu de la chaussée."
AROUND = 0.004
# Remembers when the first pin of a report came, on the clock that the test reads too.
REMEMBER_PIN = """(ref) => {
  const seen = () => document.querySelector(`.pin[data-report="${ref}"]`);
  const look = () => { if (seen()) window.pinAt ??= Date.now(); };
  new MutationObserver(look).observe(document.body, {childList: true, subtree: true});
  return Boolean(seen());
}"""


class Thumb:
    """Taps what a thumb can see, and counts."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.taps = 0

    def tap(self, target: Locator) -> None:
        target.tap()
        self.taps += 1

    def photograph(self, picture: Path) -> None:
        with self.page.expect_file_chooser() as chooser:
            self.tap(self.page.get_by_text("Prendre une photo"))
        chooser.value.set_files(picture)
        self.taps += CAMERA_TAPS


@pytest.fixture
def pothole(tmp_path: Path) -> Path:
    """A photo as a phone takes it: on its side, with the place and the time of its taking."""
    path = tmp_path / "IMG_0001.jpg"
    told = exif(orientation=6, gps=YAOUNDE, taken="2026:01:05 08:30:00")
    path.write_bytes(encoded(street(2400, 1800), exif=told))
    return path


@pytest.fixture
def repair(tmp_path: Path) -> Path:
    path = tmp_path / "IMG_0002.jpg"
    path.write_bytes(encoded(street(1600, 1200).transpose(Image.Transpose.FLIP_LEFT_RIGHT), exif=exif(gps=YAOUNDE)))
    return path


def report_pothole(page: Page, picture: Path) -> int:
    """Report a pothole where the phone stands, from the first page to the thanks; return the number of taps."""
    thumb = Thumb(page)
    thumb.tap(page.get_by_role("link", name="Signaler", exact=True).locator("visible=true").first)
    thumb.photograph(picture)
    thumb.tap(page.get_by_text("Nid-de-poule", exact=True))
    expect(page.locator("[data-place-words]")).to_contain_text("Yaoundé")
    thumb.tap(page.get_by_role("button", name="C’est ici"))
    expect(page.get_by_role("heading", name="Vérifiez et envoyez")).to_be_focused()
    page.get_by_label("Précisions").fill(WORDS)  # nobody must
    thumb.tap(page.get_by_role("button", name="Envoyer le signalement"))
    page.wait_for_url("**/suivi/**")
    return thumb.taps


def find_in_queue(page: Page, ref: str) -> None:
    """Put off whatever waits longer, as a moderator does who looks for one report."""
    page.goto("/admin/reports/report/queue/")
    for _number in range(MOST_WAITING):
        if page.locator("[data-report]").first.get_attribute("data-report") == ref:
            return
        page.get_by_role("link", name="Plus tard").click()
    pytest.fail(f"{ref} does not stand in the queue.")


def accept(page: Page) -> float:
    """Publish the report on the screen; return when the button was pressed, in seconds."""
    button = page.get_by_role("button", name="Accepter et publier")
    button.hover()
    pressed = time.time()
    button.click()
    expect(page.get_by_text("est publié.")).to_be_visible()
    return pressed


def repair_with_proof(page: Page, ref: str, proof: Path) -> None:
    """Find the report in the list, take it up, and prove the repair."""
    page.get_by_role("searchbox").fill(ref)
    page.get_by_role("searchbox").press("Enter")
    page.locator(".report-row", has_text=ref).get_by_role("link").click()
    page.get_by_role("button", name="Prendre en charge").click()
    expect(page.locator(".report-head [data-status-pill]")).to_contain_text("En cours")
    page.get_by_label("Choisir une photo de la réparation").set_input_files(proof)
    page.get_by_label("Message public").locator("visible=true").first.fill("Trou rebouché ce matin.")
    page.get_by_role("button", name="Marquer comme résolu").click()
    expect(page.locator(".report-head [data-status-pill]")).to_contain_text("Résolu")


def expect_upright_and_bare(page: Page, photo: Locator, width: int, height: int) -> None:
    """The public picture is upright, and tells nothing but what it shows."""
    source = photo.evaluate("image => image.currentSrc")
    answer = page.request.get(source)
    picture = Image.open(BytesIO(answer.body()))
    assert (picture.format, picture.width < picture.height) == ("WEBP", width < height)
    assert not picture.getexif()
    assert "xmp" not in picture.info


def expect_repaired(page: Page) -> None:
    """The page tells how it ended, with the pair of pictures that proves it."""
    expect(page.locator("[data-timeline]")).to_contain_text("Trou rebouché ce matin.")
    expect(page.locator(".pair img")).to_have_count(2, timeout=UNTIL_READY)


def test_trip_from_report_to_proven_repair(
    portal: Portal,
    watched: Watched,
    quiet_place: tuple[float, float],
    pothole: Path,
    repair: Path,
    tell: Callable[[str], None],
) -> None:
    lon, lat = quiet_place
    box = f"{lon - AROUND},{lat - AROUND},{lon + AROUND},{lat + AROUND}"
    on_map = watched.page(f"/signalements/?view=map&bbox={box}")
    watched.wait_until_live(on_map)

    # A neighbour reports.
    here = {"longitude": lon, "latitude": lat, "accuracy": 12}
    citizen = watched.page("/", PHONE, geolocation=here, permissions=["geolocation"])
    taps = report_pothole(citizen, pothole)
    tell(f"taps to report with a photo: {taps}")
    assert taps <= MOST_TAPS
    ref = citizen.locator(".reference-number").inner_text()
    expect(citizen.locator("[data-photos] img")).to_be_visible(timeout=UNTIL_READY)
    expect_upright_and_bare(citizen, citizen.locator("[data-photos] img"), 1800, 2400)
    assert citizen.request.get(f"/signalements/{ref}/").status == 404

    # Somebody judges, and who has the map open sees it.
    judging = watched.browser().new_page()
    sign_in(judging, portal, "moderator")
    find_in_queue(judging, ref)
    expect(judging.locator(".queue-see img").first).to_be_visible()
    assert on_map.evaluate(REMEMBER_PIN, ref) is False
    pressed = accept(judging)
    pin = on_map.locator(f'.pin[data-report="{ref}"]')
    expect(pin).to_have_attribute("data-status", "open")
    tell(f"decision to pin on another screen: {on_map.evaluate('window.pinAt') - pressed * 1000:.0f} ms")

    # A neighbour looks on.
    neighbour = watched.page(f"/signalements/{ref}/", PHONE)
    expect(neighbour.locator(".page-head [data-status-pill]")).to_contain_text("Signalé")
    expect(neighbour.locator(".report-words")).to_have_text(WORDS)
    expect(neighbour.locator(".live[data-live]")).to_have_text("En direct")
    neighbour.evaluate("window.neverReloaded = true")

    # Somebody repairs it.
    operator = watched.browser(PHONE).new_page()
    sign_in(operator, portal, "operator", "/admin/reports/report/")
    repair_with_proof(operator, ref, repair)

    # Everybody sees it.
    expect_repaired(neighbour)
    expect(neighbour.locator(".page-head [data-status-pill]")).to_contain_text("Résolu")
    expect(neighbour.locator("[data-timeline]")).to_contain_text("Réparation en cours")
    expect(neighbour.locator("[data-timeline]")).to_contain_text("Signalement vérifié et publié")
    expect(neighbour.locator("[data-timeline]")).to_contain_text("Problème résolu")
    assert neighbour.evaluate("window.neverReloaded")
    expect(pin).to_have_attribute("data-status", "resolved")

    # So does its author, on the private page.
    citizen.goto(citizen.url.split("?")[0])
    expect_repaired(citizen)
    expect(citizen.locator(".follow > .stack [data-status-pill]")).to_contain_text("Résolu")

    # And who reads English.
    english = watched.page(f"/en/signalements/{ref}/", locale="en-GB")
    expect(english.locator("html")).to_have_attribute("lang", "en")
    expect(english.get_by_role("heading", level=1)).to_have_text("Pothole")
    expect(english.locator(".page-head [data-status-pill]")).to_contain_text("Resolved")
    expect_repaired(english)
