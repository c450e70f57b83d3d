"""How often somebody may try, per account and per address of the network."""

import pytest
from django.core.mail import EmailMessage
from pytest_django.fixtures import Settings

from accounts.services.factor import give_factor
from fixmyquarter import settings as fresh_settings
from tests.accounts.doors import SECRET, factor_code, is_in, neighbour, sign_in
from tests.client import Client

pytestmark = pytest.mark.django_db
Mails = list[EmailMessage]


def browser(address: str) -> Client:
    """Return a browser behind an address, as our front tells it; what came before is the client's own claim."""
    return Client(headers={"x-forwarded-for": f"9.9.9.9, {address}"})


def test_an_account_is_tried_five_times_from_wherever() -> None:
    person = neighbour()
    answers = [sign_in(browser(f"203.0.113.{n}"), person.email, "wrong") for n in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert answers[5]["Retry-After"] == "300"
    assert "Trop d’essais" in answers[5].content.decode()
    client = browser("203.0.113.99")
    assert sign_in(client, person.email).status_code == 429
    assert not is_in(client, person)


def test_unknown_account_is_throttled_alike() -> None:
    answers = [sign_in(browser(f"203.0.113.{n}"), "eva@example.org", "wrong").status_code for n in range(6)]
    assert answers == [422] * 5 + [429]


def test_an_address_tries_ten_accounts_a_minute() -> None:
    client = browser("203.0.113.1")
    answers = [sign_in(client, f"personne{n}@example.org", "wrong").status_code for n in range(11)]
    assert answers == [422] * 10 + [429]
    neighbour()
    assert sign_in(browser("203.0.113.2"), "awa@example.org").status_code == 302


def test_addresses_of_one_ipv6_line_count_as_one() -> None:
    answers = [sign_in(browser(f"2001:db8::{n}"), f"personne{n}@example.org", "wrong").status_code for n in range(11)]
    assert answers[-1] == 429


def test_claimed_address_counts_for_nothing() -> None:
    answers = [
        sign_in(
            Client(headers={"x-forwarded-for": f"198.51.100.{n}, 203.0.113.1"}), f"personne{n}@example.org", "wrong"
        ).status_code
        for n in range(11)
    ]
    assert answers[-1] == 429


def test_codes_are_sent_three_times_a_minute(mailoutbox: Mails) -> None:
    for email in (neighbour().email, "eva@example.org"):
        answers = [
            browser(f"203.0.113.{n}").post("/compte/connexion/code/", {"email": email}).status_code for n in range(4)
        ]
        assert answers == [302, 302, 302, 429]
    assert len(mailoutbox) == 6


def test_reset_is_asked_for_three_times_a_minute(mailoutbox: Mails) -> None:
    answers = [browser(f"203.0.113.{n}").post("/compte/mot-de-passe/oublie/", {"email": "a@b.cm"}) for n in range(4)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
    assert answers[3]["Retry-After"] == "60"


@pytest.mark.parametrize(
    ("path", "words"), [("/compte/", "Un peu de patience"), ("/en/compte/", "Please wait a moment")]
)
def test_page_of_too_many_is_ours(path: str, words: str, mailoutbox: Mails) -> None:
    client = browser("203.0.113.1")
    fields = {"password1": "x", "email": "x"}
    answers = [client.post(f"{path}inscription/", fields) for _try in range(21)]
    assert [answer.status_code for answer in answers] == [422] * 20 + [429]
    assert answers[20]["Retry-After"] == "60"
    assert words in answers[20].content.decode()
    assert "fmq/css/base" in answers[20].content.decode()


def test_second_factor_is_tried_five_times() -> None:
    person = neighbour()
    give_factor(user=person, secret=SECRET)
    client = browser("203.0.113.1")
    sign_in(client, person.email)
    answers = [client.post("/compte/connexion/second-facteur/", {"code": "12"}).status_code for _try in range(6)]
    assert answers == [422] * 5 + [429]
    assert client.post("/compte/connexion/second-facteur/", {"code": factor_code()}).status_code == 429


def test_limits_may_be_lifted(settings: Settings) -> None:
    assert fresh_settings.ACCOUNT_RATE_LIMITS["login_failed"] == "10/m/ip,5/300s/key"
    settings.ACCOUNT_RATE_LIMITS = False
    neighbour()
    assert {sign_in(Client(), "awa@example.org", "wrong").status_code for _try in range(12)} == {422}
