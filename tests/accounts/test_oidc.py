"""Signing in through OpenID Connect, with a real provider that runs beside the tests."""

import json
import re
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from pytest_django.fixtures import Settings

from accounts.models import Consent, User
from accounts.services.factor import confirm_address, give_factor
from fixmyquarter.settings import oidc_providers
from tests.accounts.doors import SECRET, code_in, factor_code, is_confirmed, is_in, neighbour, sign_in
from tests.client import Client

pytestmark = pytest.mark.django_db
Mails = list[EmailMessage]
LOGIN = "/compte/oidc/ville/"
STEP = "/compte/fournisseurs/inscription/"
START_SECONDS = 20


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """Run the provider in a process of its own and return its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/.well-known/openid-configuration")
        yield address
    finally:
        process.terminate()
        process.wait(10)


def wait_for(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(url, timeout=2).close()  # noqa: S310  (ours, on loopback)
        except OSError:
            assert time.monotonic() < deadline, "the provider did not start"
            time.sleep(0.1)
        else:
            return


@pytest.fixture(autouse=True)
def provider(issuer: str, settings: Settings) -> str:
    """Configure the provider as an operator does."""
    given = [{"id": "ville", "name": "Ville", "issuer": issuer, "client_id": "portal", "secret": "s3cret"}]
    apps = [app for app, _origin in oidc_providers(json.dumps(given))]
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": apps}}
    return issuer


class StayHere(urllib.request.HTTPRedirectHandler):
    """Shows where the provider leads instead of going there."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


def agree(address: str, subject: str) -> str:
    """Sign in at the provider as one of its people and return where it leads back to."""
    opener = urllib.request.build_opener(StayHere)
    try:
        opener.open(address, data=urllib.parse.urlencode({"sub": subject}).encode(), timeout=10)
    except urllib.error.HTTPError as answer:
        return str(answer.headers["Location"])
    pytest.fail("the provider did not lead back")


def introduce(issuer: str, subject: str, **claims: Any) -> None:
    """Tell the provider what it knows of one of its people."""
    request = urllib.request.Request(  # noqa: S310  (ours, on loopback)
        f"{issuer}/users/{subject}",
        json.dumps(claims).encode(),
        {"Content-Type": "application/json"},
        method="PUT",
    )
    urllib.request.urlopen(request, timeout=10).close()  # noqa: S310


def through(client: Client, subject: str, path: str = LOGIN) -> Any:
    """Go to the provider, sign in there, come back; return the portal's answer."""
    back = agree(client.post(path)["Location"], subject)
    return client.get(back.partition("testserver")[2])


def test_sign_in_page_offers_the_provider(client: Client) -> None:
    page = client.get("/compte/connexion/").content.decode()
    assert re.search(r'action="/compte/oidc/ville/\?process=login".*?Continuer avec Ville', page, re.DOTALL)


def test_new_person_agrees_to_the_rules_then_is_in(client: Client, issuer: str, mailoutbox: Mails) -> None:
    introduce(issuer, "awa", email="awa@example.org", email_verified=True, name="Awa M.")
    assert through(client, "awa")["Location"] == STEP
    assert not User.objects.exists()
    assert client.post(STEP, {"email": "awa@example.org"}).status_code == 422
    response = client.post(STEP, {"email": "awa@example.org", "name": "", "consent": "on"})
    person = User.objects.get()
    assert (response["Location"], is_in(client, person), is_confirmed("awa@example.org")) == ("/compte/", True, True)
    assert (person.name, person.has_usable_password(), Consent.objects.count(), mailoutbox) == ("", False, 2, [])


def test_known_person_signs_in_again(client: Client, issuer: str) -> None:
    introduce(issuer, "awa", email="awa@example.org", email_verified=True)
    through(client, "awa")
    client.post(STEP, {"email": "awa@example.org", "consent": "on"})
    later = Client()
    assert through(later, "awa")["Location"] == "/compte/"
    assert is_in(later, User.objects.get())


@pytest.mark.parametrize("claims", [{"email_verified": False}, {}])
def test_address_that_the_provider_did_not_check_is_not_trusted(
    claims: dict[str, bool], client: Client, issuer: str, mailoutbox: Mails
) -> None:
    introduce(issuer, "eva", email="eva@example.org", **claims)
    through(client, "eva")
    response = client.post(STEP, {"email": "eva@example.org", "consent": "on"})
    person = User.objects.get()
    assert response["Location"] == "/compte/confirmation/"
    assert (is_in(client, person), is_confirmed(person.email)) == (False, False)
    client.post("/compte/confirmation/", {"code": code_in(mailoutbox[0])})
    assert (is_in(client, person), is_confirmed(person.email)) == (True, True)


def test_address_that_the_provider_checked_cannot_be_replaced(client: Client, issuer: str, mailoutbox: Mails) -> None:
    introduce(issuer, "awa", email="awa@example.org", email_verified=True)
    through(client, "awa")
    client.post(STEP, {"email": "victime@example.org", "consent": "on"})
    assert list(EmailAddress.objects.values_list("email", "verified")) == [("awa@example.org", True)]
    assert mailoutbox == []


def test_address_in_place_of_one_that_was_not_checked_needs_its_code(
    client: Client, issuer: str, mailoutbox: Mails
) -> None:
    introduce(issuer, "awa", email="awa@example.org", email_verified=False)
    through(client, "awa")
    client.post(STEP, {"email": "victime@example.org", "consent": "on"})
    assert not is_in(client, User.objects.get())
    assert not EmailAddress.objects.filter(verified=True).exists()
    assert [mail.to for mail in mailoutbox] == [["victime@example.org"]]


