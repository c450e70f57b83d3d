"""Which person of the organisation does it."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from reports import workflow
from reports.errors import NotAllowed, StaleReport
from reports.models import Event, Report
from reports.permissions import Actor
from reports.services.log import record

NOT_THERE = _("Cette personne ne travaille pas pour l’organisme chargé de ce signalement. Choisissez-en une autre.")


def colleagues(report: Report) -> "list[User]":
    """Return who can be given a report, by name: those who work for the organisation in charge."""
    if report.organisation_id is None:
        return []
    works_there = Q(memberships__role=Role.OPERATOR, memberships__organisation=report.organisation_id)
    return list(User.objects.filter(works_there, is_active=True).distinct().order_by("name", "pk"))


@transaction.atomic
def give_to(*, report: Report, person: User | None, actor: Actor) -> Event:
    """Give a report to somebody of the organisation in charge, or to nobody in particular.

    The given `report` is brought up to date.

    Raises:
        NotAllowed: the actor does not handle it, or the person does not work there.
        StaleReport: another organisation, or another person, has it by now.
    """
    if not actor.roles & workflow.HANDLERS:
        raise NotAllowed
    if person is not None and person not in colleagues(report):
        raise NotAllowed(NOT_THERE, field="colleague")
    now = timezone.now()
    still = Report.objects.filter(
        pk=report.pk,
        organisation=report.organisation_id,
        assignee=report.assignee_id,
        status__in=(workflow.PENDING, *workflow.UNRESOLVED),
    )
    if not still.update(assignee=person, updated_at=now):
        raise StaleReport
    report.assignee, report.updated_at = person, now
    return record(
        kind=Event.Kind.ASSIGNED,
        report=report,
        actor=actor,
        is_public=False,
        private_data={"person": person.pk if person else None},
    )
