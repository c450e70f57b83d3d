"""« Suspensions »: who may not contribute now, in the person's places; ending one, and banning a comment's author."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Ban, User
from moderation.admin.base import JudgesOnly, judge_of
from moderation.admin.comments import row_of, with_place
from moderation.forms import CommentBanForm
from moderation.models import Statement
from moderation.querysets import StatementQuerySet
from moderation.services.suspending import can_suspend, suspend, suspension_of, unsuspend
from reports.errors import DomainError
from reports.models import Comment

SHOWN = 50

Context = dict[str, Any]


def in_force(person: User) -> StatementQuerySet:
    """Return the bans that hold now and were decided in this person's places, by their statements, the latest first."""
    rows = Statement.objects.judged_by(person).filter(ban__until__gt=timezone.now(), ban__lifted_at=None)
    return rows.with_subject().select_related("decided_by").order_by("-id")


def show(request: HttpRequest, context: Context) -> HttpResponse:
    """Show who may not contribute now."""
    found = list(in_force(judge_of(request))[: SHOWN + 1])
    page = {"title": _("Suspensions"), "rows": found[:SHOWN], "more": len(found) > SHOWN}
    return TemplateResponse(request, "moderation/bans.html", {**context, **page})


def lift(request: HttpRequest, _context: Context, ban_id: int) -> HttpResponse:
    """End a ban before its time."""
    person = judge_of(request)
    statement = Statement.objects.judged_by(person).with_subject().filter(ban=ban_id).first()
    if statement is None:
        raise Http404
    if request.method == "POST":
        try:
            unsuspend(statement=statement, by=person)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("La suspension est levée."))
    return redirect("admin:accounts_ban_changelist")


def of_comment(request: HttpRequest, context: Context, comment_id: int) -> HttpResponse:
    """Ask for how long and why the author of a comment is banned, and do it."""
    person = judge_of(request)
    comment = with_place(Comment.objects.judged_by(person)).filter(pk=comment_id).first()
    if comment is None:
        raise Http404
    form = CommentBanForm(request.POST if request.method == "POST" else None)
    page = {
        "title": _("Suspendre l’auteur d’un commentaire"),
        "row": row_of(comment),
        "form": form,
        "can_suspend": can_suspend(comment),
        "banned": suspension_of(comment, seen_by=person),
        "back": reverse("admin:reports_comment_changelist"),
    }
    if form.is_valid():
        given = form.cleaned_data
        try:
            suspend(subject=comment, days=int(given["days"]), rule=given["rule"], facts=given["facts"], by=person)
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("La participation de l’auteur est suspendue ; il lit pourquoi."))
            return redirect("admin:accounts_ban_changelist")
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "moderation/ban.html", {**context, **page}, status=status)


@admin.register(Ban)
class BanAdmin(JudgesOnly):
    """What a moderator does goes through `moderation.services.suspending`."""

    def get_urls(self) -> list[URLPattern]:
        return [
            path("", self.page(show), name="accounts_ban_changelist"),
            path("<int:ban_id>/lift/", self.page(lift), name="accounts_ban_lift"),
            path("comment/<int:comment_id>/", self.page(of_comment), name="accounts_ban_comment"),
        ]
