"""Ready words, the mail before it goes out, a question and a referral: from the back office to a phone and back."""

import json
import re
import time
from email import message_from_bytes
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ops.portal import Portal
from tests.browser.conftest import PHONE, Watched, ask, sign_in, violations
from tests.reports.photo_samples import encoded, street

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

IN_PROGRESS = "/admin/reports/report/?status=in_progress"
ADDRESS = "temoin@example.org"
MAIL_PATIENCE = 20.0
PLACE = {"type": "Point", "coordinates": [11.517, 3.866]}


def mailed_path(portal: Portal, name: str) -> str:
    """Return the path of a link that the worker has mailed, waiting for it."""
    deadline = time.monotonic() + MAIL_PATIENCE
    while time.monotonic() < deadline:
        for file in (portal.var / "mail").iterdir():
            for part in message_from_bytes(file.read_bytes()).walk():
                words = part.get_payload(decode=True)
                if isinstance(words, bytes) and (found := re.search(rf"(/{name}/[\w-]+/)", words.decode())):
                    return found[1]
        time.sleep(0.2)
    pytest.fail(f"no mail with a link to /{name}/")


def desk(watched: Watched, portal: Portal, path: str) -> Page:
    """Return a moderator's page."""
    page = watched.browser().new_page()
    sign_in(page, portal, "moderator", path)
    return page


def open_first(page: Page) -> None:
    page.locator(".report-row a").first.click()
    expect(page.locator(".desk-report")).to_be_visible()


def test_report_is_passed_on_and_comes_back_with_a_proof(watched: Watched, portal: Portal, tmp_path: Path) -> None:
    page = desk(watched, portal, IN_PROGRESS)
    open_first(page)
    page.get_by_text("Transmettre par e-mail").click()
    page.get_by_label("À qui").fill("Compagnie des eaux")
    page.get_by_label("Son adresse e-mail").fill("urgence@eaux.example.org")
    page.get_by_label("Votre message").fill("Pouvez-vous fermer la vanne ?")
    # The Enter key sends, and does not preview.
    page.get_by_label("À qui").press("Enter")
    expect(page.get_by_text("Le signalement est transmis par e-mail.")).to_be_visible()
    picture = tmp_path / "IMG_1.jpg"
    picture.write_bytes(encoded(street(800, 600)))
    phone = watched.page(mailed_path(portal, "transmissions"), PHONE)
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(phone) == []
    phone.get_by_label("C’est réparé").check()
    phone.get_by_label("Votre message à l’équipe").fill("La vanne est fermée.")
    phone.get_by_label("Photo de la réparation").set_input_files(picture)
    phone.get_by_role("button", name="Envoyer ma réponse").click()
    expect(phone.get_by_text("Merci, votre réponse est arrivée")).to_be_visible()
    page.reload()
    expect(page.get_by_text("La vanne est fermée.")).to_be_visible()
    expect(page.get_by_role("heading", name="Photo de la réparation ajoutée")).to_be_visible()


def test_author_answers_a_question_by_the_mailed_link(watched: Watched, portal: Portal) -> None:
    body = {"category": "pothole", "location": PLACE, "description": "Un trou.", "email": ADDRESS}
    headers = {"Content-Type": "application/json"}
    with ask(portal, "/api/v1/reports/", json.dumps(body).encode(), headers=headers) as response:
        ref = json.load(response)["ref"]
    page = desk(watched, portal, f"/admin/reports/report/?q={ref}")
    open_first(page)
    page.get_by_text("Poser une question").click()
    page.get_by_label("Modèle de réponse").locator("visible=true").select_option(label="Où exactement ?")
    expect(page.get_by_label("Votre question")).to_have_value(re.compile("^Où se trouve exactement"))
    page.get_by_role("button", name="Voir l’e-mail").locator("visible=true").click()
    mail = page.get_by_role("region", name="L’e-mail tel qu’il partira")
    expect(mail).to_be_focused()
    expect(mail.frame_locator("iframe").get_by_text("Où se trouve exactement")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Envoyer la question").click()
    expect(page.get_by_text("Votre question est posée.")).to_be_visible()
    phone = watched.page(mailed_path(portal, "questions"), PHONE)
    assert violations(phone) == []
    phone.get_by_label("Votre réponse").fill("Devant la pharmacie.")
    phone.get_by_role("button", name="Envoyer ma réponse").click()
    expect(phone.get_by_role("heading", name="Merci, votre réponse est arrivée")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Devant la pharmacie.")).to_be_visible()
