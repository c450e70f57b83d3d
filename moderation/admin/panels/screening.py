"""Why screening wants a moderator to look, and masking what is nobody's business in the public words."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from moderation.admin.base import signed_in
from moderation.admin.page import carried_out, visible
from moderation.admin.panel import Context, Desk, Panel
from moderation.admin.queue_page import queue_address
from moderation.forms import MaskForm
from moderation.services.findings import explained
from moderation.services.masking import mask_text
from reports import workflow

QUEUE = "queue"


def show(desk: Desk) -> Context | None:
    """Give the findings and the form to those who judge; nothing where there is neither."""
    if not desk.actor.roles & workflow.JUDGES:
        return None
    form = desk.form(MaskForm)
    findings = explained(desk.report, desk.person)
    return {"findings": findings, "mask": form} if findings or form.is_needed or form.is_bound else None


def mask(request: HttpRequest, context: Context, report_id: int) -> HttpResponse:
    """Mask what was chosen; whoever came from the queue goes on judging the same report there."""
    person = signed_in(request)
    report = visible(person, report_id)
    form = MaskForm(request.POST, report=report, person=person)
    response = carried_out(
        request,
        context,
        form,
        lambda: mask_text(report=report, chosen=form.cleaned_data["chosen"], by=person),
        _("C’est masqué, partout et pour tout le monde."),
    )
    is_done = request.method == "POST" and response.status_code == HTTPStatus.FOUND
    if is_done and request.POST.get("from") == QUEUE:
        return redirect(queue_address(request.POST.get("after", ""), str(report.pk)))
    return response


PANEL = Panel("screening", "see", show, (("mask/", mask, "mask"),))
