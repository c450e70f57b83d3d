"""Signing in by a code that comes by e-mail."""

import smtplib

import pytest
from django.core.mail import EmailMessage
from pytest_django.fixtures import Settings

from accounts.models import User
from accounts.services.factor import give_factor
from tests.accounts.doors import CODE, SECRET, code_in, factor_code, is_in, neighbour, sign_in, wrong
from tests.client import Client

pytestmark = pytest.mark.django_db
Mails = list[EmailMessage]
ASK, GIVE = "/compte/connexion/code/", "/compte/connexion/code/saisie/"


def test_code_opens_the_space(client: Client, mailoutbox: Mails) -> None:
    person = neighbour()
    assert client.post(ASK, {"email": person.email})["Location"] == GIVE
    assert client.post(GIVE, {"code": code_in(mailoutbox[0])})["Location"] == "/compte/"
    assert is_in(client, person)


def test_code_may_be_typed_loosely(client: Client, mailoutbox: Mails) -> None:
    person = neighbour()
    client.post(ASK, {"email": person.email})
    client.post(GIVE, {"code": f" {code_in(mailoutbox[0]).replace('-', ' ')} "})
    assert is_in(client, person)


def test_code_leads_on(client: Client, mailoutbox: Mails) -> None:
    neighbour()
    place = client.post(ASK, {"email": "awa@example.org", "next": "/signaler/"})["Location"]
    assert client.post(place, {"code": code_in(mailoutbox[0])})["Location"] == "/signaler/"


def test_wrong_code_is_refused_three_times_then_ends(client: Client, mailoutbox: Mails) -> None:
    person = neighbour()
    client.post(ASK, {"email": person.email})
    code = code_in(mailoutbox[0])
    assert [client.post(GIVE, {"code": wrong(code)}).status_code for _try in range(3)] == [422, 422, 302]
    client.post(GIVE, {"code": code})
    assert not is_in(client, person)


def test_code_is_good_once(client: Client, mailoutbox: Mails) -> None:
    person = neighbour()
    client.post(ASK, {"email": person.email})
    code = code_in(mailoutbox[0])
    client.post(GIVE, {"code": code})
    client.post("/compte/deconnexion/")
    client.post(GIVE, {"code": code})
    assert not is_in(client, person)


def test_expired_code_is_refused(client: Client, mailoutbox: Mails, settings: Settings) -> None:
    person = neighbour()
    client.post(ASK, {"email": person.email})
    settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT = -1
    assert client.post(GIVE, {"code": code_in(mailoutbox[0])})["Location"] == ASK
    assert not is_in(client, person)


def test_code_of_one_browser_is_no_good_in_another(client: Client, mailoutbox: Mails) -> None:
    person = neighbour()
    client.post(ASK, {"email": person.email})
    other = Client()
    other.post(ASK, {"email": "eva@example.org"})
    assert other.post(GIVE, {"code": code_in(mailoutbox[0])}).status_code == 422
    assert not is_in(other, person)


def test_known_and_unknown_address_get_the_same_answer(mailoutbox: Mails) -> None:
    neighbour()
    answers = []
    for email in ("awa@example.org", "eva@example.org"):
        client = Client()
        response = client.post(ASK, {"email": email})
        page = client.get(GIVE)
        refused = client.post(GIVE, {"code": "1234-5678"})
        sizes = [len(answer.content.decode().replace(email, "")) for answer in (page, refused)]
        answers.append((response.status_code, response["Location"], sorted(client.cookies), sizes, refused.status_code))
    assert answers[0] == answers[1]
    assert [(mail.to, bool(CODE.search(str(mail.body)))) for mail in mailoutbox] == [
        (["awa@example.org"], True), (["eva@example.org"], False)
    ]  # fmt: skip


def test_closed_account_gets_no_code(client: Client, mailoutbox: Mails) -> None:
    neighbour(is_active=False)
    client.post(ASK, {"email": "awa@example.org"})
    assert not CODE.search(str(mailoutbox[0].body))


def test_code_does_not_spare_the_second_factor(client: Client, mailoutbox: Mails) -> None:
    person = neighbour()
    give_factor(user=person, secret=SECRET)
    client.post(ASK, {"email": person.email})
    response = client.post(GIVE, {"code": code_in(mailoutbox[0])})
    assert response["Location"] == "/compte/connexion/second-facteur/"
    assert not is_in(client, person)
    client.post(response["Location"], {"code": factor_code()})
    assert is_in(client, person)


def test_mail_server_down_is_said_kindly(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_message: EmailMessage) -> None:
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr(EmailMessage, "send", fail)
    for email in ("awa@example.org", neighbour("eva@example.org").email):
        response = client.post(ASK, {"email": email})
        assert (response.status_code, response["Retry-After"]) == (503, "60")


def test_person_may_ask_again_with_another_address(client: Client, mailoutbox: Mails) -> None:
    client.post(ASK, {"email": "eva@example.org"})
    assert client.get(ASK)["Location"] == GIVE
    assert client.post("/compte/deconnexion/", {"next": ASK})["Location"] == ASK
    assert client.get(ASK).status_code == 200


def test_code_of_the_owner_ends_the_password_of_whoever_came_first(client: Client, mailoutbox: Mails) -> None:
    stranger = Client()
    joining = {"email": "awa@example.org", "password1": "le mot du voleur", "name": "Pas Awa", "consent": "on"}
    stranger.post("/compte/inscription/", joining)
    mailoutbox.clear()
    client.post(ASK, {"email": "awa@example.org"})
    client.post(GIVE, {"code": code_in(mailoutbox[0])})
    awa = User.objects.get(email="awa@example.org")
    assert is_in(client, awa)
    assert (awa.has_usable_password(), awa.name, awa.consents.count()) == (False, "", 0)
    sign_in(stranger, "awa@example.org", "le mot du voleur")
    assert not is_in(stranger, awa)


def test_code_keeps_the_password_of_somebody_who_was_here_before(client: Client, mailoutbox: Mails) -> None:
    person = neighbour()
    client.post(ASK, {"email": person.email})
    client.post(GIVE, {"code": code_in(mailoutbox[0])})
    person.refresh_from_db()
    assert person.has_usable_password()
