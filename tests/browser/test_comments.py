"""Commenting from the open page: others see it come, the author corrects and deletes it, and nobody has to reload."""

import pytest
from playwright.sync_api import Page, expect

from ops.portal import Portal
from tests.browser.conftest import PHONE, Api, Watched, violations

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
# Bytes before what is loaded lazily; see the budgets of FRONTEND.
BUDGET = 120_000


@pytest.fixture
def ref(passer_by: Api) -> str:
    """Return the number of a public report."""
    (report,) = passer_by("GET", "reports/?status=in_progress")["results"][:1]
    return str(report["ref"])


def write(page: Page, text: str) -> None:
    page.get_by_text("Écrire un commentaire").click()
    page.get_by_label("Votre commentaire").fill(text)
    page.get_by_role("button", name="Publier mon commentaire").click()


def test_comment_appears_on_another_open_page(ref: str, watched: Watched) -> None:
    reader = watched.page(f"/signalements/{ref}/")
    watched.wait_until_live(reader)
    reader.get_by_text("Écrire un commentaire").click()
    reader.get_by_label("Votre commentaire").fill("Pas encore envoyé.")
    author = watched.page(f"/signalements/{ref}/", PHONE)
    write(author, "Vu ce matin, toujours là.")
    for page in (author, reader):
        expect(page.locator("[data-comment]").first).to_contain_text("Vu ce matin, toujours là.")
        expect(page.locator("h2 [data-comment-count]")).to_have_text("1")
    # Nobody else's words are lost, and nobody else may correct it.
    expect(reader.get_by_label("Votre commentaire")).to_have_value("Pas encore envoyé.")
    assert reader.locator("[data-own]:visible").count() == 0
    author.get_by_role("link", name="Corriger ou supprimer").click()
    author.get_by_label("Votre commentaire").fill("Réparé ce midi.")
    author.get_by_role("button", name="Enregistrer").click()
    expect(reader.locator("[data-comment]").first).to_contain_text("Réparé ce midi.")
    author.get_by_role("button", name="Supprimer mon commentaire").click()
    expect(author.get_by_text("Votre commentaire est supprimé.")).to_be_visible()
    expect(reader.locator("[data-comment]")).to_have_count(0)


def test_comment_that_is_held_says_so(ref: str, watched: Watched) -> None:
    watched.forgive("422")
    page = watched.page(f"/signalements/{ref}/", PHONE)
    write(page, " ")
    expect(page.locator("[data-comment-errors]")).to_have_text("Écrivez votre commentaire.")
    page.get_by_label("Votre commentaire").fill("Appelez le 670 00 00 00")
    page.get_by_role("button", name="Publier mon commentaire").click()
    expect(page.get_by_text("Le texte contient un numéro de téléphone.")).to_be_visible()
    page.get_by_role("button", name="Supprimer mon commentaire").click()
    expect(page.get_by_text("Votre commentaire est supprimé.")).to_be_visible()


def test_comment_without_scripts(ref: str, watched: Watched) -> None:
    page = watched.page(f"/signalements/{ref}/", PHONE, java_script_enabled=False)
    write(page, "Sans script, mais bien là.")
    expect(page.get_by_text("Votre commentaire est publié.")).to_be_visible()
    page.get_by_label("Votre commentaire").fill("Sans script, mais bien là, et corrigé.")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("link", name="Revenir au signalement").click()
    expect(page.locator("[data-comment]").first).to_contain_text("et corrigé.")
    page.locator("[data-comment]").first.get_by_role("link", name="Alerter").click()
    page.get_by_label("Faux ou sans rapport").check()
    page.get_by_role("button", name="Envoyer l’alerte").click()
    expect(page.get_by_text("Merci, c’est noté")).to_be_visible()


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_comment_pages_are_accessible(color_scheme: str, ref: str, watched: Watched) -> None:
    page = watched.page(f"/signalements/{ref}/", PHONE, color_scheme=color_scheme)
    page.get_by_text("Écrire un commentaire").click()
    found = violations(page)
    for rest in ("commentaires/", "commentaires/ecrire/", "alerter/"):
        page.goto(f"/signalements/{ref}/{rest}")
        found += violations(page)
    assert found == []


def test_report_page_keeps_its_weight(ref: str, watched: Watched, portal: Portal) -> None:
    page = watched.browser(PHONE).new_page()
    sizes: list[int] = []
    page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    page.goto(f"{portal.url}/signalements/{ref}/")
    page.wait_for_load_state("networkidle")
    assert sum(sizes) <= BUDGET
