"""Banning whoever sent a report or wrote a comment, for a time; and ending it before."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Ban, User
from accounts.services import bans
from moderation.errors import AlreadySuspended
from moderation.models import Statement
from moderation.services.statements import author_of, author_of_comment, mail
from reports import workflow
from reports.errors import MissingExplanation, NotAllowed, StaleReport
from reports.models import Comment, Report
from reports.permissions import actor_for

LONGEST_DAYS = 365
NOBODY_KNOWN = _(
    "Ni compte ni appareil n’est connu pour cet envoi : il n’y a personne à suspendre. Retirez ce qui gêne."
)
ENDED = _("Cette suspension est déjà terminée.")


def can_suspend(subject: Report | Comment) -> bool:
    """Say whether there is somebody to ban: an account, or the device of somebody without one."""
    person = subject.author_id if isinstance(subject, Comment) else subject.reporter_id
    return bool(person or subject.device)


def suspension_of(subject: Report | Comment, *, seen_by: User) -> Ban | None:
    """Return the ban in force on whoever sent a report, or wrote a comment; one query, none where nobody is known.

    `is_within_reach` says whether it was decided in the places of `seen_by`, who may end it then.
    """
    if not can_suspend(subject):
        return None
    person = subject.author if isinstance(subject, Comment) else subject.reporter
    ours = Statement.objects.judged_by(seen_by).filter(ban=OuterRef("pk"))
    rows = Ban.objects.of(user=person, device=subject.device).in_force()
    return rows.annotate(is_within_reach=Exists(ours)).order_by("-until").first()


@transaction.atomic
def suspend(*, subject: Report | Comment, days: int, rule: str, facts: str, by: User) -> Ban:
    """Keep whoever sent a report, or wrote a comment, from contributing for some days; they are told why.

    Raises:
        NotAllowed: not a moderator of the place, or there is nobody to ban.
        MissingExplanation: no facts.
        AlreadySuspended: a ban is in force, whoever decided it: an appeal against one would not end the other.
    """
    comment = subject if isinstance(subject, Comment) else None
    report = subject.report if isinstance(subject, Comment) else subject
    actor = actor_for(by, report)
    if not actor.roles & workflow.JUDGES:
        raise NotAllowed
    if not can_suspend(subject):
        raise NotAllowed(NOBODY_KNOWN)
    if not facts.strip():
        raise MissingExplanation(_("Dites ce qui s’est passé : la personne le lit."), field="facts")
    to = author_of_comment(subject) if isinstance(subject, Comment) else author_of(subject)
    # Of two who decide at once, the second finds the ban of the first.
    bans.hold(user=to.user, device=to.device)
    if standing := bans.ban_of(user=to.user, device=to.device):
        raise AlreadySuspended(until=standing.until)
    until = timezone.now() + timedelta(days=min(max(days, 1), LONGEST_DAYS))
    ban = bans.ban(user=to.user, device=to.device, until=until, about=report.ref, by=by)
    statement = Statement.objects.create(
        token=ban.token,
        what=Statement.What.BANNED,
        report=report,
        comment=comment,
        ban=ban,
        user=to.user,
        rule=rule,
        facts=facts.strip()[:1000],
        decided_by=by,
        decided_role=actor.role,
        language=to.language,
    )
    mail(statement, email=to.email)
    return ban


@transaction.atomic
def unsuspend(*, statement: Statement, by: User) -> None:
    """End a ban before its time.

    Raises:
        NotAllowed: not a moderator of the place that it is about.
        StaleReport: it has ended already.
    """
    if not actor_for(by, statement.report).roles & workflow.JUDGES:
        raise NotAllowed
    if statement.ban is None or not bans.lift(ban=statement.ban, by=by):
        raise StaleReport(ENDED)
    Statement.objects.filter(pk=statement.pk, lifted_at=None).update(lifted_at=timezone.now())
