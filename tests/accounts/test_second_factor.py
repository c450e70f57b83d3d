"""The second factor: activated, asked for, taken off, reset by a colleague; required before the admin opens."""

import re
import time
from typing import Any

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import AuditEntry, Role, User
from accounts.services.factor import confirm_address, give_factor, reset_factor
from tests.accounts.doors import SECRET, code_in, factor_code, is_in, neighbour, sign_in
from tests.client import Client
from tests.factories import UserFactory, give

pytestmark = pytest.mark.django_db
Mails = list[EmailMessage]
ACTIVATE, TAKE_OFF = "/compte/second-facteur/activer/", "/compte/second-facteur/retirer/"
STAGE, AGAIN = "/compte/connexion/second-facteur/", "/compte/verification/second-facteur/"


def protected(email: str = "awa@example.org", **fields: Any) -> User:
    """Return somebody with a second factor."""
    user = neighbour(email, **fields)
    give_factor(user=user, secret=SECRET)
    return user


def has_factor(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists())


def fresh(user: User) -> Client:
    """Return a browser in which somebody has just signed in with their password."""
    client = Client()
    sign_in(client, user.email)
    return client


# --- At sign-in -------------------------------------------------------------------------------------------------------


def test_password_alone_does_not_open_a_protected_account(client: Client) -> None:
    person = protected()
    assert sign_in(client, person.email)["Location"] == STAGE
    assert not is_in(client, person)
    assert client.get("/compte/").status_code == 302
    assert client.post(STAGE, {"code": factor_code()})["Location"] == "/compte/"
    assert is_in(client, person)


@pytest.mark.parametrize("code", ["000000", "", "abcdef", "é" * 6, "0" * 5000])
def test_wrong_code_is_refused(client: Client, code: str) -> None:
    person = protected()
    sign_in(client, person.email)
    response = client.post(STAGE, {"code": code if code != "000000" else str(int(factor_code()) ^ 1).zfill(6)})
    assert response.status_code == 422
    assert not is_in(client, person)


def test_code_is_good_once(client: Client) -> None:
    person = protected()
    code = factor_code()
    sign_in(client, person.email)
    client.post(STAGE, {"code": code})
    other = Client()
    sign_in(other, person.email)
    assert other.post(STAGE, {"code": code}).status_code == 422
    assert not is_in(other, person)


@pytest.mark.parametrize(("periods", "status"), [(-1, 302), (1, 302), (-3, 422), (3, 422)])
def test_clock_may_differ_by_one_period(client: Client, periods: int, status: int) -> None:
    person = protected()
    sign_in(client, person.email)
    assert client.post(STAGE, {"code": factor_code(periods=periods)}).status_code == status


def test_old_code_within_the_tolerance_is_not_good_twice(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    person = protected()
    code = factor_code()
    sign_in(client, person.email)
    client.post(STAGE, {"code": code})
    # django-allauth itself forgets a code after one period.
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.TOTP._mark_code_used", lambda _self, _code: True)
    other = Client()
    sign_in(other, person.email)
    assert other.post(STAGE, {"code": code}).status_code == 422


def test_recovery_code_opens_once() -> None:
    person = neighbour()
    client = fresh(person)
    codes = activated(client)
    again = Client()
    sign_in(again, person.email)
    assert again.post(STAGE, {"code": codes[0]})["Location"] == "/compte/"
    third = Client()
    sign_in(third, person.email)
    assert third.post(STAGE, {"code": codes[0]}).status_code == 422


# --- Activating and taking off ----------------------------------------------------------------------------------------


def activated(client: Client) -> list[str]:
    """Activate a second factor in a browser and return the recovery codes that it shows."""
    page = client.get(ACTIVATE)
    response = client.post(ACTIVATE, {"code": factor_code(page.context["form"].secret)})
    codes: list[str] = client.get(response["Location"]).context["unused_codes"]
    return codes


def test_activation_shows_the_secret_and_then_the_recovery_codes(client: Client, mailoutbox: Mails) -> None:
    person = neighbour()
    client = fresh(person)
    page = client.get(ACTIVATE)
    assert page.context["form"].secret in page.content.decode()
    assert page.content.decode().count("data:image/svg+xml;base64,") == 1
    assert len(activated(client)) == 10
    assert has_factor(person)


def test_activation_with_a_wrong_code_changes_nothing(client: Client) -> None:
    person = neighbour()
    client = fresh(person)
    client.get(ACTIVATE)
    assert client.post(ACTIVATE, {"code": "12"}).status_code == 422
    assert not has_factor(person)


def test_secret_lies_encrypted() -> None:
    person = protected()
    assert SECRET not in str(Authenticator.objects.get(user=person).data)


def test_recovery_codes_are_downloaded_and_replaced(client: Client) -> None:
    client = fresh(neighbour())
    codes = activated(client)
    file = client.get("/compte/second-facteur/secours/fichier/")
    assert file["Content-Disposition"].startswith("attachment")
    assert [line for line in file.content.decode().splitlines() if line in codes] == codes
    client.post("/compte/second-facteur/secours/nouveaux/")
    assert set(client.get("/compte/second-facteur/secours/").context["unused_codes"]).isdisjoint(codes)


def test_citizen_may_take_the_second_factor_off(client: Client, mailoutbox: Mails) -> None:
    person = neighbour()
    client = fresh(person)
    activated(client)
    assert client.post(TAKE_OFF)["Location"] == "/compte/second-facteur/"
    assert not has_factor(person)
    assert not Authenticator.objects.filter(user=person).exists()


def test_staff_cannot_take_the_second_factor_off(moderator: User) -> None:
    client = Client()
    client.force_login(moderator)
    for response in (client.get(TAKE_OFF), client.post(TAKE_OFF)):
        assert "Votre rôle demande un second facteur" in response.content.decode()
    assert has_factor(moderator)


def test_old_sign_in_must_be_proved_again_before_a_change() -> None:
    person = neighbour()
    client = fresh(person)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time() - 3600}]
    session.save()
    response = client.get(ACTIVATE)
    assert response["Location"].startswith("/compte/verification/?next=")
    assert client.post(response["Location"], {"password": "wrong"}).status_code == 422
    assert client.post(response["Location"], {"password": "correct horse battery"})["Location"] == ACTIVATE
    assert client.get(ACTIVATE).status_code == 200


