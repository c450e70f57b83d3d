"""Keeping somebody from contributing for a time: decided by whoever judges the place, checked at every contribution."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import AuditEntry, Ban, User
from accounts.services.audit import record

# A ban that ended so long ago is forgotten, and with it the device that it named.
KEPT = timedelta(days=365)
# The first half of the advisory locks' numbers for devices: nothing else in this database uses it.
LOCK = 0x4241


def ban_of(*, user: User | None, device: str = "") -> Ban | None:
    """Return the ban in force on a person, or on the device of somebody without an account: the one that ends last."""
    if user is None and not device:
        return None
    return Ban.objects.of(user=user, device=device).in_force().order_by("-until").first()


def hold(*, user: User | None, device: str = "") -> None:
    """Let only one ban of a person, or of a device, be decided at a time, until the caller's transaction ends."""
    if user is not None:
        User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK, device])


@transaction.atomic
def ban(*, user: User | None = None, device: str = "", until: datetime, about: str, by: User) -> Ban:
    """Keep a person or a device from contributing until a moment, and put it on record.

    Who may decide that is the question of whoever calls. `about` is the number of the report that led to it.
    """
    row = Ban.objects.create(user=user, device="" if user else device, until=until, about=about, by=by)
    record(
        kind=AuditEntry.Kind.BANNED,
        actor=by,
        subject=user,
        about=about,
        data={"ban": row.pk, "until": until.isoformat(), "of": "person" if user else "device"},
    )
    return row


@transaction.atomic
def lift(*, ban: Ban, by: User) -> bool:
    """End a ban before its time, and put it on record; False where it had ended already."""
    now = timezone.now()
    if not Ban.objects.in_force().filter(pk=ban.pk).update(lifted_at=now, lifted_by=by):
        return False
    ban.lifted_at, ban.lifted_by = now, by
    record(kind=AuditEntry.Kind.UNBANNED, actor=by, subject=ban.user, about=ban.about, data={"ban": ban.pk})
    return True


def forget_bans(*, now: datetime | None = None) -> int:
    """Remove the bans that ended long ago; return how many."""
    removed, _by_model = Ban.objects.filter(until__lt=(now or timezone.now()) - KEPT).delete()
    return removed
