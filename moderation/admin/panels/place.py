"""« Corriger »: another category, another place, or two reports out of one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from moderation.admin.base import signed_in
from moderation.admin.page import address_of, carried_out, visible
from moderation.admin.panel import Context, Desk, Panel
from moderation.forms.handling import CategoryForm, RelocateForm, SplitForm
from reports import workflow
from reports.models import Report
from reports.permissions import actor_for
from reports.services.reclassifying import CORRECTABLE, recategorise, relocate
from reports.services.splitting import split_report


def show(desk: Desk) -> Context | None:
    """Give the forms, while the report is not closed."""
    if desk.report.status not in CORRECTABLE or not desk.actor.roles & workflow.HANDLERS:
        return None
    return {
        "category": desk.form(CategoryForm),
        "relocate": desk.form(RelocateForm),
        "split": desk.form(SplitForm),
    }


def category(request: HttpRequest, context: Context, report_id: int) -> HttpResponse:
    """Put the report into another category."""
    person = signed_in(request)
    report = visible(person, report_id)
    form = CategoryForm(request.POST, report=report, person=person)
    return carried_out(
        request,
        context,
        form,
        lambda: recategorise(
            report=report,
            category=form.cleaned_data["category"],
            actor=actor_for(person, report),
            note=form.cleaned_data["note"],
        ),
        _("La catégorie est changée."),
    )


def place(request: HttpRequest, context: Context, report_id: int) -> HttpResponse:
    """Move the report to where the problem is."""
    person = signed_in(request)
    report = visible(person, report_id)
    form = RelocateForm(request.POST, report=report, person=person)
    return carried_out(
        request,
        context,
        form,
        lambda: relocate(
            report=report,
            point=form.cleaned_data["point"],
            address=form.cleaned_data["address"],
            actor=actor_for(person, report),
            note=form.cleaned_data["note"],
        ),
        _("Le lieu est corrigé."),
    )


def split(request: HttpRequest, context: Context, report_id: int) -> HttpResponse:
    """Make a second report of one part of this one."""
    person = signed_in(request)
    report = visible(person, report_id)
    form = SplitForm(request.POST, report=report, person=person)
    made: list[Report] = []
    answer = carried_out(request, context, form, lambda: made.append(part_of(form)), _("Le signalement est séparé."))
    if not made:
        return answer
    messages.info(request, _("Le second problème porte le numéro %(ref)s.") % {"ref": made[0].ref})
    return redirect(address_of(report))


def part_of(form: SplitForm) -> Report:
    """Carry out the separation."""
    return split_report(
        report=form.report,
        category=form.cleaned_data["category"],
        description=form.cleaned_data["description"],
        point=form.cleaned_data["point"],
        photos=form.chosen_photos,
        actor=actor_for(form.person, form.report),
    )


PANEL = Panel(
    "place", "act", show, (("category/", category, "category"), ("place/", place, "place"), ("split/", split, "split"))
)
