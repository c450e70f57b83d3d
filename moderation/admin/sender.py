"""What a moderator sees of whoever sent a report: how earlier ones were judged. Never who it is."""

from collections import Counter
from dataclasses import dataclass

from accounts.models import User
from reports import workflow
from reports.models import Follow, Report
from reports.permissions import actor_for
from reports.querysets import ReportQuerySet

# As many of the latest reports are counted, and as many are shown.
COUNTED = 50
SHOWN = 3
ACCEPTED = frozenset({*workflow.PUBLIC, workflow.DUPLICATE})
# What counting and a line about each need, and who may open them.
READ = (
    "ref",
    "status",
    "received_at",
    "reporter_id",
    "category__name_fr",
    "category__name_en",
    "quarter__town_id",
    "organisation__name",
)


@dataclass(frozen=True)
class History:
    """The earlier reports of one sender.

    known_by    "account", "device" or "address": by what they were recognised; "" for somebody who left no trace
    accepted    how many of the latest COUNTED were published or joined to another
    rejected    how many were not retained
    waiting     how many others wait
    is_whole    whether these are all
    last        the latest that the moderator may open, newest first
    """

    known_by: str
    accepted: int = 0
    rejected: int = 0
    waiting: int = 0
    is_whole: bool = True
    last: tuple[Report, ...] = ()

    @property
    def is_new(self) -> bool:
        """Whether nothing came from there before."""
        return not (self.accepted or self.rejected or self.waiting)


def history_of(report: Report, person: User) -> History:
    """Return what is known of a report's sender, for the person who judges it: one query."""
    known_by, rows = earlier_of(report)
    light = rows.exclude(pk=report.pk).select_related("category", "quarter", "organisation").only(*READ)
    others = list(light.order_by("-received_at", "-id")[:COUNTED])
    if not others and known_by == "address":
        return History("")
    counts = Counter(other.status for other in others)
    seen = [other for other in others if actor_for(person, other).may_read(other)]
    return History(
        known_by,
        accepted=sum(counts[status] for status in ACCEPTED),
        rejected=counts[workflow.REJECTED],
        waiting=counts[workflow.PENDING],
        is_whole=len(others) < COUNTED,
        last=tuple(seen[:SHOWN]),
    )


def earlier_of(report: Report) -> tuple[str, ReportQuerySet]:
    """Return by what a sender may be recognised, and what came from there."""
    if report.reporter_id:
        return "account", Report.objects.filter(reporter=report.reporter_id)
    if report.device:
        return "device", Report.objects.filter(device=report.device)
    digest = Follow.objects.filter(report=report, is_reporter=True).exclude(email_digest="").values("email_digest")
    same = Follow.objects.filter(email_digest__in=digest, is_reporter=True).values("report")
    return "address", Report.objects.filter(pk__in=same)
