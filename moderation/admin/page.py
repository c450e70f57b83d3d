"""One report in the back office: what is known, what has happened, and around it the panels of `panels`."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from moderation.admin.base import signed_in
from moderation.admin.mapping import map_of
from moderation.admin.panel import Context, Desk, blocks_of
from moderation.forms import PersonForm
from moderation.services.duplicates import candidates
from reports import workflow
from reports.errors import DomainError
from reports.models import Event, Photo, Report
from reports.permissions import actor_for

# The events that a person reads; the others move pins and pictures.
TOLD = (
    Event.Kind.CREATED,
    Event.Kind.STATUS_CHANGED,
    Event.Kind.ASSIGNED,
    Event.Kind.REPLY,
    Event.Kind.NOTE,
    Event.Kind.PHOTO_ADDED,
    Event.Kind.EDITED,
    Event.Kind.MERGED,
    Event.Kind.UNMERGED,
    Event.Kind.UNDONE,
    Event.Kind.HELD,
    Event.Kind.RECATEGORISED,
    Event.Kind.RELOCATED,
    Event.Kind.SPLIT,
    Event.Kind.MASKED,
    Event.Kind.PHOTO_CHANGED,
    Event.Kind.ASKED,
    Event.Kind.ANSWERED,
    Event.Kind.REFERRED,
    Event.Kind.REFERRAL_ANSWERED,
    Event.Kind.ESCALATED,
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


def carried_out(request: HttpRequest, context: Context, form: PersonForm, act: Any, done: str) -> HttpResponse:
    """Do what a valid form asks for and go back to the page, or show the form again with what was refused."""
    if request.method != "POST":
        return redirect(address_of(form.report))
    if not form.is_valid():
        return refused(request, context, form)
    before = form.report.organisation_id
    try:
        act()
    except DomainError as error:
        form.refuse(error)
        return refused(request, context, form)
    messages.success(request, done)
    if form.report.organisation_id not in {before, None}:
        messages.info(
            request, _("Ce signalement est maintenant confié à %(name)s.") % {"name": form.report.organisation}
        )
    return redirect(way_on(form.report, form.person))


def refused(request: HttpRequest, context: Context, form: PersonForm, *, stale: bool = False) -> HttpResponse:
    """Show the page as the report stands now, with everything that was typed."""
    fresh = visible(form.person, form.report.pk)
    form.show_again(fresh)
    return TemplateResponse(
        request,
        "moderation/report.html",
        {**context, **page_of(fresh, form.person, form)},
        status=409 if stale else 422,
    )


def way_on(report: Report, person: User) -> str:
    """Return the report's page, or the list where it is not this person's any more: what they did gave it away."""
    still = Report.objects.judged_by(person).filter(pk=report.pk).exists()
    return address_of(report) if still else reverse("admin:reports_report_changelist")


def story_of(report: Report) -> list[Event]:
    """Return what has happened, newest first; `person` of an entry is the colleague that it was given to."""
    events = list(report.events.filter(kind__in=TOLD).select_related("actor").order_by("-at", "-id"))
    given = {event.private_data.get("person") for event in events} - {None}
    people = User.objects.in_bulk(given) if given else {}
    for event in events:
        event.person = people.get(event.private_data.get("person"))
    return events


def address_of(report: Report) -> str:
    """Return the address of a report's page here."""
    return reverse("admin:reports_report_change", args=[report.pk])


def join_address(report: Report) -> str:
    """Return where one tap says that the report repeats another one."""
    return reverse("admin:reports_report_status", args=[report.pk])


def page_of(report: Report, person: User, sent: PersonForm | None = None) -> Context:
    """Return what the page shows to this person.

    A refused form that has no place any more (the report has moved on) is returned as `unsent`, so that its words can
    be copied.
    """
    actor = actor_for(person, report)
    near = candidates(report, person=person) if actor.roles & workflow.JUDGES else []
    photos = list(report.photos.all())
    desk = Desk(report=report, person=person, actor=actor, sent=sent)
    return {
        "title": report.ref,
        "report": report,
        "problems": [photo for photo in photos if photo.kind == Photo.Kind.PROBLEM],
        "proofs": [photo for photo in photos if photo.kind == Photo.Kind.PROOF],
        "map": map_of(report, [candidate.report for candidate in near]),
        "near": near,
        "join_url": join_address(report) if workflow.is_allowed(report.status, workflow.DUPLICATE, actor.roles) else "",
        "events": story_of(report),
        "duplicates": report.duplicates.order_by("id").values_list("ref", flat=True),
        "blocks": blocks_of(desk),
        "sent": sent,
        "unsent": None if desk.is_placed else sent,
    }
