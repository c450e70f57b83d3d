"""How to reach the author: hidden until somebody whose task needs it asks, and the look is put on record."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from moderation.admin.base import signed_in
from moderation.admin.page import address_of, page_of, visible
from moderation.admin.panel import Context, Desk, Panel
from moderation.services.contact import look, may_look
from reports.errors import NotAllowed


def show(desk: Desk) -> Context | None:
    """Offer the look to those who may have it."""
    return {} if may_look(report=desk.report, by=desk.person) else None


def contact(request: HttpRequest, context: Context, report_id: int) -> HttpResponse:
    """Show once, on this answer only, how to reach the author."""
    person = signed_in(request)
    report = visible(person, report_id)
    if request.method != "POST":
        return redirect(address_of(report))
    try:
        found = look(report=report, by=person)
    except NotAllowed as error:
        raise PermissionDenied from error
    return TemplateResponse(request, "moderation/report.html", {**context, **page_of(report, person), "contact": found})


PANEL = Panel("author", "know", show, (("contact/", contact, "contact"),))
