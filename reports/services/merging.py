"""Joining a duplicate to its original, with everybody who stands behind it, and parting them again.

Both are called by `handling.change_status`, inside its transaction; whoever undoes a decision calls `unmerge` alone.
"""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TypeVar

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.encryption import fingerprints
from reports import workflow
from reports.errors import StaleReport
from reports.models import Event, Follow, Merge, Report, Vote
from reports.permissions import Actor
from reports.querysets import LONGEST_CHAIN
from reports.services.community import shift_votes, tell_votes
from reports.services.log import record

ORIGINALS = (*workflow.PUBLIC, workflow.PENDING)
# Somebody who supports the original in the very moment makes one attempt fail; the next one sees them.
ATTEMPTS = 5
# The first half of the advisory locks' numbers: nothing else in this database uses it.
LOCK = 0x4D47

Result = TypeVar("Result")


def lock(*, duplicate: Report, others: list[int]) -> None:
    """Let only one merge or parting at a time touch these reports, until the transaction ends.

    Advisory, not the rows themselves: whoever supports a report writes their vote first and its count then, so that to
    wait for votes while holding the report's row would be a deadlock. For the same reason the votes that are about to
    move are locked before anything else is changed.
    """
    with connection.cursor() as cursor:
        for report_id in sorted({duplicate.pk, *others}):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, report_id % 2**31])
    len(Vote.objects.filter(report=duplicate).select_for_update().order_by("pk").values_list("pk"))


def hand_over(
    *, duplicate: Report, original: Report, actor: Actor, told: Collection[int] = (), former: str = ""
) -> Merge:
    """Move a duplicate's supporters and followers to the original, each counted once, and remember who moved.

    `told` are follows of the original whose people hear of it otherwise; `former` is the number of the original that
    it had before, which its author took back.

    Raises:
        StaleReport: the original has become a duplicate itself, or was closed, in the meantime.
    """
    votes = attempted(lambda: move_votes(duplicate=duplicate, original=original))
    moved = attempted(lambda: move_followers(duplicate=duplicate, original=original))
    shift_votes(report=original, by=len(votes))
    shift_votes(report=duplicate, by=-len(votes))
    # Its row is ours now: nobody closes it any more before this is done.
    original.refresh_from_db(fields=["status"])
    if original.status not in ORIGINALS:
        raise StaleReport
    if original.is_public:
        tell_votes(report=original)
    # Those who came along are told once, here; the duplicate's own change of status tells them nothing more.
    data = {"duplicate": duplicate.ref, "followers": [pk for pk in moved.told if pk not in told]}
    if former:
        data["former"] = former
    event = record(kind=Event.Kind.MERGED, report=original, actor=actor, is_public=False, private_data=data)
    return Merge.objects.create(
        duplicate=duplicate, original=original, votes=votes, follows=moved.follows, copies=moved.copies, event=event
    )


def attempted(act: Callable[[], Result]) -> Result:
    """Do something that somebody who acts at the same moment may break by being both here and there."""
    for _attempt in range(ATTEMPTS - 1):
        try:
            with transaction.atomic():
                return act()
        except IntegrityError:
            # They are in now, and the next attempt counts them once.
            continue
    with transaction.atomic():
        return act()


def move_votes(*, duplicate: Report, original: Report) -> list[int]:
    """Give the original the supports of those who do not support it yet; return their ids."""
    known_people = original.supporters.filter(user__isnull=False).values("user")
    known_devices = original.supporters.exclude(device="").values("device")
    strangers = duplicate.supporters.exclude(user__in=known_people).exclude(device__in=known_devices)
    ids = list(strangers.values_list("pk", flat=True))
    Vote.objects.filter(pk__in=ids).update(report=original)
    return ids


@dataclass(frozen=True)
class Moved:
    """Follows of the original: those that moved, those made for an author, and all who came along, who are told."""

    follows: list[int]
    copies: list[int]
    told: list[int]


def move_followers(*, duplicate: Report, original: Report) -> Moved:
    """Make a duplicate's followers follow the original, each once."""
    moved = Moved([], [], [])
    rows = list(duplicate.followers.order_by("pk"))
    twin_of = twins_of(rows, original)
    for follow in rows:
        twin = twin_of(follow)
        if twin is None and not follow.is_reporter:
            moved.follows.append(follow.pk)
            twin = follow.pk
        elif twin is None and (follow.user_id or follow.email):
            # The author keeps the private link to what they sent, and follows the original too.
            copy = {name: getattr(follow, name) for name in ("user", "email", "confirmed_at", "frequency", "language")}
            twin = Follow.objects.create(report=original, **copy).pk
            moved.copies.append(twin)
        if twin is not None:
            moved.told.append(twin)
    Follow.objects.filter(pk__in=moved.follows).update(report=original)
    return moved


