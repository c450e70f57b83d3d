"""« À valider »: one pending report after the other, the oldest first."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.models import User
from moderation.admin.base import signed_in
from moderation.admin.mapping import map_of
from moderation.forms import ChangeForm
from moderation.permissions import judges
from reports import workflow
from reports.errors import DomainError, StaleReport
from reports.models import Report
from reports.permissions import actor_for
from reports.querysets import ReportQuerySet
from reports.services.handling import change_status

DECISIONS = (workflow.OPEN, workflow.REJECTED, workflow.DUPLICATE)
COUNTED = 100
NEAR_SHOWN = 6

Context = dict[str, Any]


def waiting(person: User) -> ReportQuerySet:
    """Return what waits for this person's judgement, oldest first."""
    return Report.objects.judged_by(person).pending().order_by("received_at", "id")


def waiting_after(person: User, report_id: str) -> ReportQuerySet:
    """Return what waits behind a report that was put off; everything when no such report is given."""
    rows = waiting(person)
    passed = Report.objects.judged_by(person).filter(pk=report_id).first() if report_id.isdecimal() else None
    if passed is None:
        return rows
    return rows.filter(Q(received_at__gt=passed.received_at) | Q(received_at=passed.received_at, pk__gt=passed.pk))


def near_open(report: Report) -> list[Report]:
    """Return the open reports that this one may repeat: same category, within its radius, nearest first."""
    around = Report.objects.with_card().near(report.point, report.category.duplicate_radius_m)
    alike = around.filter(category=report.category, status__in=workflow.UNRESOLVED).exclude(pk=report.pk)
    return list(alike[:NEAR_SHOWN])


def show(request: HttpRequest, context: Context) -> HttpResponse:
    """Show the next report to judge, or that nothing waits."""
    person = signed_in(request)
    if not judges(person):
        raise PermissionDenied
    after = request.GET.get("after", "")
    report = waiting_after(person, after).with_card().first()
    if report is None:
        left = waiting(person).exists()
        return TemplateResponse(
            request, "moderation/queue_empty.html", {**context, "title": _("À valider"), "put_off": left}
        )
    return TemplateResponse(request, "moderation/queue.html", {**context, **page_of(report, person, after)})


def decide(request: HttpRequest, context: Context, report_id: int) -> HttpResponse:
    """Carry out one decision and go on to the next report; what cannot be done is said, and the words stay."""
    person = signed_in(request)
    report = Report.objects.judged_by(person).with_card().filter(pk=report_id).first()
    if report is None:
        raise Http404
    if not judges(person):
        raise PermissionDenied
    after = request.GET.get("after", "")
    if request.method != "POST":
        return redirect(queue_address(after))
    to = request.POST.get("to", "")
    if to not in DECISIONS:
        raise BadRequest
    form = ChangeForm(request.POST, report=report, person=person, to=to)
    status = 422
    if form.is_valid():
        try:
            change_status(
                report=report,
                to=to,
                actor=actor_for(person, report),
                seen=form.cleaned_data["seen"],
                note=form.cleaned_data["note"],
                original=form.original_report,
            )
        except StaleReport as error:
            form.refuse(error)
            report.refresh_from_db()
            status = 409
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, said(report))
            return redirect(queue_address(after))
    return TemplateResponse(
        request, "moderation/queue.html", {**context, **page_of(report, person, after, form)}, status=status
    )


def said(report: Report) -> str:
    """Return the sentence that confirms a decision."""
    sentences = {
        workflow.OPEN: _("%(ref)s est publié."),
        workflow.REJECTED: _("%(ref)s est refusé ; son auteur lit le motif."),
        workflow.DUPLICATE: _("%(ref)s est rattaché au signalement d’origine."),
    }
    return sentences[report.status] % {"ref": report.ref}


def queue_address(after: str) -> str:
    """Return the queue's address, behind the report that was put off."""
    query = f"?{urlencode({'after': after})}" if after.isdecimal() else ""
    return reverse("admin:reports_report_queue") + query


def page_of(report: Report, person: User, after: str, sent: ChangeForm | None = None) -> Context:
    """Return what the page shows: the report, what is near, a form for each decision, and the one that was refused."""
    forms = {to: ChangeForm(report=report, person=person, to=to) for to in DECISIONS}
    if sent is not None:
        forms[sent.target] = sent
    near = near_open(report)
    count = len(waiting(person).values_list("pk")[: COUNTED + 1])
    return {
        "title": _("À valider"),
        "report": report,
        "near": near,
        "map": map_of(report, near),
        "accept": forms[workflow.OPEN],
        "reject": forms[workflow.REJECTED],
        "duplicate": forms[workflow.DUPLICATE],
        "sent": sent,
        "is_waiting": report.status == workflow.PENDING,
        "count": min(count, COUNTED),
        "more": count > COUNTED,
        "next_url": queue_address(str(report.pk)),
        "decide_url": reverse("admin:reports_report_decide", args=[report.pk])
        + (f"?{urlencode({'after': after})}" if after.isdecimal() else ""),
    }
