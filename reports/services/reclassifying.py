"""What a report is about and where it is, corrected by those who handle it; the earlier answer stays in the log."""

from typing import Any

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reports import priority, workflow
from reports.errors import IllegalTransition, NotAllowed, StaleReport
from reports.models import Category, Event, Organisation, Quarter, Report
from reports.permissions import Actor
from reports.services.deadlines import set_deadlines
from reports.services.log import record
from reports.services.reporting import quarter_at
from reports.services.routing import responsible_for

# What is closed stays as it was judged.
CORRECTABLE = (workflow.PENDING, *workflow.UNRESOLVED)

CLOSED = _("Ce signalement est clos : sa catégorie et son lieu ne changent plus. Rouvrez-le d’abord.")
SAME_CATEGORY = _("Ce signalement est déjà dans cette catégorie. Choisissez-en une autre.")
SAME_PLACE = _("Le repère n’a pas bougé. Placez-le là où est le problème.")


def check_correctable(*, report: Report, actor: Actor) -> None:
    """Refuse a correction by somebody who does not handle the report, or of one that is closed.

    Raises:
        NotAllowed, IllegalTransition
    """
    if not actor.roles & workflow.HANDLERS:
        raise NotAllowed
    if report.status not in CORRECTABLE:
        raise IllegalTransition(CLOSED)


@transaction.atomic
def recategorise(*, report: Report, category: Category, actor: Actor, note: str = "") -> Event:
    """Put a report into another category: who is responsible, how urgent it is and until when follow from it.

    An organisation that somebody chose by hand keeps the report. The given `report` is brought up to date.

    Raises:
        NotAllowed, IllegalTransition: nothing was changed.
        StaleReport: somebody else was first.
    """
    check_correctable(report=report, actor=actor)
    if category.pk == report.category_id:
        raise IllegalTransition(SAME_CATEGORY, field="category")
    earlier = report.category
    votes = lock(report, category=earlier)
    by_rule = responsible_for(category=earlier, quarter=report.quarter)
    report.category = category
    report.priority = priority.score(urgency=category.urgency, votes=votes)
    changed = reroute(report, by_rule=by_rule)
    save(report, "category", "priority", *changed)
    event = record(
        kind=Event.Kind.RECATEGORISED,
        report=report,
        actor=actor,
        is_public=report.is_public,
        data={"from": earlier.code, "to": category.code},
        private_data={"note": note} if note else {},
    )
    tell_rerouting(report=report, actor=actor, is_needed=bool(changed))
    return event


@transaction.atomic
def relocate(*, report: Report, point: Point, address: str | None = None, actor: Actor, note: str = "") -> Event:
    """Move a report to where the problem is: its quarter and who is responsible follow. None keeps the address.

    Raises:
        OutsideServedArea: the place lies in no quarter.
        NotAllowed, IllegalTransition: nothing was changed.
        StaleReport: somebody else was first.
    """
    check_correctable(report=report, actor=actor)
    if point.equals_exact(report.point, 1e-7) and address in {None, report.address}:
        raise IllegalTransition(SAME_PLACE, field="point")
    quarter: Quarter = quarter_at(point)
    earlier = {"location": [report.point.x, report.point.y], "quarter": report.quarter.name, "address": report.address}
    lock(report, point=report.point)
    by_rule = responsible_for(category=report.category, quarter=report.quarter)
    report.point, report.quarter = point, quarter
    report.address = report.address if address is None else address
    changed = reroute(report, by_rule=by_rule)
    save(report, "point", "quarter", "address", *changed)
    event = record(
        kind=Event.Kind.RELOCATED,
        report=report,
        actor=actor,
        is_public=report.is_public,
        data={"earlier": earlier["location"], "from": earlier["quarter"], "to": quarter.name},
        private_data={"address": earlier["address"], **({"note": note} if note else {})},
    )
    tell_rerouting(report=report, actor=actor, is_needed=bool(changed))
    return event


def lock(report: Report, **seen: Any) -> int:
    """Hold the row until the transaction ends, provided that it is as the person saw it; return its votes.

    Raises:
        StaleReport: it has changed.
    """
    still = Report.objects.select_for_update(no_key=True).filter(
        pk=report.pk, status=report.status, organisation=report.organisation_id, **seen
    )
    votes: int | None = still.values_list("votes", flat=True).first()
    if votes is None:
        raise StaleReport
    report.votes = votes
    return votes


def reroute(report: Report, *, by_rule: Organisation | None) -> list[str]:
    """Give the report to whom the rules name now, unless somebody chose otherwise; return the columns that changed."""
    responsible = responsible_for(category=report.category, quarter=report.quarter)
    chosen_by_hand = report.organisation != by_rule
    if chosen_by_hand or responsible == report.organisation:
        return []
    report.organisation, report.assignee = responsible, None
    return ["organisation", "assignee"]


def save(report: Report, *columns: str) -> None:
    """Write what changed, with the deadlines that follow from it."""
    report.updated_at = timezone.now()
    report.save(update_fields=[*columns, "updated_at"])
    set_deadlines(report)


def tell_rerouting(*, report: Report, actor: Actor, is_needed: bool) -> None:
    """Say in the log that another organisation answers for it now."""
    if is_needed:
        record(
            kind=Event.Kind.ASSIGNED,
            report=report,
            actor=actor,
            is_public=report.is_public,
            data={"organisation": report.organisation.name if report.organisation else ""},
        )
