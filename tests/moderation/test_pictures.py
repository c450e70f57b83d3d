"""Pictures seen before: by their bytes at once, by their look once the worker has made them ready."""

import io
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from PIL import Image, ImageDraw

from accounts.models import User
from moderation.services.pictures import consume, note_copies
from reports import photos as pictures
from reports import workflow
from reports.models import Category, Event, Photo, Quarter, Report
from reports.services.photos import process_photo, take_in
from reports.services.reporting import create_report
from tests.factories import CENTRE, CategoryFactory, PhotoFactory, ReportFactory

pytestmark = pytest.mark.django_db

LOOK = "f0e1d2c3b4a59687"
# Two bits away, in one quarter.
COPY = "f0e1d2c3b4a59684"
# Eight bits away, in one quarter.
OTHER = "f0e1d2c3b4a56978"


def reported(phash: str, **facts: Any) -> Report:
    report = ReportFactory(**facts)
    PhotoFactory(report=report, phash=phash)
    return report


def test_a_copy_is_noted(quarter: Quarter) -> None:
    earlier, later = reported(LOOK), reported(COPY)
    note_copies(report_id=later.pk)
    later.refresh_from_db()
    assert later.findings == [{"code": "alike", "report": earlier.pk, "bits": 2}]


def test_a_copy_hides_nothing_and_is_noted_once() -> None:
    reported(LOOK)
    later = reported(COPY)
    for _time in range(2):
        note_copies(report_id=later.pk)
    later.refresh_from_db()
    assert (len(later.findings), later.status) == (1, workflow.OPEN)


@pytest.mark.parametrize("phash", [OTHER, "0" * 16, "f" * 16, "8" + "0" * 15, ""])
def test_other_pictures_and_even_surfaces_are_not_copies(phash: str) -> None:
    reported(LOOK)
    reported(phash)
    later = reported(phash if phash != OTHER else OTHER)
    Photo.objects.filter(report=later).update(sha256="")
    note_copies(report_id=later.pk)
    later.refresh_from_db()
    assert [finding for finding in later.findings if finding.get("bits", 0) > 0] == []


def test_the_nearest_of_several_is_named() -> None:
    reported("f0e1d2c3b4a59680")
    nearest = reported(COPY)
    later = reported(COPY)
    note_copies(report_id=later.pk)
    later.refresh_from_db()
    assert later.findings == [{"code": "alike", "report": nearest.pk, "bits": 0}]


def test_other_findings_stay() -> None:
    reported(LOOK)
    later = reported(COPY, findings=[{"code": "phone"}])
    note_copies(report_id=later.pk)
    later.refresh_from_db()
    assert [finding["code"] for finding in later.findings] == ["phone", "alike"]


def test_consume_leaves_other_events_and_what_is_gone_alone(author: User) -> None:
    consume(10**12)
    report = reported(LOOK)
    event = Event.objects.create(kind=Event.Kind.VOTED, report=report)
    consume(event.pk)
    note_copies(report_id=10**12)
    report.refresh_from_db()
    assert report.findings == []


def taken(quality: int, *, side: int = 0) -> Photo:
    """Take in one drawn street scene, saved at some quality and size."""
    image = Image.new("RGB", (640, 480), "grey")
    draw = ImageDraw.Draw(image)
    for step in range(9):
        draw.ellipse((40 * step, 30 * step, 40 * step + 160, 30 * step + 90), fill=(28 * step, 255 - 28 * step, 90))
    if side:
        image = image.resize((side, side * 3 // 4))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    facts = pictures.inspect(io.BytesIO(out.getvalue()), len(out.getvalue()))
    return take_in(file=SimpleUploadedFile("p.jpg", out.getvalue(), "image/jpeg"), facts=facts)


@pytest.mark.parametrize("is_ready_first", [True, False])
def test_a_picture_saved_anew_is_found_on_its_way(*, is_ready_first: bool, quarter: Quarter) -> None:
    category: Category = CategoryFactory(post_moderated=True)
    earlier = create_report(category=category, point=Point(*CENTRE, srid=4326), photos=[first := taken(90)])
    process_photo(photo_id=first.pk)
    second = taken(40, side=400)
    if is_ready_first:
        process_photo(photo_id=second.pk)
    later = create_report(category=category, point=Point(*CENTRE, srid=4326), photos=[second]).report
    if not is_ready_first:
        process_photo(photo_id=second.pk)
    for event in later.events.all():
        consume(event.pk)
    later.refresh_from_db()
    assert [(finding["code"], finding["report"]) for finding in later.findings] == [("alike", earlier.report.pk)]
    assert later.status == workflow.OPEN


def test_copies_are_looked_for_by_an_index() -> None:
    hashes = [f"{number * 0x9E3779B97F4A7C15 % 2**64:016x}" for number in range(3000)]
    Photo.objects.bulk_create(Photo(phash=phash) for phash in hashes)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE reports_photo")
    rows = Photo.objects.sharing_a_band(hashes[1])
    assert list(rows.values_list("phash", flat=True)) == [hashes[1]]
    plan = rows.explain()
    assert [name for name in ("photos_by_band_1", "photos_by_band_13") if name not in plan] == []
