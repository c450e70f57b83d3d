"""Late repairs of which somebody named in the service level is told, each once."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from accounts.models import User
from moderation.services.telling import tell
from reports.models import Event, Report, ServiceLevel
from reports.permissions import NOBODY
from reports.services.log import record

# So many in one go; the next run takes the rest.
AT_ONCE = 200
# So many stand in one mail, with how many there are in all.
SHOWN = 20


def escalate(*, now: datetime | None = None) -> int:
    """Tell of what has become late, in one mail for each person; return how many reports were told of.

    A report is locked and marked before anybody is told, so that two runs at the same moment tell of it once. A report
    that is reopened has a new deadline, and can be late again.
    """
    now = now or timezone.now()
    with transaction.atomic():
        late = list(to_tell(now)[:AT_ONCE])
        if not late:
            return 0
        Report.objects.filter(pk__in=[report.pk for report in late]).update(escalated_at=now)
        by_person: dict[int, list[Report]] = defaultdict(list)
        for report in late:
            by_person[report.tell_to].append(report)
        for person in User.objects.filter(pk__in=by_person):
            tell_person(person, by_person[person.pk])
    return len(late)


def to_tell(now: datetime) -> Any:
    """Return what is late and was told to nobody, the longest late first, with whom its level names in `tell_to`.

    The most specific level decides, as for the deadline: where it names nobody, a wider one does not either.
    """
    levels = ServiceLevel.objects.filter(
        Q(category=OuterRef("category")) | Q(category=None),
        Q(organisation=OuterRef("organisation")) | Q(organisation=None),
    ).order_by(F("category").asc(nulls_last=True), F("organisation").asc(nulls_last=True))
    return (
        Report.objects.late(now)
        .filter(escalated_at=None)
        .annotate(tell_to=Subquery(levels.values("escalate_to")[:1]))
        .filter(tell_to__in=User.objects.filter(is_active=True).values("pk"))
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .select_related("category", "quarter")
        .defer("search", "quarter__boundary")
        .order_by("due_at", "pk")
    )


def tell_person(person: User, late: list[Report]) -> None:
    """Write one mail about some reports, and into the log of each that this person was told."""
    events = [
        record(
            kind=Event.Kind.ESCALATED,
            report=report,
            actor=NOBODY,
            is_public=False,
            private_data={"person": person.pk},
        )
        for report in late
    ]
    theirs = Report.objects.judged_by(person).filter(pk__in=[report.pk for report in late])
    seen = set(theirs.values_list("pk", flat=True))
    with translation.override(person.language):
        lines = [line_of(report, is_theirs=report.pk in seen) for report in late[:SHOWN]]
    tell(
        key=f"escalation:{events[-1].pk}",
        template="escalation",
        data={**lines[0], "count": len(late), "others": lines[1:], "more": len(late) - len(lines)},
        language=person.language,
        user=person,
    )


def line_of(report: Report, *, is_theirs: bool) -> dict[str, str]:
    """Return a report as the mail names it; who may not open it in the back office is led to the public page."""
    desk = reverse("admin:reports_report_change", args=[report.pk])
    return {
        "ref": report.ref,
        "title": report.title,
        "due": date_format(timezone.localtime(report.due_at), "DATE_FORMAT"),
        "page": desk if is_theirs else report.get_absolute_url(),
    }