# --- Before the admin opens -------------------------------------------------------------------------------------------


def addresses(resolver: URLResolver, prefix: str) -> list[str]:
    """Return an address for every view of the admin, its numbers filled in."""
    found: list[str] = []
    for part in resolver.url_patterns:
        here = prefix + str(part.pattern).removesuffix(r"\Z")
        if isinstance(part, URLResolver):
            found += addresses(part, here)
        elif isinstance(part, URLPattern):
            found.append(here)
    return found


def every_address_of_the_admin() -> list[str]:
    admin = next(part for part in get_resolver().url_patterns if getattr(part, "app_name", "") == "admin")
    assert isinstance(admin, URLResolver)
    filled = []
    for path in addresses(admin, "/admin/"):
        # Converters become 1, an expression its first word.
        with_numbers = re.sub(r"<\w+:\w+>", "1", path.replace("(?P<url>.*)", "nowhere"))
        filled.append(re.sub(r"\(\?P<\w+>(\w+)[^)]*\)", r"\1", with_numbers).replace("^", "").replace("$", ""))
    # The admin's own sign-in address is the portal's door: see `fixmyquarter.admin_site.enter`.
    return sorted(set(filled) - {"/admin/login/"})


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    ("way", "place"), [("none", ACTIVATE), ("unused", AGAIN)], ids=["without a factor", "factor not given"]
)
def test_no_view_of_the_admin_opens_before_the_second_factor(way: str, place: str, method: str, town: Any) -> None:
    root = User.objects.create_superuser("racine@example.org", "correct horse battery")
    if way == "unused":
        give_factor(user=root, secret=SECRET)
    client = Client()
    client.force_login(root, factor=False)
    paths = every_address_of_the_admin()
    assert len(paths) > 40
    answers = {path: getattr(client, method)(path).headers.get("Location", "open").split("?")[0] for path in paths}
    assert {path: answer for path, answer in answers.items() if answer != place} == {}


@pytest.mark.parametrize("method", ["get", "post"])
def test_no_view_of_the_admin_opens_to_citizens_or_nobody(method: str, author: User) -> None:
    citizen, nobody = Client(), Client()
    citizen.force_login(author)
    for path in every_address_of_the_admin():
        assert getattr(citizen, method)(path).status_code == 403, path
        assert getattr(nobody, method)(path)["Location"].startswith("/compte/connexion/?next="), path


@pytest.mark.parametrize("cast", ["moderator", "operator", "administrator"])
def test_every_staff_role_must_activate_a_second_factor(cast: str, request: pytest.FixtureRequest) -> None:
    person: User = request.getfixturevalue(cast)
    confirm_address(user=person)
    client = fresh(person)
    response = client.get("/admin/reports/report/")
    assert response["Location"] == f"{ACTIVATE}?next=%2Fadmin%2Freports%2Freport%2F"
    assert "Votre rôle demande un second facteur" in client.get(response["Location"]).content.decode()


