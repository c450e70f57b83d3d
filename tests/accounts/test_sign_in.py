"""Signing in with a password, and out."""

from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisAway

from accounts.models import User
from tests.accounts.doors import code_in, is_in, neighbour, sign_in
from tests.client import Client
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
Mails = list[EmailMessage]


def test_sign_in_opens_the_space(client: Client) -> None:
    person = neighbour()
    assert sign_in(client, "AWA@example.org")["Location"] == "/compte/"
    assert is_in(client, person)


@pytest.mark.parametrize(
    ("then", "place"),
    [("/signaler/", "/signaler/"), ("https://elsewhere.example/", "/compte/"), ("//elsewhere.example", "/compte/")],
)
def test_sign_in_leads_on_within_the_portal_only(client: Client, then: str, place: str) -> None:
    neighbour()
    assert sign_in(client, "awa@example.org", then=then)["Location"] == place


def test_wrong_password_and_unknown_address_get_the_same_answer() -> None:
    neighbour()
    answers = []
    for email in ("awa@example.org", "eva@example.org"):
        client = Client()
        response = sign_in(client, email, "wrong password")
        answers.append((response.status_code, sorted(client.cookies), len(response.content)))
        assert "L’adresse ou le mot de passe ne correspond pas." in response.content.decode()
        assert f'value="{email}"' in response.content.decode()
    assert answers[0] == answers[1]
    assert answers[0][0] == 422


@pytest.mark.parametrize("missing", ["login", "password"])
def test_sign_in_needs_both(client: Client, missing: str) -> None:
    data = {"login": "awa@example.org", "password": PASSWORD}
    del data[missing]
    response = client.post("/compte/connexion/", data)
    assert response.status_code == 422
    assert "Ce champ est obligatoire" in response.content.decode()


def test_address_that_is_not_confirmed_asks_for_its_code(client: Client, mailoutbox: Mails) -> None:
    person = UserFactory(email="awa@example.org")
    assert sign_in(client, person.email)["Location"] == "/compte/confirmation/"
    client.post("/compte/confirmation/", {"code": code_in(mailoutbox[0])})
    assert is_in(client, person)


def test_closed_account_stays_closed(client: Client) -> None:
    person = neighbour(is_active=False)
    assert sign_in(client, person.email)["Location"] == "/compte/ferme/"
    assert not is_in(client, person)
    assert "Ce compte est fermé" in client.get("/compte/ferme/").content.decode()


def test_erased_account_stays_closed(client: Client) -> None:
    person = neighbour(erased_at=timezone.now())
    assert sign_in(client, person.email)["Location"] == "/compte/ferme/"
    assert not is_in(client, person)


def test_account_that_will_be_erased_opens(client: Client) -> None:
    person = neighbour(erase_after=timezone.now() + timedelta(days=3))
    sign_in(client, person.email)
    assert is_in(client, person)
    assert client.get("/compte/").status_code == 200


def test_account_closed_while_somebody_is_in_puts_them_out(client: Client) -> None:
    person = neighbour()
    sign_in(client, person.email)
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert client.get("/compte/").status_code == 302


def test_person_who_is_in_is_led_to_their_space(client: Client) -> None:
    client.force_login(neighbour())
    assert client.get("/compte/connexion/")["Location"] == "/compte/"


def test_sign_out_is_done_by_post_only(client: Client) -> None:
    person = neighbour()
    client.force_login(person)
    assert client.get("/compte/deconnexion/").status_code == 200
    assert is_in(client, person)
    assert client.post("/compte/deconnexion/")["Location"] == "/"
    assert not is_in(client, person)


def test_sign_out_needs_the_pages_token() -> None:
    client = Client(enforce_csrf_checks=True)
    person = neighbour()
    client.force_login(person)
    assert client.post("/compte/deconnexion/").status_code == 403
    assert is_in(client, person)


def test_sign_in_leaves_no_message_for_later(client: Client) -> None:
    neighbour()
    sign_in(client, "awa@example.org")
    assert list(client.get("/compte/").context["messages"]) == []


def test_redis_away_is_said_kindly(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise RedisAway

    monkeypatch.setattr("allauth.core.internal.ratelimit.cache.add", fail)
    response = sign_in(client, "awa@example.org")
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert "recommencez dans une minute" in response.content.decode()


@pytest.mark.parametrize("name", ["account_login", "account_signup", "account_request_login_code"])
def test_pages_on_the_way_in_are_kept_by_nobody(client: Client, name: str) -> None:
    assert "no-store" in client.get(reverse(name))["Cache-Control"]
