"""Appeals against decisions: one each, judged by somebody else than whoever decided, where there is somebody else."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from accounts.services import bans
from moderation.models import Appeal, Statement
from moderation.services.flags import judge
from moderation.services.statements import author_of, author_of_comment, end
from moderation.services.telling import tell
from reports import workflow
from reports.errors import DomainError, MissingExplanation, NotAllowed, StaleReport
from reports.models import Comment, Report
from reports.permissions import actor_for
from reports.services.comments import restore_comment
from reports.services.handling import change_status
from reports.services.photo_changes import show_photo

What = Statement.What
ANOTHER = _("Vous avez pris cette décision : un collègue juge le recours.")
JUDGED = _("Ce recours est déjà jugé : un collègue a été plus rapide.")
SAY_WHY = _("Répondez en quelques mots : la personne les lit.")
SAY_WHAT = _("Dites pourquoi cette décision vous paraît fausse.")


class CannotAppeal(DomainError):
    """A decision that holds no more, was contested before, or was taken too long ago."""

    code = "cannot_appeal"
    message = _("Cette décision ne peut pas, ou plus, être contestée.")


def appeal_until(statement: Statement) -> datetime:
    """Return the moment until which a decision can be contested."""
    return statement.created_at + timedelta(days=settings.APPEAL_DAYS)


def can_appeal(statement: Statement) -> bool:
    """Say whether a decision can be contested now, if it was not before."""
    ended = statement.ban is not None and not statement.ban.is_in_force
    return statement.lifted_at is None and not ended and timezone.now() <= appeal_until(statement)


@transaction.atomic
def appeal(*, statement: Statement, words: str) -> Appeal:
    """Contest a decision, once; whoever holds the link of the statement may.

    Raises:
        CannotAppeal, MissingExplanation
    """
    if not words.strip():
        raise MissingExplanation(SAY_WHAT, field="words")
    if not can_appeal(statement):
        raise CannotAppeal
    try:
        with transaction.atomic():
            return Appeal.objects.create(statement=statement, words=words.strip())
    except IntegrityError as error:
        # The same form twice at once, or once more: the constraint knows, a question would not.
        raise CannotAppeal from error


def has_other_judge(statement: Statement, than: User) -> bool:
    """Say whether somebody else judges the place of a decision."""
    quarter = statement.report.quarter
    here = Q(memberships__role=Role.MODERATOR) & (
        Q(memberships__quarter=quarter) | Q(memberships__town=quarter.town_id)
    )
    judges = User.objects.filter(here | Q(memberships__role=Role.ADMINISTRATOR) | Q(is_superuser=True), is_active=True)
    return judges.exclude(pk=than.pk).exists()


def may_judge(statement: Statement, by: User) -> bool:
    """Say whether somebody judges an appeal: a moderator of the place who did not decide, unless there is no other."""
    if not actor_for(by, statement.report).roles & workflow.JUDGES:
        return False
    return statement.decided_by_id != by.pk or not has_other_judge(statement, by)


@transaction.atomic
def judge_appeal(*, appeal: Appeal, grant: bool, answer: str, by: User) -> Appeal:
    """Grant an appeal, which undoes the decision, or not; the person reads the answer. The given `appeal` is updated.

    Raises:
        NotAllowed: not a moderator of the place, or the one who decided while there is another.
        MissingExplanation: no answer.
        StaleReport: judged already.
    """
    statement = appeal.statement
    if not actor_for(by, statement.report).roles & workflow.JUDGES:
        raise NotAllowed
    if not may_judge(statement, by):
        raise NotAllowed(ANOTHER)
    if not answer.strip():
        raise MissingExplanation(SAY_WHY, field="answer")
    changes = {"decided_at": timezone.now(), "decided_by": by, "is_granted": grant, "answer": answer.strip()[:1000]}
    if not Appeal.objects.open().filter(pk=appeal.pk).update(**changes):
        raise StaleReport(JUDGED)
    for name, value in changes.items():
        setattr(appeal, name, value)
    if grant:
        UNDO[Statement.What(statement.what)](statement, by)
        end(Statement.objects.filter(pk=statement.pk))
    tell_outcome(appeal)
    return appeal


def tell_outcome(appeal: Appeal) -> None:
    """Send the answer to whom the decision concerned."""
    statement = appeal.statement
    to = author_of_comment(statement.comment) if statement.comment else author_of(statement.report)
    tell(
        key=f"appeal:{appeal.pk}",
        template="appeal_answer",
        data={
            "is_granted": appeal.is_granted,
            "ref": statement.report.ref,
            "answer": appeal.answer,
            "page": reverse("statement", args=[statement.token]),
        },
        language=statement.language,
        user=statement.user,
        email=to.email,
    )


def publish_again(statement: Statement, by: User) -> None:
    """Let everybody see a report again, unless it has moved on since."""
    report = Report.objects.select_related("category", "quarter__town", "organisation").get(pk=statement.report_id)
    if report.status not in {workflow.PENDING, workflow.REJECTED}:
        return
    with translation.override(report.language):
        note = gettext("Réexaminé après un recours de son auteur.")
    is_new = report.status == workflow.REJECTED
    change_status(report=report, to=workflow.OPEN, actor=actor_for(by, report), note=note if is_new else "")


def comment_again(statement: Statement, by: User) -> None:
    """Let everybody read a comment again, unless it has moved on since."""
    if statement.comment is None:
        return
    if statement.comment.status == Comment.Status.HELD:
        judge(comment=statement.comment, accept=True, by=by)
    elif statement.comment.status == Comment.Status.REMOVED:
        restore_comment(comment=statement.comment, by=by)


def photo_again(statement: Statement, by: User) -> None:
    """Let everybody see a photo again."""
    if statement.photo is not None:
        show_photo(photo=statement.photo, by=by)


def welcome_again(statement: Statement, by: User) -> None:
    """End a ban."""
    if statement.ban is not None:
        bans.lift(ban=statement.ban, by=by)


UNDO: dict[Statement.What, Callable[[Statement, User], None]] = {
    What.REPORT_HELD: publish_again,
    What.REPORT_REJECTED: publish_again,
    What.COMMENT_HELD: comment_again,
    What.COMMENT_REMOVED: comment_again,
    What.PHOTO_HIDDEN: photo_again,
    What.BANNED: welcome_again,
}
