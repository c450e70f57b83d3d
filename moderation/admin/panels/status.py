"""« Que faire maintenant ? »: the changes of status that this person may make."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from moderation.admin.base import signed_in
from moderation.admin.drafting import drafted
from moderation.admin.page import address_of, refused, visible
from moderation.admin.panel import Context, Desk, Panel
from moderation.forms import ChangeForm
from moderation.models import ResponseTemplate
from moderation.services.decisions import decide
from moderation.services.duplicates import remarks_on
from moderation.services.previews import Preview, of_change
from moderation.services.ready import of_kind
from moderation.services.tasks import take_on
from reports import workflow
from reports.errors import DomainError, StaleReport
from reports.models import Photo, Report
from reports.permissions import actor_for
from reports.services.handling import check
from reports.services.photos import take_in


def show(desk: Desk) -> Context | None:
    """Give a form for each change, the expected one first."""
    changes = [desk.form(ChangeForm, to=to) for to in workflow.next_statuses(desk.report.status, desk.actor.roles)]
    for form in changes:
        form.offer(of_kind(desk.ready, ResponseTemplate.Kind.DECISION, form.target))
    return {"changes": sorted(changes, key=lambda form: not form.is_next)} if changes else None


def change(request: HttpRequest, context: Context, report_id: int) -> HttpResponse:
    """Move a report along the workflow."""
    person = signed_in(request)
    report = visible(person, report_id)
    if request.method != "POST":
        return redirect(address_of(report))
    to = request.POST.get("to", "")
    form = ChangeForm(request.POST, request.FILES, report=report, person=person, to=to)
    if draft := drafted(request, context, form, lambda: preview_of(form)):
        return draft
    if not form.is_valid():
        return refused(request, context, form)
    taken = [take_in(file=file, facts=facts, kind=Photo.Kind.PROOF) for file, facts in form.photos]
    kept = [*form.kept_photos, *taken]
    try:
        move(form, kept)
    except DomainError as error:
        form.refuse(error)
        if kept:
            form.keep(kept)
        return refused(request, context, form, stale=isinstance(error, StaleReport))
    words = {"ref": report.ref, "status": Report.Status(report.status).label}
    messages.success(request, _("%(ref)s : %(status)s.") % words)
    return redirect(back_of(request, report))


def move(form: ChangeForm, proof: list[Photo]) -> None:
    """Carry out a valid change; judging what waits is a decision as in the queue, which can be undone there.

    Raises:
        DomainError
    """
    said = {"seen": form.cleaned_data["seen"], "note": form.cleaned_data["note"], "original": form.original_report}
    if said["seen"] == workflow.PENDING:
        decide(report=form.report, to=form.target, by=form.person, **said)
    else:
        take_on(report=form.report, to=form.target, actor=actor_for(form.person, form.report), proof=proof, **said)


def preview_of(form: ChangeForm) -> Preview:
    """Return the mail that a valid change will send; the form says what is remarkable about the original.

    Raises:
        DomainError: the change itself would be refused.
    """
    actor = actor_for(form.person, form.report)
    check(
        report=form.report,
        current=form.cleaned_data["seen"],
        to=form.target,
        actor=actor,
        note=form.cleaned_data["note"].strip(),
        proof=form.kept_photos,
        original=form.original_report,
    )
    if form.original_report is not None:
        form.remarks = remarks_on(form.report, form.original_report)
    return of_change(
        report=form.report,
        to=form.target,
        note=form.cleaned_data["note"],
        original=form.original_report,
        actor=actor,
    )


def back_of(request: HttpRequest, report: Report) -> str:
    """Return where a change came from: the tasks in the order they stood in, else the report's page."""
    tasks = reverse("admin:reports_report_tasks")
    back = request.POST.get("back", "")
    return back if back == tasks or back.startswith(f"{tasks}?") else address_of(report)


PANEL = Panel("status", "act", show, (("status/", change, "status"),))
