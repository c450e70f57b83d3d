"""`auth/token/…`: signing in by token. Access tokens live minutes; a refresh token is good for one use."""

import hashlib
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth import authenticate
from django.contrib.auth.models import update_last_login
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import TokenRefused
from accounts.models import User
from accounts.services import tokens
from accounts.services.factor import accepts, factor_of
from accounts.throttles import address_of
from reports.api.authentication import REALM, WrongToken
from reports.api.base import PublicView, count_request, keep_private, problems
from reports.throttles import SignIn, seconds_to_wait

MAX_PASSWORD = 4096
MAX_TOKEN = 4096
MAX_CODE = 20


class CredentialsSerializer(serializers.Serializer[Any]):
    """Who signs in."""

    email = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=MAX_PASSWORD, trim_whitespace=False, write_only=True)
    otp = serializers.CharField(
        max_length=MAX_CODE,
        required=False,
        allow_blank=True,
        default="",
        write_only=True,
        help_text="The app’s code of this moment, from whoever has a second factor.",
    )


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


class SecondFactorRequired(AuthenticationFailed):
    """Told only to whoever knows the password."""

    default_code = "second_factor_required"
    default_detail = _("Ajoutez dans otp le code de votre application d’authentification ; chaque code sert une fois.")


class SecondFactorMissing(AuthenticationFailed):
    """Staff get in with two factors or not at all."""

    default_code = "second_factor_missing"
    default_detail = _("Votre rôle demande un second facteur. Activez-le d’abord sur le site, dans votre compte.")


class EmailNotConfirmed(AuthenticationFailed):
    """As on the pages, the address comes first."""

    default_code = "email_not_confirmed"
    default_detail = _("Confirmez d’abord votre adresse e-mail : connectez-vous une fois sur le site.")


class TokenPage(PublicView):
    """A view that hands out or takes back tokens."""

    throttle_classes = (SignIn,)

    def get_authenticate_header(self, request: Request) -> str:
        """Name the scheme, so that a refusal is a 401."""
        return REALM


def known_by(text: str) -> str:
    """Return what stands for a text where it must not be read: in the memory of attempts."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def count_attempt(request: Request, email: str) -> None:
    """Count an attempt on one account, known or not: by the address that it comes from, and by all together.

    The first is strict. The second is looser and forgets after minutes, because it also keeps the owner out: one
    address alone cannot use it up.

    Raises:
        Throttled: there were too many.
    """
    plain = request._request  # noqa: SLF001  (DRF names it so)
    account = email.strip().lower()
    wait = seconds_to_wait(plain, "sign-in-pair", identity=known_by(f"{account} {address_of(plain)}"))
    wait = wait or seconds_to_wait(plain, "sign-in-account", identity=known_by(account))
    if wait:
        raise Throttled(wait)


def known(request: Request, email: str, password: str) -> User:
    """Return whose password it is.

    Raises:
        WrongCredentials: nobody’s, or of somebody who may not sign in.
        EmailNotConfirmed: of somebody whose address waits to be confirmed.
    """
    user = authenticate(request._request, username=email, password=password)  # noqa: SLF001  (backends want Django's request)
    if not isinstance(user, User) or not user.is_active:
        raise WrongCredentials
    if EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=False).exists():
        raise EmailNotConfirmed
    return user


def shows_factor(request: Request, user: User, code: str) -> bool:
    """Check the second factor; return whether the person has one.

    Codes are counted for the whole account and for an hour: only who knows the password gets here.

    Raises:
        Throttled: too many codes were tried.
        SecondFactorRequired: they have, and the code is missing, wrong or used.
        SecondFactorMissing: they have none and work here.
    """
    factor = factor_of(user)
    if factor is None:
        if user.is_staff:
            raise SecondFactorMissing
        return False
    if not code:
        raise SecondFactorRequired
    count_request(request, "sign-in-factor", user)
    if not accepts(factor=factor, code=code):
        raise SecondFactorRequired
    return True


class TokenView(TokenPage):
    """Signing in."""

    @extend_schema(
        operation_id="token_create",
        summary="Sign in",
        request=CredentialsSerializer,
        responses={
            200: TokensSerializer,
            **problems(
                _400="A field is missing.",
                _401="`wrong_credentials`, `second_factor_required` (send `otp`), `second_factor_missing` (staff), "
                "or `email_not_confirmed`.",
                _429="Too many attempts; see `Retry-After`.",
            ),
        },
    )
    def post(self, request: Request) -> HttpResponse:
        """Exchange an address and a password, and the code of a second factor, for tokens."""
        given = CredentialsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        facts = given.validated_data
        count_attempt(request, facts["email"])
        user = known(request, facts["email"], facts["password"])
        has_factor = shows_factor(request, user, facts["otp"])
        update_last_login(User, user)
        return keep_private(Response(tokens.open_family(user=user, has_factor=has_factor)))


class TokenRefreshView(TokenPage):
    """Staying signed in."""

    @extend_schema(
        operation_id="token_refresh",
        summary="Exchange a refresh token for a new pair",
        request=RefreshSerializer,
        responses={
            200: TokensSerializer,
            **problems(
                _401="`token_not_valid`: expired or revoked; used before, it also ends every token of the same sign-in."
            ),
        },
    )
    def post(self, request: Request) -> HttpResponse:
        """Use a refresh token up and return the next pair."""
        given = RefreshSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            return keep_private(Response(tokens.rotate(refresh=given.validated_data["refresh"])))
        except TokenRefused:
            raise WrongToken from None


class TokenRevokeView(TokenPage):
    """Signing out."""

    @extend_schema(
        operation_id="token_revoke",
        summary="Sign out",
        request=RefreshSerializer,
        responses={204: None, **problems(_401="`token_not_valid`: there is nothing to revoke.")},
    )
    def post(self, request: Request) -> HttpResponse:
        """End every token of the same sign-in, access tokens included."""
        given = RefreshSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            tokens.sign_out(refresh=given.validated_data["refresh"])
        except TokenRefused:
            raise WrongToken from None
        return keep_private(Response(status=204))
