"""Closing an account for good: asked for, fourteen days to undo, then everything personal goes.

The row of the person stays without anything that says who it was, because the log and the record name it by number.
"""

import logging
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import DatabaseError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts import emails
from accounts.errors import LastAdministrator
from accounts.models import AuditEntry, Role, User
from accounts.services.audit import record
from accounts.services.data import queue, queue_again, sources
from accounts.services.roles import revoke
from accounts.tasks import send_erasure_notice

logger = logging.getLogger(__name__)

UNDO_DAYS = 14
UNANNOUNCED_AGE = timedelta(minutes=2)
UNCONFIRMED_AGE = timedelta(days=30)
BATCH = 200


def administrators() -> QuerySet[User]:
    """Return the people who administer and are not about to leave."""
    role = Q(is_superuser=True) | Q(memberships__role=Role.ADMINISTRATOR)
    return User.objects.filter(role, is_active=True, erase_after=None, erased_at=None)


def check_succession(user: User) -> None:
    """Refuse to let the last administrator go.

    Raises:
        LastAdministrator
    """
    if not user.is_superuser and not user.memberships.filter(role=Role.ADMINISTRATOR).exists():
        return
    # All of them are locked in one order, and asked for again once the locks are had: of two who leave at once, the
    # second must see that the first has left.
    list(User.objects.select_for_update().filter(pk__in=administrators().values("pk")).order_by("pk"))
    if not administrators().exclude(pk=user.pk).exists():
        raise LastAdministrator


@transaction.atomic
def ask_for_erasure(*, user: User, with_comments: bool) -> datetime:
    """Plan the erasure in UNDO_DAYS and return the moment; asking again changes only what becomes of the comments.

    Raises:
        LastAdministrator
    """
    check_succession(user)
    planned = User.objects.filter(pk=user.pk, erased_at=None)
    moment = timezone.now() + timedelta(days=UNDO_DAYS)
    is_new = planned.filter(erase_after=None).update(erase_after=moment, erasure_mailed_at=None)
    planned.update(erases_comments=with_comments)
    user.refresh_from_db(fields=["erase_after", "erases_comments", "erasure_mailed_at"])
    if is_new:
        record(kind=AuditEntry.Kind.ERASURE_ASKED, actor=user, subject=user, data={"comments": with_comments})
        queue(send_erasure_notice, user.pk)
    return user.erase_after or moment


@transaction.atomic
def undo_erasure(*, user: User) -> bool:
    """Keep the account after all; return whether an erasure was planned."""
    undone = User.objects.filter(pk=user.pk, erased_at=None, erase_after__isnull=False).update(
        erase_after=None, erases_comments=False
    )
    if undone:
        record(kind=AuditEntry.Kind.ERASURE_UNDONE, actor=user, subject=user)
        user.refresh_from_db(fields=["erase_after", "erases_comments"])
    return bool(undone)


def unannounced() -> QuerySet[User]:
    """Return the people whose erasure is planned and who were not mailed the day."""
    return User.objects.filter(erase_after__isnull=False, erased_at=None, erasure_mailed_at=None)


def announce_erasure(*, user_id: int) -> None:
    """Mail the day to the person and remember that it was sent.

    Raises:
        OSError: the mail server could not be reached; the person still waits to be told.
    """
    user = unannounced().filter(pk=user_id).first()
    if user is None:
        logger.info("person %s needs no mail about an erasure", user_id)
        return
    emails.erasure_asked(user=user)
    unannounced().filter(pk=user_id).update(erasure_mailed_at=timezone.now())


def sweep_erasures() -> int:
    """Mail what was not mailed and erase whose time has come; return how many were erased."""
    now = timezone.now()
    unsaid = unannounced().filter(erase_after__lt=now + timedelta(days=UNDO_DAYS) - UNANNOUNCED_AGE)
    queue_again(send_erasure_notice, unsaid.values_list("pk", flat=True)[:BATCH])
    erased = 0
    for user_id in User.objects.filter(erase_after__lte=now, erased_at=None).values_list("pk", flat=True)[:BATCH]:
        try:
            erased += erase(user_id=user_id)
        except (LastAdministrator, DatabaseError, OSError):
            # One account that cannot go today must not keep the others; it stays due, and the log says why.
            logger.exception("person %s could not be erased", user_id)
    return erased


def erase(*, user_id: int) -> bool:
    """Erase a person whose time has come; return whether this call finished it.

    Each step may be done again: a crash in the middle leaves a closed account that is still due, and the next sweep
    does the rest. Sign-in data goes last, because the other apps find what belongs to the person by it.

    Raises:
        LastAdministrator: everybody else left meanwhile.
    """
    user = close(user_id=user_id)
    if user is None:
        return False
    for source in reversed(sources()):
        source.erase(user)
    with transaction.atomic():
        done = User.objects.filter(pk=user_id, erased_at=None).update(erased_at=timezone.now())
        if done:
            record(kind=AuditEntry.Kind.ERASED, actor=None, subject=user)
    return bool(done)


@transaction.atomic
def close(*, user_id: int) -> User | None:
    """Close the account of a person whose time has come and take their responsibilities back; None if it has not."""
    due = User.objects.select_for_update().filter(pk=user_id, erase_after__lte=timezone.now(), erased_at=None)
    user = due.first()
    if user is None:
        return None
    if user.is_active:
        check_succession(user)
    for membership in user.memberships.select_related("user"):
        revoke(membership=membership)
    user.is_active = user.is_staff = user.is_superuser = False
    user.save(update_fields=["is_active", "is_staff", "is_superuser"])
    return user


def forget_unconfirmed() -> int:
    """Remove the accounts whose address nobody confirmed in UNCONFIRMED_AGE; return how many.

    Only accounts that were signed up for and never used: no confirmed address, no sign-in, nothing on record.
    """
    addresses = EmailAddress.objects.filter(user=OuterRef("pk"))
    entries = AuditEntry.objects.filter(Q(actor=OuterRef("pk")) | Q(subject=OuterRef("pk")))
    old = User.objects.filter(
        Exists(addresses),
        ~Exists(addresses.filter(verified=True)),
        ~Exists(entries),
        date_joined__lt=timezone.now() - UNCONFIRMED_AGE,
        last_login=None,
        is_staff=False,
        is_superuser=False,
    )
    ids = list(old.order_by("pk").values_list("pk", flat=True)[:BATCH])
    # A person who confirms at this very moment is kept: the conditions are asked again.
    _rows, by_model = old.filter(pk__in=ids).delete()
    removed = by_model.get("accounts.User", 0)
    if removed:
        logger.info("%s unconfirmed accounts removed", removed)
    return removed
