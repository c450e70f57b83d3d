"""Forgetting: what was needed to answer somebody goes once nobody needs it any more.

Every function works in bounded batches, may run twice or stop in the middle, and returns how many rows it changed.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from reports import workflow
from reports.models import Event, Follow, Report, Town

logger = logging.getLogger(__name__)

BATCH = 500
UNCONFIRMED_AGE = timedelta(days=7)
WAITING = (workflow.PENDING, *workflow.UNRESOLVED)
# As the partial index `reports_with_contact` says it.
IS_CLOSED = ~Q(status__in=WAITING)
HAS_CONTACT = ~Q(contact_email="", contact_phone="", device="")
# As the partial index `answers_kept` says it.
IS_ANSWER = Q(kind=Event.Kind.ANSWERED) & ~Q(private_data={})


def forget() -> dict[str, int]:
    """Do all of it; for beat. The counts are logged, never who it was."""
    counts = {"contacts": forget_contacts(), "answers": forget_answers(), "addresses": forget_unconfirmed()}
    if any(counts.values()):
        logger.info("retention: %s", counts)
    return counts


def forget_contacts() -> int:
    """Remove how to reach the authors of reports that closed `Town.contact_retention_days` ago; return the reports.

    The device by which a report was sent goes with it. A report closed when it last changed: what is said under it
    afterwards does not count as a change, but a further answer of the town does.
    """
    return in_each_town(forget_contacts_of)


def forget_answers() -> int:
    """Remove what authors of such reports answered to the team's questions; return how many answers it was.

    That they answered stays in the story, and a photo that came with it stays with the report.
    """
    return in_each_town(forget_answers_of)


def in_each_town(forget_batch: Callable[..., int]) -> int:
    """Call `forget_batch(town_id=…, before=…)` for each town until nothing is left; return the sum."""
    now = timezone.now()
    done = 0
    for town_id, days in Town.objects.values_list("pk", "contact_retention_days"):
        while changed := forget_batch(town_id=town_id, before=now - timedelta(days=days)):
            done += changed
    return done


@transaction.atomic
def forget_contacts_of(*, town_id: int, before: datetime) -> int:
    """Do it for one batch of one town; return how many reports it was."""
    due = Report.objects.filter(IS_CLOSED, HAS_CONTACT, updated_at__lt=before, quarter__town=town_id)
    # Locked, so that a report that is reopened at this moment is not forgotten in the middle.
    ids = list(due.order_by("updated_at").select_for_update(of=("self",)).values_list("pk", flat=True)[:BATCH])
    Follow.objects.filter(report__in=ids, is_reporter=True).update(
        email="", email_digest="", asked_at=None, confirmed_at=None
    )
    return Report.objects.filter(pk__in=ids).update(contact_email="", contact_phone="", device="")


@transaction.atomic
def forget_answers_of(*, town_id: int, before: datetime) -> int:
    """Do it for one batch of one town; return how many answers it was."""
    old = Event.objects.filter(IS_ANSWER, report__updated_at__lt=before, report__quarter__town=town_id)
    due = old.exclude(report__status__in=WAITING).order_by("report").select_related("report").only("report__status")
    # With the report, for the same reason.
    rows = due.select_for_update(of=("self", "report"), no_key=True)[:BATCH]
    return Event.objects.filter(pk__in=[row.pk for row in rows]).update(private_data={})


def forget_unconfirmed() -> int:
    """Remove the addresses that nobody confirmed in a week; return how many.

    An author keeps the private page of their report, and their telephone number, but not an address that may be
    somebody else's. Who only wanted to follow is forgotten altogether.
    """
    done = 0
    while changed := forget_unconfirmed_batch():
        done += changed
    return done


@transaction.atomic
def forget_unconfirmed_batch() -> int:
    """Do it for one batch; return how many addresses it was."""
    old = Follow.objects.exclude(email="").filter(confirmed_at=None, created_at__lt=timezone.now() - UNCONFIRMED_AGE)
    # Asked again lately: the answer may still come.
    due = old.exclude(asked_at__gte=timezone.now() - UNCONFIRMED_AGE)
    rows = due.order_by("created_at").select_for_update().values_list("pk", "report_id", "is_reporter", "user_id")
    batch = list(rows[:BATCH])
    kept = {pk: report for pk, report, is_reporter, user in batch if is_reporter or user}
    Follow.objects.filter(pk__in=kept).update(email="", email_digest="", asked_at=None)
    authors = Follow.objects.filter(pk__in=kept, is_reporter=True).values("report")
    Report.objects.filter(pk__in=authors).update(contact_email="")
    Follow.objects.filter(pk__in=[pk for pk, *_rest in batch if pk not in kept]).delete()
    return len(batch)
