"""What of django-oauth-toolkit's server is stricter here."""

import hashlib
import uuid
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from oauth2_provider.models import get_grant_model, get_refresh_token_model
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError

from accounts.models import AuditEntry
from accounts.services.audit import record

# RFC 8252: a native app listens on the phone or computer itself, at any port.
LOOPBACK = {"127.0.0.1", "::1"}
BY_CODE = "authorization_code"


def is_safe_redirect(uri: str) -> bool:
    """Say whether a code may be sent to an address: encrypted, or never leaving the device; and no name before an @."""
    parts = urlsplit(uri)
    if parts.username is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def family_of(code: str) -> uuid.UUID:
    """Return the family of the tokens that a code is exchanged for.

    Derived from the code, so that a code that comes back names what it once gave; the code itself is forgotten.
    """
    return uuid.UUID(bytes=hashlib.sha256(code.encode(errors="replace")).digest()[:16])


class UsedMeanwhile(InvalidGrantError):  # type: ignore[misc]  # the package ships no types
    """Another request with the same refresh token or code was faster."""


class Validator(OAuth2Validator):  # type: ignore[misc]  # the package ships no types
    """Refuses people who may not sign in, and tells the record when a refresh token or a code comes back."""

    def validate_redirect_uri(
        self, client_id: str, redirect_uri: str, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Allow what is registered, and only where a code is safe on its way."""
        allowed = super().validate_redirect_uri(client_id, redirect_uri, request, *args, **kwargs)
        return bool(allowed) and is_safe_redirect(redirect_uri)

    def validate_code(
        self, client_id: str, code: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Allow a code whose person may still sign in, once; a second time it takes what it gave with it."""
        valid = bool(super().validate_code(client_id, code, client, request, *args, **kwargs))
        if not valid:
            self.end_given(code, client)
        return valid and request.user.is_active

    def validate_refresh_token(
        self, refresh_token: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Allow a refresh token once; a second time it takes its whole family with it, and that is put on record."""
        row = self.issued(refresh_token)
        if row is not None and row.revoked is not None:
            self.end_reused(row)
            return False
        valid = bool(super().validate_refresh_token(refresh_token, client, request, *args, **kwargs))
        return valid and request.user.is_active

    def save_bearer_token(self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any) -> None:
        """Save a new token; of two requests with one refresh token or code, the second is a reuse like any other."""
        try:
            super().save_bearer_token(token, request, *args, **kwargs)
        except UsedMeanwhile:
            # Outside the transaction that the refusal has just undone.
            if request.grant_type == BY_CODE:
                self.end_given(request.code, request.client)
            else:
                self.end_reused(request.refresh_token_instance)
            raise

    def _save_bearer_token(self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any) -> None:
        old = getattr(request, "refresh_token_instance", None)
        if old is not None:
            locked = get_refresh_token_model().objects.select_for_update().get(pk=old.pk)
            if locked.revoked is not None:
                raise UsedMeanwhile(request=request)
        if request.grant_type == BY_CODE:
            code = get_grant_model().objects.select_for_update().filter(code=request.code, application=request.client)
            if code.first() is None or self.given(request.code, request.client) is not None:
                raise UsedMeanwhile(request=request)
        super()._save_bearer_token(token, request, *args, **kwargs)

    def _create_refresh_token(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        row = super()._create_refresh_token(request, *args, **kwargs)
        if request.grant_type == BY_CODE:
            row.token_family = family_of(request.code)
            row.save(update_fields=["token_family"])
        return row

    def issued(self, refresh_token: str) -> Any:
        """Return the row of a refresh token that we gave out, the live one first; or None."""
        checksum = hashlib.sha256(refresh_token.encode(errors="replace")).hexdigest()
        rows = get_refresh_token_model().objects.filter(token_checksum=checksum)
        return rows.filter(revoked=None).first() or rows.first()

    def given(self, code: str, client: Any) -> Any:
        """Return a refresh token that an application got for a code, the live one first; or None."""
        rows = get_refresh_token_model().objects.filter(token_family=family_of(code), application=client)
        return rows.filter(revoked=None).first() or rows.first()

    def end_given(self, code: str, client: Any) -> None:
        """End what a code has given; nothing where it has given nothing (RFC 6749, 4.1.2)."""
        row = self.given(code, client)
        if row is not None:
            self.end_reused(row)

    @transaction.atomic
    def end_reused(self, row: Any) -> None:
        """End a family of tokens; nothing is put on record where nothing of it lived any more."""
        refresh_tokens = get_refresh_token_model()
        lived = refresh_tokens.objects.filter(token_family=row.token_family, revoked=None).exists()
        refresh_tokens.revoke_family(row.token_family)
        if lived:
            record(
                kind=AuditEntry.Kind.TOKENS_REVOKED,
                actor=None,
                subject=row.user,
                about=row.application.client_id[:100],
                data={"family": row.token_family.hex},
            )
