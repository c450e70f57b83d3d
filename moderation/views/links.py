"""The pages behind mailed links: the author answers a question, an outside party answers about a report.

The token in the address is the permission; nothing here is cached, indexed or told to other sites.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from moderation.errors import LinkOver
from moderation.forms import AnswerForm, ReferralAnswerForm
from moderation.models import Question, Referral
from moderation.services import questions, referrals
from moderation.wording import REFERRAL_ANSWERS
from reports.errors import DomainError
from reports.models import Event, Report
from reports.throttles import seconds_to_wait
from reports.views.follow import private
from reports.views.origin import from_our_pages

TOO_OFTEN = _("Beaucoup de réponses viennent d’arriver de votre connexion. Attendez un peu, puis recommencez.")


@from_our_pages
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, token: str) -> HttpResponse:
    """Show a report's author what the team asks, and take the answer in, once."""
    row = get_object_or_404(Question.objects.select_related("asker"), token=token)
    row.report = report_of(row.report_id)
    context = {"question": row, "report": row.report}
    if row.answered_at is not None:
        if typed_in(request) not in {"", questions.answer_to(row)}:
            # Another tab, another text: the first answer stands, and nobody is thanked for words that go nowhere.
            return over(request, row.report, is_answered=True)
        return private(render(request, "moderation/question.html", {**context, "is_answered": True}))
    if not row.is_open or row.report.status not in questions.ASKABLE:
        return over(request, row.report)
    form = AnswerForm(request.POST or None, request.FILES or None)

    def take() -> None:
        questions.answer(question=row, text=form.cleaned_data["text"], photos=form.keep_photos())

    return answered(request, "moderation/question.html", {**context, "form": form}, take)


@from_our_pages
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def referral(request: HttpRequest, token: str) -> HttpResponse:
    """Show an outside party the report that was passed on to them, and take their answers in."""
    row = get_object_or_404(Referral.objects.select_related("sender"), token=token)
    row.report = report_of(row.report_id)
    if not row.is_open or row.report.status not in referrals.REFERABLE:
        return over(request, row.report)
    form = ReferralAnswerForm(request.POST or None, request.FILES or None)
    context = {
        "referral": row,
        "report": row.report,
        "form": form,
        "said": said(row),
        "by": sent_by(row),
        "thanks": "merci" in request.GET,
    }

    def take() -> None:
        referrals.answer(
            referral=row,
            says=form.cleaned_data["says"],
            text=form.cleaned_data["text"],
            photos=form.keep_photos(),
        )

    return answered(request, "moderation/referral.html", context, take)


def report_of(report_id: int) -> Report:
    """Return the report with what its card shows."""
    report: Report = Report.objects.with_card().get(pk=report_id)
    return report


def answered(request: HttpRequest, template: str, context: dict[str, Any], take: Callable[[], None]) -> HttpResponse:
    """Show the form, or take a valid answer in and go on to the thanks; what was typed stays where it is refused."""
    form: AnswerForm = context["form"]
    if request.method != "POST":
        return private(render(request, template, context))
    if seconds_to_wait(request, "support"):
        form.add_error(None, TOO_OFTEN)
        return private(render(request, template, context, status=429))
    if not form.is_valid():
        return private(render(request, template, context, status=422))
    try:
        take()
    except LinkOver:
        return private(redirect(request.path))
    except DomainError as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return private(render(request, template, context, status=422))
    return private(redirect(f"{request.path}?merci"))


def over(request: HttpRequest, report: Report, *, is_answered: bool = False) -> HttpResponse:
    """Say that a link has ended, and nothing about the report but where everybody may read it, or the one it joined.

    `is_answered` says that another answer came in before this one.
    """
    original = Report.objects.public().filter(duplicates=report).first()
    context = {"report": report, "original": original, "unsent": typed_in(request), "is_answered": is_answered}
    return private(render(request, "moderation/link_over.html", context, status=410))


def typed_in(request: HttpRequest) -> str:
    """Return the words of somebody who answers."""
    return request.POST.get("text", "").strip()


def sent_by(row: Referral) -> str:
    """Return the organisation in whose name it was passed on, whoever has the report by now; empty for moderators."""
    events = Event.objects.filter(report=row.report_id, kind=Event.Kind.REFERRED, private_data__referral=row.pk)
    return events.values_list("actor_name", flat=True).first() or ""


def said(row: Referral) -> list[dict[str, Any]]:
    """Return what the outside party has answered so far, the newest first."""
    events = Event.objects.filter(
        report=row.report_id, kind=Event.Kind.REFERRAL_ANSWERED, private_data__referral=row.pk
    ).order_by("-at", "-id")
    return [
        {
            "at": event.at,
            "title": REFERRAL_ANSWERS.get(event.private_data.get("says", ""), ""),
            "text": event.private_data.get("text", ""),
        }
        for event in events
    ]
