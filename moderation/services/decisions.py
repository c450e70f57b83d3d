"""Judging what waits, and taking a judgement back while nothing has followed from it."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from moderation.errors import NotUndoable, too_late
from moderation.models import Claim, Decision
from moderation.services import claims
from reports import workflow
from reports.errors import NotAllowed, StaleReport
from reports.models import Event, Report
from reports.permissions import actor_for
from reports.querysets import EventQuerySet
from reports.services.handling import change_status
from reports.services.undoing import columns_of, undo_change

UNDO_MINUTES = 10
# What happens by itself, or to anybody's report at any moment, and does not build on a decision.
QUIET = (Event.Kind.PHOTO_READY, Event.Kind.VOTED, Event.Kind.UNMERGED, Event.Kind.UNDONE)

MOVED_ON = _("Quelque chose s’est passé depuis cette décision : elle ne s’annule plus. Ouvrez le signalement.")
ALREADY = _("Cette décision est déjà annulée.")


@transaction.atomic
def decide(*, report: Report, to: str, by: User, seen: str, note: str = "", original: Report | None = None) -> Decision:
    """Judge a report, as `reports.services.handling.change_status`, and remember how to undo it.

    Raises:
        Claimed: somebody else reads it just now.
        IllegalTransition, NotAllowed, MissingExplanation, StaleReport: nothing was changed.
    """
    # No claim of one’s own is needed: of two who judge at once, the status that each saw lets one through.
    claims.check(report=report, by=by)
    before = columns_of(report)
    event = change_status(report=report, to=to, actor=actor_for(by, report), seen=seen, note=note, original=original)
    Claim.objects.filter(report=report).delete()
    return Decision.objects.create(report=report, person=by, event=event, before=before)


def last_of(person: User) -> Decision | None:
    """Return what a person decided last and may still undo: in time, and with nothing that has followed from it."""
    since = timezone.now() - timedelta(minutes=UNDO_MINUTES)
    later = followed_by().filter(report=OuterRef("report"), pk__gt=OuterRef("event"))
    rows = Decision.objects.standing(by=person, since=since).select_related("report", "event")
    rows = rows.defer("report__search", "report__contact_email", "report__contact_phone")
    decision: Decision | None = rows.annotate(is_past=Exists(later)).first()
    # The one before is no « last decision »: nobody takes back unawares what they did not just do.
    return None if decision is None or decision.is_past else decision  # type: ignore[attr-defined]  # annotated


def followed_by() -> EventQuerySet:
    """Return the events that, coming after a decision, keep it from being undone."""
    rows: EventQuerySet = Event.objects.exclude(kind__in=QUIET)
    return rows


@transaction.atomic
def undo(*, decision: Decision, by: User) -> Report:
    """Take one's own decision back: the report waits as before, and whoever was not told yet never is.

    Returns the report as it is now.

    Raises:
        NotAllowed: it is somebody else's decision, or the place is no longer theirs to judge.
        NotUndoable: it is too old, already undone, or something has happened since.
    """
    report: Report = Report.objects.select_related("category", "quarter__town", "organisation").get(
        pk=decision.report_id
    )
    actor = actor_for(by, report)
    if decision.person_id != by.pk or not actor.roles & workflow.JUDGES:
        raise NotAllowed
    now = timezone.now()
    if decision.decided_at < now - timedelta(minutes=UNDO_MINUTES):
        raise too_late(UNDO_MINUTES)
    # Of two taps at once, the second finds it undone.
    if not Decision.objects.filter(pk=decision.pk, undone_at=None).update(undone_at=now):
        raise NotUndoable(ALREADY)
    try:
        undo_change(report=report, event=decision.event, before=decision.before, actor=actor)
    except StaleReport as error:
        raise NotUndoable(MOVED_ON) from error
    # The row is ours now: what came before is to be seen, and nothing comes in between.
    if followed_by().filter(report=report, pk__gt=decision.event_id).exists():
        raise NotUndoable(MOVED_ON)
    return report
