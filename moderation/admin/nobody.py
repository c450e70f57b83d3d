"""« Sans responsable »: what waits for its repair while no organisation answers for it, oldest first."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from moderation.admin.base import judge_of
from moderation.admin.panels.routing import assigned, new_rule
from moderation.forms import AssignForm
from moderation.permissions import administers
from moderation.services.routing import apply_rules
from reports.errors import DomainError
from reports.models import Organisation, Report
from reports.querysets import ReportQuerySet
from reports.services.routing import ruled

SHOWN = 25
Context = dict[str, Any]


def ownerless(person: User) -> ReportQuerySet:
    """Return what waits without anybody in charge in the places that a person judges, oldest first."""
    return Report.objects.judged_by(person).of_nobody()


@dataclass
class Row:
    """One report of the list: whom the rules would name today, and where a rule for its like is added."""

    report: Report
    named: Organisation | None
    new_rule: str
    form: AssignForm | None = None


def show(request: HttpRequest, context: Context) -> HttpResponse:
    """Show the oldest ones."""
    return page(request, context, judge_of(request))


def page(request: HttpRequest, context: Context, person: User, sent: AssignForm | None = None) -> HttpResponse:
    """Show the list, with the form that was just refused, if any."""
    found = list(ownerless(person).with_card()[: SHOWN + 1])
    named = ruled(found)
    rows = [
        Row(report, named.get(report.pk), new_rule(report) if administers(person) else "") for report in found[:SHOWN]
    ]
    for row in rows:
        row.form = sent if sent is not None and sent.report.pk == row.report.pk else None
    shown = {
        "title": _("Sans responsable"),
        "rows": rows,
        "more": len(found) > SHOWN,
        "organisations": Organisation.objects.order_by("name"),
        "ruled_count": sum(1 for row in rows if row.named),
    }
    return TemplateResponse(request, "moderation/nobody.html", {**context, **shown}, status=422 if sent else 200)


def assign(request: HttpRequest, context: Context, report_id: int) -> HttpResponse:
    """Give one of them to an organisation, and come back to the list."""
    person = judge_of(request)
    report = Report.objects.judged_by(person).with_card().filter(pk=report_id).first()
    if report is None:
        raise Http404
    if request.method != "POST":
        return redirect(address())
    form = AssignForm({**request.POST.dict(), "seen": ""}, report=report, person=person)
    if form.is_valid() and form.cleaned_data["organisation"] is None:
        form.add_error("organisation", _("Choisissez un organisme."))
    if form.is_valid():
        try:
            assigned(form)
        except DomainError as error:
            messages.warning(request, f"{report.ref}\u00a0: {error}")
        else:
            words = {"ref": report.ref, "name": form.cleaned_data["organisation"].name}
            messages.success(request, _("%(ref)s est confié à %(name)s.") % words)
        return redirect(address())
    return page(request, context, person, form)


def apply(request: HttpRequest, _context: Context) -> HttpResponse:
    """Give every one that a rule covers by now to the organisation it names."""
    person = judge_of(request)
    if request.method == "POST":
        count = apply_rules(person=person)
        sentence = ngettext(
            "%(n)d signalement est attribué par les règles.", "%(n)d signalements sont attribués par les règles.", count
        )
        messages.success(request, sentence % {"n": count})
    return redirect(address())


def address() -> str:
    """Return the list's address."""
    return reverse("admin:reports_report_nobody")
