"""The same photo trip with its files in an S3-compatible server."""

from collections.abc import Iterator
from io import BytesIO

import boto3
import pytest
import requests
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from moto.server import ThreadedMotoServer
from PIL import Image
from pytest_django.fixtures import Settings

from reports import photos as pictures
from reports import workflow
from reports.models import Photo, Quarter
from reports.services.photo_changes import hide_photo
from reports.services.photos import process_photo, remove, take_in
from tests.conftest import use_originals_of_settings
from tests.factories import ReportFactory

ACCESS = {"access_key": "key", "secret_key": "secret"}


@pytest.fixture
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def buckets(endpoint: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    client = boto3.client(
        "s3", endpoint_url=endpoint, aws_access_key_id="key", aws_secret_access_key="secret", region_name="us-east-1"
    )
    shared = {**ACCESS, "endpoint_url": endpoint, "region_name": "us-east-1", "file_overwrite": False}
    chosen = {**settings.STORAGES}
    for name, public_url, acl in (("variants", f"{endpoint}/variants", "public-read"), ("originals", "", "private")):
        client.create_bucket(Bucket=name)
        options = {**shared, "bucket_name": name, "public_url": public_url, "default_acl": acl}
        chosen[name] = {"BACKEND": "reports.storages.S3Storage", "OPTIONS": options}
    settings.STORAGES = chosen
    use_originals_of_settings(monkeypatch)
    return endpoint


@pytest.fixture
def report_photo(buckets: str, quarter: Quarter) -> Photo:
    """Return the prepared photo of a public report."""
    out = BytesIO()
    Image.new("RGB", (800, 600), "white").save(out, "JPEG")
    facts = pictures.inspect(BytesIO(out.getvalue()), len(out.getvalue()))
    photo = take_in(file=SimpleUploadedFile("a.jpg", out.getvalue()), facts=facts)
    Photo.objects.filter(pk=photo.pk).update(report=ReportFactory(quarter=quarter, status=workflow.OPEN))
    process_photo(photo_id=photo.pk)
    return Photo.objects.get(pk=photo.pk)


def test_photo_trip_on_s3(buckets: str, db: None) -> None:
    out = BytesIO()
    Image.effect_noise((1200, 900), 40).convert("RGB").save(out, "JPEG")
    content = out.getvalue()
    facts = pictures.inspect(BytesIO(content), len(content))
    photo = take_in(file=SimpleUploadedFile("a.jpg", content), facts=facts)
    process_photo(photo_id=photo.pk)
    photo = Photo.objects.get(pk=photo.pk)

    assert photo.urls["320"] == f"{buckets}/variants/photos/{photo.key}/320.webp"
    answer = requests.get(photo.urls["320"], timeout=5)
    assert Image.open(BytesIO(answer.content)).format == "WEBP"
    with photo.original.open("rb") as original:
        assert original.read() == content
    with pytest.raises(ValueError, match="private"):
        _ = photo.original.url
    assert requests.get(f"{buckets}/originals/{photo.original.name}", timeout=5).status_code == 403

    remove(photo=photo)
    assert requests.get(answer.url, timeout=5).status_code in {403, 404}


def test_hidden_photo_leaves_no_public_file_on_s3(buckets: str, report_photo: Photo) -> None:
    address = report_photo.url(320)
    assert requests.get(address, timeout=5).status_code == 200
    hide_photo(photo=report_photo, by=None, reason="")
    process_photo(photo_id=report_photo.pk)
    assert requests.get(address, timeout=5).status_code in {403, 404}
    assert storages["originals"].exists(Photo.objects.get(pk=report_photo.pk).look_name)
