"""Tokens of the API: given at sign-in, exchanged once each, and ended together.

Every sign-in opens a `TokenFamily`, which all its tokens name. A refresh token that is used a second time was copied:
nobody can tell the thief from the owner, so the whole family ends and both sign in again.
"""

import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from oauth2_provider.models import get_access_token_model, get_grant_model, get_refresh_token_model
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, UntypedToken

from accounts.errors import TokenRefused
from accounts.models import AuditEntry, TokenFamily, User
from accounts.services.audit import record

FAMILY = "family"
SEAL = "seal"


def seal_of(user: User) -> str:
    """Return what a password leaves in a token: after a change of the password no earlier token fits."""
    return salted_hmac("accounts.services.tokens", user.password, algorithm="sha256").hexdigest()[:16]


@transaction.atomic
def open_family(*, user: User, has_factor: bool) -> dict[str, str]:
    """Sign a person in by the API; return the first pair of tokens, `access` and `refresh`."""
    family = TokenFamily(user=user, has_factor=has_factor, expires_at=timezone.now())
    family.save(force_insert=True)
    return next_pair(family)


def next_pair(family: TokenFamily) -> dict[str, str]:
    """Return a new pair of a family. The list of tokens keeps their numbers, never the tokens themselves."""
    refresh = RefreshToken()
    refresh[api_settings.USER_ID_CLAIM] = str(family.user_id)
    refresh[FAMILY] = family.pk.hex
    refresh[SEAL] = seal_of(family.user)
    family.expires_at = timezone.now() + refresh.lifetime
    family.save(update_fields=["expires_at"])
    OutstandingToken.objects.create(
        user=family.user,
        jti=refresh[api_settings.JTI_CLAIM],
        token="",
        created_at=refresh.current_time,
        expires_at=family.expires_at,
    )
    return {"access": str(refresh.access_token), "refresh": str(refresh)}


def live_family(claims: dict[str, Any], *, lock: bool = False) -> TokenFamily:
    """Return the family of a token whose signature was checked; one query.

    Raises:
        TokenRefused: it has ended, its person may not sign in any more, or changed the password since.
    """
    try:
        family_id = uuid.UUID(str(claims.get(FAMILY)))
    except ValueError:
        raise TokenRefused from None
    families = TokenFamily.objects.select_related("user").filter(pk=family_id, ended_at=None, user__is_active=True)
    if lock:
        families = families.select_for_update(of=("self",))
    family = families.first()
    if family is None or not constant_time_compare(str(claims.get(SEAL)), seal_of(family.user)):
        raise TokenRefused
    return family


def person_of(access: str) -> User:
    """Return whom an access token speaks for; without a second factor at sign-in they are a citizen like any other.

    Raises:
        TokenRefused: it is none of ours, has expired, or was ended.
    """
    try:
        claims = AccessToken(access).payload  # type: ignore[arg-type]  # the text form is what it reads
    except TokenError:
        raise TokenRefused from None
    family = live_family(claims)
    family.user.acts_as_citizen = family.user.is_staff and not family.has_factor
    return family.user


def claims_of_refresh(text: str) -> dict[str, Any]:
    """Return what a refresh token says, used before or not.

    Raises:
        TokenRefused: it is none, or has expired.
    """
    try:
        claims: dict[str, Any] = UntypedToken(text).payload  # type: ignore[arg-type]  # the text form is what it reads
    except TokenError:
        raise TokenRefused from None
    if claims.get(api_settings.TOKEN_TYPE_CLAIM) != RefreshToken.token_type:
        raise TokenRefused
    return claims


def use_up(claims: dict[str, Any]) -> bool:
    """Take a refresh token out of use; False where it was used before. The caller holds its family's lock."""
    row = OutstandingToken.objects.filter(jti=claims[api_settings.JTI_CLAIM]).first()
    return row is not None and BlacklistedToken.objects.get_or_create(token=row)[1]


def rotate(*, refresh: str) -> dict[str, str]:
    """Exchange a refresh token for the next pair, once.

    Raises:
        TokenRefused: it is not good (any more). Used a second time, it takes its whole family with it.
    """
    claims = claims_of_refresh(refresh)
    with transaction.atomic():
        family = live_family(claims, lock=True)
        pair = next_pair(family) if use_up(claims) else None
        if pair is None:
            end_family(family=family, is_reused=True)
    # Only now: a refusal inside would undo the end of the family.
    if pair is None:
        raise TokenRefused
    return pair


def sign_out(*, refresh: str) -> None:
    """End the family of a refresh token, access tokens included.

    Raises:
        TokenRefused: there is nothing to end.
    """
    claims = claims_of_refresh(refresh)
    with transaction.atomic():
        family = live_family(claims, lock=True)
        is_first = use_up(claims)
        end_family(family=family, is_reused=not is_first)
    if not is_first:
        raise TokenRefused


@transaction.atomic
def end_family(*, family: TokenFamily, is_reused: bool) -> None:
    """End a family; a reused token is put on record."""
    ended = TokenFamily.objects.filter(pk=family.pk, ended_at=None).update(ended_at=timezone.now())
    if ended and is_reused:
        record(
            kind=AuditEntry.Kind.TOKENS_REVOKED,
            actor=None,
            subject=family.user,
            about="jwt",
            data={"family": family.pk.hex},
        )


@transaction.atomic
def end_tokens(*, user: User) -> None:
    """End everything that speaks for a person by the API: own sign-ins and what applications were given.

    For a new password, a lost second factor, or an account that closes.
    """
    TokenFamily.objects.filter(user=user, ended_at=None).update(ended_at=timezone.now())
    get_grant_model().objects.filter(user=user).delete()
    get_refresh_token_model().objects.filter(user=user, revoked=None).update(revoked=timezone.now(), access_token=None)
    get_access_token_model().objects.filter(user=user).delete()


def forget_families() -> int:
    """Remove the families whose last token has expired; return how many."""
    return TokenFamily.objects.filter(expires_at__lt=timezone.now()).delete()[0]
