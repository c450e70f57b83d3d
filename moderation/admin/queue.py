"""« À valider »: one waiting report after the other, most urgent first, then oldest; never two people on one."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import User
from moderation.admin.base import judge_of, signed_in
from moderation.admin.queue_page import DECISIONS, empty_page, page_of, queue_address
from moderation.errors import Claimed
from moderation.forms import ChangeForm
from moderation.models import Decision
from moderation.services import claims, decisions
from reports import workflow
from reports.errors import DomainError, StaleReport
from reports.models import Report
from reports.querysets import ReportQuerySet

# Whoever comes at the same moment as somebody else tries the next report, and so on.
ATTEMPTS = 8
# The largest number that an id may have.
MOST = 2**63 - 1

Context = dict[str, Any]


def waiting(person: User) -> ReportQuerySet:
    """Return what waits for this person's judgement, the most urgent first, of these the oldest."""
    return Report.objects.judged_by(person).pending().order_by("-priority", "received_at", "id")


def report_named(person: User, report_id: str) -> Report | None:
    """Return a report within somebody's reach by what an address says; None for anything strange."""
    if not report_id.isascii() or not report_id.isdecimal() or int(report_id) > MOST:
        return None
    found: Report | None = Report.objects.judged_by(person).with_card().filter(pk=report_id).first()
    return found


def waiting_after(person: User, passed: Report | None) -> ReportQuerySet:
    """Return what waits behind a report that was put off; everything without one."""
    rows = waiting(person)
    if passed is None:
        return rows
    later = Q(received_at__gt=passed.received_at) | Q(received_at=passed.received_at, pk__gt=passed.pk)
    # The first condition says nothing new: it gives the index a place to begin.
    return rows.filter(priority__lte=passed.priority).filter(Q(priority__lt=passed.priority) | later)


def claimed_next(person: User, after: str, wanted: str) -> Report | None:
    """Claim and return the next report: the wanted one if it waits and is free, else the first behind `after`."""
    report = report_named(person, wanted)
    if report is not None and report.status == workflow.PENDING and is_taken(report, person):
        return report
    passed = report_named(person, after)
    for _attempt in range(ATTEMPTS):
        free = claims.without_claimed(waiting_after(person, passed), person)
        following: Report | None = free.with_card().first()
        if following is None or is_taken(following, person):
            return following
    return None


def is_taken(report: Report, person: User) -> bool:
    """Claim a report for somebody; False where another one was faster."""
    try:
        claims.take(report=report, by=person)
    except Claimed:
        return False
    return True


def show(request: HttpRequest, context: Context) -> HttpResponse:
    """Show the next report to judge, or that nothing waits; who else reads what is said."""
    person = judge_of(request)
    after = request.GET.get("after", "")
    report = claimed_next(person, after, request.GET.get("report", ""))
    claims.release(by=person, but=report)
    elsewhere = claims.taken_from(waiting(person), person)
    if report is None:
        page = empty_page(person, put_off=claims.without_claimed(waiting(person), person).exists())
        return TemplateResponse(request, "moderation/queue_empty.html", {**context, **page, "elsewhere": elsewhere})
    page = page_of(report, person, after, rows=waiting(person))
    return TemplateResponse(request, "moderation/queue.html", {**context, **page, "elsewhere": elsewhere})


def judging(request: HttpRequest, report_id: int) -> tuple[User, Report]:
    """Return who is at the door, and the report that they judge.

    Raises:
        Http404: there is none, or it is out of their reach.
        PermissionDenied: they judge nothing.
    """
    report = report_named(signed_in(request), str(report_id))
    if report is None:
        raise Http404
    return judge_of(request), report


def decide(request: HttpRequest, context: Context, report_id: int) -> HttpResponse:
    """Carry out one decision and go on to the next report; what cannot be done is said, and the words stay."""
    person, report = judging(request, report_id)
    after = request.GET.get("after", "")
    if request.method != "POST":
        return redirect(queue_address(after))
    to = request.POST.get("to", "")
    if to not in DECISIONS:
        raise BadRequest
    form = ChangeForm(request.POST, report=report, person=person, to=to)
    refusal = carried_out(form) if form.is_valid() else None
    if form.is_valid():
        messages.success(request, said(report, to))
        return redirect(queue_address(after))
    if refusal is not None:
        report.refresh_from_db()
    page = page_of(report, person, after, rows=waiting(person), sent=form, refusal=refusal)
    status = 409 if isinstance(refusal, StaleReport | Claimed) else 422
    return TemplateResponse(request, "moderation/queue.html", {**context, **page}, status=status)


def carried_out(form: ChangeForm) -> DomainError | None:
    """Do what a valid form asks for; return what the domain refused, which the form then shows."""
    try:
        decisions.decide(
            report=form.report,
            to=form.target,
            by=form.person,
            seen=form.cleaned_data["seen"],
            note=form.cleaned_data["note"],
            original=form.original_report,
        )
    except DomainError as error:
        form.refuse(error)
        return error
    return None


def said(report: Report, to: str) -> str:
    """Return the sentence that confirms a decision."""
    sentences = {
        workflow.OPEN: _("%(ref)s est publié."),
        workflow.REJECTED: _("%(ref)s est refusé ; son auteur lit le motif."),
        workflow.DUPLICATE: _("%(ref)s est rattaché au signalement d’origine."),
    }
    return sentences[to] % {"ref": report.ref}


@require_POST
def renew(request: HttpRequest, context: Context, report_id: int) -> HttpResponse:
    """Keep the report that an open page shows, or tell the page who has it now (409)."""
    person, report = judging(request, report_id)
    if report.status != workflow.PENDING:
        sentence = _("%(ref)s est déjà jugé : quelqu’un d’autre a décidé.") % {"ref": report.ref}
        return JsonResponse({"held": False, "sentence": sentence}, status=409)
    try:
        claims.take(report=report, by=person)
    except Claimed as error:
        return JsonResponse({"held": False, "sentence": str(error)}, status=409)
    return JsonResponse({"held": True})


def undo(request: HttpRequest, context: Context) -> HttpResponse:
    """Take one's last decision back and show the report again, or say why that cannot be."""
    person = judge_of(request)
    if request.method != "POST":
        return redirect(queue_address(""))
    decision = decision_named(person, request.POST.get("decision", ""))
    if decision is None:
        messages.error(request, _("Il n’y a aucune décision à annuler."))
        return redirect(queue_address(""))
    try:
        report = decisions.undo(decision=decision, by=person)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(queue_address(""))
    messages.success(request, _("Décision annulée : %(ref)s attend de nouveau.") % {"ref": report.ref})
    return redirect(queue_address("", wanted=str(report.pk)))


def decision_named(person: User, decision_id: str) -> Decision | None:
    """Return one of a person's own decisions by what a form says; None for anything else."""
    if not decision_id.isascii() or not decision_id.isdecimal() or int(decision_id) > MOST:
        return None
    found: Decision | None = Decision.objects.select_related("event").filter(pk=decision_id, person=person).first()
    return found
