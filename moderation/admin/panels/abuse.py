"""Taking a report from view, and banning whoever sent it: for moderators of its place."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from moderation.admin.base import signed_in
from moderation.admin.page import carried_out, visible
from moderation.admin.panel import Context, Desk, Panel
from moderation.forms import BanForm, HoldForm
from moderation.models import Flag
from moderation.services.holding import hold_report
from moderation.services.suspending import can_suspend, suspend, suspension_of
from reports import workflow

SHOWN = 20


def show(desk: Desk) -> Context | None:
    """Give what neighbours complain about, and the forms."""
    if not desk.actor.roles & workflow.JUDGES:
        return None
    report = desk.report
    banned = suspension_of(report, seen_by=desk.person)
    return {
        "flags": list(Flag.objects.open().filter(report=report).order_by("created_at")[:SHOWN]),
        "hold": desk.form(HoldForm) if report.is_public else None,
        "ban": desk.form(BanForm) if can_suspend(report) and banned is None else None,
        "banned": banned,
    }


def hold(request: HttpRequest, context: Context, report_id: int) -> HttpResponse:
    """Take a public report from view until a moderator has looked again."""
    person = signed_in(request)
    report = visible(person, report_id)
    form = HoldForm(request.POST, report=report, person=person)
    return carried_out(
        request,
        context,
        form,
        lambda: hold_report(report=report, by=person, note=form.cleaned_data["note"]),
        _("%(ref)s n’est plus visible ; il attend dans « À valider ».") % {"ref": report.ref},
    )


def ban(request: HttpRequest, context: Context, report_id: int) -> HttpResponse:
    """Keep whoever sent the report from contributing for a time."""
    person = signed_in(request)
    report = visible(person, report_id)
    form = BanForm(request.POST, report=report, person=person)
    return carried_out(
        request,
        context,
        form,
        lambda: suspend(
            subject=report,
            days=int(form.cleaned_data["days"]),
            rule=form.cleaned_data["rule"],
            facts=form.cleaned_data["facts"],
            by=person,
        ),
        _("La participation de l’auteur est suspendue ; il lit pourquoi."),
    )


PANEL = Panel("abuse", "act", show, (("hold/", hold, "hold"), ("ban/", ban, "ban")))
