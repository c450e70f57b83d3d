"""Pictures that were seen before, though saved anew: a consumer of the event log (`settings.EVENT_CONSUMERS`).

The perceptual hash is there once the worker has made a photo's variants. What is found is added to the report's
findings; it hides nothing.
"""

from collections.abc import Iterator

from django.db import transaction
from django.db.models import Q

from moderation.services.screening import Finding, seen_before
from reports import workflow
from reports.models import Event, Photo, Report
from reports.screening import ALIKE, SEEN

# Either the photo became ready on its report, or it was ready before it got one.
KINDS = frozenset({Event.Kind.PHOTO_READY, Event.Kind.PHOTO_ADDED})
# Bits of 64 in which two copies of one picture may differ: see `docs/screening.md`.
SAME_PICTURE = 4
# A hash with fewer bits of either kind is that of an even surface: a wall, the sky, a dark room.
TELLING = 8
COMPARED = 500


def consume(event_id: int) -> None:
    """Look whether the photos of an event's report were seen before; twice is as good as once."""
    report_id = Event.objects.filter(pk=event_id, kind__in=KINDS).values_list("report", flat=True).first()
    if report_id is not None:
        note_copies(report_id=report_id)


@transaction.atomic
def note_copies(*, report_id: int) -> None:
    """Add what the photos of a report are copies of to its findings, once for each other report."""
    # Two photos that become ready at once must not overwrite each other's finding.
    report = Report.objects.select_for_update(no_key=True).only("findings").filter(pk=report_id).first()
    if report is None:
        return
    known = {finding.get("report") for finding in report.findings if finding["code"] in {SEEN, ALIKE}}
    photos = list(Photo.objects.filter(report=report_id, kind=Photo.Kind.PROBLEM).order_by("pk"))
    new = []
    for finding in (*seen_before(report, photos), *copies(photos, report_id=report_id)):
        if finding["report"] not in known:
            known.add(finding["report"])
            new.append(finding)
    if new:
        Report.objects.filter(pk=report_id).update(findings=[*report.findings, *new])


def copies(photos: list[Photo], *, report_id: int) -> Iterator[Finding]:
    """Give what each picture is nearly the same as."""
    for photo in photos:
        other, bits = copy_of(photo.phash, report_id=report_id) if photo.phash else (None, 0)
        if other:
            yield {"code": ALIKE, "report": other, "bits": bits}


def copy_of(phash: str, *, report_id: int) -> tuple[int | None, int]:
    """Return the other report whose photo is most like a picture, and in how many bits they differ; None for none."""
    bits = int(phash, 16)
    if not TELLING <= bits.bit_count() <= 64 - TELLING:
        return None, 0
    rows = (
        Photo.objects.sharing_a_band(phash)
        .filter(kind=Photo.Kind.PROBLEM)
        .exclude(Q(report=None) | Q(report=report_id) | Q(report__status=workflow.WITHDRAWN))
    )
    compared = [
        ((int(other, 16) ^ bits).bit_count(), report)
        for report, other in rows.order_by("-pk").values_list("report", "phash")[:COMPARED]
    ]
    distance, nearest = min(compared, default=(64, None))
    return (nearest, distance) if distance <= SAME_PICTURE else (None, 0)
