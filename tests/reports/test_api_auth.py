"""`/api/v1/auth/token/…` and `me/`"""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.db import connections
from django.test import Client
from pytest_django.fixtures import Settings
from redis.exceptions import ConnectionError as RedisAway
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts.models import AuditEntry, Role, TokenFamily, User
from accounts.services.factor import give_factor, reset_factor
from accounts.services.tokens import open_family
from reports.models import Organisation, Quarter
from reports.throttles import rate_of
from tests.factories import PASSWORD, UserFactory, give
from tests.reports.api_client import codes, read, send

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_of_now() -> str:
    code: str = format_hotp_value(hotp_value(SECRET, int(time.time()) // 30))
    return code


def refresh_token(user: User) -> str:
    return open_family(user=user, has_factor=False)["refresh"]


def sign_in(client: Client, email: str = "auteur@example.org", password: str = PASSWORD, **more: str) -> Any:
    return send(client, "/auth/token/", {"email": email, "password": password, **more})


def me(client: Client, access: str) -> Any:
    return client.get("/api/v1/me/", headers={"authorization": f"Bearer {access}"})


def refresh(client: Client, token: str) -> Any:
    return send(client, "/auth/token/refresh/", {"refresh": token})


def test_sign_in(client: Client, author: User) -> None:
    response = sign_in(client, "Auteur@Example.org")
    assert response.status_code == 200
    assert set(response.json()) == {"access", "refresh"}
    assert response["Cache-Control"] == "private, no-store"
    author.refresh_from_db()
    assert author.last_login is not None
    assert me(client, response.json()["access"]).json() == {
        "signed_in": True,
        "email": author.email,
        "name": author.name,
        "language": "fr",
        "shows_name": False,
        "roles": [],
    }
    assert OutstandingToken.objects.get().token == ""


@pytest.mark.parametrize(
    ("email", "password"),
    [("auteur@example.org", "wrong"), ("nobody@example.org", PASSWORD), ("auteur@example.org", f" {PASSWORD}")],
)
def test_sign_in_with_wrong_credentials(client: Client, author: User, email: str, password: str) -> None:
    response = sign_in(client, email, password)
    assert response.status_code == 401
    assert response.json()["code"] == "wrong_credentials"
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'


def test_sign_in_of_a_closed_account(client: Client, author: User) -> None:
    author.is_active = False
    author.save(update_fields=["is_active"])
    assert sign_in(client).status_code == 401


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, [("email", "required"), ("password", "required")]),
        ({"email": "a\x00@b.org", "password": "x"}, [("email", "null_characters_not_allowed")]),
        ({"email": [], "password": "x"}, [("email", "invalid")]),
        ({"email": "a@b.org", "password": "x" * 5000}, [("password", "max_length")]),
    ],
)
def test_sign_in_refuses(client: Client, db: None, body: Any, expected: list[tuple[str, str]]) -> None:
    assert codes(send(client, "/auth/token/", body)) == expected


def test_sign_in_too_often_waits(client: Client, author: User, settings: Settings) -> None:
    assert [sign_in(client, password="wrong").status_code for _ in range(11)] == [401] * 10 + [429]
    settings.THROTTLE = False
    assert sign_in(client).status_code == 200


def test_refresh_rotates(client: Client, author: User) -> None:
    first = sign_in(client).json()["refresh"]
    second = refresh(client, first)
    assert second.status_code == 200
    again = refresh(client, first)
    assert (again.status_code, again.json()["code"]) == (401, "token_not_valid")


def test_refresh_reused_ends_the_whole_sign_in(client: Client, author: User) -> None:
    other = sign_in(client).json()
    stolen = sign_in(client).json()["refresh"]
    pair = refresh(client, stolen).json()
    assert refresh(client, stolen).status_code == 401
    assert refresh(client, pair["refresh"]).status_code == 401
    assert me(client, pair["access"]).status_code == 401
    entry = AuditEntry.objects.get()
    assert (entry.kind, entry.subject, entry.actor) == (AuditEntry.Kind.TOKENS_REVOKED, author, None)
    assert me(client, other["access"]).status_code == 200
    assert refresh(client, stolen).status_code == 401
    assert AuditEntry.objects.count() == 1


def test_refresh_keeps_the_second_factor(client: Client, author: User) -> None:
    give_factor(user=author, secret=SECRET)
    pair = sign_in(client, otp=code_of_now()).json()
    assert TokenFamily.objects.get().has_factor
    assert refresh(client, pair["refresh"]).status_code == 200
    assert TokenFamily.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_refresh_twice_at_once_gives_one_pair(author: User) -> None:
    token = refresh_token(author)

    def ask(_number: int) -> int:
        try:
            return int(refresh(Client(), token).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(ask, range(4))) == [200, 401, 401, 401]


