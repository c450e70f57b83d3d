"""« Que faire maintenant ? »: the changes of status that this person may make."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from moderation.admin.base import signed_in
from moderation.admin.page import address_of, refused, visible
from moderation.admin.panel import Context, Desk, Panel
from moderation.forms import ChangeForm
from reports import workflow
from reports.errors import DomainError, StaleReport
from reports.models import Photo, Report
from reports.permissions import actor_for
from reports.services.handling import change_status
from reports.services.photos import take_in


def show(desk: Desk) -> Context | None:
    """Give a form for each change, the expected one first."""
    changes = [desk.form(ChangeForm, to=to) for to in workflow.next_statuses(desk.report.status, desk.actor.roles)]
    return {"changes": sorted(changes, key=lambda form: not form.is_next)} if changes else None


def change(request: HttpRequest, context: Context, report_id: int) -> HttpResponse:
    """Move a report along the workflow."""
    person = signed_in(request)
    report = visible(person, report_id)
    if request.method != "POST":
        return redirect(address_of(report))
    to = request.POST.get("to", "")
    form = ChangeForm(request.POST, request.FILES, report=report, person=person, to=to)
    if not form.is_valid():
        return refused(request, context, form)
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
        return refused(request, context, form, stale=isinstance(error, StaleReport))
    words = {"ref": report.ref, "status": Report.Status(report.status).label}
    messages.success(request, _("%(ref)s : %(status)s.") % words)
    return redirect(address_of(report))


PANEL = Panel("status", "act", show, (("status/", change, "status"),))
