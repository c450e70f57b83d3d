"""« Recours »: the decisions that somebody contests, the oldest first; another moderator than the first judges."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from accounts.models import User
from moderation.admin.base import JudgesOnly, judge_of
from moderation.forms import AppealAnswerForm
from moderation.models import Appeal
from moderation.querysets import AppealQuerySet
from moderation.services.appeals import ANOTHER, judge_appeal, may_judge
from reports.errors import DomainError, StaleReport

SHOWN = 20

Context = dict[str, Any]


def waiting(person: User) -> AppealQuerySet:
    """Return the appeals that nobody has judged, in this person's places."""
    return Appeal.objects.open().judged_by(person)


def with_statement(rows: AppealQuerySet) -> AppealQuerySet:
    """Load what a row shows, in one query."""
    return rows.select_related(
        "statement__report__category",
        "statement__report__quarter__town",
        "statement__comment",
        "statement__photo",
        "statement__ban__user",
        "statement__decided_by",
    ).defer("statement__report__search", "statement__report__quarter__boundary")


def row_of(appeal: Appeal, person: User, form: AppealAnswerForm | None = None) -> Context:
    """Return an appeal with its form, or why this person does not judge it."""
    mine = appeal.statement.decided_by_id == person.pk
    return {
        "appeal": appeal,
        "statement": appeal.statement,
        "report": appeal.statement.report,
        "form": form or AppealAnswerForm(auto_id=f"a{appeal.pk}_%s"),
        "not_mine": ANOTHER if mine and not may_judge(appeal.statement, person) else "",
        "url": reverse("admin:moderation_appeal_judge", args=[appeal.pk]),
    }


def show(request: HttpRequest, context: Context) -> HttpResponse:
    """Show what waits."""
    person = judge_of(request)
    found = list(with_statement(waiting(person))[: SHOWN + 1])
    page = {
        "title": _("Recours"),
        "rows": [row_of(appeal, person) for appeal in found[:SHOWN]],
        "more": len(found) > SHOWN,
    }
    return TemplateResponse(request, "moderation/appeals.html", {**context, **page})


def decide(request: HttpRequest, context: Context, appeal_id: int) -> HttpResponse:
    """Judge one appeal and go back to the list; what cannot be done is said, and the words stay."""
    person = judge_of(request)
    appeal = with_statement(Appeal.objects.judged_by(person)).filter(pk=appeal_id).first()
    if appeal is None:
        raise Http404
    if request.method != "POST":
        return redirect("admin:moderation_appeal_changelist")
    form = AppealAnswerForm(request.POST, auto_id=f"a{appeal.pk}_%s")
    status = 422
    if form.is_valid():
        try:
            judge_appeal(appeal=appeal, grant=form.grants, answer=form.cleaned_data["answer"], by=person)
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            status = 409 if isinstance(refusal, StaleReport) else 422
        else:
            done = _("Le recours est accepté.") if form.grants else _("Le recours est refusé, la décision reste.")
            messages.success(request, done)
            return redirect("admin:moderation_appeal_changelist")
    page = {"title": _("Recours"), "rows": [row_of(appeal, person, form)], "sent": form}
    return TemplateResponse(request, "moderation/appeals.html", {**context, **page}, status=status)


@admin.register(Appeal)
class AppealAdmin(JudgesOnly):
    """What a moderator does goes through `moderation.services.appeals`."""

    def get_urls(self) -> list[URLPattern]:
        return [
            path("", self.page(show), name="moderation_appeal_changelist"),
            path("<int:appeal_id>/judge/", self.page(decide), name="moderation_appeal_judge"),
        ]
