"""`/oauth/`: an application gets a token, for a person who agrees or by itself."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from oauth2_provider.models import (
    get_access_token_model,
    get_application_model,
    get_grant_model,
    get_refresh_token_model,
)

from accounts.models import AuditEntry, User
from tests.client import Client
from tests.reports.oauth_client import (
    AUTHORIZE,
    CALLBACK,
    FORM,
    SECRET,
    TOKEN,
    App,
    by,
    machine_token,
    register,
    register_machine,
    tokens_for,
)


@pytest.fixture
def app(author: User, client: Client) -> App:
    """An application at which somebody arrives who is signed in here."""
    client.force_login(author)
    return App(register(), scope="read account")


def test_authorize_asks_whoever_is_signed_in(client: Client, app: App, author: User) -> None:
    page = app.ask(client)
    words = page.content.decode()
    assert page.status_code == 200
    assert "Autoriser «\u00a0Ma ville\u00a0»" in words
    assert author.email in words
    assert "Voir et changer votre compte" in words
    assert "Agir avec vos droits de service" not in words
    assert page["Cache-Control"] == "no-store, private"


def test_authorize_lets_its_form_lead_to_the_application_only(client: Client, app: App) -> None:
    rules = app.ask(client)["Content-Security-Policy"].split("; ")
    assert "form-action 'self' https://app.example.org" in rules


def test_authorize_in_english(client: Client, app: App) -> None:
    response = app.ask(client, ui_locales="en-GB fr")
    assert response["Location"].startswith("/en/oauth/authorize/?")
    assert client.get(response["Location"])["Content-Language"] == "en"


def test_authorize_asks_nobody_to_sign_in_first(app: App) -> None:
    response = app.ask(Client())
    assert response.status_code == 302
    assert response["Location"].startswith("/compte/connexion/?next=/oauth/authorize/")


def test_the_whole_way(client: Client, app: App, author: User) -> None:
    answer = app.exchange(Client(), app.code(client)).json()
    assert (answer["token_type"], answer["expires_in"], answer["scope"]) == ("Bearer", 900, "read account")
    me = Client().get("/api/v1/me/", headers=by(answer["access_token"]))
    assert me.json()["email"] == author.email
    assert not get_access_token_model().objects.exclude(token="").exists()
    assert get_application_model().objects.get().client_secret != SECRET


def test_authorize_refused_by_the_person(client: Client, app: App) -> None:
    response = app.answer(client, app.ask(client), allow=False)
    assert response["Location"] == f"{CALLBACK}?error=access_denied&state=%C3%A9tat"
    assert not get_grant_model().objects.exists()


def test_authorize_always_asks(client: Client, app: App) -> None:
    app.exchange(Client(), app.code(client))
    assert app.ask(client, approval_prompt="auto").status_code == 200


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"scope": "read everything"}, "invalid_scope"),
        ({"response_type": "token"}, "unauthorized_client"),
    ],
)
def test_authorize_refuses_to_the_application(client: Client, app: App, changed: Any, error: str) -> None:
    response = app.ask(client, **changed)
    assert response.status_code == 302
    assert response["Location"].startswith(f"{CALLBACK}?error={error}")


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": "https://app.example.org/retour/autre"},
        {"redirect_uri": "http://app.example.org/retour"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": f"{CALLBACK}\x00"},
        {"client_id": "unknown"},
        {"client_id": "\x00"},
        {"client_id": None},
        {"redirect_uri": "https://app.example.org@evil.example/retour"},
    ],
)
def test_authorize_refuses_on_its_own_page(client: Client, app: App, changed: Any) -> None:
    response = app.ask(client, **changed)
    assert response.status_code == 400
    assert "Cette demande n’est pas valable" in response.content.decode()


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "https://evil.example/"},
        {"client_id": "unknown"},
        {"client_id": ""},
        {"scope": ""},
        {"state": "\x00"},
    ],
)
@pytest.mark.parametrize("allow", [True, False])
def test_authorize_refuses_a_changed_form(client: Client, app: App, changed: Any, allow: Any) -> None:
    response = app.answer(client, app.ask(client), allow=allow, **changed)
    assert response.status_code == 400
    assert not get_grant_model().objects.exists()


def test_authorize_refuses_plain_http_even_when_it_is_registered(client: Client, author: User) -> None:
    client.force_login(author)
    app = App(register(redirect_uris="http://app.example.org/retour"), callback="http://app.example.org/retour")
    assert app.ask(client).status_code == 400


def test_authorize_knows_the_ports_of_native_apps(client: Client, author: User) -> None:
    client.force_login(author)
    application = register(redirect_uris="http://127.0.0.1/retour", client_type="public")
    app = App(application, callback="http://127.0.0.1:49152/retour")
    code = app.code(client)
    assert app.exchange(Client(), code, secret="").status_code == 200


def test_authorize_needs_the_forms_own_token(author: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(author)
    app = App(register())
    assert app.answer(browser, app.ask(browser)).status_code == 403


def test_exchange_with_the_wrong_verifier(client: Client, app: App) -> None:
    response = app.exchange(Client(), app.code(client), verifier="x" * 64)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_grant")


def test_exchange_with_the_wrong_secret(client: Client, app: App) -> None:
    response = app.exchange(Client(), app.code(client), secret="guessed")
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


def test_exchange_twice_ends_what_the_code_gave(client: Client, app: App, author: User) -> None:
    code = app.code(client)
    first = app.exchange(Client(), code).json()
    other = app.exchange(Client(), app.code(client)).json()
    again = app.exchange(Client(), code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert Client().get("/api/v1/me/", headers=by(first["access_token"])).status_code == 401
    assert app.refresh(Client(), first["refresh_token"]).status_code == 400
    assert Client().get("/api/v1/me/", headers=by(other["access_token"])).status_code == 200
    entry = AuditEntry.objects.get()
    assert (entry.kind, entry.subject, entry.about) == ("tokens_revoked", author, app.application.client_id)


def test_exchange_twice_ends_what_was_refreshed_since(client: Client, app: App) -> None:
    code = app.code(client)
    first = app.exchange(Client(), code).json()
    second = app.refresh(Client(), first["refresh_token"]).json()
    assert app.exchange(Client(), code).status_code == 400
    assert Client().get("/api/v1/me/", headers=by(second["access_token"])).status_code == 401
    assert app.exchange(Client(), code).status_code == 400
    assert AuditEntry.objects.count() == 1


def test_exchange_of_a_used_code_by_another_application_ends_nothing(client: Client, app: App) -> None:
    code = app.code(client)
    given = app.exchange(Client(), code).json()
    assert App(register(name="Autre")).exchange(Client(), code).status_code == 400
    assert Client().get("/api/v1/me/", headers=by(given["access_token"])).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_exchange_twice_at_once_gives_nothing_that_lasts(client: Client, author: User) -> None:
    client.force_login(author)
    app = App(register())
    code = app.code(client)

    def ask(_number: int) -> int:
        try:
            return int(app.exchange(Client(), code).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(ask, range(4))) == [200, 400, 400, 400]
    assert not get_refresh_token_model().objects.filter(revoked=None).exists()
    assert not get_access_token_model().objects.exists()


def test_exchange_by_another_application(client: Client, app: App) -> None:
    code = app.code(client)
    other = App(register(name="Autre"))
    other.verifier = app.verifier
    assert other.exchange(Client(), code).status_code == 400


def test_exchange_too_late(client: Client, app: App) -> None:
    code = app.code(client)
    get_grant_model().objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert app.exchange(Client(), code).status_code == 400


def test_exchange_of_a_closed_account(client: Client, app: App) -> None:
    code = app.code(client)
    User.objects.update(is_active=False)
    assert app.exchange(Client(), code).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"grant_type": "password", "username": "auteur@example.org", "password": "x"},
        {"grant_type": "authorization_code", "code": "\x00"},
        {"grant_type": "refresh_token", "refresh_token": "\x00"},
        {"grant_type": "refresh_token", "refresh_token": "é" * 5000},
        {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": "x"},
        {"grant_type": "authorization_code", "code": "unknown"},
    ],
)
def test_token_refuses(app: App, body: dict[str, str]) -> None:
    credentials = {"client_id": app.application.client_id, "client_secret": SECRET}
    response = Client().post(TOKEN, {**credentials, **body})
    assert response.status_code == 400
    assert "error" in response.json()
    assert response["Cache-Control"] == "no-store, private"


def test_token_too_often_waits(db: None) -> None:
    answers = [Client().post(TOKEN) for _unused in range(61)]
    assert [answer.status_code for answer in answers[-2:]] == [400, 429]
    assert int(answers[-1]["Retry-After"]) <= 60


def test_refresh_rotates(client: Client, app: App) -> None:
    first = app.exchange(Client(), app.code(client)).json()
    second = app.refresh(Client(), first["refresh_token"]).json()
    assert Client().get("/api/v1/me/", headers=by(first["access_token"])).status_code == 401
    assert Client().get("/api/v1/me/", headers=by(second["access_token"])).status_code == 200


def test_refresh_reused_ends_the_whole_family(client: Client, app: App, author: User) -> None:
    first = app.exchange(Client(), app.code(client)).json()
    second = app.refresh(Client(), first["refresh_token"]).json()
    assert app.refresh(Client(), first["refresh_token"]).json() == {"error": "invalid_grant"}
    assert Client().get("/api/v1/me/", headers=by(second["access_token"])).status_code == 401
    assert app.refresh(Client(), second["refresh_token"]).status_code == 400
    entry = AuditEntry.objects.get()
    assert (entry.kind, entry.subject, entry.about) == ("tokens_revoked", author, app.application.client_id)


@pytest.mark.django_db(transaction=True)
def test_refresh_twice_at_once_gives_one_pair(client: Client, author: User) -> None:
    client.force_login(author)
    app = App(register())
    token = app.exchange(Client(), app.code(client)).json()["refresh_token"]

    def ask(_number: int) -> int:
        try:
            return int(app.refresh(Client(), token).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(ask, range(4))) == [200, 400, 400, 400]
    assert not get_refresh_token_model().objects.filter(revoked=None).exists()


def test_refresh_of_a_closed_account(client: Client, app: App) -> None:
    token = app.exchange(Client(), app.code(client)).json()
    User.objects.update(is_active=False)
    assert app.refresh(Client(), token["refresh_token"]).status_code == 400
    assert Client().get("/api/v1/me/", headers=by(token["access_token"])).status_code == 401


def test_refresh_by_another_application(client: Client, app: App) -> None:
    token = app.exchange(Client(), app.code(client)).json()["refresh_token"]
    assert App(register(name="Autre")).refresh(Client(), token).status_code == 400


def test_revoke_ends_access_and_refresh(client: Client, app: App) -> None:
    token = app.exchange(Client(), app.code(client)).json()
    credentials = {"client_id": app.application.client_id, "client_secret": SECRET}
    assert Client().post("/oauth/revoke/", {**credentials, "token": token["refresh_token"]}).status_code == 200
    assert Client().get("/api/v1/me/", headers=by(token["access_token"])).status_code == 401
    assert app.refresh(Client(), token["refresh_token"]).status_code == 400


def test_revoke_by_another_application_changes_nothing(client: Client, app: App) -> None:
    token = app.exchange(Client(), app.code(client)).json()
    credentials = {"client_id": register(name="Autre").client_id, "client_secret": SECRET}
    assert Client().post("/oauth/revoke/", {**credentials, "token": token["access_token"]}).status_code == 200
    assert Client().get("/api/v1/me/", headers=by(token["access_token"])).status_code == 200


def introspect(application: Any, token: str, secret: str = SECRET) -> Any:
    basic = base64.b64encode(f"{application.client_id}:{secret}".encode()).decode()
    return Client().post("/oauth/introspect/", f"token={token}", FORM, headers={"authorization": f"Basic {basic}"})


def test_introspect_ones_own_token(client: Client, app: App) -> None:
    token = app.exchange(Client(), app.code(client)).json()["access_token"]
    answer = introspect(app.application, token).json()
    assert {name: answer[name] for name in ("active", "scope", "client_id")} == {
        "active": True,
        "scope": "read account",
        "client_id": app.application.client_id,
    }
    assert "username" not in answer


def test_introspect_anothers_token(client: Client, app: App) -> None:
    token = app.exchange(Client(), app.code(client)).json()["access_token"]
    assert introspect(register(name="Autre"), token).json() == {"active": False}
    assert introspect(app.application, "unknown").json() == {"active": False}
    assert introspect(app.application, token, secret="guessed").status_code == 401


def test_metadata_names_the_addresses(client: Client, db: None) -> None:
    data = json.loads(client.get("/.well-known/oauth-authorization-server").content)
    assert data["issuer"] == "http://127.0.0.1:8000"
    assert data["authorization_endpoint"] == "http://127.0.0.1:8000/oauth/authorize/"
    assert data["revocation_endpoint"] == "http://127.0.0.1:8000/oauth/revoke/"
    assert data["code_challenge_methods_supported"] == ["S256"]
    assert data["grant_types_supported"] == ["authorization_code", "client_credentials", "refresh_token"]


def test_staff_scope_needs_the_second_factor(moderator: User) -> None:
    browser = Client()
    browser.force_login(moderator, factor=False)
    response = App(register(), scope="read staff").ask(browser)
    assert response.status_code == 403
    assert "Il manque votre second facteur" in response.content.decode()


def test_staff_scope_is_asked_again_when_it_is_allowed(moderator: User) -> None:
    browser = Client()
    browser.force_login(moderator)
    app = App(register(), scope="read staff")
    page = app.ask(browser)
    browser.logout()
    browser.force_login(moderator, factor=False)
    assert app.answer(browser, page).status_code == 403
    assert not get_grant_model().objects.exists()


def test_staff_scope_is_left_out_for_citizens(author: User) -> None:
    assert tokens_for(author, scope="read staff")["scope"] == "read"


def test_staff_scope_alone_is_refused_to_citizens(client: Client, app: App) -> None:
    assert app.ask(client, scope="staff")["Location"] == f"{CALLBACK}?error=access_denied&state=%C3%A9tat"


def test_machine_token(db: None) -> None:
    application = register_machine()
    body = {"grant_type": "client_credentials", "client_id": application.client_id, "client_secret": SECRET}
    answer = Client().post(TOKEN, body).json()
    assert (answer["scope"], "refresh_token" in answer) == ("read", False)
    assert Client().post(TOKEN, {**body, "client_secret": "guessed"}).status_code == 401


@pytest.mark.parametrize("scope", ["account", "staff", "read account"])
def test_machine_token_with_a_persons_scope(db: None, scope: str) -> None:
    application = register_machine()
    body = {"grant_type": "client_credentials", "client_id": application.client_id, "client_secret": SECRET}
    assert Client().post(TOKEN, {**body, "scope": scope}).json()["error"] == "invalid_scope"


def test_machine_token_is_of_nobody(db: None) -> None:
    machine_token()
    assert get_access_token_model().objects.get().user is None


def test_authorize_refuses_other_methods(client: Client, app: App) -> None:
    assert client.put(AUTHORIZE).status_code in {400, 405}
    assert client.get(TOKEN).status_code == 405
