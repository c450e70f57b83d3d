"""`/compte/applications/`: what a person allowed other programs to do, and taking that back."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from tests.client import Client
from tests.reports.oauth_client import App, by, register

PAGE = "/compte/applications/"


def allow(user: User, *, name: str = "Ma ville", scope: str = "read account") -> tuple[App, dict[str, str]]:
    """Have a person allow an application; return it and its tokens."""
    browser = Client()
    browser.force_login(user)
    app = App(register(name=name), scope=scope)
    return app, app.exchange(Client(), app.code(browser)).json()


def remove(client: Client, app: App) -> Any:
    return client.post(reverse("my-application-remove", args=[app.application.pk]), follow=True)


def test_applications_say_what_they_may(client: Client, author: User) -> None:
    allow(author)
    client.force_login(author)
    page = client.get(PAGE)
    assert [(one.name, len(one.scopes)) for one in page.context["applications"]] == [("Ma ville", 2)]
    assert "Voir et changer votre compte" in page.content.decode()
    assert "no-store" in page["Cache-Control"]


def test_applications_are_counted_once(client: Client, author: User) -> None:
    app, tokens = allow(author)
    app.refresh(Client(), tokens["refresh_token"])
    client.force_login(author)
    assert len(client.get(PAGE).context["applications"]) == 1


def test_applications_of_others_are_not_shown(client: Client, author: User, stranger: User) -> None:
    allow(author)
    client.force_login(stranger)
    page = client.get(PAGE)
    assert page.context["applications"] == []
    assert "Aucune application n’agit pour vous." in page.content.decode()


def test_applications_are_for_whoever_is_signed_in(client: Client, db: None) -> None:
    assert client.get(PAGE)["Location"] == f"/compte/connexion/?next={PAGE}"
    assert client.post(f"{PAGE}1/retirer/")["Location"].startswith("/compte/connexion/")


def test_remove_ends_the_tokens(client: Client, author: User) -> None:
    app, tokens = allow(author)
    client.force_login(author)
    response = remove(client, app)
    assert "Ma ville ne peut plus agir pour vous." in response.content.decode()
    assert response.context["applications"] == []
    assert Client().get("/api/v1/me/", headers=by(tokens["access_token"])).status_code == 401
    assert app.refresh(Client(), tokens["refresh_token"]).status_code == 400


def test_remove_leaves_the_others(client: Client, author: User, stranger: User) -> None:
    app, _mine = allow(author)
    browser = Client()
    browser.force_login(stranger)
    theirs = app.exchange(Client(), app.code(browser)).json()
    other, kept = allow(author, name="Autre")
    client.force_login(author)
    remove(client, app)
    for tokens in (theirs, kept):
        assert Client().get("/api/v1/me/", headers=by(tokens["access_token"])).status_code == 200
    assert [one.pk for one in client.get(PAGE).context["applications"]] == [other.application.pk]


def test_remove_what_is_not_there(client: Client, author: User) -> None:
    client.force_login(author)
    assert client.post(f"{PAGE}999/retirer/")["Location"] == PAGE


def test_remove_by_looking_at_it(client: Client, author: User) -> None:
    client.force_login(author)
    assert client.get(f"{PAGE}1/retirer/").status_code == 405


@pytest.mark.parametrize("number", [1, 3])
def test_applications_cost_the_same_at_any_count(
    client: Client, author: User, django_assert_num_queries: Any, number: int
) -> None:
    for index in range(number):
        allow(author, name=f"App {index}")
    client.force_login(author)
    with django_assert_num_queries(4):
        client.get(PAGE)
