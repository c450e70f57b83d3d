"""Answering in public, or the author alone where the report is not public; writing a note for colleagues."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from moderation.admin.base import signed_in
from moderation.admin.drafting import drafted
from moderation.admin.page import carried_out, visible
from moderation.admin.panel import Context, Desk, Panel
from moderation.forms import NoteForm, ReplyForm
from moderation.models import ResponseTemplate
from moderation.services.previews import of_reply
from moderation.services.ready import of_kind
from reports.permissions import actor_for
from reports.services.handling import add_note, reply_publicly


def show(desk: Desk) -> Context | None:
    """Give the forms."""
    if not desk.actor.is_staff:
        return None
    forms: Context = {"reply": desk.form(ReplyForm), "note": desk.form(NoteForm)}
    forms["reply"].offer(of_kind(desk.ready, ResponseTemplate.Kind.REPLY, desk.report.status))
    return forms


def reply(request: HttpRequest, context: Context, report_id: int) -> HttpResponse:
    """Answer where everybody reads it, or the author alone."""
    person = signed_in(request)
    report = visible(person, report_id)
    form = ReplyForm(request.POST, report=report, person=person)
    actor = actor_for(person, report)
    draft = drafted(
        request,
        context,
        form,
        lambda: of_reply(report=report, text=form.cleaned_data["text"], actor=actor),
    )
    return draft or carried_out(
        request,
        context,
        form,
        lambda: reply_publicly(report=report, text=form.cleaned_data["text"], actor=actor),
        _("Votre réponse est publiée.") if report.is_public else _("Votre réponse est sur la page privée de l’auteur."),
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


PANEL = Panel("talk", "act", show, (("reply/", reply, "reply"), ("note/", note, "note")))
