"""Neighbours: supporting and following a report."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from reports import emails, workflow
from reports.errors import IllegalTransition, NotAllowed
from reports.models import Event, Follow, Report, Vote
from reports.models.community import new_token
from reports.permissions import Actor
from reports.services.log import record
from reports.services.queue import after_commit
from reports.tasks import send_confirmation

# A mail that did not arrive may be asked for again, and one that was never sent is.
ASK_AGAIN_AGE = timedelta(minutes=10)
UNASKED_AGE = timedelta(seconds=90)


@transaction.atomic
def vote(*, report: Report, user: User | None = None, device: str = "") -> bool:
    """Add one person's or one device's support; return whether it is new. The count is right at any concurrency.

    Raises:
        IllegalTransition: the report is not public.
        NotAllowed: neither a person nor a device.
    """
    if not report.is_public:
        raise IllegalTransition
    if user is None and not device:
        raise NotAllowed
    owner = {"user": user} if user else {"device": device}
    _vote, is_new = Vote.objects.get_or_create(report=report, **owner)
    if is_new:
        Report.objects.filter(pk=report.pk).update(votes=F("votes") + 1)
        report.refresh_from_db(fields=["votes"])
        record(kind=Event.Kind.VOTED, report=report, actor=Actor(), is_public=True, data={"votes": report.votes})
    return is_new


@transaction.atomic
def unvote(*, report: Report, user: User | None = None, device: str = "") -> bool:
    """Take support back; return whether there was any."""
    owner = {"user": user} if user else {"device": device}
    removed, _by_model = Vote.objects.filter(report=report, **owner).delete()
    if removed:
        Report.objects.filter(pk=report.pk).update(votes=F("votes") - 1)
        report.refresh_from_db(fields=["votes"])
        record(kind=Event.Kind.VOTED, report=report, actor=Actor(), is_public=True, data={"votes": report.votes})
    return bool(removed)


@transaction.atomic
def follow(*, report: Report, email: str, language: str) -> Follow:
    """Follow a public report by mail; the address is confirmed by a link before anything else is sent to it.

    Raises:
        IllegalTransition: the report is not public.
    """
    if report.status not in workflow.PUBLIC:
        raise IllegalTransition
    row, is_new = Follow.objects.get_or_create(report=report, email=email.lower(), defaults={"language": language})
    lost = row.confirmed_at is None and row.asked_at is not None and row.asked_at < timezone.now() - ASK_AGAIN_AGE
    if is_new or lost:
        after_commit(send_confirmation, row.pk)
    return row


@transaction.atomic
def set_address(*, row: Follow, email: str) -> bool:
    """Give a follower an address, to be confirmed by a link of its own; False where it follows this report already."""
    email = email.lower()
    if Follow.objects.filter(report=row.report_id, email=email).exclude(pk=row.pk).exists():
        return False
    if email == row.email and row.confirmed_at is not None:
        return False
    row.email = email
    row.asked_at = row.confirmed_at = None
    # A link that was mailed to an earlier address must not confirm this one.
    row.confirm_token = new_token()
    row.save(update_fields=["email", "asked_at", "confirmed_at", "confirm_token"])
    if row.is_reporter:
        Report.objects.filter(pk=row.report_id).update(contact_email=email)
    after_commit(send_confirmation, row.pk)
    return True


def ask_to_confirm(*, follow_id: int) -> None:
    """Send the mail with the link that confirms an address, and remember that it was sent.

    Raises:
        OSError: the mail server could not be reached; the address still waits to be asked.
    """
    emails.confirm_follow(follow_id=follow_id)
    Follow.objects.filter(pk=follow_id).update(asked_at=timezone.now())


def sweep_confirmations() -> None:
    """Queue again the confirmations that a lost broker or a killed worker left behind."""
    waiting = Follow.objects.exclude(email="").filter(asked_at=None, confirmed_at=None)
    for follow_id in waiting.filter(created_at__lt=timezone.now() - UNASKED_AGE).values_list("pk", flat=True)[:200]:
        send_confirmation.delay(follow_id)


def confirm_follow(*, confirm_token: str) -> Follow | None:
    """Confirm the address that a mailed link belongs to; nothing changes the second time. None for an unknown link."""
    row = Follow.objects.select_related("report").filter(confirm_token=confirm_token).exclude(email="").first()
    if row is not None and row.confirmed_at is None:
        row.confirmed_at = timezone.now()
        row.save(update_fields=["confirmed_at"])
    return row


def unfollow(*, row: Follow) -> None:
    """Stop telling somebody; an author keeps the private page but is no longer written to."""
    if row.is_reporter:
        row.email = ""
        row.confirmed_at = None
        row.save(update_fields=["email", "confirmed_at"])
        Report.objects.filter(pk=row.report_id).update(contact_email="")
    else:
        row.delete()