@pytest.mark.django_db(transaction=True)
def test_activation_opens_the_admin_at_once(moderator: User) -> None:
    confirm_address(user=moderator)
    client = fresh(moderator)
    activated(client)
    assert client.get("/admin/").status_code == 200


def test_session_without_the_factor_gives_it_and_goes_on(moderator: User) -> None:
    give_factor(user=moderator, secret=SECRET)
    client = Client()
    client.force_login(moderator, factor=False)
    place = client.get("/admin/reports/report/")["Location"]
    assert "L’administration s’ouvre avec un code" in client.get(place).content.decode()
    assert client.post(place, {"code": factor_code()})["Location"] == "/admin/reports/report/"
    assert client.get("/admin/").status_code == 200


def test_what_was_posted_without_the_factor_is_not_done(administrator: User, stranger: User) -> None:
    client = Client()
    client.force_login(administrator, factor=False)
    response = client.post(reverse("admin:accounts_membership_add"), {"user": stranger.pk, "role": "administrator"})
    assert response["Location"] == f"{ACTIVATE}?next=%2Fadmin%2F"
    assert not stranger.memberships.exists()


def test_password_then_code_opens_the_admin(moderator: User) -> None:
    confirm_address(user=moderator)
    give_factor(user=moderator, secret=SECRET)
    client = fresh(moderator)
    client.post(STAGE, {"code": factor_code()})
    assert client.get("/admin/").status_code == 200


def test_code_by_mail_does_not_spare_staff_the_second_factor(moderator: User, mailoutbox: Mails) -> None:
    confirm_address(user=moderator)
    client = Client()
    client.post("/compte/connexion/code/", {"email": moderator.email})
    client.post("/compte/connexion/code/saisie/", {"code": code_in(mailoutbox[0])})
    assert is_in(client, moderator)
    assert client.get("/admin/")["Location"].startswith(ACTIVATE)


def test_open_admin_costs_no_further_query(moderator: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = Client()
    client.force_login(moderator)
    # The session and the person.
    with django_assert_num_queries(2):
        client.get("/admin/jsi18n/")


# --- A lost one -------------------------------------------------------------------------------------------------------


def reset_by(person: User, *others: User) -> Any:
    client = Client()
    client.force_login(person)
    data = {"action": "reset_factor", "_selected_action": [other.pk for other in others]}
    return client.post(reverse("admin:accounts_user_changelist"), data, follow=True)


def test_administrator_resets_a_colleagues_factor(administrator: User, moderator: User, mailoutbox: Mails) -> None:
    confirm_address(user=moderator)
    give_factor(user=moderator, secret=SECRET)
    client = fresh(moderator)
    client.post(STAGE, {"code": factor_code()})
    response = reset_by(administrator, moderator)
    entry = AuditEntry.objects.get(kind=AuditEntry.Kind.FACTOR_RESET)
    assert response.status_code == 200
    assert (entry.actor, entry.subject, entry.data) == (administrator, moderator, {})
    assert not has_factor(moderator)
    assert not UserSession.objects.filter(user=moderator).exists()
    assert client.get("/admin/")["Location"] == "/compte/connexion/?next=/admin/"
    assert [mail.to for mail in mailoutbox] == [[moderator.email]]


def test_nobody_resets_their_own_factor(administrator: User) -> None:
    response = reset_by(administrator, administrator)
    assert has_factor(administrator)
    assert not AuditEntry.objects.filter(kind=AuditEntry.Kind.FACTOR_RESET).exists()
    assert "refusé" in response.content.decode()


def test_administrator_cannot_reset_a_superusers_factor(administrator: User) -> None:
    root = User.objects.create_superuser("racine@example.org", "correct horse battery")
    give_factor(user=root, secret=SECRET)
    reset_by(administrator, root)
    assert has_factor(root)


@pytest.mark.parametrize("cast", ["moderator", "operator", "author"])
def test_only_administrators_reset_a_factor(cast: str, request: pytest.FixtureRequest) -> None:
    colleague = give(UserFactory(email="collegue@example.org"), Role.ADMINISTRATOR)
    give_factor(user=colleague, secret=SECRET)
    person: User = request.getfixturevalue(cast)
    assert reset_by(person, colleague).status_code == 403
    with pytest.raises(PermissionDenied):
        reset_factor(user=colleague, by=person)
    assert has_factor(colleague)


def test_command_line_resets_a_factor() -> None:
    person = protected()
    call_command("reset_second_factor", person.email.upper())
    assert not has_factor(person)
    assert AuditEntry.objects.get().actor is None


@pytest.mark.parametrize("email", ["nobody@example.org", "awa@example.org"])
def test_command_line_says_what_it_cannot_reset(email: str) -> None:
    neighbour()
    with pytest.raises(CommandError):
        call_command("reset_second_factor", email)
