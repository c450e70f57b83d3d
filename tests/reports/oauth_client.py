"""An application, as a client library sees the portal: it builds its own addresses and reads the answers itself."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from oauth2_provider.models import get_application_model
from oauthlib.oauth2 import BackendApplicationClient, WebApplicationClient

from accounts.models import User
from tests.client import Client

CALLBACK = "https://app.example.org/retour"
SECRET = "a secret that only the application knows"
AUTHORIZE = "/oauth/authorize/"
TOKEN = "/oauth/token/"
FORM = "application/x-www-form-urlencoded"


def register(**fields: Any) -> Any:
    """Register an application for people; `client_secret` is SECRET."""
    return get_application_model().objects.create(
        **{
            "name": "Ma ville",
            "client_type": "confidential",
            "authorization_grant_type": "authorization-code",
            "redirect_uris": CALLBACK,
            "client_secret": SECRET,
            **fields,
        }
    )


def register_machine(**fields: Any) -> Any:
    """Register an application that acts for nobody."""
    return register(name="Capteurs", authorization_grant_type="client-credentials", redirect_uris="", **fields)


class App:
    """One run of the code flow with PKCE."""

    def __init__(self, application: Any, *, callback: str = CALLBACK, scope: str = "read") -> None:
        self.application = application
        self.library = WebApplicationClient(application.client_id)
        self.verifier = self.library.create_code_verifier(64)
        self.challenge = self.library.create_code_challenge(self.verifier, "S256")
        self.callback = callback
        self.scope = scope

    def query(self, **changed: Any) -> dict[str, str]:
        """Return what the library asks for; a changed value of None leaves it out."""
        uri = self.library.prepare_request_uri(
            "https://portal.example/oauth/authorize/",
            redirect_uri=self.callback,
            scope=self.scope,
            state="état",
            code_challenge=self.challenge,
            code_challenge_method="S256",
        )
        asked = {name: values[0] for name, values in parse_qs(urlsplit(uri).query).items()}
        return {name: value for name, value in {**asked, **changed}.items() if value is not None}

    def ask(self, browser: Client, **changed: Any) -> Any:
        """Bring a person to the page."""
        return browser.get(AUTHORIZE, self.query(**changed))

    def answer(self, browser: Client, page: Any, *, allow: bool = True, **changed: Any) -> Any:
        """Press a button on the page."""
        fields = {name: value for name, value in page.context["form"].initial.items() if value is not None}
        return browser.post(AUTHORIZE, {**fields, **({"allow": "true"} if allow else {}), **changed})

    def code(self, browser: Client, **changed: Any) -> str:
        """Ask, be allowed, and read the code from the address that the person comes back to."""
        response = self.answer(browser, self.ask(browser, **changed))
        # The library knows no loopback: it reads every answer as if it came over https.
        answer = response["Location"].replace("http://", "https://", 1)
        return str(self.library.parse_request_uri_response(answer, state="état")["code"])

    def exchange(self, client: Client, code: str, **changed: Any) -> Any:
        """Exchange a code for tokens."""
        body = self.library.prepare_request_body(
            code=code,
            redirect_uri=self.callback,
            code_verifier=changed.pop("verifier", self.verifier),
            client_secret=changed.pop("secret", SECRET),
        )
        return client.post(TOKEN, body, FORM)

    def refresh(self, client: Client, token: str, *, secret: str = SECRET) -> Any:
        """Exchange a refresh token."""
        body = self.library.prepare_refresh_body(
            refresh_token=token, client_id=self.application.client_id, client_secret=secret
        )
        return client.post(TOKEN, body, FORM)


def tokens_for(user: User, *, scope: str = "read", browser: Client | None = None) -> dict[str, Any]:
    """Run the whole flow for a person; return what the application got."""
    browser = browser or Client()
    browser.force_login(user)
    app = App(register(), scope=scope)
    response = app.exchange(Client(), app.code(browser))
    assert response.status_code == 200, response.content
    answer: dict[str, Any] = json.loads(response.content)
    return answer


def machine_token(*, scope: str = "read reports") -> str:
    """Return the access token of an application that acts for nobody."""
    application = register_machine()
    body = BackendApplicationClient(application.client_id).prepare_request_body(
        scope=scope, include_client_id=True, client_secret=SECRET
    )
    return str(Client().post(TOKEN, body, FORM).json()["access_token"])


def by(access: str) -> dict[str, str]:
    """Return the header that a token stands in."""
    return {"authorization": f"Bearer {access}"}