def twins_of(rows: list[Follow], original: Report) -> Callable[[Follow], int | None]:
    """Return what finds the follow by which the same person, or address, follows the original already."""
    there = Follow.objects.filter(report=original)
    digests = [digest for row in rows if not row.user_id and row.email for digest in fingerprints(row.email)]
    people = dict(there.filter(user__in=[row.user_id for row in rows if row.user_id]).values_list("user", "pk"))
    addresses = dict(there.filter(email_digest__in=digests).values_list("email_digest", "pk")) if digests else {}

    def twin_of(row: Follow) -> int | None:
        if row.user_id:
            return people.get(row.user_id)
        known = (addresses.get(digest) for digest in fingerprints(row.email)) if row.email else ()
        return next((pk for pk in known if pk is not None), None)

    return twin_of


@transaction.atomic
def unmerge(*, report: Report, actor: Actor, tells: bool = True, withdrawn: bool = False) -> Merge | None:
    """Part a duplicate from its original: the supports and follows that had moved go back, and everybody is told once.

    Only the people: the caller changes the status, afterwards and in the same transaction (`handling.change_status`
    does both). Without `tells` they hear of it otherwise; `withdrawn` is for an original that its author takes back.
    Returns the merge that was undone; None where the report was joined before merges were remembered. The
    given `report` is brought up to date.

    Raises:
        StaleReport: somebody else was first.
    """
    merge = Merge.objects.select_related("original__category").filter(duplicate=report, undone_at=None).first()
    if merge is None:
        return None
    chain = chain_of(merge.original)
    lock(duplicate=report, others=chain)
    if not Merge.objects.filter(pk=merge.pk, undone_at=None).update(undone_at=timezone.now()):
        raise StaleReport
    attempted(lambda: give_votes_back(merge=merge, report=report, chain=chain))
    attempted(lambda: give_followers_back(merge=merge, report=report, chain=chain))
    told = list(report.followers.order_by("pk").values_list("pk", flat=True)) if tells else []
    here = {"original": merge.original.ref, "followers": told, "merged": merge.event_id}
    if withdrawn:
        here["withdrawn"] = True
    there = {"duplicate": report.ref, "followers": []}
    for where, data in ((report, here), (merge.original, there)):
        record(kind=Event.Kind.UNMERGED, report=where, actor=actor, is_public=False, private_data=data)
    return merge


def chain_of(original: Report) -> list[int]:
    """Return an original and, where it was joined to another in turn, that one too, and so on."""
    chain = [original.pk]
    following: int | None = original.duplicate_of_id
    while following is not None and following not in chain and len(chain) < LONGEST_CHAIN:
        chain.append(following)
        following = Report.objects.filter(pk=following).values_list("duplicate_of", flat=True).first()
    return chain


def give_votes_back(*, merge: Merge, report: Report, chain: list[int]) -> None:
    """Return the supports that moved, wherever they have come since, to whoever has none on the duplicate."""
    people = report.supporters.filter(user__isnull=False).values("user")
    devices = report.supporters.exclude(device="").values("device")
    gone = (
        Vote.objects.filter(pk__in=merge.votes, report__in=chain).exclude(user__in=people).exclude(device__in=devices)
    )
    rows = dict(gone.select_for_update().order_by("pk").values_list("pk", "report"))
    Vote.objects.filter(pk__in=rows).update(report=report)
    for report_id, number in sorted(Counter(rows.values()).items()):
        place = Report.objects.select_related("category").get(pk=report_id)
        shift_votes(report=place, by=-number)
        if place.is_public:
            tell_votes(report=place)
    shift_votes(report=report, by=len(rows))


def give_followers_back(*, merge: Merge, report: Report, chain: list[int]) -> None:
    """Return the follows that moved; the one that an author was given beside their own goes."""
    people = report.followers.filter(user__isnull=False).values("user")
    addresses = report.followers.exclude(email_digest="").values("email_digest")
    there = Follow.objects.filter(report__in=chain)
    gone = there.filter(pk__in=merge.follows).exclude(user__in=people).exclude(email_digest__in=addresses)
    gone.update(report=report)
    there.filter(pk__in=merge.copies).delete()
