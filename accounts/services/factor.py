"""The second factor of a person, as others than themselves may touch it; and their confirmed address."""

import hashlib
import logging

from allauth.account.models import EmailAddress
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import transaction
from redis.exceptions import RedisError

from accounts.models import AuditEntry, User
from accounts.services.audit import record
from accounts.services.roles import may_give
from accounts.services.tokens import end_tokens

logger = logging.getLogger(__name__)

# A code is good for three periods of 30 seconds: see `MFA_TOTP_TOLERANCE`.
CODE_IS_USED_SECONDS = 180


def confirm_address(*, user: User) -> EmailAddress:
    """Vouch for a person's address without a code: for people whom the command line makes."""
    address: EmailAddress = EmailAddress.objects.update_or_create(
        user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
    )[0]
    return address


def give_factor(*, user: User, secret: str) -> Authenticator:
    """Give a person a second factor whose secret is known already (base32); one that they have is replaced."""
    Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).delete()
    factor: Authenticator = TOTP.activate(user, secret).instance
    return factor


def is_first_use(*, user: User, code: str) -> bool:
    """Remember a code that was right, for longer than it is good; False where it was used before, wherever that was.

    Raises:
        RedisError: the cache is away; nobody can say.
    """
    digest = hashlib.sha256(normalize_user_code(code).encode()).hexdigest()
    return bool(cache.add(f"second-factor:{user.pk}:{digest}", 1, CODE_IS_USED_SECONDS))


def factor_of(user: User) -> Authenticator | None:
    """Return the second factor that a machine can be asked for: the app's codes. Recovery codes are for the pages."""
    factor: Authenticator | None = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    return factor


def accepts(*, factor: Authenticator, code: str) -> bool:
    """Say whether a code is the one of this moment and was not used before."""
    try:
        if not (factor.wrap().validate_code(code) and is_first_use(user=factor.user, code=code)):
            return False
    except (RedisError, OSError):
        # Used codes are remembered in the cache; without it, nobody can say that this one is not a copy.
        logger.warning("the cache is away: no code of a second factor is accepted")
        return False
    factor.record_usage()
    return True


@transaction.atomic
def reset_factor(*, user: User, by: User | None = None) -> bool:
    """Take a lost second factor off an account and end its sessions and tokens; return whether there was one.

    `by` is the administrator who does it; None is the command line. Staff are asked to activate a new one at once.

    Raises:
        PermissionDenied: `by` does not administer, wants it for themselves, or for somebody who may do more than they.
    """
    if by is not None and (by.pk == user.pk or not may_give(by) or (user.is_superuser and not by.is_superuser)):
        raise PermissionDenied
    removed, _by_table = Authenticator.objects.filter(user=user).delete()
    if not removed:
        return False
    record(kind=AuditEntry.Kind.FACTOR_RESET, actor=by, subject=user)
    end_tokens(user=user)
    for session in UserSession.objects.filter(user=user):
        session.end()
    return True
