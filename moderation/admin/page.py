"""One report in the back office: what is known, what has happened, and forms for what this person may do."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from moderation.admin.base import signed_in
from moderation.admin.mapping import map_of
from moderation.admin.queue import near_open
from moderation.forms import AssignForm, ChangeForm, NoteForm, PersonForm, ReplyForm
from moderation.services.contact import look, may_look
from reports import workflow
from reports.errors import DomainError, NotAllowed, StaleReport
from reports.models import Event, Photo, Report
from reports.permissions import Actor, actor_for
from reports.services.handling import add_note, change_status, reply_publicly
from reports.services.handling import assign as assign_to
from reports.services.photos import take_in

Context = dict[str, Any]
JUDGES = frozenset({workflow.MODERATOR, workflow.ADMINISTRATOR})
# The events that a person reads; the others move pins and pictures.
TOLD = (
    Event.Kind.CREATED,
    Event.Kind.STATUS_CHANGED,
    Event.Kind.ASSIGNED,
    Event.Kind.REPLY,
    Event.Kind.NOTE,
    Event.Kind.PHOTO_ADDED,
    Event.Kind.EDITED,
)


def visible(person: User, report_id: int) -> Report:
    """Return a report that the person may see.

    Raises:
        Http404: there is none, or it is somebody else's.
    """
    rows = Report.objects.judged_by(person).with_card().select_related("reporter", "assignee", "duplicate_of")
    report: Report | None = rows.filter(pk=report_id).first()
    if report is None:
        raise Http404
    return report


def show(request: HttpRequest, context: Context, report_id: int) -> HttpResponse:
    """Show a report and what can be done with it now."""
    person = signed_in(request)
    return TemplateResponse(
        request, "moderation/report.html", {**context, **page_of(visible(person, report_id), person)}
    )


def contact(request: HttpRequest, context: Context, report_id: int) -> HttpResponse:
    """Show once, on this answer only, how to reach the author; the look is put on record."""
    person = signed_in(request)
    report = visible(person, report_id)
    if request.method != "POST":
        return redirect(address_of(report))
    try:
        found = look(report=report, by=person)
    except NotAllowed as error:
        raise PermissionDenied from error
    seen = {**context, **page_of(report, person), "contact": found}
    return TemplateResponse(request, "moderation/report.html", seen)


def change(request: HttpRequest, context: Context, report_id: int) -> HttpResponse:
    """Move a report along the workflow."""
    person = signed_in(request)
    report = visible(person, report_id)
    if request.method != "POST":
        return redirect(address_of(report))
    to = request.POST.get("to", "")
    form = ChangeForm(request.POST, request.FILES, report=report, person=person, to=to)
    if not form.is_valid():
        return refused(request, context, report, form)
    taken = [take_in(file=file, facts=facts, kind=Photo.Kind.PROOF) for file, facts in form.photos]
    kept = [*form.kept_photos, *taken]
    try:
        change_status(
            report=report,
            to=to,
            actor=actor_for(person, report),
            seen=form.cleaned_data["seen"],
            note=form.cleaned_data["note"],
            proof=kept,
            original=form.original_report,
        )
    except DomainError as error:
        form.refuse(error)
        if kept:
            form.keep(kept)
        return refused(request, context, report, form, stale=isinstance(error, StaleReport))
    words = {"ref": report.ref, "status": Report.Status(report.status).label}
    messages.success(request, _("%(ref)s : %(status)s.") % words)
    return redirect(address_of(report))


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


def carried_out(request: HttpRequest, context: Context, form: PersonForm, act: Any, done: str) -> HttpResponse:
    """Do what a valid form asks for and go back to the page, or show the form again with what was refused."""
    if request.method != "POST":
        return redirect(address_of(form.report))
    if not form.is_valid():
        return refused(request, context, form.report, form)
    try:
        act()
    except DomainError as error:
        form.refuse(error)
        return refused(request, context, form.report, form)
    messages.success(request, done)
    return redirect(address_of(form.report))


def refused(
    request: HttpRequest, context: Context, report: Report, form: PersonForm, *, stale: bool = False
) -> HttpResponse:
    """Show the page as the report stands now, with everything that was typed."""
    fresh = visible(form.person, report.pk)
    if isinstance(form, ChangeForm):
        form.show_again(fresh)
    return TemplateResponse(
        request,
        "moderation/report.html",
        {**context, **page_of(fresh, form.person, form)},
        status=409 if stale else 422,
    )


def address_of(report: Report) -> str:
    """Return the address of a report's page here."""
    return reverse("admin:reports_report_change", args=[report.pk])


def page_of(report: Report, person: User, sent: PersonForm | None = None) -> Context:
    """Return what the page shows to this person."""
    actor = actor_for(person, report)
    near = near_open(report) if actor.roles & JUDGES else []
    photos = list(report.photos.all())
    events = report.events.filter(kind__in=TOLD).select_related("actor").order_by("-at", "-id")
    return {
        "title": report.ref,
        "report": report,
        "problems": [photo for photo in photos if photo.kind == Photo.Kind.PROBLEM],
        "proofs": [photo for photo in photos if photo.kind == Photo.Kind.PROOF],
        "map": map_of(report, near),
        "near": near,
        "events": events,
        "duplicates": report.duplicates.order_by("id").values_list("ref", flat=True),
        "may_see_contact": may_look(report=report, by=person),
        **forms_of(report, person, actor, sent),
    }


def forms_of(report: Report, person: User, actor: Actor, sent: PersonForm | None) -> Context:
    """Return a form for each thing that this person may do now, with the one just refused in its place.

    A refused form that has no place any more (the report has moved on) is returned as `unsent`, so that its words can
    be copied.
    """
    about: dict[str, Any] = {"report": report, "person": person}
    changes = [
        sent if isinstance(sent, ChangeForm) and sent.target == to else ChangeForm(**about, to=to)
        for to in workflow.next_statuses(report.status, actor.roles)
    ]
    changes.sort(key=lambda form: not form.is_next)
    others: dict[str, PersonForm] = {}
    if actor.is_staff:
        others = {"reply": ReplyForm(**about), "note": NoteForm(**about)}
    if actor.roles & JUDGES:
        others["assign"] = AssignForm(**about, initial={"organisation": report.organisation_id})
    for name, form in others.items():
        if type(form) is type(sent) and sent is not None:
            others[name] = sent
    placed = sent is None or sent in changes or sent in others.values()
    return {"changes": changes, **others, "unsent": None if placed else sent, "sent": sent}
