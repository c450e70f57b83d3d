"""Alerts of neighbours about what others wrote: taken once from each, weighed, and settled by a moderator."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from moderation.models import Flag
from moderation.services.holding import hide_if_alerted, hold_if_alerted, is_enough
from reports import workflow
from reports.errors import NotAllowed
from reports.models import Comment, Photo, Report
from reports.permissions import actor_for
from reports.services import comments
from reports.services.photo_changes import hide_photo, show_photo
from reports.services.photos import is_seen, report_of
from reports.services.standing import check_standing

NOT_PUBLIC = _("Ce que vous signalez n’est plus public : il n’y a plus rien à retirer.")


@transaction.atomic
def flag_comment(*, comment: Comment, reason: str, words: str = "", user: User | None = None, device: str = "") -> bool:
    """Note one person's or one device's alert about a comment; return whether it is their first.

    As many open alerts as `settings.FLAG_THRESHOLDS` says hold the comment until a moderator has looked.

    Raises:
        NotAllowed: the comment or its report is not public, or nobody alerts.
        Banned: they may not contribute now.
    """
    # Under the lock of the discussion, so that of several alerts at once the last one sees all.
    comment = comments.locked(comment)
    if comment.status != Comment.Status.VISIBLE or not comment.report.is_public:
        raise NotAllowed(NOT_PUBLIC)
    is_new = note(comment=comment, user=user, device=device, reason=reason, words=words)
    if is_new and is_enough(Flag.objects.filter(comment=comment), "comment"):
        comments.hold_for_flags(comment=comment)
    return is_new


@transaction.atomic
def flag_report(*, report: Report, reason: str, words: str = "", user: User | None = None, device: str = "") -> bool:
    """Note one person's or one device's alert about a report; return whether it is their first.

    As many open alerts as `settings.FLAG_THRESHOLDS` says hold the report until a moderator has looked.

    Raises:
        NotAllowed: the report is not public, or nobody alerts.
        Banned: they may not contribute now.
    """
    # Under its lock, so that of several alerts at once the last one sees all.
    comments.lock(report)
    if not report.is_public:
        raise NotAllowed(NOT_PUBLIC)
    is_new = note(report=report, user=user, device=device, reason=reason, words=words)
    if is_new:
        hold_if_alerted(report=report)
    return is_new


@transaction.atomic
def flag_photo(*, photo: Photo, reason: str, words: str = "", user: User | None = None, device: str = "") -> bool:
    """Note one person's or one device's alert about a photo of a report or a comment; return whether it is their first.

    As many open alerts as `settings.FLAG_THRESHOLDS` says hide the photo until a moderator has looked.

    Raises:
        NotAllowed: nobody sees the photo, or nobody alerts.
        Banned: they may not contribute now.
    """
    report = report_of(photo)
    if report is None:
        raise NotAllowed(NOT_PUBLIC)
    comments.lock(report)
    photo.refresh_from_db()
    if photo.is_hidden or not is_seen(photo, report):
        raise NotAllowed(NOT_PUBLIC)
    is_new = note(photo=photo, user=user, device=device, reason=reason, words=words)
    if is_new:
        hide_if_alerted(photo=photo)
    return is_new


def note(
    *,
    report: Report | None = None,
    comment: Comment | None = None,
    photo: Photo | None = None,
    user: User | None,
    device: str,
    reason: str,
    words: str,
) -> bool:
    """Write an alert once for each person or device; a unique constraint decides between two taps at once."""
    if user is None and not device:
        raise NotAllowed
    check_standing(user=user, device=device)
    owner = {"user": user, "device": ""} if user else {"user": None, "device": device}
    _flag, is_new = Flag.objects.get_or_create(
        report=report, comment=comment, photo=photo, **owner, defaults={"reason": reason, "words": words}
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
    if not actor_for(by, report).roles & workflow.JUDGES:
        raise NotAllowed
    return Flag.objects.filter(report=report, settled_at=None).update(settled_at=timezone.now())


@transaction.atomic
def judge_photo(*, photo: Photo, keep: bool, reason: str = "", by: User) -> None:
    """Let a photo be seen, or hide it, with a reason that its author reads; every alert about it is settled.

    Raises:
        NotAllowed: not a moderator of the place.
        MissingExplanation: hidden without a reason.
    """
    if keep:
        show_photo(photo=photo, by=by)
    else:
        hide_photo(photo=photo, by=by, reason=reason)
    Flag.objects.filter(photo=photo, settled_at=None).update(settled_at=timezone.now())
