"""“Vraiment réglé ?”: what the author of a report answers once it is said to be repaired."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from reports import workflow
from reports.errors import IllegalTransition, NotAllowed, StaleReport
from reports.models import Event, Photo, Report
from reports.permissions import Actor
from reports.services.handling import change_status
from reports.services.log import record
from reports.services.photos import attach


def answer_until(report: Report) -> datetime | None:
    """Return until when its author may say that it is not repaired; None where there is nothing to answer."""
    if report.status != workflow.RESOLVED or report.resolved_at is None or report.confirmed_at is not None:
        return None
    return report.resolved_at + timedelta(days=workflow.REOPEN_DAYS)


@transaction.atomic
def confirm_repair(*, report: Report, actor: Actor) -> Event:
    """Close a report for good, in its author's name; only a moderator can reopen it afterwards.

    The given `report` is brought up to date.

    Raises:
        NotAllowed: the actor did not make it.
        IllegalTransition: it is not resolved, or was confirmed before.
        StaleReport: it was reopened a moment ago.
    """
    if workflow.REPORTER not in actor.roles:
        raise NotAllowed
    if report.status != workflow.RESOLVED or report.confirmed_at is not None:
        raise IllegalTransition
    now = timezone.now()
    still = Report.objects.filter(pk=report.pk, status=workflow.RESOLVED, confirmed_at=None)
    if not still.update(confirmed_at=now, updated_at=now):
        raise StaleReport
    report.confirmed_at = report.updated_at = now
    return record(kind=Event.Kind.CONFIRMED, report=report, actor=actor, is_public=True)


@transaction.atomic
def dispute_repair(*, report: Report, actor: Actor, note: str, photos: list[Photo]) -> Event:
    """Reopen a report whose repair is none, with the reason and waiting photos of what is still broken.

    Raises:
        NotAllowed: the actor did not make it, has confirmed it, or more than 30 days have passed.
        IllegalTransition, StaleReport, MissingExplanation
    """
    event = change_status(report=report, to=workflow.OPEN, actor=actor, note=note)
    attach(photos=photos, report=report, actor=actor, is_public=True, kind=Photo.Kind.PROBLEM)
    return event
