"""Asking the author of a report: the question goes out by a link, the answer comes in without an account."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from moderation.errors import AlreadyAsked, LinkOver
from moderation.models import Question
from moderation.services.links import card_of, locked, path_of, tell_colleague
from moderation.services.telling import tell
from reports import workflow
from reports.errors import MissingExplanation, NotAllowed
from reports.models import Event, Photo, Report
from reports.permissions import NOBODY, Actor, reporter_without_account
from reports.services.deadlines import start_clock, stop_clock
from reports.services.log import record
from reports.services.photos import attach

# Beyond, there is nothing left to find out.
ASKABLE = (workflow.PENDING, *workflow.UNRESOLVED)
REMIND_AFTER = timedelta(days=3)
# So many in one run of beat; the next one goes on.
BATCH = 200
CLOSED = _("Ce signalement est clos : il n’y a plus rien à demander à son auteur.")


@dataclass(frozen=True)
class Author:
    """Where a report's author is written to: an account, an address, or neither."""

    user: User | None
    email: str
    language: str

    @property
    def is_reachable(self) -> bool:
        """Whether a mail can be sent."""
        return self.user is not None or bool(self.email)


def author_of(report: Report) -> Author:
    """Return where the author is written to."""
    user = report.reporter
    if user is not None:
        return Author(user=user, email="", language=user.language)
    return Author(user=None, email=report.contact_email, language=report.language)


def may_ask(report: Report, actor: Actor) -> bool:
    """Whether somebody may ask the author something now."""
    return actor.is_staff and report.status in ASKABLE


@transaction.atomic
def ask(*, report: Report, text: str, actor: Actor) -> Question:
    """Ask the author: by mail where there is an address, and on their private page. The deadlines stand still.

    Raises:
        NotAllowed: not staff of this report, or it is closed.
        MissingExplanation: without words.
        AlreadyAsked: the question before is still open.
    """
    if not actor.is_staff:
        raise NotAllowed
    if not text.strip():
        raise MissingExplanation(_("Écrivez votre question."), field="text")
    row = locked(report.pk)
    if row.status not in ASKABLE:
        raise NotAllowed(CLOSED)
    make_way(row)
    question = Question.objects.create(report=row, asker=actor.user, text=text.strip())
    stop_clock(report)
    record(
        kind=Event.Kind.ASKED,
        report=report,
        actor=actor,
        is_public=False,
        private_data={"text": question.text, "question": question.pk},
    )
    send(question, report, template="question")
    return question


def make_way(report: Report) -> None:
    """End a question that has expired since the last sweep.

    Raises:
        AlreadyAsked: it may still be answered.
    """
    before = Question.objects.unclosed().unanswered().filter(report=report).first()
    if before is None:
        return
    if before.is_open:
        raise AlreadyAsked
    close(before, report, actor=NOBODY, outcome="expired")


def data_of(*, report: Report, text: str, token: str, until: str, language: str) -> dict[str, Any]:
    """Return what the author's mails show."""
    return {
        **card_of(report, language),
        "page": path_of("question", token, language),
        "words": text,
        "until": until,
    }


def send(question: Question, report: Report, *, template: str) -> None:
    """Write to the author; the second mail of a question and template is none."""
    author = author_of(report)
    data = data_of(
        report=report,
        text=question.text,
        token=question.token,
        until=question.expires_at.isoformat(),
        language=author.language,
    )
    tell(
        key=f"{template}:{question.pk}",
        template=template,
        data=data,
        language=author.language,
        user=author.user,
        email=author.email,
    )


@transaction.atomic
def answer(*, question: Question, text: str, photos: list[Photo]) -> Event:
    """Take the author's answer in: the team reads the words, a photo joins the report, the deadlines go on.

    Raises:
        MissingExplanation: neither words nor a photo.
        LinkOver: it was answered, taken back or has expired, or the report is closed.
    """
    if not text.strip() and not photos:
        raise MissingExplanation(_("Écrivez votre réponse, ou joignez une photo."), field="text")
    report = locked(question.report_id)
    now = timezone.now()
    still = Question.objects.unclosed().unanswered().unexpired().filter(pk=question.pk)
    if report.status not in ASKABLE or not still.update(answered_at=now):
        raise LinkOver
    actor = reporter_without_account()
    attach(photos=photos, report=report, actor=actor, is_public=report.is_public, kind=Photo.Kind.PROBLEM)
    start_clock(report)
    tell_colleague(
        key=f"answer:{question.pk}", user=question.asker, report=report, data={"by_author": True, "name": ""}
    )
    return record(
        kind=Event.Kind.ANSWERED,
        report=report,
        actor=actor,
        is_public=False,
        data={"outcome": "answered"},
        private_data={"text": text.strip(), "question": question.pk},
    )


@transaction.atomic
def withdraw(*, question: Question, actor: Actor) -> None:
    """Take a question back: nobody waits for its answer any more.

    Raises:
        NotAllowed: not staff of this report.
        LinkOver: it was answered or has ended already.
    """
    if not actor.is_staff:
        raise NotAllowed
    close(question, locked(question.report_id), actor=actor, outcome="withdrawn")


def close(question: Question, report: Report, *, actor: Actor, outcome: str) -> None:
    """End an open question without an answer; the report is locked by the caller.

    Raises:
        LinkOver: it has ended already.
    """
    still = Question.objects.unclosed().unanswered().filter(pk=question.pk)
    if not still.update(closed_at=timezone.now()):
        raise LinkOver
    start_clock(report)
    record(
        kind=Event.Kind.ANSWERED,
        report=report,
        actor=actor,
        is_public=False,
        data={"outcome": outcome},
        private_data={"question": question.pk},
    )


def sweep() -> None:
    """Remind who has not answered for three days, and end what has expired; for beat, may run twice at once."""
    now = timezone.now()
    silent = Question.objects.unclosed().unanswered()
    for pk in silent.filter(expires_at__lte=now).values_list("pk", flat=True)[:BATCH]:
        expire(pk)
    waiting = silent.unexpired().filter(reminded_at=None, asked_at__lte=now - REMIND_AFTER)
    for pk in waiting.values_list("pk", flat=True)[:BATCH]:
        remind(pk)


@transaction.atomic
def expire(question_id: int) -> None:
    """End one question whose time is over, unless somebody has just ended it."""
    question = Question.objects.get(pk=question_id)
    report = locked(question.report_id)
    if Question.objects.unclosed().unanswered().filter(pk=question_id).exists():
        close(question, report, actor=NOBODY, outcome="expired")


@transaction.atomic
def remind(question_id: int) -> None:
    """Write once more; of a report that was closed meanwhile nobody is reminded."""
    if not Question.objects.filter(pk=question_id, reminded_at=None).update(reminded_at=timezone.now()):
        return
    question = Question.objects.select_related("report__category", "report__quarter", "report__reporter").get(
        pk=question_id
    )
    if question.is_open and question.report.status in ASKABLE:
        send(question, question.report, template="question_reminder")


def open_for_author(report: Report) -> dict[str, Any] | None:
    """Return the question that waits for a report's author, for their private page (`settings.AUTHOR_ASKED`)."""
    question = Question.objects.unclosed().unanswered().unexpired().filter(report=report).first()
    if question is None or report.status not in ASKABLE:
        return None
    return {"text": question.text, "token": question.token, "until": question.expires_at}


def answer_to(question: Question) -> str:
    """Return what was answered; empty for a photo alone, and where nothing was."""
    events = Event.objects.filter(report=question.report_id, kind=Event.Kind.ANSWERED)
    found = events.filter(private_data__question=question.pk).values_list("private_data__text", flat=True).first()
    return found or ""
