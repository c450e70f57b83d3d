"""Neighbours: supporting and following a report."""

import logging
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.encryption import fingerprint, fingerprints
from accounts.models import User
from reports import emails, workflow
from reports.errors import IllegalTransition, NotAllowed
from reports.models import Comment, Event, Follow, Frequency, Report, Vote
from reports.models.community import new_token
from reports.permissions import Actor
from reports.services.log import record
from reports.services.priorities import pressing
from reports.services.queue import after_commit
from reports.services.standing import check_standing
from reports.tasks import send_confirmation

logger = logging.getLogger(__name__)

# A mail that did not arrive may be asked for again, and one that was never sent is.
ASK_AGAIN_AGE = timedelta(minutes=10)
UNASKED_AGE = timedelta(seconds=90)
MOST_ASKED = 5


def shift_votes(*, report: Report, by: int) -> None:
    """Move a report's count, and its priority with it, in one statement; the given `report` is brought up to date.

    By a difference and never by counting rows: a vote that has not committed yet cannot be seen, but it adds itself.
    """
    votes = F("votes") + by
    Report.objects.filter(pk=report.pk).update(votes=votes, priority=pressing(votes))
    report.refresh_from_db(fields=["votes", "priority"])


def tell_votes(*, report: Report) -> None:
    """Write the new count into the log, so that open pages show it."""
    record(
        kind=Event.Kind.VOTED, report=report, actor=Actor(), is_public=report.is_public, data={"votes": report.votes}
    )


@transaction.atomic
def vote(*, report: Report, user: User | None = None, device: str = "") -> bool:
    """Add one person's or one device's support; return whether it is new. The count is right at any concurrency.

    Raises:
        IllegalTransition: the report is not public.
        NotAllowed: neither a person nor a device.
        Banned: they may not contribute now.
    """
    if not report.is_public:
        raise IllegalTransition
    if user is None and not device:
        raise NotAllowed
    check_standing(user=user, device=device)
    owner = {"user": user} if user else {"device": device}
    _vote, is_new = Vote.objects.get_or_create(report=report, **owner)
    if is_new:
        shift_votes(report=report, by=1)
        tell_votes(report=report)
    return is_new


@transaction.atomic
def unvote(*, report: Report, user: User | None = None, device: str = "") -> bool:
    """Take support back; return whether there was any."""
    if user is None and not device:
        return False
    owner = {"user": user} if user else {"device": device}
    removed, _by_model = Vote.objects.filter(report=report, **owner).delete()
    if removed:
        shift_votes(report=report, by=-1)
        tell_votes(report=report)
    return bool(removed)


def adopt_device(*, user: User, device: str) -> int:
    """Give a person the supports of a device that they have signed in on; return how many joined.

    What both supported counts once from now on. One transaction per report, so that no two of them are locked at once.
    What was written there joins too, under the name that was shown with it, if any.
    """
    if device:
        Comment.objects.filter(device=device, author=None).update(author=user, device="")
    mine = Vote.objects.filter(device=device).select_related("report__category").order_by("report_id") if device else ()
    return sum(adopt_vote(user=user, vote=vote) for vote in mine)


@transaction.atomic
def adopt_vote(*, user: User, vote: Vote) -> bool:
    """Give a person one support of a device, or drop it where they have given theirs; say whether it joined."""
    by_device = Vote.objects.filter(pk=vote.pk, user=None)
    try:
        with transaction.atomic():
            return bool(by_device.update(user=user, device=""))
    except IntegrityError:
        # The person supports it already, perhaps since this very moment: the constraint knows, a question would not.
        removed, _by_model = by_device.delete()
    if removed:
        shift_votes(report=vote.report, by=-1)
        tell_votes(report=vote.report)
    return False


@transaction.atomic
def follow(*, report: Report, user: User | None = None, email: str = "", device: str = "", language: str) -> Follow:
    """Follow a public report: a person at once, an address once a link that is mailed to it has confirmed it.

    `device` is that of whoever gives an address, if it is known.

    Raises:
        IllegalTransition: the report is not public.
        NotAllowed: neither a person nor an address.
        Banned: they may not contribute now.
    """
    if report.status not in workflow.PUBLIC:
        raise IllegalTransition
    check_standing(user=user, device=device)
    if user is not None:
        return follow_by_account(report=report, user=user, language=language)
    if not email:
        raise NotAllowed
    row, is_new = Follow.objects.get_or_create(
        report=report,
        email_digest__in=fingerprints(email),
        defaults={"email": email.lower(), "email_digest": fingerprint(email), "language": language},
    )
    ask(row=row, is_new=is_new)
    return row


def follow_by_account(*, report: Report, user: User, language: str) -> Follow:
    """Return the person's follow; an author's is the one that opens their private page."""
    if report.reporter_id == user.pk:
        Follow.objects.filter(report=report, is_reporter=True, user=None).update(user=user)
    row, _is_new = Follow.objects.get_or_create(report=report, user=user, defaults={"language": language})
    return row