@pytest.mark.parametrize("is_checked", [True, False])
def test_account_with_the_same_address_is_not_taken_over(
    is_checked: bool,  # noqa: FBT001  (a parameter of the test)
    client: Client,
    issuer: str,
    mailoutbox: Mails,
) -> None:
    person = neighbour()
    introduce(issuer, "thief", email=person.email, email_verified=is_checked)
    through(client, "thief")
    response = client.post(STEP, {"email": person.email, "consent": "on"})
    assert response["Location"] == "/compte/confirmation/"
    assert (is_in(client, person), SocialAccount.objects.count(), User.objects.count()) == (False, 0, 1)
    assert "Elle en a déjà un." in str(mailoutbox[0].body)


def test_person_who_is_in_joins_the_provider_to_their_account(client: Client, issuer: str, mailoutbox: Mails) -> None:
    person = neighbour()
    sign_in(client, person.email)
    introduce(issuer, "awa-2", email="autre@example.org", email_verified=True)
    assert through(client, "awa-2", f"{LOGIN}?process=connect")["Location"] == "/compte/securite/"
    later = Client()
    through(later, "awa-2")
    assert is_in(later, person)
    person.refresh_from_db()
    assert person.email == "awa@example.org"


def test_provider_of_somebody_else_is_not_joined(client: Client, issuer: str) -> None:
    introduce(issuer, "awa-3", email="autre@example.org", email_verified=True)
    for person in (neighbour(), neighbour("eva@example.org")):
        browser = Client()
        sign_in(browser, person.email)
        through(browser, "awa-3", f"{LOGIN}?process=connect")
    assert SocialAccount.objects.get().user.email == "awa@example.org"


def test_last_way_in_is_not_parted_from(client: Client, issuer: str) -> None:
    introduce(issuer, "awa", email="awa@example.org", email_verified=True)
    through(client, "awa")
    client.post(STEP, {"email": "awa@example.org", "consent": "on"})
    response = client.post("/compte/fournisseurs/", {"account": SocialAccount.objects.get().pk})
    assert response.status_code == 422
    assert "Donnez-vous d’abord un mot de passe" in response.content.decode()


def test_staff_give_their_second_factor_here_too(client: Client, issuer: str, moderator: User) -> None:
    confirm_address(user=moderator)
    give_factor(user=moderator, secret=SECRET)
    SocialAccount.objects.create(user=moderator, provider="ville", uid="staff")
    introduce(issuer, "staff", email=moderator.email, email_verified=True)
    response = through(client, "staff")
    assert (response["Location"], is_in(client, moderator)) == ("/compte/connexion/second-facteur/", False)
    client.post(response["Location"], {"code": factor_code()})
    assert client.get("/admin/").status_code == 200


def test_staff_without_a_factor_do_not_enter_the_admin(client: Client, issuer: str, moderator: User) -> None:
    confirm_address(user=moderator)
    SocialAccount.objects.create(user=moderator, provider="ville", uid="staff")
    introduce(issuer, "staff", email=moderator.email, email_verified=True)
    through(client, "staff")
    assert client.get("/admin/")["Location"].startswith("/compte/second-facteur/activer/")


def test_closed_account_stays_closed(client: Client, issuer: str) -> None:
    person = neighbour(is_active=False)
    SocialAccount.objects.create(user=person, provider="ville", uid="closed")
    introduce(issuer, "closed", email=person.email, email_verified=True)
    assert through(client, "closed")["Location"] == "/compte/ferme/"
    assert not is_in(client, person)


@pytest.mark.parametrize("query", ["", "?code=x&state=y", "?error=access_denied&state=y", "?code=%00&state=%00"])
def test_return_that_nobody_asked_for_is_refused(client: Client, query: str) -> None:
    response = client.get(f"{LOGIN}retour/{query}")
    assert response.status_code in {200, 302, 401}
    assert "_auth_user_id" not in client.session


def test_return_is_good_once_and_in_its_own_browser(client: Client, issuer: str) -> None:
    introduce(issuer, "awa", email="awa@example.org", email_verified=True)
    back = agree(client.post(LOGIN)["Location"], "awa").partition("testserver")[2]
    other = Client()
    other.get(back)
    assert other.get(STEP)["Location"] == "/compte/connexion/"
    client.get(back)
    assert client.get(back).headers.get("Location") != STEP


def test_unknown_provider_is_not_found(client: Client) -> None:
    assert client.post("/compte/oidc/nulle-part/").status_code == 404


def test_provider_that_is_away_is_said_kindly(client: Client, settings: Settings) -> None:
    given = [{"id": "ville", "name": "Ville", "issuer": "http://127.0.0.1:9", "client_id": "x", "secret": "y"}]
    apps = [app for app, _origin in oidc_providers(json.dumps(given))]
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": apps}}
    response = client.post(LOGIN)
    assert (response.status_code, response["Retry-After"]) == (503, "60")


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{}",
        '["x"]',
        '[{"id": "ville"}]',
        '[{"id":"a","name":"b","issuer":"c","client_id":"d","secret":"e","x":1}]',
    ],
)
def test_configuration_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="FMQ_OIDC_PROVIDERS"):
        oidc_providers(text)


def test_provider_may_receive_our_form() -> None:
    given = [{"id": "a", "name": "b", "issuer": "https://id.example.org/realms/x/", "client_id": "d", "secret": "e"}]
    app, origin = oidc_providers(json.dumps(given))[0]
    assert (app["settings"], origin) == ({"server_url": "https://id.example.org/realms/x"}, "https://id.example.org")
