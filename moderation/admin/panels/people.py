"""« Qui s’en occupe ? »: one person of the organisation in charge."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from moderation.admin.base import signed_in
from moderation.admin.page import carried_out, visible
from moderation.admin.panel import Context, Desk, Panel
from moderation.forms.handling import PersonTaskForm
from moderation.services.tasks import give_task
from reports import workflow
from reports.permissions import actor_for


def show(desk: Desk) -> Context | None:
    """Give the form where an organisation has people to give it to."""
    if desk.report.status not in workflow.UNRESOLVED or not desk.actor.roles & workflow.HANDLERS:
        return None
    form = desk.form(PersonTaskForm)
    return (
        {"person": form, "me": str(desk.person.pk) if str(desk.person.pk) in form.people else ""}
        if form.people
        else None
    )


def give(request: HttpRequest, context: Context, report_id: int) -> HttpResponse:
    """Give the report to a colleague, to oneself, or to nobody in particular."""
    person = signed_in(request)
    report = visible(person, report_id)
    form = PersonTaskForm(request.POST, report=report, person=person)
    return carried_out(
        request,
        context,
        form,
        lambda: give_task(report=report, person=form.chosen, actor=actor_for(person, report)),
        _("C’est noté."),
    )


PANEL = Panel("people", "act", show, (("person/", give, "person"),))