def ask(*, row: Follow, is_new: bool) -> None:
    """Have an address asked whether it wants to follow: once, and again where the mail seems lost."""
    lost = row.confirmed_at is None and row.asked_at is not None and row.asked_at < timezone.now() - ASK_AGAIN_AGE
    if is_new or lost:
        after_commit(send_confirmation, row.pk)


@transaction.atomic
def unfollow_report(*, report: Report, user: User) -> bool:
    """Stop telling a person about a report; return whether they followed it."""
    row = Follow.objects.filter(report=report, user=user).first()
    if row is not None:
        unfollow(row=row)
    return row is not None


def choose_frequency(*, row: Follow, frequency: str) -> None:
    """Remember how soon a follower without an account wants to hear."""
    row.frequency = Frequency(frequency)
    row.save(update_fields=["frequency"])


@transaction.atomic
def set_address(*, row: Follow, email: str) -> bool:
    """Give a follower an address, to be confirmed by a link of its own; False where it follows this report already."""
    email = email.lower()
    twins = Follow.objects.of_address(email).exclude(pk=row.pk)
    if twins.filter(report=row.report_id, quarter=row.quarter_id, category=row.category_id, centre=row.centre).exists():
        return False
    if email == row.email and row.confirmed_at is not None:
        return False
    row.email = email
    row.asked_at = row.confirmed_at = None
    # A link that was mailed to an earlier address must not confirm this one.
    row.confirm_token = new_token()
    # A new address has its own week to be confirmed (`retention`).
    row.created_at = timezone.now()
    row.save(update_fields=["email", "asked_at", "confirmed_at", "confirm_token", "created_at"])
    if row.is_reporter:
        Report.objects.filter(followers=row).update(contact_email=email)
    after_commit(send_confirmation, row.pk)
    return True


def ask_to_confirm(*, follow_id: int) -> None:
    """Send the mail with the link that confirms an address, and remember that it was sent.

    Anybody can type anybody's address: one that leaves MOST_ASKED mails of a day without an answer is left in peace,
    and the sweep asks again later.

    Raises:
        OSError: the mail server could not be reached; the address still waits to be asked.
    """
    row = Follow.objects.filter(pk=follow_id).first()
    since = timezone.now() - timedelta(days=1)
    if row is not None:
        unanswered = Follow.objects.of_address(row.email).filter(confirmed_at=None, asked_at__gt=since)
        if unanswered.exclude(pk=row.pk).count() >= MOST_ASKED:
            logger.info("follow %s waits: its address has not answered %s mails", follow_id, MOST_ASKED)
            return
    emails.confirm_follow(follow_id=follow_id)
    Follow.objects.filter(pk=follow_id).update(asked_at=timezone.now())


def sweep_confirmations() -> None:
    """Queue again the confirmations that a lost broker or a killed worker left behind."""
    waiting = Follow.objects.exclude(email="").filter(asked_at=None, confirmed_at=None)
    old = waiting.filter(created_at__lt=timezone.now() - UNASKED_AGE)
    # The latest first: those that wait because their address does not answer must not stand before the others.
    for follow_id in old.order_by("-created_at").values_list("pk", flat=True)[:200]:
        send_confirmation.delay(follow_id)


def confirm_follow(*, confirm_token: str) -> Follow | None:
    """Confirm the address that a mailed link belongs to; nothing changes the second time. None for an unknown link."""
    row = Follow.objects.select_related("report").filter(confirm_token=confirm_token).exclude(email="").first()
    if row is not None and row.confirmed_at is None:
        row.confirmed_at = timezone.now()
        row.save(update_fields=["confirmed_at"])
    return row


def unfollow(*, row: Follow) -> None:
    """Stop telling somebody; an author keeps the private page but is no longer told."""
    if row.is_reporter:
        row.email = ""
        row.confirmed_at = row.user = None
        row.save(update_fields=["email", "confirmed_at", "user"])
        Report.objects.filter(followers=row).update(contact_email="")
    else:
        row.delete()


@transaction.atomic
def claim(*, user: User, email: str) -> int:
    """Join to an account the reports and follows that were made with its address; return how many rows joined.

    Only for an address that the account has proven to own. A report joins even where its mailed link was never opened:
    the account's own proof says the same. From then on the account hears, so the follow's address is forgotten.
    """
    theirs = Follow.objects.of_address(email).filter(user=None).select_for_update(no_key=True, of=("self",))
    joined = 0
    for row in theirs.filter(Q(is_reporter=True) | Q(confirmed_at__isnull=False)).order_by("pk"):
        joined += join(row=row, user=user)
    return joined


def join(*, row: Follow, user: User) -> bool:
    """Give one follow to a person, or drop it where they follow the same already; say whether it joined."""
    same = Follow.objects.filter(user=user, report=row.report_id, quarter=row.quarter_id, category=row.category_id)
    twin = same.filter(centre=row.centre, radius_m=row.radius_m) if row.centre else same.filter(centre=None)
    if row.is_reporter:
        twin.delete()
        Report.objects.filter(followers=row, reporter=None).update(reporter=user)
    elif twin.exists():
        row.delete()
        return False
    row.user, row.email, row.confirmed_at = user, "", None
    row.save(update_fields=["user", "email", "confirmed_at"])
    return True
