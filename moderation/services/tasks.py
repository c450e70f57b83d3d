"""Giving a task to a person, who hears of it."""

from typing import Any

from django.db import transaction
from django.urls import reverse

from accounts.models import User
from moderation.services.telling import tell
from reports import workflow
from reports.models import Event, Report
from reports.permissions import Actor
from reports.services.assignment import give_to
from reports.services.handling import change_status


@transaction.atomic
def give_task(*, report: Report, person: User | None, actor: Actor) -> Event:
    """Give a report to somebody of the organisation in charge, or to nobody in particular, and tell them by mail.

    Whoever takes a task for themselves gets no mail.

    Raises:
        NotAllowed, StaleReport: as `reports.services.assignment.give_to`.
    """
    event = give_to(report=report, person=person, actor=actor)
    if person is not None and person != actor.user:
        tell(
            key=f"task:{event.pk}",
            template="staff_task",
            user=person,
            language=person.language,
            data={
                "ref": report.ref,
                "title": report.title,
                "words": report.description[:300],
                "page": reverse("admin:reports_report_change", args=[report.pk]),
            },
        )
    return event


@transaction.atomic
def take_on(*, report: Report, to: str, actor: Actor, **more: Any) -> Event:
    """Move a report along the workflow; whoever of the organisation takes up what nobody has, has it then.

    `more` and what is raised are those of `reports.services.handling.change_status`.
    """
    event = change_status(report=report, to=to, actor=actor, **more)
    takes_up = to == workflow.IN_PROGRESS and workflow.OPERATOR in actor.roles
    if takes_up and report.assignee_id is None:
        give_to(report=report, person=actor.user, actor=actor)
    return event
