"""`/api/v1/auth/token/…` and `me/`"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from pytest_django.fixtures import Settings
from rest_framework_simplejwt.tokens import RefreshToken

from accounts.models import Role, User
from reports.models import Organisation, Quarter
from tests.factories import PASSWORD, UserFactory, give
from tests.reports.api_client import codes, read, send


def sign_in(client: Client, email: str = "auteur@example.org", password: str = PASSWORD) -> Any:
    return send(client, "/auth/token/", {"email": email, "password": password})


def refresh(client: Client, token: str) -> Any:
    return send(client, "/auth/token/refresh/", {"refresh": token})


def test_sign_in(client: Client, author: User) -> None:
    response = sign_in(client, "Auteur@Example.org")
    assert response.status_code == 200
    assert set(response.json()) == {"access", "refresh"}
    assert response["Cache-Control"] == "private, no-store"
    author.refresh_from_db()
    assert author.last_login is not None
    me = client.get("/api/v1/me/", headers={"authorization": f"Bearer {response.json()['access']}"})
    assert me.json() == {"signed_in": True, "email": author.email, "name": author.name, "language": "fr", "roles": []}


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
    assert refresh(client, second.json()["refresh"]).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_refresh_twice_at_once_gives_one_pair(author: User) -> None:
    token = str(RefreshToken.for_user(author))

    def ask(_number: int) -> int:
        try:
            return int(refresh(Client(), token).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(ask, range(4))) == [200, 401, 401, 401]


def test_refresh_of_somebody_who_left(client: Client, author: User) -> None:
    token = str(RefreshToken.for_user(author))
    author.delete()
    assert refresh(client, token).status_code == 401


def test_refresh_of_a_closed_account(client: Client, author: User) -> None:
    token = str(RefreshToken.for_user(author))
    User.objects.update(is_active=False)
    assert refresh(client, token).status_code == 401


def test_refresh_with_something_else(client: Client, author: User) -> None:
    expired = RefreshToken.for_user(author)
    expired.set_exp(lifetime=-timedelta(seconds=1))
    access = str(RefreshToken.for_user(author).access_token)
    for token in ("x", "a.b.c", "é", access, str(expired)):
        assert refresh(client, token).status_code == 401
    assert codes(refresh(client, "x" * 5000)) == [("refresh", "max_length")]


def test_revoke(client: Client, author: User) -> None:
    token = sign_in(client).json()["refresh"]
    response = send(client, "/auth/token/revoke/", {"refresh": token})
    assert (response.status_code, response.content) == (204, b"")
    assert refresh(client, token).status_code == 401
    assert send(client, "/auth/token/revoke/", {"refresh": token}).status_code == 401


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
