"""The pages of signing in as a whole: ours, in both languages, and calm before any text."""

import json
from pathlib import Path
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.mail import EmailMessage
from django.template import engines
from django.template.backends.django import DjangoTemplates
from django.utils import translation
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import User
from tests.accounts.doors import neighbour, sign_in
from tests.client import Client
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
NAUGHTY = Path(settings.BASE_DIR).parent / "shared/data/text/blns.json"
# What our addresses can show; the rest of django-allauth's templates belongs to what the portal does not offer.
PAGES = [
    "account/login.html", "account/signup.html", "account/logout.html", "account/account_inactive.html",
    "account/request_login_code.html", "account/confirm_login_code.html", "account/signup_closed.html",
    "account/confirm_email_verification_code.html", "account/password_reset.html", "account/reauthenticate.html",
    "account/confirm_password_reset_code.html", "account/password_reset_from_key.html", "account/email_change.html",
    "account/password_reset_from_key_done.html", "account/password_change.html", "account/password_set.html",
    "mfa/authenticate.html",
    "mfa/reauthenticate.html", "mfa/totp/activate_form.html", "mfa/totp/deactivate_form.html",
    "mfa/recovery_codes/index.html", "mfa/recovery_codes/generate.html", "mfa/recovery_codes/download.txt",
    "usersessions/usersession_list.html", "socialaccount/signup.html", "socialaccount/connections.html",
    "socialaccount/login.html", "socialaccount/login_cancelled.html", "socialaccount/authentication_error.html",
]  # fmt: skip
MAILS = [
    "account/email/login_code", "account/email/password_reset_code", "account/email/email_confirmation",
    "account/email/email_confirmation_signup", "account/email/unknown_account", "account/email/account_already_exists",
    "account/email/password_changed", "account/email/password_set", "account/email/password_reset",
    "account/email/email_changed", "account/email/email_deleted",
    "mfa/email/totp_activated", "mfa/email/totp_deactivated", "mfa/email/recovery_codes_generated",
    "socialaccount/email/account_connected", "socialaccount/email/account_disconnected",
]  # fmt: skip


def file_of(name: str) -> Path:
    """Return the file that a template comes from."""
    engine = engines["django"]
    assert isinstance(engine, DjangoTemplates)
    return Path(engine.engine.get_template(name).origin.name)


@pytest.mark.parametrize("name", [*PAGES, *(f"{mail}_{part}.txt" for mail in MAILS for part in ("subject", "message"))])
def test_template_is_ours(name: str) -> None:
    assert file_of(name).is_relative_to(settings.BASE_DIR / "templates")


@pytest.mark.parametrize(
    "name", sorted(path.name for path in (settings.BASE_DIR / "templates/account/messages").iterdir())
)
def test_message_is_ours(name: str) -> None:
    assert file_of(f"account/messages/{name}").is_relative_to(settings.BASE_DIR / "templates")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("mail", MAILS)
def test_mail_has_a_subject_plain_words_and_html(mail: str, language: str) -> None:
    context = {"code": "1234-5678", "signup_url": "https://x.example/a", "password_reset_url": "https://x.example/b",
               "from_email": "a@x.example", "to_email": "b@x.example", "deleted_email": "c@x.example"}  # fmt: skip
    with translation.override(language):
        message = get_adapter().render_mail(mail, "awa@example.org", context)
    html = str(message.alternatives[0].content)
    assert message.subject
    assert "\n" not in message.subject
    assert str(message.body).endswith("\n\nFixMyQuarter\n")
    assert f'lang="{language}"' in html
    assert ("1234-5678</p>" in html) == ("1234-5678" in str(message.body))


def test_mail_escapes_what_people_typed() -> None:
    context = {"from_email": "a@x.example", "to_email": '"<b>"@x.example'}
    message = get_adapter().render_mail("account/email/email_changed", "awa@example.org", context)
    assert '"<b>"@x.example' in str(message.body)
    assert "<b>" not in str(message.alternatives[0].content)


def test_profile_is_kept(client: Client) -> None:
    person = neighbour()
    client.force_login(person)
    response = client.post("/compte/profil/", {"name": " Awa  Mbida ", "shows_name": "on", "language": "en"})
    person.refresh_from_db()
    assert response["Location"] == "/en/compte/profil/"
    assert (person.name, person.shows_name, person.language, person.public_name) == (
        "Awa Mbida",
        True,
        "en",
        "Awa Mbida",
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": "", "shows_name": "on", "language": "fr"}, "Écrivez le nom à montrer"),
        ({"name": "x" * 81, "language": "fr"}, "80"),
        ({"name": "Awa", "language": "xx"}, "xx"),
    ],
)
def test_profile_refuses(client: Client, fields: dict[str, str], words: str) -> None:
    person = neighbour(name="Clarisse")
    client.force_login(person)
    response = client.post("/compte/profil/", fields)
    person.refresh_from_db()
    assert response.status_code == 422
    assert words in response.content.decode()
    assert (person.name, person.language) == ("Clarisse", "fr")


