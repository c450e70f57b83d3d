"""`auth/token/…`: signing in by token. Access tokens live minutes; a refresh token is good for one use."""

from typing import Any, cast

from django.contrib.auth import authenticate
from django.contrib.auth.models import update_last_login
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import RefreshToken

from accounts.models import User
from reports.api.base import PublicView, keep_private, problems
from reports.throttles import SignIn

MAX_PASSWORD = 4096
MAX_TOKEN = 4096


class CredentialsSerializer(serializers.Serializer[Any]):
    """Who signs in."""

    email = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=MAX_PASSWORD, trim_whitespace=False, write_only=True)


class RefreshSerializer(serializers.Serializer[Any]):
    """A refresh token."""

    refresh = serializers.CharField(max_length=MAX_TOKEN)


class TokensSerializer(serializers.Serializer[Any]):
    """`access` goes into `Authorization: Bearer …`; `refresh` is exchanged for the next pair."""

    access = serializers.CharField()
    refresh = serializers.CharField()


class WrongCredentials(AuthenticationFailed):
    """The same sentence for an unknown address and a wrong password: neither is told apart."""

    default_code = "wrong_credentials"
    default_detail = _("L’adresse e-mail ou le mot de passe n’est pas le bon.")


class WrongToken(AuthenticationFailed):
    """Expired, revoked, used before, or never ours."""

    default_code = "token_not_valid"
    default_detail = _("Ce jeton n’est pas ou n’est plus valable. Connectez-vous de nouveau.")


class TokenPage(PublicView):
    """A view that hands out or takes back tokens."""

    throttle_classes = (SignIn,)

    def get_authenticate_header(self, request: Request) -> str:
        """Name the scheme, so that a refusal is a 401."""
        return 'Bearer realm="api"'


def read_refresh(text: str) -> RefreshToken:
    """Return the token.

    Raises:
        WrongToken: it is none, has expired or was used.
    """
    try:
        return RefreshToken(text)  # type: ignore[arg-type]  # the text form is what it reads
    except TokenError:
        raise WrongToken from None


def use_up(token: RefreshToken) -> None:
    """Take a refresh token out of use.

    Raises:
        WrongToken: somebody else was first, be it a moment ago.
    """
    _row, is_first = cast("tuple[Any, bool]", token.blacklist())
    if not is_first:
        raise WrongToken


def tokens_for(user: User) -> dict[str, str]:
    """Return a new pair."""
    refresh = RefreshToken.for_user(user)
    return {"access": str(refresh.access_token), "refresh": str(refresh)}


class TokenView(TokenPage):
    """Signing in."""

    @extend_schema(
        operation_id="token_create",
        summary="Sign in",
        request=CredentialsSerializer,
        responses={
            200: TokensSerializer,
            **problems(
                _400="A field is missing.", _401="`wrong_credentials`.", _429="Too many attempts; see `Retry-After`."
            ),
        },
    )
    def post(self, request: Request) -> HttpResponse:
        """Exchange an address and a password for tokens."""
        given = CredentialsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        user = authenticate(
            request._request,  # noqa: SLF001  (backends want Django's request)
            username=given.validated_data["email"],
            password=given.validated_data["password"],
        )
        if not isinstance(user, User):
            raise WrongCredentials
        update_last_login(User, user)
        return keep_private(Response(tokens_for(user)))


class TokenRefreshView(TokenPage):
    """Staying signed in."""

    @extend_schema(
        operation_id="token_refresh",
        summary="Exchange a refresh token for a new pair",
        request=RefreshSerializer,
        responses={200: TokensSerializer, **problems(_401="`token_not_valid`: expired, revoked or used before.")},
    )
    def post(self, request: Request) -> HttpResponse:
        """Use a refresh token up and return the next pair."""
        given = RefreshSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        token = read_refresh(given.validated_data["refresh"])
        user = User.objects.filter(pk=token.payload.get(api_settings.USER_ID_CLAIM, 0), is_active=True).first()
        if user is None:
            raise WrongToken
        use_up(token)
        return keep_private(Response(tokens_for(user)))


class TokenRevokeView(TokenPage):
    """Signing out."""

    @extend_schema(
        operation_id="token_revoke",
        summary="Sign out",
        request=RefreshSerializer,
        responses={204: None, **problems(_401="`token_not_valid`: there is nothing to revoke.")},
    )
    def post(self, request: Request) -> HttpResponse:
        """Take a refresh token out of use; access tokens end by themselves within minutes."""
        given = RefreshSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        use_up(read_refresh(given.validated_data["refresh"]))
        return keep_private(Response(status=204))
