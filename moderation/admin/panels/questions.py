"""« Demander à l’auteur »: the question that waits for an answer, or the form to ask one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from moderation.admin.base import signed_in
from moderation.admin.drafting import drafted
from moderation.admin.page import carried_out, visible
from moderation.admin.panel import Context, Desk, Panel
from moderation.forms import PersonForm, QuestionForm
from moderation.models import Question, ResponseTemplate
from moderation.services import previews, questions
from moderation.services.ready import of_kind
from reports import workflow
from reports.models import Report
from reports.permissions import actor_for

# The latest of them; the timeline has them all.
SHOWN = 5


def show(desk: Desk) -> Context | None:
    """Give the open question, what became of the earlier ones, and the form where another may be asked."""
    if not desk.actor.is_staff:
        return None
    rows = list(Question.objects.of_report(desk.report).select_related("asker")[:SHOWN])
    is_open = next((row for row in rows if row.is_open), None)
    form = None
    if is_open is None and questions.may_ask(desk.report, desk.actor):
        form = desk.form(QuestionForm)
        form.offer(of_kind(desk.ready, ResponseTemplate.Kind.QUESTION, desk.report.status))
    if form is None and not rows:
        return None
    reachable = form is None or is_reachable(desk.report)
    if form is not None and not reachable:
        form.promise_no_mail()
    return {"form": form, "open": is_open, "reachable": reachable, "past": rows}


def is_reachable(report: Report) -> bool:
    """Whether the author gets a mail: an account, or an address left with the report, which the page does not load."""
    return report.reporter_id is not None or Report.objects.filter(pk=report.pk).exclude(contact_email="").exists()


def has_clock(report: Report) -> bool:
    """Whether a deadline runs that a question stops: none does before publication."""
    return report.status in workflow.UNRESOLVED and report.clock_started_at is not None


def ask(request: HttpRequest, context: Context, report_id: int) -> HttpResponse:
    """Ask the author."""
    person = signed_in(request)
    report = visible(person, report_id)
    form = QuestionForm(request.POST, report=report, person=person)
    draft = drafted(request, context, form, lambda: previews.of_question(report=report, text=form.cleaned_data["text"]))
    return draft or carried_out(
        request,
        context,
        form,
        lambda: questions.ask(report=report, text=form.cleaned_data["text"], actor=actor_for(person, report)),
        _("Votre question est posée. Le délai s’arrête jusqu’à la réponse.")
        if has_clock(report)
        else _("Votre question est posée."),
    )


def withdraw(request: HttpRequest, context: Context, report_id: int, question_id: int) -> HttpResponse:
    """Take a question back."""
    person = signed_in(request)
    report = visible(person, report_id)
    question = get_object_or_404(Question, pk=question_id, report=report)
    return carried_out(
        request,
        context,
        PersonForm(request.POST, report=report, person=person),
        lambda: questions.withdraw(question=question, actor=actor_for(person, report)),
        _("La question est retirée. Le délai reprend.")
        if report.clock_stopped_at is not None
        else _("La question est retirée."),
    )


PANEL = Panel(
    "questions",
    "act",
    show,
    (("question/", ask, "question"), ("question/<int:question_id>/withdraw/", withdraw, "question_withdraw")),
)