def test_profile_cannot_make_an_administrator(client: Client) -> None:
    person = neighbour()
    client.force_login(person)
    client.post(
        "/compte/profil/", {"name": "Awa", "language": "fr", "is_staff": "on", "is_superuser": "on", "email": "x@y.cm"}
    )
    person.refresh_from_db()
    assert (person.is_staff, person.is_superuser, person.email) == (False, False, "awa@example.org")


@pytest.mark.parametrize("devices", [1, 3])
def test_security_page_costs_the_same_however_many_devices(
    client: Client, devices: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    person = neighbour()
    for browser in (client, *(Client() for _other in range(devices - 1))):
        sign_in(browser, person.email)
    with django_assert_num_queries(7):
        client.get("/compte/securite/")


def test_security_page_shows_everything_that_lets_in(client: Client) -> None:
    client.force_login(neighbour())
    page = client.get("/compte/securite/").content.decode()
    for path in ("adresse/", "mot-de-passe/", "second-facteur/activer/", "appareils/"):
        assert f'href="/compte/{path}"' in page


# --- Naughty strings --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def naughty() -> list[str]:
    if not NAUGHTY.exists():
        pytest.skip(f"{NAUGHTY} is not there")
    strings: list[str] = json.loads(NAUGHTY.read_text(encoding="utf-8"))
    return [*strings, "x" * 100_000, "\x00", "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace")]


FIELDS: list[tuple[str, dict[str, Any]]] = [
    ("/compte/inscription/", {"email": None, "password1": None, "name": None, "consent": "on"}),
    ("/compte/connexion/", {"login": None, "password": None, "next": None}),
    ("/compte/connexion/code/", {"email": None, "next": None}),
    ("/compte/mot-de-passe/oublie/", {"email": None}),
]
OWN_FIELDS: list[tuple[str, dict[str, Any]]] = [
    ("/compte/profil/", {"name": None, "language": None}),
    ("/compte/adresse/", {"email": None, "action_add": "1"}),
    ("/compte/mot-de-passe/", {"oldpassword": PASSWORD, "password1": None}),
    ("/compte/verification/", {"password": None, "next": None}),
    ("/compte/second-facteur/activer/", {"code": None}),
    ("/compte/fournisseurs/", {"account": None}),
]


def fill(fields: dict[str, Any], text: str) -> dict[str, Any]:
    return {name: text if value is None else value for name, value in fields.items()}


@pytest.mark.parametrize(("path", "fields"), FIELDS)
def test_naughty_strings_on_the_way_in_are_no_error(
    path: str, fields: dict[str, Any], naughty: list[str], settings: Any, mailoutbox: list[EmailMessage]
) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    answers = {Client().post(path, fill(fields, text)).status_code for text in naughty}
    assert answers <= {200, 302, 422}


@pytest.mark.parametrize(("path", "fields"), OWN_FIELDS)
def test_naughty_strings_in_ones_own_space_are_no_error(
    path: str, fields: dict[str, Any], naughty: list[str], settings: Any, mailoutbox: list[EmailMessage]
) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    person = neighbour()
    client = Client()
    sign_in(client, person.email)
    for text in naughty:
        assert client.post(path, fill(fields, text)).status_code in {200, 302, 422}, text[:80]
        User.objects.filter(pk=person.pk).update(email="awa@example.org")


def test_naughty_names_are_shown_as_they_are(client: Client, naughty: list[str]) -> None:
    person = neighbour()
    client.force_login(person)
    for text in naughty:
        client.post("/compte/profil/", {"name": text, "language": "fr"})
        assert "<script>alert" not in client.get("/compte/profil/").content.decode()


@pytest.mark.parametrize(
    ("ask", "give"),
    [
        ("/compte/connexion/code/", "/compte/connexion/code/saisie/"),
        ("/compte/mot-de-passe/oublie/", "/compte/mot-de-passe/oublie/code/"),
    ],
)
def test_naughty_codes_are_no_error(ask: str, give: str, naughty: list[str], settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    settings.ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = settings.ACCOUNT_PASSWORD_RESET_BY_CODE_MAX_ATTEMPTS = 10_000
    client = Client()
    client.post(ask, {"email": neighbour().email})
    assert {client.post(give, {"code": text}).status_code for text in naughty} == {422}
