"""Answering in public, writing a note for colleagues, giving the report to an organisation."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from moderation.admin.base import signed_in
from moderation.admin.page import carried_out, visible
from moderation.admin.panel import Context, Desk, Panel
from moderation.forms import AssignForm, NoteForm, ReplyForm
from reports import workflow
from reports.permissions import actor_for
from reports.services.handling import add_note, reply_publicly
from reports.services.handling import assign as assign_to

JUDGES = frozenset({workflow.MODERATOR, workflow.ADMINISTRATOR})


def show(desk: Desk) -> Context | None:
    """Give the forms."""
    if not desk.actor.is_staff:
        return None
    forms: Context = {"reply": desk.form(ReplyForm), "note": desk.form(NoteForm)}
    if desk.actor.roles & JUDGES:
        forms["assign"] = desk.form(AssignForm, initial={"organisation": desk.report.organisation_id})
    return forms


def reply(request: HttpRequest, context: Context, report_id: int) -> HttpResponse:
    """Answer in public."""
    person = signed_in(request)
    report = visible(person, report_id)
    form = ReplyForm(request.POST, report=report, person=person)
    return carried_out(
        request,
        context,
        form,
        lambda: reply_publicly(report=report, text=form.cleaned_data["text"], actor=actor_for(person, report)),
        _("Votre réponse est publiée."),
    )


def note(request: HttpRequest, context: Context, report_id: int) -> HttpResponse:
    """Write a note for colleagues."""
    person = signed_in(request)
    report = visible(person, report_id)
    form = NoteForm(request.POST, report=report, person=person)
    return carried_out(
        request,
        context,
        form,
        lambda: add_note(report=report, text=form.cleaned_data["text"], actor=actor_for(person, report)),
        _("Votre note est gardée."),
    )


def assign(request: HttpRequest, context: Context, report_id: int) -> HttpResponse:
    """Give the report to an organisation."""
    person = signed_in(request)
    report = visible(person, report_id)
    form = AssignForm(request.POST, report=report, person=person)
    return carried_out(
        request,
        context,
        form,
        lambda: assign_to(
            report=report,
            organisation=form.cleaned_data["organisation"],
            actor=actor_for(person, report),
            note=form.cleaned_data["note"],
        ),
        _("L’organisme est changé."),
    )


PANEL = Panel("talk", "act", show, (("reply/", reply, "reply"), ("note/", note, "note"), ("assign/", assign, "assign")))
