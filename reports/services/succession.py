"""An original that its author takes back: the oldest of its duplicates takes its place, and the others join that one.

The neighbours' problem is still there, and one report goes on standing for it. Called by `handling.change_status`,
inside its transaction.
"""

from django.db.models import Q
from django.utils import timezone

from reports import workflow
from reports.errors import StaleReport
from reports.models import Event, Merge, Report, Vote
from reports.permissions import NOBODY
from reports.services.log import record
from reports.services.merging import hand_over, lock, unmerge


def joined_to(original: Report) -> list[Report]:
    """Return the duplicates of a report, the oldest first."""
    rows = original.duplicates.filter(status=workflow.DUPLICATE).select_related("category").defer("search")
    return list(rows.order_by("received_at", "pk"))


def hold_joined(original: Report) -> list[Report]:
    """Return the duplicates of a report, and let none join or part until the transaction ends.

    The supports that came from them are locked as well, before anything is changed: see `merging.lock`.

    Raises:
        StaleReport: another one was joined at this moment.
    """
    seen = {report.pk for report in joined_to(original)}
    lock(duplicate=original, others=sorted(seen))
    joined = joined_to(original)
    if not {report.pk for report in joined} <= seen:
        raise StaleReport
    merges = Merge.objects.filter(original=original, undone_at=None).values_list("votes", flat=True)
    moved = [pk for votes in merges for pk in votes]
    their_votes = Vote.objects.filter(Q(report__in=seen) | Q(pk__in=moved))
    len(their_votes.select_for_update().order_by("pk").values_list("pk"))
    return joined


def state_before(report: Report) -> tuple[str, str]:
    """Return what a duplicate was before it was joined: its status, and from which one it had been held."""
    joined = report.events.filter(kind=Event.Kind.STATUS_CHANGED, data__to=workflow.DUPLICATE).order_by("-pk").first()
    if joined is not None:
        return joined.data["from"], joined.data.get("held_from", "")
    return (workflow.OPEN if report.published_at else workflow.PENDING), ""


def pass_on(*, original: Report, joined: list[Report]) -> None:
    """Put the oldest duplicate that everybody saw, else the oldest, in the place of an original that was taken back.

    It is again what it was before it was joined: nothing is published that no moderator has accepted. `joined` comes
    from `hold_joined`. Everybody who had come along is told once: of the report that goes on, or of the one that
    theirs joins now.
    """
    states = {report.pk: state_before(report) for report in joined}
    order = sorted(joined, key=lambda report: states[report.pk][0] not in workflow.PUBLIC)
    for report in order:
        unmerge(report=report, actor=NOBODY, withdrawn=True, tells=report is order[0])
    heir, others = order[0], order[1:]
    stand_alone(heir, *states[heir.pk], original=original)
    for report in others:
        # Who is there by now has been told by what came before.
        told = set(heir.followers.values_list("pk", flat=True))
        Report.objects.filter(pk=report.pk).update(duplicate_of=heir, updated_at=timezone.now())
        report.duplicate_of = heir
        hand_over(duplicate=report, original=heir, actor=NOBODY, told=told, former=original.ref)
        # Its own story goes on as well: its people are told by the one that they follow now.
        record(kind=Event.Kind.MERGED, report=report, actor=NOBODY, is_public=False, data={"original": heir.ref})


def stand_alone(heir: Report, status: str, held_from: str, *, original: Report) -> None:
    """Give a duplicate back the status it had; its dates were kept."""
    changes = {"status": status, "held_from": held_from, "duplicate_of": None, "updated_at": timezone.now()}
    Report.objects.filter(pk=heir.pk).update(**changes)
    for name, value in changes.items():
        setattr(heir, name, value)
    record(
        kind=Event.Kind.STATUS_CHANGED,
        report=heir,
        actor=NOBODY,
        is_public=heir.is_public,
        data={"from": workflow.DUPLICATE, "to": status, "original": original.ref},
    )
