"""How one signs in, as OpenAPI describes it. Importing it is enough: the schema's generator finds the classes."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension

from reports.api.authentication import BearerAuthentication, SessionAuthentication
from reports.api.scopes import scopes_for


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the package is half typed
    """The two kinds of tokens, as OpenAPI describes them."""

    target_class = BearerAuthentication
    name = ["jwt", "oauth2"]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[str]]]:
        """Return what one operation needs: either kind."""
        return [{"jwt": []}, {"oauth2": list(scopes_for(auto_schema.view, auto_schema.method))}]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        """Return both kinds."""
        named: dict[str, Any] = settings.OAUTH2_PROVIDER["SCOPES"]  # type: ignore[assignment]  # of many kinds of values
        scopes = {name: str(words) for name, words in named.items()}
        return [
            {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            {
                "type": "oauth2",
                "flows": {
                    "authorizationCode": {
                        "authorizationUrl": f"{settings.PUBLIC_URL}/oauth/authorize/",
                        "tokenUrl": f"{settings.PUBLIC_URL}/oauth/token/",
                        "scopes": scopes,
                    },
                    "clientCredentials": {"tokenUrl": f"{settings.PUBLIC_URL}/oauth/token/", "scopes": scopes},
                },
            },
        ]


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the package is half typed
    """The session's cookie, as OpenAPI describes it."""

    target_class = SessionAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Return the cookie."""
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
