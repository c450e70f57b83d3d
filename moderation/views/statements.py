"""Why something of somebody's was taken away, and contesting it: the token in the address is the permission."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from moderation.forms import AppealForm
from moderation.models import Appeal, Statement
from moderation.services.appeals import appeal, appeal_until, can_appeal
from moderation.services.statements import words_of
from reports.errors import DomainError
from reports.models import Comment, Follow
from reports.services.comments import is_owner
from reports.throttles import seconds_to_wait
from reports.views.comments import person_of
from reports.views.device import device_of
from reports.views.follow import private
from reports.views.origin import from_our_pages


@from_our_pages
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def statement(request: HttpRequest, token: str) -> HttpResponse:
    """Show a statement of reasons, and take an appeal against the decision."""
    row = get_object_or_404(Statement.objects.with_subject(), token=token)
    if request.method != "POST":
        return show(request, row, AppealForm())
    form = AppealForm(request.POST)
    if seconds_to_wait(request, "flag"):
        too_often = _("Beaucoup de demandes viennent d’arriver de votre connexion. Attendez un peu, puis recommencez.")
        form.add_error(None, too_often)
        return show(request, row, form, status=429)
    if not form.is_valid():
        return show(request, row, form, status=422)
    try:
        appeal(statement=row, words=form.cleaned_data["words"])
    except DomainError as refusal:
        form.add_error(refusal.field or None, str(refusal))
        return show(request, row, form, status=422)
    response = redirect("statement", token=row.token)
    response.status_code = 303
    return response


def show(request: HttpRequest, row: Statement, form: AppealForm, *, status: int = 200) -> HttpResponse:
    """Render the page."""
    contested = Appeal.objects.filter(statement=row).first()
    context = {
        "statement": row,
        "report": row.report,
        "words": words_of(row),
        "appeal": contested,
        "appeal_until": appeal_until(row) if contested is None and can_appeal(row) else None,
        "form": form,
    }
    return private(render(request, "moderation/statement.html", context, status=status))


@never_cache
@require_safe
def of_report(_request: HttpRequest, token: str) -> HttpResponse:
    """Lead whoever holds a report's private link to the latest statement about it."""
    follow = get_object_or_404(Follow, token=token, is_reporter=True)
    of_author = Statement.objects.filter(report=follow.report_id, comment=None, ban=None)
    return lead_to(of_author.order_by("-id").first())


@never_cache
@require_safe
def of_comment(request: HttpRequest, ref: str, comment_id: int) -> HttpResponse:
    """Lead the author of a comment to the latest statement about it; for anybody else it is not there."""
    comment = get_object_or_404(Comment, pk=comment_id, report__ref=ref.upper())
    if not is_owner(comment, author=person_of(request), device=device_of(request)):
        raise Http404
    return lead_to(Statement.objects.filter(comment=comment, ban=None).order_by("-id").first())


def lead_to(row: Statement | None) -> HttpResponse:
    """Redirect to a statement's page.

    Raises:
        Http404: there is none.
    """
    if row is None:
        raise Http404
    return private(redirect("statement", token=row.token))
