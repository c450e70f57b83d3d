"""Applications that use OAuth2 are registered by administrators; their secret is shown once."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.hashers import check_password
from django.urls import reverse
from oauth2_provider.models import get_access_token_model, get_application_model, get_refresh_token_model

from accounts.models import User
from tests.client import Client
from tests.reports.oauth_client import register

CODE = "authorization-code"
NEW = {
    "name": "Ma ville",
    "authorization_grant_type": CODE,
    "client_type": "confidential",
    "redirect_uris": "https://app.example.org/retour",
}


@pytest.fixture
def desk(client: Client, administrator: User) -> Client:
    client.force_login(administrator)
    return client


def add(client: Client, **changed: str) -> Any:
    return client.post(reverse("admin:oauth2_provider_application_add"), {**NEW, **changed})


def secret_in(response: Any) -> str:
    found: list[str] = re.findall(r"<code>(\w{100,})</code>", response.content.decode())
    return found[0] if found else ""


def test_add_shows_the_secret_once(desk: Client) -> None:
    response = add(desk)
    application = get_application_model().objects.get()
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert check_password(secret_in(response), application.client_secret)
    page = desk.get(reverse("admin:oauth2_provider_application_change", args=[application.pk]))
    assert application.client_id in page.content.decode()
    assert application.client_secret not in page.content.decode()
    assert secret_in(page) == ""


def test_add_without_a_secret(desk: Client) -> None:
    response = add(desk, client_type="public", redirect_uris="http://127.0.0.1/retour\nhttps://app.example.org/")
    assert secret_in(response) == ""
    assert get_application_model().objects.get().redirect_uris.split() == [
        "http://127.0.0.1/retour",
        "https://app.example.org/",
    ]


def test_add_one_that_acts_without_a_person(desk: Client) -> None:
    response = add(desk, authorization_grant_type="client-credentials", redirect_uris="")
    assert secret_in(response)
    assert get_application_model().objects.get().user is None


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"redirect_uris": ""}, "redirect_uris"),
        ({"redirect_uris": "http://app.example.org/"}, "redirect_uris"),
        ({"redirect_uris": "http://localhost/"}, "redirect_uris"),
        ({"redirect_uris": "http://127.0.0.1.evil.example/"}, "redirect_uris"),
        ({"redirect_uris": "https://app.example.org@evil.example/"}, "redirect_uris"),
        ({"redirect_uris": "javascript:alert(1)"}, "redirect_uris"),
        ({"redirect_uris": "https://*.example.org/"}, "redirect_uris"),
        ({"redirect_uris": "https://app.example.org/#fragment"}, "redirect_uris"),
        ({"redirect_uris": "https://"}, "redirect_uris"),
        ({"authorization_grant_type": "password"}, "authorization_grant_type"),
        ({"authorization_grant_type": "implicit"}, "authorization_grant_type"),
        ({"authorization_grant_type": "client-credentials", "client_type": "public"}, "client_type"),
    ],
)
def test_add_refuses(desk: Client, changed: dict[str, str], field: str) -> None:
    response = add(desk, **changed)
    assert field in response.context["adminform"].form.errors
    assert not get_application_model().objects.exists()


def test_change_keeps_the_secret_and_the_kind(desk: Client) -> None:
    application = register()
    before = application.client_secret
    address = reverse("admin:oauth2_provider_application_change", args=[application.pk])
    desk.post(address, {"name": "Notre ville", "redirect_uris": "https://b.example/", "client_type": "public"})
    application.refresh_from_db()
    assert (application.name, application.redirect_uris) == ("Notre ville", "https://b.example/")
    assert (application.client_type, application.client_secret) == ("confidential", before)


def test_new_secret_replaces_the_old_one(desk: Client) -> None:
    application = register()
    address = reverse("admin:oauth2_provider_application_secret", args=[application.pk])
    assert desk.get(address).status_code == 405
    secret = secret_in(desk.post(address))
    application.refresh_from_db()
    assert check_password(secret, application.client_secret)


@pytest.mark.parametrize("who", ["moderator", "operator", "moderator_elsewhere", "operator_elsewhere"])
def test_applications_are_for_administrators(client: Client, request: pytest.FixtureRequest, who: str) -> None:
    client.force_login(request.getfixturevalue(who))
    application = register()
    for name, arguments in (
        ("changelist", []),
        ("add", []),
        ("change", [application.pk]),
        ("delete", [application.pk]),
    ):
        address = reverse(f"admin:oauth2_provider_application_{name}", args=arguments)
        assert client.get(address).status_code == 403
    assert client.post(reverse("admin:oauth2_provider_application_secret", args=[application.pk])).status_code == 403


def test_applications_are_no_citizens_business(client: Client, stranger: User) -> None:
    client.force_login(stranger)
    assert client.get(reverse("admin:oauth2_provider_application_changelist")).status_code == 403


def test_applications_cost_the_same_at_any_count(desk: Client, django_assert_max_num_queries: Any) -> None:
    for number in range(3):
        register(name=f"App {number}")
        with django_assert_max_num_queries(11):
            assert desk.get(reverse("admin:oauth2_provider_application_changelist")).status_code == 200


def test_remove_ends_its_tokens(desk: Client) -> None:
    application = register()
    address = reverse("admin:oauth2_provider_application_delete", args=[application.pk])
    desk.post(address, {"post": "yes"})
    assert not get_application_model().objects.exists()


@pytest.mark.parametrize("model", [get_access_token_model(), get_refresh_token_model()])
def test_tokens_are_listed_nowhere(model: Any) -> None:
    assert not admin.site.is_registered(model)