def test_refresh_of_somebody_who_left(client: Client, author: User) -> None:
    token = refresh_token(author)
    author.delete()
    assert refresh(client, token).status_code == 401


def test_refresh_of_a_closed_account(client: Client, author: User) -> None:
    token = refresh_token(author)
    User.objects.update(is_active=False)
    assert refresh(client, token).status_code == 401


def test_refresh_with_something_else(client: Client, author: User) -> None:
    pair = open_family(user=author, has_factor=False)
    expired = RefreshToken(pair["refresh"])  # type: ignore[arg-type]  # the text form is what it reads
    expired.set_exp(lifetime=-timedelta(seconds=1))
    without_family = RefreshToken.for_user(author)
    for token in ("x", "a.b.c", "é", pair["access"], str(expired), str(without_family)):
        assert refresh(client, token).status_code == 401
    assert codes(refresh(client, "x" * 5000)) == [("refresh", "max_length")]


def test_revoke(client: Client, author: User) -> None:
    pair = sign_in(client).json()
    token = pair["refresh"]
    response = send(client, "/auth/token/revoke/", {"refresh": token})
    assert (response.status_code, response.content) == (204, b"")
    assert me(client, pair["access"]).status_code == 401
    assert refresh(client, token).status_code == 401
    assert send(client, "/auth/token/revoke/", {"refresh": token}).status_code == 401


def test_revoke_with_a_used_token_ends_the_sign_in(client: Client, author: User) -> None:
    used = sign_in(client).json()["refresh"]
    pair = refresh(client, used).json()
    assert send(client, "/auth/token/revoke/", {"refresh": used}).status_code == 401
    assert me(client, pair["access"]).status_code == 401
    assert AuditEntry.objects.get().kind == AuditEntry.Kind.TOKENS_REVOKED


def test_sign_in_asks_for_the_second_factor(client: Client, author: User) -> None:
    give_factor(user=author, secret=SECRET)
    for code in ("", "000000", "é", "12345678901234567890"):
        response = sign_in(client, otp=code)
        assert (response.status_code, response.json()["code"]) == (401, "second_factor_required")
    assert sign_in(client, otp=code_of_now()).status_code == 200


def test_sign_in_refuses_a_code_that_was_used(client: Client, author: User) -> None:
    give_factor(user=author, secret=SECRET)
    code = code_of_now()
    assert [sign_in(client, otp=code).status_code for _unused in range(2)] == [200, 401]


def test_sign_in_refuses_a_used_code_for_as_long_as_it_is_good(client: Client, author: User) -> None:
    give_factor(user=author, secret=SECRET)
    code = code_of_now()
    assert sign_in(client, otp=code).status_code == 200
    # The library's own memory ends after one period, the code is good for two more.
    cache.delete(f"allauth.mfa.totp.used?user={author.pk}&code={code}")
    assert sign_in(client, otp=f"{code[:3]} {code[3:]}").json()["code"] == "second_factor_required"


def test_sign_in_refuses_every_code_without_the_cache(client: Client, author: User) -> None:
    give_factor(user=author, secret=SECRET)
    with patch.object(cache, "add", side_effect=RedisAway()):
        assert sign_in(client, otp=code_of_now()).json()["code"] == "second_factor_required"


def test_sign_in_with_a_wrong_password_says_nothing_of_the_factor(client: Client, author: User) -> None:
    give_factor(user=author, secret=SECRET)
    assert sign_in(client, password="wrong").json()["code"] == "wrong_credentials"


def test_sign_in_of_staff_without_a_factor(client: Client, moderator: User) -> None:
    response = sign_in(client, moderator.email)
    assert (response.status_code, response.json()["code"]) == (401, "second_factor_missing")
    give_factor(user=moderator, secret=SECRET)
    access = sign_in(client, moderator.email, otp=code_of_now()).json()["access"]
    assert [role["role"] for role in me(client, access).json()["roles"]] == ["moderator"]


def test_sign_in_with_an_address_that_is_not_confirmed(client: Client, author: User) -> None:
    EmailAddress.objects.filter(user=author).delete()
    EmailAddress.objects.create(user=author, email=author.email, verified=False, primary=True)
    assert sign_in(client).json()["code"] == "email_not_confirmed"
    assert sign_in(client, password="wrong").json()["code"] == "wrong_credentials"


