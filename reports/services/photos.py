"""Photos: taken in with a request, made presentable by the worker."""

import logging
from datetime import timedelta
from typing import Any, BinaryIO, cast

from django.contrib.gis.geos import Point
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from reports import photos as pictures
from reports.models import Comment, Event, Photo, Report
from reports.permissions import NOBODY, Actor
from reports.services import photo_files as files
from reports.services.log import record
from reports.services.queue import after_commit
from reports.tasks import make_photo_variants

logger = logging.getLogger(__name__)

ORPHAN_AGE = timedelta(days=1)
UNFINISHED_AGE = timedelta(seconds=90)


@transaction.atomic
def take_in(*, file: "UploadedFile[Any]", facts: pictures.PhotoFacts, kind: str = Photo.Kind.PROBLEM) -> Photo:
    """Keep an inspected upload as a private original and queue its variants; it may get its report later.

    A camera that does not name its zone shows local time, which is taken for that of ``settings.TIME_ZONE``: the town
    is not known before the report is.
    """
    file.seek(0)
    width, height = facts.upright_size
    taken_at = facts.taken_at
    if taken_at is not None and timezone.is_naive(taken_at):
        taken_at = timezone.make_aware(taken_at, timezone.get_default_timezone())
    photo = Photo(
        kind=kind,
        sha256=facts.sha256,
        width=width,
        height=height,
        taken_at=taken_at,
        taken_point=Point(*facts.taken_point, srid=4326) if facts.taken_point else None,
    )
    photo.original.save("original", file, save=False)
    photo.save()
    after_commit(make_photo_variants, photo.pk)
    return photo


def attach(*, photos: list[Photo], report: Report, actor: Actor, is_public: bool, kind: str | None = None) -> None:
    """Give waiting photos to a report, in the caller's transaction, and say so in the log."""
    for position, photo in enumerate(photos):
        changes = {"report": report, "position": position, **({"kind": kind} if kind else {})}
        Photo.objects.filter(pk=photo.pk, report=None).update(**changes)
    if photos:
        record(
            kind=Event.Kind.PHOTO_ADDED,
            report=report,
            actor=actor,
            is_public=is_public,
            data={"count": len(photos), "kind": kind or Photo.Kind.PROBLEM},
        )


def process_photo(*, photo_id: int) -> None:
    """Make the public variants of an original as it shall be seen now; one that cannot be decoded is refused."""
    photo = Photo.objects.filter(pk=photo_id).first()
    if photo is None or photo.status != Photo.Status.PROCESSING:
        logger.info("photo %s is gone or finished", photo_id)
        return
    change = pictures.Change.of(rotation=photo.rotation, masks=photo.masks)
    try:
        files.keep_original(photo)
        with photo.original.open("rb") as source:
            variants = pictures.make_variants(cast("BinaryIO", source), change)
    except (pictures.PhotoRefused, FileNotFoundError) as refusal:
        logger.warning("photo %s refused: %s", photo_id, refusal)
        finish(photo=photo, status=Photo.Status.REFUSED)
        return
    if photo.revision:
        # Without a mask or a turn, as of a photo that is hidden as it came, the whole picture is the largest variant.
        look = variants.look or variants.pictures[-1]
        files.keep("originals", photo.look_name, look.data)
    if not photo.is_hidden:
        for width, content in variants.files.items():
            files.keep("variants", photo.variant_name(width), content)
    photo.sizes = sorted(variants.files)
    photo.width, photo.height, photo.phash = variants.width, variants.height, variants.phash
    finish(photo=photo, status=Photo.Status.READY)
    # Whoever changed the photo meanwhile has deleted what was there; what came after is deleted here.
    if photo.revision or Photo.objects.filter(pk=photo.pk).exclude(revision=0).exists():
        files.drop_outdated(photo=photo)


@transaction.atomic
def finish(*, photo: Photo, status: str) -> None:
    """Store the outcome and tell the open pages; an outdated worker, or the second of two, changes nothing."""
    won = Photo.objects.filter(pk=photo.pk, status=Photo.Status.PROCESSING, revision=photo.revision).update(
        status=status, sizes=photo.sizes, width=photo.width, height=photo.height, phash=photo.phash
    )
    # The report, or the comment, may have arrived while the picture was being made.
    report = report_of(photo)
    if won and report is not None and not photo.is_hidden:
        record(
            kind=Event.Kind.PHOTO_READY,
            report=report,
            actor=NOBODY,
            is_public=is_seen(photo, report),
            data={"photo": str(photo.key), "photo_status": status},
        )


def report_of(photo: Photo) -> Report | None:
    """Return the report that a photo belongs to, directly or through a comment; None while it waits for one."""
    owners = Photo.objects.filter(pk=photo.pk).values_list("report_id", "comment__report_id").first() or ()
    rows = Report.objects.select_related("category", "quarter", "organisation").defer("search", "quarter__boundary")
    found: Report | None = rows.filter(pk__in=[pk for pk in owners if pk]).first()
    return found


def is_seen(photo: Photo, report: Report) -> bool:
    """Say whether everybody sees where a photo stands: its key is its address, and a held comment's is nobody's."""
    comment = Comment.objects.filter(photo=photo.pk).first()
    return report.is_public and (comment is None or comment.status == Comment.Status.VISIBLE)


def sweep() -> None:
    """Queue again what no worker finished, and remove what never got a report or a comment."""
    now = timezone.now()
    for photo_id in Photo.objects.unfinished(now - UNFINISHED_AGE).values_list("pk", flat=True)[:200]:
        make_photo_variants.delay(photo_id)
    for photo in Photo.objects.filter(report=None, comment=None, created_at__lt=now - ORPHAN_AGE)[:200]:
        remove(photo=photo)


def remove(*, photo: Photo) -> None:
    """Delete a photo's files and its row; files that another photo shares (those of the demo) stay.

    Files first: after a crash in between the row still leads to them, and a second call finishes.
    """
    files.drop_all(photo=photo)
    photo.delete()
