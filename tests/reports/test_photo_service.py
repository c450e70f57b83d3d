"""Photos from the upload to the page, and what happens to those that nobody finished."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone
from PIL import Image

from reports import photos as pictures
from reports.models import Event, Photo, Quarter
from reports.permissions import NOBODY
from reports.services.photos import attach, process_photo, sweep, take_in
from reports.tasks import make_photo_variants
from tests.factories import ReportFactory


def jpeg(width: int = 1200, height: int = 900) -> bytes:
    out = BytesIO()
    Image.effect_noise((width, height), 40).convert("RGB").save(out, "JPEG", quality=80)
    return out.getvalue()


def upload(content: bytes) -> Photo:
    facts = pictures.inspect(BytesIO(content), len(content))
    return take_in(file=SimpleUploadedFile("IMG_0001.jpg", content), facts=facts)


def test_take_in_keeps_a_private_original(db: None) -> None:
    photo = upload(jpeg())
    assert photo.original.name == f"originals/{photo.key}"
    assert photo.status == Photo.Status.PROCESSING
    with pytest.raises(ValueError, match="private"):
        _ = photo.original.url


def test_process_photo_makes_public_variants(db: None) -> None:
    photo = upload(jpeg())
    process_photo(photo_id=photo.pk)
    photo.refresh_from_db()
    assert (photo.status, photo.sizes) == (Photo.Status.READY, [320, 960])
    assert photo.urls["320"] == f"/media/photos/{photo.key}/320.webp"
    with storages["variants"].open(photo.variant_name(960)) as file, Image.open(file) as image:
        assert (image.format, image.size) == ("WEBP", (960, 720))


def test_process_photo_twice_changes_nothing(quarter: Quarter) -> None:
    photo = upload(jpeg())
    report = ReportFactory(quarter=quarter)
    with transaction.atomic():
        attach(photos=[photo], report=report, actor=NOBODY, is_public=True)
    for _unused in range(2):
        process_photo(photo_id=photo.pk)
    assert report.events.filter(kind=Event.Kind.PHOTO_READY).count() == 1


def test_process_photo_that_cannot_be_decoded(quarter: Quarter) -> None:
    photo = upload(jpeg()[:20_000])
    process_photo(photo_id=photo.pk)
    photo.refresh_from_db()
    assert (photo.status, photo.urls) == (Photo.Status.REFUSED, {})


def test_process_photo_that_is_gone(db: None) -> None:
    process_photo(photo_id=0)
    assert Photo.objects.count() == 0


def test_sweep_queues_again_what_no_worker_finished(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    queued: list[int] = []
    monkeypatch.setattr(make_photo_variants, "delay", queued.append)
    old, fresh = upload(jpeg()), upload(jpeg())
    Photo.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(minutes=10))
    sweep()
    assert queued == [old.pk]
    assert Photo.objects.filter(pk=fresh.pk).exists()


def test_sweep_removes_what_never_got_a_report(quarter: Quarter) -> None:
    orphan, kept = upload(jpeg()), upload(jpeg(640, 480))
    process_photo(photo_id=orphan.pk)
    attach(photos=[kept], report=ReportFactory(quarter=quarter), actor=NOBODY, is_public=False)
    Photo.objects.update(created_at=timezone.now() - timedelta(days=2), status=Photo.Status.READY)
    sweep()
    assert list(Photo.objects.all()) == [kept]
    assert not storages["originals"].exists(f"originals/{orphan.key}")
    assert not storages["variants"].exists(orphan.variant_name(320))
    assert storages["originals"].exists(f"originals/{kept.key}")
