"""Every public page of the real portal: for everybody (axe, both themes, both sizes, 320 px), light, no cookies."""

from collections import Counter
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Response, ViewportSize, expect

from ops.portal import Portal
from tests.browser.conftest import PHONE, Api, Watched, violations

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

NARROW = ViewportSize(width=320, height=700)
WIDE = ViewportSize(width=1280, height=900)
# The two themes differ in their colours and in nothing else.
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}
KIB = 1024
PLAIN = ["aide", "regles", "a-propos", "confidentialite", "accessibilite", "developpeurs"]
# Every page by a name that a failure can be found by; what stands in braces is found in the demonstration.
PAGES = {
    "home": "/",
    "list": "/signalements/",
    "list-filtered": "/signalements/?status=open&q=marché",
    "list-empty": "/signalements/?q=introuvable",
    "map": "/signalements/?view=map",
    "map-close": "/signalements/?view=map&bbox=11.50,3.85,11.53,3.88",
    "report": "/signalements/{open}/",
    "report-repaired": "/signalements/{repaired}/",
    "report-follow": "/signalements/{open}/suivre/",
    "bilan": "/bilan/",
    "quarters": "/quartiers/",
    "quarter": "/quartiers/yaounde/bastos/",
    **{name: f"/{name}/" for name in PLAIN},
    "missing": "/rien-ici/",
    "sign-in": "/compte/connexion/",
    "sign-in-code": "/compte/connexion/code/",
    "sign-up": "/compte/inscription/",
    "password": "/compte/mot-de-passe/oublie/",
    "en-home": "/en/",
    "en-list": "/en/signalements/",
    "en-map": "/en/signalements/?view=map",
    "en-report": "/en/signalements/{repaired}/",
    "en-report-form": "/en/signaler/",
    "en-privacy": "/en/confidentialite/",
}
# A form that signs somebody in needs its token.
SETS_COOKIE = {"sign-in", "sign-in-code", "sign-up", "password"}
IN_ENGLISH = {name for name in PAGES if name.startswith("en-")}
# HTML, CSS, JavaScript and all together on the first visit, in KiB as they travel, before lazy pictures.
BUDGETS = {
    "home": (12, 12, 30, 80),
    "list": (12, 12, 30, 80),
    "map-close": (10, 16, 60, 160),
    "report-form": (10, 12, 20, 40),
    "report": (14, 12, 30, 120),
}
LAZY = """() => [...document.images].filter((image) => image.loading === "lazy").map((image) => image.currentSrc)"""


@pytest.fixture(scope="module")
def refs(judge: Api) -> dict[str, str]:
    """Numbers of reports of the demonstration: an open one with a photo, a repaired one with its proof."""

    def first(status: str, kind: str) -> str:
        rows = judge("GET", f"reports/?status={status}")["results"]
        return str(next(row["ref"] for row in rows if kind in {photo["kind"] for photo in row["photos"]}))

    return {"open": first("open", "problem"), "repaired": first("resolved", "proof")}


def found_by_axe(page: Page) -> list[str]:
    """Return what axe finds on this page as a phone and a desktop show it, in light and dark."""
    found = violations(page)
    page.emulate_media(color_scheme="dark")
    found += violations(page, **COLOURS)
    page.set_viewport_size(WIDE)
    found += violations(page, **COLOURS)
    page.emulate_media(color_scheme="light")
    return found + violations(page)


def width_at_320(page: Page) -> int:
    """Return how wide the content is on a very narrow screen."""
    page.set_viewport_size(NARROW)
    return int(page.evaluate("document.documentElement.scrollWidth"))


@pytest.mark.parametrize("name", PAGES)
def test_public_page_is_for_everybody(watched: Watched, refs: dict[str, str], name: str) -> None:
    if name == "missing":
        watched.forgive("status of 404")
    page = watched.page(PAGES[name].format(**refs), PHONE)
    if "map" in name:
        expect(page.locator(".cluster, .pin").first).to_be_visible()

    # The other language has other words, the same colours and the same layout.
    assert (violations(page) if name in IN_ENGLISH else found_by_axe(page)) == []
    assert width_at_320(page) <= NARROW["width"]
    assert page.locator("html").get_attribute("lang") == ("en" if name in IN_ENGLISH else "fr")
    assert bool(page.context.cookies()) is (name in SETS_COOKIE)


def test_report_form_is_for_everybody_at_every_step(watched: Watched, quiet_place: tuple[float, float]) -> None:
    lon, lat = quiet_place
    here = {"longitude": lon, "latitude": lat, "accuracy": 12}
    page = watched.page("/signaler/", PHONE, geolocation=here, permissions=["geolocation"])
    ways: dict[str, Callable[[], None]] = {
        "photo": lambda: page.get_by_role("button", name="Continuer sans photo").click(),
        "what": lambda: page.get_by_text("Nid-de-poule", exact=True).click(),
        "where": lambda: page.get_by_role("button", name="C’est ici").click(),
        "check": lambda: page.get_by_role("button", name="Envoyer le signalement").click(),
    }
    phone = page.viewport_size
    assert phone is not None
    for step, go_on in ways.items():
        expect(page.locator(f"[data-step={step}]")).to_be_visible()
        if step == "where":
            expect(page.locator("[data-place-words]")).to_contain_text("Yaoundé")
        assert found_by_axe(page) == []
        assert width_at_320(page) <= NARROW["width"]
        page.set_viewport_size(phone)
        go_on()

    page.wait_for_url("**/suivi/**")
    assert found_by_axe(page) == []
    assert width_at_320(page) <= NARROW["width"]
    page.goto(page.url.split("?")[0])
    assert found_by_axe(page) == []
    # Whoever sends is known again as the same browser, and by nothing else.
    assert [cookie.get("name") for cookie in page.context.cookies()] == ["fmq_device"]


def test_api_docs_keep_to_the_policy(watched: Watched) -> None:
    page = watched.page("/api/v1/docs/")

    expect(page.get_by_role("heading", name="FixMyQuarter")).to_be_visible()
    assert page.context.cookies() == []


@pytest.fixture
def weights(watched: Watched, portal: Portal) -> Callable[[str], Counter[str]]:
    """Return a function that visits a page for the first time and weighs what travelled, in bytes by kind."""

    def weigh(path: str) -> Counter[str]:
        answers: list[Response] = []
        page = watched.browser(PHONE).new_page()
        page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108  (Playwright cannot take a built-in)
        page.goto(path)
        page.wait_for_load_state("networkidle")
        lazy = set(page.evaluate(LAZY))
        weight: Counter[str] = Counter()
        for answer in answers:
            assert urlsplit(answer.url).netloc == urlsplit(portal.url).netloc
            if answer.url not in lazy:
                size = answer.request.sizes()["responseBodySize"]
                weight[answer.request.resource_type] += size
                weight["all"] += size
        return weight

    return weigh


@pytest.mark.parametrize("name", BUDGETS)
def test_first_visit_is_light(
    weights: Callable[[str], Counter[str]], refs: dict[str, str], name: str, tell: Callable[[str], None]
) -> None:
    weight = weights({**PAGES, "report-form": "/signaler/"}[name].format(**refs))
    parts = [weight[kind] / KIB for kind in ("document", "stylesheet", "script", "all")]
    tell(f"{name}: HTML, CSS, JavaScript, all: {' '.join(f'{part:.1f}' for part in parts)} KiB of {BUDGETS[name]}")

    over = [(part, most) for part, most in zip(parts, BUDGETS[name], strict=True) if part > most]
    assert over == []
