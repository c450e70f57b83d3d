"""The photo module of the pages, alone in a real browser: small uploads, place and time, hostile bytes."""

import base64
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from reports.photos import inspect, make_variants
from tests.reports.photo_samples import FORMATS, IMAGES, YAOUNDE, encoded, exif, needs_shared_images, street

pytestmark = pytest.mark.browser

MODULE_FOLDER = Path(__file__).parents[2] / "static/fmq/js"
TARGET = 180_000

CALL = """async ([name, base64, options]) => {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const photo = await import("/photo.js");
  const result = await photo[name](new File([bytes], "IMG_0001.jpg", {type: "image/jpeg"}), options);
  if (!(result instanceof File)) return result;
  const encoded = await new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.split(",")[1] ?? "");
    reader.readAsDataURL(result);
  });
  return {name: result.name, type: result.type, data: encoded};
}"""


class _Quiet(SimpleHTTPRequestHandler):
    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript"}

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name is http.server's
        """Say nothing: the tests' own output is enough."""


@pytest.fixture(scope="module")
def blank_page() -> Iterator[Page]:
    """An empty page on the module's own origin."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(MODULE_FOLDER)))
    Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        yield page
        browser.close()
    server.shutdown()
    server.server_close()


def call(page: Page, name: str, data: bytes, **options: Any) -> Any:
    return page.evaluate(CALL, [name, base64.b64encode(data).decode(), options])


def shrunk(page: Page, data: bytes, **options: Any) -> bytes:
    return base64.b64decode(call(page, "shrink", data, **options)["data"])


def size(data: bytes) -> tuple[int, int]:
    return inspect(BytesIO(data), len(data)).upright_size


def test_shrink_a_phone_photo_of_5_mb(blank_page: Page) -> None:
    rough = Image.effect_noise((1000, 750), 90).resize((4000, 3000)).convert("RGB")
    data = encoded(Image.blend(street(4000, 3000), rough, 0.5), quality=97, exif=exif(gps=YAOUNDE))
    assert 5_000_000 < len(data) < 12_000_000
    answer = call(blank_page, "shrink", data)
    assert (answer["name"], answer["type"]) == ("photo.jpg", "image/jpeg")
    small = base64.b64decode(answer["data"])
    assert len(small) <= TARGET
    facts = inspect(BytesIO(small), len(small))
    assert facts.format == "JPEG"
    assert facts.taken_point is None
    assert max(facts.upright_size) >= 960
    assert list(make_variants(BytesIO(small)).files)[:2] == [320, 960]


@needs_shared_images
def test_shrink_real_phone_photos(blank_page: Page) -> None:
    for path in sorted((IMAGES / "citizen_phone_photos").glob("*.JPG")):
        small = shrunk(blank_page, path.read_bytes())
        assert len(small) <= TARGET
        assert max(size(small)) >= 960


@pytest.mark.parametrize("orientation", range(1, 9))
def test_shrink_turns_upright_and_drops_metadata(blank_page: Page, orientation: int) -> None:
    data = encoded(street(600, 400), exif=exif(orientation=orientation, gps=YAOUNDE))
    small = shrunk(blank_page, data)
    assert b"Exif" not in small
    assert size(small) == size(data)
    ours, theirs = (make_variants(BytesIO(photo)).phash for photo in (data, small))
    assert (int(ours, 16) ^ int(theirs, 16)).bit_count() <= 6


def test_shrink_never_enlarges(blank_page: Page) -> None:
    assert size(shrunk(blank_page, encoded(street(200, 100)))) == (200, 100)


def test_shrink_obeys_its_limits(blank_page: Page) -> None:
    data = encoded(Image.effect_noise((1500, 1000), 120).convert("RGB"), quality=95)
    small = shrunk(blank_page, data, max=700, target=60_000)
    assert len(small) <= 60_000
    assert max(size(small)) <= 700


def test_shrink_puts_transparency_on_white(blank_page: Page) -> None:
    clear = Image.new("RGBA", (40, 40), (255, 0, 0, 0))
    pixel = Image.open(BytesIO(shrunk(blank_page, encoded(clear, "PNG")))).convert("RGB").getpixel((20, 20))
    assert pixel == (255, 255, 255)


@pytest.mark.parametrize("data", [b"", b"not a photo", encoded(street(60, 40), "HEIC")], ids=["empty", "text", "HEIC"])
def test_shrink_leaves_what_it_cannot_decode(blank_page: Page, data: bytes) -> None:
    answer = call(blank_page, "shrink", data)
    assert (answer["name"], base64.b64decode(answer["data"])) == ("IMG_0001.jpg", data)


def test_read_place_and_time(blank_page: Page) -> None:
    block = exif(gps=YAOUNDE, taken="2026:03:05 07:08:09", offset="+01:00")
    found = call(blank_page, "readPlaceAndTime", encoded(street(60, 40), exif=block))
    assert found == {
        "lat": pytest.approx(3.866),
        "lon": pytest.approx(11.517),
        "takenAt": "2026-03-05T07:08:09+01:00",
    }


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (exif(), None),
        (exif(taken="2026:03:05 07:08:09"), {"lat": None, "lon": None, "takenAt": "2026-03-05T07:08:09"}),
        (
            exif(taken="2026:03:05 07:08:09", offset="+99:99"),
            {"lat": None, "lon": None, "takenAt": "2026-03-05T07:08:09"},
        ),
        (exif(taken="2026:33:05 07:08:09"), None),
        (exif(taken="1970:01:01 00:00:00"), None),
        (exif(gps=("N", (0.0, 0.0, 0.0), "E", (0.0, 0.0, 0.0))), None),
        (exif(gps=("N", (91.0, 0.0, 0.0), "E", (11.0, 0.0, 0.0))), None),
        (exif(gps=("?", (3.0, 0.0, 0.0), "E", (11.0, 0.0, 0.0))), None),
        (exif(gps=("S", (3.0, 0.0, 0.0), "W", (11.0, 0.0, 0.0))), {"lat": -3, "lon": -11, "takenAt": None}),
    ],
)
def test_read_place_and_time_of_odd_blocks(blank_page: Page, block: bytes, expected: object) -> None:
    assert call(blank_page, "readPlaceAndTime", encoded(street(60, 40), exif=block)) == expected


@needs_shared_images
@pytest.mark.parametrize("name", ["gps", "citizen_phone_photos"])
def test_the_browser_and_the_server_read_the_same(blank_page: Page, name: str) -> None:
    for path in sorted((IMAGES / name).iterdir()):
        data = path.read_bytes()
        facts = inspect(BytesIO(data), len(data))
        if facts.format != "JPEG":
            continue
        found = call(blank_page, "readPlaceAndTime", data) or {"lat": None, "lon": None, "takenAt": None}
        point = None if found["lat"] is None else (found["lon"], found["lat"])
        assert point == (facts.taken_point and pytest.approx(facts.taken_point)), path.name
        assert found["takenAt"] == (facts.taken_at and facts.taken_at.isoformat()), path.name


def test_read_place_and_time_survives_hostile_bytes(blank_page: Page) -> None:
    whole = encoded(street(60, 40), exif=exif(gps=YAOUNDE, taken="2026:03:05 07:08:09"))
    errors: list[str] = []
    blank_page.on("pageerror", lambda error: errors.append(str(error)))
    for length in range(0, 260, 3):
        call(blank_page, "readPlaceAndTime", whole[:length])
    for position in range(2, 260):
        for value in (0, 0x7F, 0xFF):
            call(blank_page, "readPlaceAndTime", whole[:position] + bytes([value]) + whole[position + 1 :])
    for kind in FORMATS[1:]:
        assert call(blank_page, "readPlaceAndTime", encoded(street(60, 40), kind)) is None
    assert errors == []
