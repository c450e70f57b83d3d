"""What the team's daily mail tells: what waits for a judgement or an answer, what is late, what is due soon."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import Role, User
from notifications.models import Delivery
from reports.models import Comment, Report
from reports.querysets import ReportQuerySet

SHOWN = 10
# A mail counts no further: "99+" says as much as 812.
COUNTED = 99


@dataclass(frozen=True)
class Heap:
    """The first of what waits, and how much it is, written for people: "12", or "99+"."""

    reports: list[Report]
    count: str

    def __bool__(self) -> bool:
        return bool(self.reports)


@dataclass(frozen=True)
class Waiting:
    """Everything that waits for one person."""

    to_judge: Heap
    very_late: Heap
    late: Heap
    unanswered: Heap
    soon: Heap
    comments: str

    def __bool__(self) -> bool:
        heaps = (self.to_judge, self.very_late, self.late, self.unanswered, self.soon)
        return any(heaps) or bool(self.comments)


def waiting_for(user: User) -> Waiting:
    """Return what waits for a member of the team, within their responsibilities."""
    memberships = list(user.memberships.all())
    roles = {membership.role for membership in memberships}
    judges = user.is_superuser or bool(roles & {Role.MODERATOR, Role.ADMINISTRATOR})
    organisations = [row.organisation_id for row in memberships if row.role == Role.OPERATOR]
    now = timezone.now()
    own = Report.objects.judged_by(user)
    repairs = own.filter(organisation__in=organisations).order_by("due_at", "id")
    held = Comment.objects.held().filter(report__in=own) if judges else Comment.objects.none()
    return Waiting(
        to_judge=heap(own.pending().order_by("received_at", "id") if judges else Report.objects.none()),
        very_late=heap(repairs.very_late(now)),
        late=heap(repairs.late(now).exclude(pk__in=repairs.very_late(now).values("pk"))),
        unanswered=heap(repairs.unanswered(now).order_by("answer_due_at", "id")),
        soon=heap(repairs.due_soon(now)),
        comments=up_to(len(held.values_list("pk")[: COUNTED + 1])),
    )


def heap(reports: ReportQuerySet) -> Heap:
    """Return the first of some reports and their bounded count, in at most two queries."""
    ids = list(reports.values_list("pk", flat=True)[: COUNTED + 1])
    if not ids:
        return Heap(reports=[], count="")
    cards = {report.pk: report for report in Report.objects.with_card().filter(pk__in=ids[:SHOWN])}
    return Heap(reports=[cards[pk] for pk in ids[:SHOWN]], count=up_to(len(ids)))


def up_to(found: int) -> str:
    """Write a count: nothing for none, "99+" above the limit."""
    return f"{COUNTED}+" if found > COUNTED else str(found or "")


def context_of(delivery: Delivery) -> dict[str, Any] | None:
    """Return what `emails/staff_digest.*` shows: `waiting`, `heaps`; None where nothing waits any more."""
    user = delivery.recipient.user if delivery.recipient else None
    if user is None or not user.is_active:
        return None
    found = waiting_for(user)
    return {"waiting": found, "heaps": titled(found)} if found else None


def titled(waiting: Waiting) -> list[dict[str, Any]]:
    """Return what waits, each heap that is not empty with its title and the page that shows all of it."""
    repairs = f"{reverse('admin:reports_report_changelist')}?timing="
    heaps = [
        (gettext("À valider"), waiting.to_judge, reverse("admin:reports_report_queue")),
        (gettext("Très en retard"), waiting.very_late, f"{repairs}very_late"),
        (gettext("En retard"), waiting.late, f"{repairs}late"),
        (gettext("Première réponse en retard"), waiting.unanswered, f"{repairs}unanswered"),
        (gettext("Bientôt dû"), waiting.soon, f"{repairs}soon"),
    ]
    return [
        {"title": title, "count": heap.count, "reports": heap.reports, "all": page}
        for title, heap, page in heaps
        if heap
    ]