def attempt(email: str, address: str, **more: str) -> int:
    """Try to sign in from an address of the network; return the status."""
    credentials = {"email": email, "password": "wrong", **more}
    headers = {"x-forwarded-for": address}
    return int(Client().post("/api/v1/auth/token/", credentials, "application/json", headers=headers).status_code)


def without_the_rate_of_an_address(settings: Settings) -> None:
    """Let one address try more often than ten times a minute."""
    rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "sign-in": "1000/min"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}


SPELLINGS = pytest.mark.parametrize("email", ["auteur@example.org", "AUTEUR@example.org ", "nobody@example.org"])


@SPELLINGS
def test_sign_in_too_often_on_one_account_from_one_address_waits(author: User, email: str, settings: Settings) -> None:
    without_the_rate_of_an_address(settings)
    assert [attempt(email, "10.0.0.1") for _try in range(21)] == [401] * 20 + [429]


def test_sign_in_is_not_kept_from_the_owner_by_somebody_elses_attempts(author: User, settings: Settings) -> None:
    without_the_rate_of_an_address(settings)
    assert {attempt(author.email, "10.0.0.1") for _try in range(60)} == {401, 429}
    assert attempt(author.email, "10.0.0.2", password=PASSWORD) == 200


@SPELLINGS
def test_sign_in_too_often_on_one_account_from_many_addresses_waits_minutes(author: User, email: str) -> None:
    assert [attempt(email, f"10.0.0.{number}") for number in range(31)] == [401] * 30 + [429]
    assert rate_of("sign-in-account")[1] == 300


def test_sign_in_with_too_many_codes_waits_wherever_they_come_from(author: User) -> None:
    give_factor(user=author, secret=SECRET)
    codes_tried = [attempt(author.email, f"10.0.0.{number}", password=PASSWORD, otp="000000") for number in range(21)]
    assert codes_tried == [401] * 20 + [429]


def test_tokens_end_with_the_password(client: Client, author: User) -> None:
    pair = open_family(user=author, has_factor=False)
    author.set_password("another horse battery")
    author.save(update_fields=["password"])
    assert me(client, pair["access"]).status_code == 401
    assert refresh(client, pair["refresh"]).status_code == 401


def test_tokens_end_with_a_lost_second_factor(client: Client, moderator: User) -> None:
    give_factor(user=moderator, secret=SECRET)
    pair = open_family(user=moderator, has_factor=True)
    reset_factor(user=moderator)
    assert me(client, pair["access"]).status_code == 401
    assert refresh(client, pair["refresh"]).status_code == 401


def test_tokens_without_a_factor_carry_no_rights_of_the_staff(client: Client, author: User, moderator: User) -> None:
    access = open_family(user=moderator, has_factor=False)["access"]
    assert me(client, access).json()["roles"] == []


def test_tokens_of_nobody_known(client: Client, author: User) -> None:
    foreign = AccessToken.for_user(author)
    for token in (str(foreign), str(RefreshToken.for_user(author)), refresh_token(author), "a.b.c", "x" * 3000):
        assert me(client, token).json()["code"] == "token_not_valid"


def test_me_costs_two_queries(client: Client, author: User, django_assert_num_queries: Any) -> None:
    access = open_family(user=author, has_factor=False)["access"]
    with django_assert_num_queries(2):
        assert me(client, access).status_code == 200


def test_me_anonymously(client: Client, db: None) -> None:
    response = read(client, "/me/")
    assert response.json() == {"signed_in": False}
    assert response["Cache-Control"] == "private, no-store"


def test_me_with_responsibilities(client: Client, quarter: Quarter, organisation: Organisation) -> None:
    user = give(UserFactory(), Role.MODERATOR, quarter=quarter)
    give(user, Role.OPERATOR, organisation=organisation)
    give(user, Role.ADMINISTRATOR)
    assert read(client, "/me/", user=user).json()["roles"] == [
        {"role": "moderator", "town": None, "quarter": "mokolo", "organisation": None},
        {"role": "operator", "town": None, "quarter": None, "organisation": "voirie"},
        {"role": "administrator", "town": None, "quarter": None, "organisation": None},
    ]


def test_me_of_a_closed_account(client: Client, author: User) -> None:
    User.objects.update(is_active=False)
    assert read(client, "/me/", user=author).status_code == 401


@pytest.mark.parametrize("header", ["Bearer", "Bearer a b", "Bearer é", "Bearer \x7f", "Basic eA==", "Bearer ..", ""])
def test_me_with_a_strange_header(client: Client, db: None, header: str) -> None:
    response = client.get("/api/v1/me/", headers={"authorization": header})
    assert response.status_code in {200, 401}
    if response.status_code == 200:
        assert response.json() == {"signed_in": False}
