"""Who asks: by a token of their own sign-in (JWT), of an application (OAuth2), or by the session of the pages."""

import hashlib
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractAccessToken, get_access_token_model
from rest_framework import authentication
from rest_framework.exceptions import APIException, AuthenticationFailed, Throttled
from rest_framework.request import Request

from accounts.errors import TokenRefused
from accounts.middleware import has_shown_second_factor
from accounts.models import User
from accounts.services import tokens
from reports.api.scopes import STAFF, scopes_for
from reports.throttles import seconds_to_wait

REALM = 'Bearer realm="api"'
JWT_DOTS = 2


class WrongToken(AuthenticationFailed):
    """Expired, revoked, used before, or never ours."""

    default_code = "token_not_valid"
    default_detail = _("Ce jeton n’est pas ou n’est plus valable. Connectez-vous de nouveau.")


class InsufficientScope(APIException):
    """The person may, but did not allow this application to."""

    status_code = 403
    default_code = "insufficient_scope"
    default_detail = _("Cette application n’a pas reçu l’autorisation de faire cela.")

    def __init__(self, scopes: tuple[str, ...]) -> None:
        super().__init__()
        asked = f', scope="{" ".join(scopes)}"' if scopes else ""
        self.auth_header = f'{REALM}, error="insufficient_scope"{asked}'


class BearerAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer …`; a JSON Web Token has two dots, a token of an application none."""

    def authenticate(self, request: Request) -> tuple[User | AnonymousUser, Any] | None:
        """Return who asks and by which token; None without one.

        Raises:
            WrongToken: the token is not good.
            InsufficientScope: it is, for something else.
        """
        parts = request.headers.get("Authorization", "").split()
        if not parts or parts[0].lower() != "bearer":
            return None
        if len(parts) != 2:  # noqa: PLR2004  (the scheme and the token)
            raise WrongToken
        if parts[1].count(".") != JWT_DOTS:
            return by_application(request, parts[1])
        try:
            return tokens.person_of(parts[1]), None
        except TokenRefused:
            raise WrongToken from None

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme, so that a refusal is a 401."""
        return REALM


def by_application(request: Request, text: str) -> tuple[User | AnonymousUser, AbstractAccessToken]:
    """Return whom an application acts for, nobody for one that acts by itself; one query.

    Here, and nowhere else, the scopes are enforced and an application's requests counted: before any view has looked
    at anything.

    Raises:
        WrongToken: the token is not good.
        Throttled: the application asked too often, from wherever.
        InsufficientScope: the token is good for something else.
    """
    checksum = hashlib.sha256(text.encode(errors="replace")).hexdigest()
    rows = get_access_token_model().objects.select_related("user", "application")
    token = rows.filter(token_checksum=checksum).first()
    if token is None or not token.is_valid() or not token.allows_audience(request.build_absolute_uri(request.path)):
        raise WrongToken
    if token.user is not None and not token.user.is_active:
        raise WrongToken
    plain = request._request  # noqa: SLF001  (DRF names it so)
    wait = seconds_to_wait(plain, "application", identity=f"application:{token.application_id}")
    if wait:
        raise Throttled(wait)
    needed = scopes_for(request.parser_context["view"], str(request.method))
    given = set(token.scope.split())
    if not given.intersection(needed):
        raise InsufficientScope(needed)
    if token.user is None:
        return AnonymousUser(), token
    token.user.acts_as_citizen = STAFF not in given
    return token.user, token


class SessionAuthentication(authentication.SessionAuthentication):
    """Whoever is signed in on the pages; staff without their second factor are citizens here."""

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        """Return who asks."""
        found = super().authenticate(request)
        if found is not None and found[0].is_staff:
            found[0].acts_as_citizen = not has_shown_second_factor(request._request)  # noqa: SLF001  (DRF names it so)
        return found
