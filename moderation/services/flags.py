"""Alerts of neighbours about what others wrote: taken once from each, weighed, and settled by a moderator."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from moderation.models import Flag
from reports import workflow
from reports.errors import NotAllowed
from reports.models import Comment, Report
from reports.permissions import actor_for
from reports.services import comments

NOT_PUBLIC = _("Ce que vous signalez n’est plus public : il n’y a plus rien à retirer.")
JUDGES = frozenset({workflow.MODERATOR, workflow.ADMINISTRATOR})


@transaction.atomic
def flag_comment(*, comment: Comment, reason: str, words: str = "", user: User | None = None, device: str = "") -> bool:
    """Note one person's or one device's alert about a comment; return whether it is their first.

    As many open alerts as `settings.FLAG_THRESHOLD` hold the comment until a moderator has looked.

    Raises:
        NotAllowed: the comment or its report is not public, or nobody alerts.
    """
    # Under the lock of the discussion, so that of several alerts at once the last one sees all.
    comment = comments.locked(comment)
    if comment.status != Comment.Status.VISIBLE or not comment.report.is_public:
        raise NotAllowed(NOT_PUBLIC)
    is_new = note(comment=comment, user=user, device=device, reason=reason, words=words)
    if is_new and comment.flags.filter(settled_at=None).count() >= settings.FLAG_THRESHOLD:
        comments.hold_for_flags(comment=comment)
    return is_new


@transaction.atomic
def flag_report(*, report: Report, reason: str, words: str = "", user: User | None = None, device: str = "") -> bool:
    """Note one person's or one device's alert about a report; return whether it is their first. It stays public.

    Raises:
        NotAllowed: the report is not public, or nobody alerts.
    """
    if not report.is_public:
        raise NotAllowed(NOT_PUBLIC)
    return note(report=report, user=user, device=device, reason=reason, words=words)


def note(
    *,
    report: Report | None = None,
    comment: Comment | None = None,
    user: User | None,
    device: str,
    reason: str,
    words: str,
) -> bool:
    """Write an alert once for each person or device; a unique constraint decides between two taps at once."""
    if user is None and not device:
        raise NotAllowed
    owner = {"user": user, "device": ""} if user else {"user": None, "device": device}
    _flag, is_new = Flag.objects.get_or_create(
        report=report, comment=comment, **owner, defaults={"reason": reason, "words": words}
    )
    return is_new


@transaction.atomic
def judge(*, comment: Comment, accept: bool, reason: str = "", by: User) -> Comment:
    """Judge a comment, which settles every alert about it. Return it as it is now.

    Raises:
        NotAllowed, MissingExplanation, StaleReport: as `reports.services.comments.judge_comment`.
    """
    comment = comments.judge_comment(comment=comment, accept=accept, reason=reason, by=by)
    Flag.objects.filter(comment=comment, settled_at=None).update(settled_at=timezone.now())
    return comment


@transaction.atomic
def settle_report(*, report: Report, by: User) -> int:
    """Say that the alerts about a report were looked at; return how many were open.

    Raises:
        NotAllowed: not a moderator of the place.
    """
    if not actor_for(by, report).roles & JUDGES:
        raise NotAllowed
    return Flag.objects.filter(report=report, settled_at=None).update(settled_at=timezone.now())
