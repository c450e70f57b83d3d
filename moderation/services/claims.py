"""Soft claims: while one moderator reads a report of the queue, nobody else judges it.

A claim lasts three minutes from the last sign of activity, which the open page sends; then it is anybody's.
"""

from datetime import timedelta

from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.utils import timezone

from accounts.models import User
from moderation.errors import Claimed
from moderation.models import Claim
from moderation.querysets import ClaimQuerySet
from reports.models import Report
from reports.querysets import ReportQuerySet

LASTS = timedelta(minutes=3)


def take(*, report: Report, by: User) -> None:
    """Claim a report, or show that one still reads it.

    One conditional UPDATE, or one INSERT that the key decides: of two who come at once, one has it.

    Raises:
        Claimed: somebody else reads it.
    """
    now = timezone.now()
    is_running = Q(seen_at__gte=now - LASTS)
    since = Case(When(Q(person=by) & is_running, then=F("since")), default=Value(now))
    free = Claim.objects.filter(Q(person=by) | ~is_running, report=report)
    if free.update(person=by, since=since, seen_at=now):
        return
    Claim.objects.bulk_create([Claim(report=report, person=by, since=now, seen_at=now)], ignore_conflicts=True)
    check(report=report, by=by)


def refusal(claim: Claim, ref: str) -> Claimed:
    """Return the sentence that tells the second moderator who reads a report, and since when."""
    return Claimed(ref=ref, name=claim.person.name or claim.person.email, since=claim.since)


def check(*, report: Report, by: User) -> None:
    """Refuse to touch what somebody else reads just now; one's own claim, or none, is fine.

    Raises:
        Claimed
    """
    claim = of_others(by).filter(report=report).first()
    if claim is not None:
        raise refusal(claim, report.ref)


def release(*, by: User, but: Report | None = None) -> None:
    """Give back what a person claims, except one report."""
    Claim.objects.filter(person=by).exclude(report=but).delete()


def of_others(person: User) -> ClaimQuerySet:
    """Return the running claims of everybody else, with who they are."""
    return Claim.objects.seen_since(timezone.now() - LASTS).of_others(person)


def without_claimed(rows: ReportQuerySet, person: User) -> ReportQuerySet:
    """Leave out what somebody else reads just now."""
    return rows.exclude(Exists(of_others(person).order_by().filter(report=OuterRef("pk"))))


def taken_from(rows: ReportQuerySet, person: User) -> list[Claimed]:
    """Return who reads which of some reports, the earliest first; at most ten."""
    claims = of_others(person).filter(report__in=rows.order_by().values("pk")).order_by("since")
    return [
        refusal(claim, claim.report.ref)
        for claim in claims.select_related("report", "person").only(
            "since", "person__name", "person__email", "report__ref"
        )[:10]
    ]
