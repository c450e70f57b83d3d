"""The forgotten password, the changed one, the first one."""

import pytest
from django.core.mail import EmailMessage
from pytest_django.fixtures import Settings

from tests.accounts.doors import CODE, code_in, is_in, neighbour, sign_in, wrong
from tests.client import Client
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
Mails = list[EmailMessage]
ASK, GIVE, NEW = (f"/compte/mot-de-passe/oublie/{step}" for step in ("", "code/", "nouveau/"))
CHANGE, FIRST = "/compte/mot-de-passe/", "/compte/mot-de-passe/premier/"
OTHER = "une autre phrase longue"


def test_code_lets_choose_a_new_password(client: Client, mailoutbox: Mails) -> None:
    person = neighbour()
    assert client.post(ASK, {"email": person.email})["Location"] == GIVE
    assert client.post(GIVE, {"code": code_in(mailoutbox[0])})["Location"] == NEW
    assert client.post(NEW, {"password1": OTHER})["Location"] == "/compte/mot-de-passe/oublie/fait/"
    assert "Vous pouvez vous connecter" in client.get("/compte/mot-de-passe/oublie/fait/").content.decode()
    sign_in(client, person.email, OTHER)
    assert is_in(client, person)


def test_new_password_cannot_be_chosen_without_the_code(client: Client, mailoutbox: Mails) -> None:
    person = neighbour()
    assert client.post(NEW, {"password1": OTHER})["Location"] == ASK
    client.post(ASK, {"email": person.email})
    assert client.post(NEW, {"password1": OTHER})["Location"] == GIVE
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_wrong_code_is_refused_three_times_then_ends(client: Client, mailoutbox: Mails) -> None:
    person = neighbour()
    client.post(ASK, {"email": person.email})
    code = code_in(mailoutbox[0])
    assert [client.post(GIVE, {"code": wrong(code)}).status_code for _try in range(3)] == [422, 422, 302]
    assert client.post(GIVE, {"code": code})["Location"] == "/compte/connexion/"


def test_expired_code_is_refused(client: Client, mailoutbox: Mails, settings: Settings) -> None:
    client.post(ASK, {"email": neighbour().email})
    settings.ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = -1
    assert client.post(GIVE, {"code": code_in(mailoutbox[0])})["Location"] == "/compte/connexion/"


def test_code_is_good_for_one_password(client: Client, mailoutbox: Mails) -> None:
    client.post(ASK, {"email": neighbour().email})
    client.post(GIVE, {"code": code_in(mailoutbox[0])})
    client.post(NEW, {"password1": OTHER})
    assert client.post(NEW, {"password1": "encore une autre phrase"})["Location"] == ASK
    assert client.post(GIVE, {"code": code_in(mailoutbox[0])})["Location"] == "/compte/connexion/"


def test_weak_password_is_refused(client: Client, mailoutbox: Mails) -> None:
    client.post(ASK, {"email": neighbour().email})
    client.post(GIVE, {"code": code_in(mailoutbox[0])})
    response = client.post(NEW, {"password1": "court"})
    assert response.status_code == 422
    assert "trop court" in response.content.decode()


def test_known_and_unknown_address_get_the_same_answer(mailoutbox: Mails) -> None:
    neighbour()
    answers = []
    for email in ("awa@example.org", "eva@example.org"):
        client = Client()
        response = client.post(ASK, {"email": email})
        page = client.get(GIVE).content.decode().replace(email, "")
        refused = client.post(GIVE, {"code": "1234-5678"})
        answers.append(
            (response.status_code, response["Location"], sorted(client.cookies), len(page), refused.status_code)
        )
    assert answers[0] == answers[1]
    assert [(mail.to, bool(CODE.search(str(mail.body)))) for mail in mailoutbox] == [
        (["awa@example.org"], True), (["eva@example.org"], False)
    ]  # fmt: skip


def test_new_password_puts_other_browsers_out(client: Client, mailoutbox: Mails) -> None:
    person = neighbour()
    other = Client()
    sign_in(other, person.email)
    client.post(ASK, {"email": person.email})
    client.post(GIVE, {"code": code_in(mailoutbox[0])})
    client.post(NEW, {"password1": OTHER})
    assert other.get("/compte/").status_code == 302


def test_change_needs_the_password_of_now(client: Client) -> None:
    person = neighbour()
    sign_in(client, person.email)
    response = client.post(CHANGE, {"oldpassword": "wrong", "password1": OTHER})
    person.refresh_from_db()
    assert response.status_code == 422
    assert "Ce n’est pas votre mot de passe actuel" in response.content.decode()
    assert person.check_password(PASSWORD)


def test_change_keeps_this_browser_and_puts_others_out(client: Client, mailoutbox: Mails) -> None:
    person = neighbour()
    other = Client()
    for browser in (client, other):
        sign_in(browser, person.email)
    assert client.post(CHANGE, {"oldpassword": PASSWORD, "password1": OTHER})["Location"] == "/compte/securite/"
    assert (client.get("/compte/").status_code, other.get("/compte/").status_code) == (200, 302)
    assert "Votre mot de passe a été changé" in mailoutbox[0].subject


def test_first_password_of_somebody_without_one(client: Client, mailoutbox: Mails) -> None:
    person = neighbour()
    person.set_unusable_password()
    person.save()
    client.force_login(person)
    assert client.get(CHANGE)["Location"] == FIRST
    assert client.post(FIRST, {"password1": OTHER})["Location"] == "/compte/securite/"
    person.refresh_from_db()
    assert person.check_password(OTHER)


@pytest.mark.parametrize(
    "path", [CHANGE, FIRST, "/compte/adresse/", "/compte/profil/", "/compte/securite/", "/compte/"]
)
def test_own_pages_ask_to_sign_in(client: Client, path: str) -> None:
    assert client.get(path)["Location"] == f"/compte/connexion/?next={path}"
    assert client.get(f"/en{path}")["Location"] == f"/en/compte/connexion/?next=/en{path}"
