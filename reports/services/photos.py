"""Photos: taken in with a request, made presentable by the worker."""

import logging
from datetime import timedelta
from typing import Any, BinaryIO, cast

from django.contrib.gis.geos import Point
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from reports import photos as pictures
from reports.models import Comment, Event, Photo, Report
from reports.permissions import NOBODY, Actor
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
    """Make the public variants of an original, once; a file that cannot be decoded is marked as refused."""
    photo = Photo.objects.filter(pk=photo_id).first()
    if photo is None or photo.status != Photo.Status.PROCESSING:
        logger.info("photo %s is gone or finished", photo_id)
        return
    try:
        with photo.original.open("rb") as source:
            variants = pictures.make_variants(cast("BinaryIO", source))
    except pictures.PhotoRefused as refusal:
        logger.warning("photo %s refused: %s", photo_id, refusal.code)
        finish(photo=photo, status=Photo.Status.REFUSED)
        return
    storage = storages["variants"]
    for width, content in variants.files.items():
        name = photo.variant_name(width)
        if not storage.exists(name):
            storage.save(name, ContentFile(content))
    photo.sizes = sorted(variants.files)
    photo.width, photo.height, photo.phash = variants.width, variants.height, variants.phash
    finish(photo=photo, status=Photo.Status.READY)


@transaction.atomic
def finish(*, photo: Photo, status: str) -> None:
    """Store the outcome and tell the open pages; the second of two workers changes nothing."""
    won = Photo.objects.filter(pk=photo.pk, status=Photo.Status.PROCESSING).update(
        status=status, sizes=photo.sizes, width=photo.width, height=photo.height, phash=photo.phash
    )
    # The report, or the comment, may have arrived while the picture was being made.
    comment = Comment.objects.filter(photo=photo.pk).first()
    owner = Q(discussion=comment) if comment else Q(photos=photo.pk)
    report = Report.objects.select_related("category").filter(owner).first()
    if won and report is not None:
        # The key of a photo is its address: that of a held comment is nobody's business.
        is_shown = comment is None or comment.status == Comment.Status.VISIBLE
        record(
            kind=Event.Kind.PHOTO_READY,
            report=report,
            actor=NOBODY,
            is_public=report.is_public and is_shown,
            data={"photo": str(photo.key), "photo_status": status},
        )


def sweep() -> None:
    """Queue again what no worker finished, and remove what never got a report or a comment."""
    now = timezone.now()
    for photo_id in Photo.objects.filter(
        status=Photo.Status.PROCESSING, created_at__lt=now - UNFINISHED_AGE
    ).values_list("pk", flat=True)[:200]:
        make_photo_variants.delay(photo_id)
    for photo in Photo.objects.filter(report=None, comment=None, created_at__lt=now - ORPHAN_AGE)[:200]:
        remove(photo=photo)


def remove(*, photo: Photo) -> None:
    """Delete a photo's files and its row; files that another photo shares (those of the demo) stay.

    Files first: after a crash in between the row still leads to them, and a second call finishes.
    """
    storage = storages["variants"]
    if not Photo.objects.filter(key=photo.key).exclude(pk=photo.pk).exists():
        for width in photo.sizes:
            storage.delete(photo.variant_name(width))
        if photo.original.name:
            storages["originals"].delete(photo.original.name)
    photo.delete()
