"""« Transmettre »: to whom outside the report was passed on, and the form to pass it on."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from moderation.admin.base import signed_in
from moderation.admin.drafting import drafted
from moderation.admin.page import carried_out, visible
from moderation.admin.panel import Context, Desk, Panel
from moderation.forms import PersonForm, ReferralForm
from moderation.models import Referral
from moderation.services import previews, referrals
from reports.permissions import actor_for

# The latest of them; the timeline has them all.
SHOWN = 10


def show(desk: Desk) -> Context | None:
    """Give who has the report now, and the form where it may be passed on."""
    if not desk.actor.is_staff:
        return None
    rows = list(Referral.objects.of_report(desk.report).select_related("sender").defer("address")[:SHOWN])
    form = None
    if referrals.may_refer(desk.report, desk.actor):
        form = desk.form(ReferralForm)
        form.offer([])
    return {"form": form, "past": rows} if form or rows else None


def refer(request: HttpRequest, context: Context, report_id: int) -> HttpResponse:
    """Pass the report on."""
    person = signed_in(request)
    report = visible(person, report_id)
    form = ReferralForm(request.POST, report=report, person=person)

    def preview() -> previews.Preview:
        said = {name: form.cleaned_data[name] for name in ("text", "language")}
        return previews.of_referral(report=report, **said)

    return drafted(request, context, form, preview) or carried_out(
        request,
        context,
        form,
        lambda: referrals.refer(report=report, actor=actor_for(person, report), **form.cleaned_data),
        _("Le signalement est transmis par e-mail."),
    )


def withdraw(request: HttpRequest, context: Context, report_id: int, referral_id: int) -> HttpResponse:
    """Take a referral back."""
    person = signed_in(request)
    report = visible(person, report_id)
    referral = get_object_or_404(Referral, pk=referral_id, report=report)
    return carried_out(
        request,
        context,
        PersonForm(request.POST, report=report, person=person),
        lambda: referrals.withdraw(referral=referral, actor=actor_for(person, report)),
        _("La transmission est retirée : son lien n’ouvre plus rien."),
    )


PANEL = Panel(
    "referrals",
    "act",
    show,
    (("referral/", refer, "referral"), ("referral/<int:referral_id>/withdraw/", withdraw, "referral_withdraw")),
)
