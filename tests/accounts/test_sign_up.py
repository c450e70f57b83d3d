"""Joining with an address and a password."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Consent, User
from tests.accounts.doors import code_in, is_confirmed, is_in, neighbour, wrong
from tests.client import Client
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
Mails = list[EmailMessage]


def fields(**other: Any) -> dict[str, Any]:
    return {"email": "awa@example.org", "password1": PASSWORD, "name": "Awa", "consent": "on", **other}


def sign_up(client: Client, path: str = "/compte/inscription/", **other: Any) -> Any:
    return client.post(path, {key: value for key, value in fields(**other).items() if value is not None})


def confirm(client: Client, code: str) -> Any:
    return client.post(reverse("account_email_verification_sent"), {"code": code})


def test_sign_up_makes_a_person_who_agreed(client: Client, mailoutbox: Mails) -> None:
    response = sign_up(client)
    person = User.objects.get(email="awa@example.org")
    assert response["Location"] == "/compte/confirmation/"
    assert (person.name, person.language, person.shows_name, person.is_staff) == ("Awa", "fr", False, False)
    assert sorted(Consent.objects.filter(user=person).values_list("document", flat=True)) == ["privacy", "rules"]
    assert (is_in(client, person), is_confirmed(person.email)) == (False, False)


def test_sign_up_in_english_is_kept_as_the_persons_language(client: Client, mailoutbox: Mails) -> None:
    sign_up(client, "/en/compte/inscription/")
    assert User.objects.get(email="awa@example.org").language == "en"


def test_code_of_the_mail_confirms_the_address_and_opens_the_account(client: Client, mailoutbox: Mails) -> None:
    sign_up(client)
    response = confirm(client, code_in(mailoutbox[0]))
    assert response["Location"] == "/compte/"
    assert is_in(client, User.objects.get(email="awa@example.org"))
    assert is_confirmed("awa@example.org")


def test_wrong_code_is_refused_and_the_right_one_still_good(client: Client, mailoutbox: Mails) -> None:
    sign_up(client)
    code = code_in(mailoutbox[0])
    response = confirm(client, wrong(code))
    assert response.status_code == 422
    assert "Ce code n’est pas le bon" in response.content.decode()
    assert confirm(client, code).status_code == 302
    assert is_confirmed("awa@example.org")


def test_third_wrong_code_ends_the_code(client: Client, mailoutbox: Mails) -> None:
    sign_up(client)
    code = code_in(mailoutbox[0])
    assert [confirm(client, wrong(code)).status_code for _try in range(3)] == [422, 422, 302]
    confirm(client, code)
    assert not is_confirmed("awa@example.org")


def test_expired_code_is_refused(client: Client, mailoutbox: Mails, settings: Settings) -> None:
    sign_up(client)
    settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = -1
    assert confirm(client, code_in(mailoutbox[0]))["Location"] == "/compte/connexion/"
    assert not is_confirmed("awa@example.org")


def test_code_of_one_browser_is_no_good_in_another(client: Client, mailoutbox: Mails) -> None:
    sign_up(client)
    other = Client()
    assert confirm(other, code_in(mailoutbox[0]))["Location"] == "/compte/connexion/"
    assert not is_confirmed("awa@example.org")


def test_another_code_may_be_asked_for_and_the_first_is_void(
    client: Client, mailoutbox: Mails, settings: Settings
) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    sign_up(client)
    client.post(reverse("account_email_verification_sent"), {"action": "resend"})
    first, second = map(code_in, mailoutbox)
    assert confirm(client, first).status_code == 422
    assert confirm(client, second).status_code == 302


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("email", "", "Ce champ est obligatoire"),
        ("email", "awa", "adresse"),
        ("email", f"{'a' * 250}@example.org", "254"),
        ("password1", "court", "trop court"),
        ("password1", "motdepasse", "trop courant"),
        ("name", "x" * 81, "80"),
        ("consent", None, "Cochez la case"),
    ],
)
def test_sign_up_refuses_and_keeps_what_was_typed(client: Client, field: str, value: Any, words: str) -> None:
    response = sign_up(client, **{field: value})
    text = response.content.decode()
    assert response.status_code == 422
    assert words in text
    assert 'class="errors"' in text
    assert ('value="Awa"' in text) == (field != "name")
    assert not User.objects.exists()


def test_known_and_unknown_address_get_the_same_answer(mailoutbox: Mails) -> None:
    neighbour("connue@example.org")
    answers = []
    for email in ("connue@example.org", "inconnue@example.org"):
        client = Client()
        response = sign_up(client, email=email)
        page = client.get(response["Location"]).content.decode().replace(email, "")
        refused = confirm(client, "1234-5678")
        answers.append(
            (response.status_code, response["Location"], sorted(client.cookies), len(page), refused.status_code)
        )
    assert answers[0] == answers[1]


def test_known_address_is_told_by_mail_and_unknown_gets_a_code(mailoutbox: Mails) -> None:
    neighbour("connue@example.org")
    for email in ("connue@example.org", "inconnue@example.org"):
        sign_up(Client(), email=email)
    assert [mail.to for mail in mailoutbox] == [["connue@example.org"], ["inconnue@example.org"]]
    assert "Elle en a déjà un." in str(mailoutbox[0].body)
    assert code_in(mailoutbox[1])
    assert User.objects.filter(email="connue@example.org").count() == 1


def test_known_address_keeps_its_password_and_name(mailoutbox: Mails) -> None:
    person = neighbour("connue@example.org", name="Clarisse")
    sign_up(Client(), email="CONNUE@example.org", password1="une autre phrase")
    person.refresh_from_db()
    assert (person.check_password(PASSWORD), person.name) == (True, "Clarisse")
    assert not Consent.objects.exists()


def test_two_taps_at_once_make_one_account(mailoutbox: Mails, monkeypatch: pytest.MonkeyPatch) -> None:
    # What the second tap saw when it looked: nobody there yet.
    monkeypatch.setattr(
        "allauth.account.internal.flows.manage_email.email_already_exists", lambda email, **_kwargs: (email, False)
    )
    neighbour("awa@example.org")
    response = sign_up(Client())
    assert (response.status_code, response["Location"]) == (302, "/compte/confirmation/")
    assert User.objects.filter(email="awa@example.org").count() == 1


def test_person_who_is_in_is_led_to_their_space(client: Client) -> None:
    client.force_login(neighbour())
    assert client.get("/compte/inscription/")["Location"] == "/compte/"


def test_abandoned_sign_up_may_be_finished_by_signing_in(client: Client, mailoutbox: Mails, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    sign_up(client)
    later = Client()
    later.post("/compte/connexion/", {"login": "awa@example.org", "password": PASSWORD})
    confirm(later, code_in(mailoutbox[1]))
    assert is_in(later, User.objects.get())


def test_erased_address_may_join_again(client: Client, mailoutbox: Mails) -> None:
    gone = neighbour("efface-1@invalid.example")
    User.objects.filter(pk=gone.pk).update(is_active=False, erased_at=timezone.now() - timedelta(days=1))
    sign_up(client)
    assert User.objects.filter(email="awa@example.org", is_active=True).exists()
