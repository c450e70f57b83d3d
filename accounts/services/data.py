"""A copy of everything that the portal knows about one person: asked for, made by the worker, fetched, removed."""

import json
import logging
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from pathlib import PurePosixPath
from typing import IO, Any, Protocol, cast

from celery import Task
from django.conf import settings
from django.core.files import File
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts import emails
from accounts.errors import TooManyExports
from accounts.models import AuditEntry, DataExport, User
from accounts.services.audit import record
from accounts.tasks import make_export, send_export_link

logger = logging.getLogger(__name__)

PER_DAY = 3
KEPT = timedelta(days=7)
# A worker that died is noticed after this long; making a copy twice costs time and changes nothing.
UNFINISHED_AGE = timedelta(minutes=10)
UNANNOUNCED_AGE = timedelta(minutes=2)
MAX_TRIES = 5
CHUNK = 256 * 1024


@dataclass(frozen=True)
class PersonalData:
    """What one app knows about a person.

    `name` is the app's folder in the copy; `records` become one JSON file each; `files` are pairs of a path inside that
    folder and the file itself, opened one at a time as they are iterated over.
    """

    name: str
    records: dict[str, list[dict[str, Any]] | dict[str, Any]]
    files: Iterable[tuple[str, IO[bytes]]] = field(default=())


class Source(Protocol):
    """A module of `settings.PERSONAL_DATA`."""

    def export(self, user: User) -> PersonalData:
        """Return what the app knows."""

    def erase(self, user: User) -> None:
        """Remove or replace it; safe to call again after a crash in the middle."""


def sources() -> list[Source]:
    """Return the modules that know something about people, in the order of the settings."""
    return [cast("Source", import_module(name)) for name in settings.PERSONAL_DATA]


def ask_for_export(*, user: User) -> DataExport:
    """Queue a copy; asking again while one is in the making returns that one.

    Raises:
        TooManyExports: PER_DAY were asked for since yesterday.
    """
    waiting = DataExport.objects.filter(user=user, status=DataExport.Status.WAITING).first()
    if waiting is not None:
        return waiting
    since = timezone.now() - timedelta(days=1)
    if DataExport.objects.filter(user=user, asked_at__gte=since).count() >= PER_DAY:
        raise TooManyExports
    try:
        with transaction.atomic():
            export = DataExport.objects.create(user=user)
            record(kind=AuditEntry.Kind.EXPORT_ASKED, actor=user, subject=user, data={"export": export.pk})
            queue(make_export, export.pk)
    except IntegrityError:
        # Two taps at once: the other one asked.
        return DataExport.objects.get(user=user, status=DataExport.Status.WAITING)
    return export


def queue(task: "Task[[int], Any]", row_id: int) -> None:
    """Queue a task after the commit. Robust: when the broker is away, the sweep queues it."""
    transaction.on_commit(lambda: task.delay(row_id), robust=True)


def build_export(*, export_id: int) -> None:
    """Make the copy, once, and announce it; a copy that fails time and again is marked as failed."""
    waiting = DataExport.objects.filter(pk=export_id, status=DataExport.Status.WAITING)
    if not waiting.update(tries=F("tries") + 1):
        logger.info("export %s is gone or made", export_id)
        return
    export = waiting.select_related("user").first()
    if export is None or export.user.erased_at is not None:
        return
    with tempfile.TemporaryFile() as packed:
        write_copy(user=export.user, target=packed)
        size = packed.tell()
        packed.seek(0)
        storage = export.file.storage
        name = storage.save(f"exports/{export.token}.zip", File(packed))
    now = timezone.now()
    won = waiting.update(status=DataExport.Status.READY, file=name, size=size, ready_at=now, expires_at=now + KEPT)
    if won:
        queue(send_export_link, export_id)
    else:
        # Another worker was first, or the account was erased meanwhile.
        storage.delete(name)


def write_copy(*, user: User, target: IO[bytes]) -> None:
    """Write the zip: a page of explanations, one folder per app; never more than one piece of a photo in memory."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed, translation.override(user.language):
        words = {"user": user, "made_at": timezone.now(), "contact_email": settings.CONTACT_EMAIL}
        title = "LISEZMOI.txt" if user.language == "fr" else "README.txt"
        packed.writestr(title, render_to_string("accounts/data_readme.txt", words))
        for source in sources():
            data = source.export(user)
            for name, rows in data.records.items():
                text = json.dumps(rows, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
                packed.writestr(f"{data.name}/{name}.json", text)
            for path, file in data.files:
                add_file(packed, f"{data.name}/{path}", file)


def add_file(packed: zipfile.ZipFile, path: str, file: IO[bytes]) -> None:
    """Add one file piece by piece. Photos are compressed already: only kept, not squeezed again."""
    if ".." in PurePosixPath(path).parts:
        message = f"{path} leads out of the copy."
        raise ValueError(message)
    entry = zipfile.ZipInfo(path, timezone.localtime().timetuple()[:6])
    with file, packed.open(entry, "w", force_zip64=True) as kept:
        shutil.copyfileobj(file, kept, CHUNK)


def announce_export(*, export_id: int) -> None:
    """Mail the link to the person and remember that it was sent.

    Raises:
        OSError: the mail server could not be reached; the copy still waits to be announced.
    """
    export = unannounced().filter(pk=export_id).select_related("user").first()
    if export is None:
        logger.info("export %s needs no mail", export_id)
        return
    emails.export_ready(export=export)
    unannounced().filter(pk=export_id).update(mailed_at=timezone.now())


def unannounced() -> "QuerySet[DataExport]":
    """Return the copies that are ready and whose link nobody was sent."""
    return DataExport.objects.filter(status=DataExport.Status.READY, mailed_at=None, user__erased_at=None)


def fetch(*, token: str, user: User) -> DataExport | None:
    """Return a person's own copy, and put on record that it is fetched if it still can be.

    None for a token that is not theirs. The caller looks at `status`: only a READY copy has its file.
    """
    export = DataExport.objects.filter(token=token, user=user).first()
    if export is None:
        return None
    if export.status == DataExport.Status.READY and export.expires_at and export.expires_at <= timezone.now():
        expire(export)
    if export.status == DataExport.Status.READY:
        record(kind=AuditEntry.Kind.EXPORT_FETCHED, actor=user, subject=user, data={"export": export.pk})
    return export


def expire(export: DataExport) -> None:
    """Remove a copy's file, then say that it is gone; a crash in between is finished by the next sweep."""
    if export.file.name:
        export.file.storage.delete(export.file.name)
    export.status = DataExport.Status.EXPIRED
    export.file = ""
    export.save(update_fields=["status", "file"])


def sweep_exports() -> dict[str, int]:
    """Remove what has expired, queue again what was not made or announced, give up what fails; return the counts."""
    now = timezone.now()
    alive = DataExport.objects.filter(status__in=[DataExport.Status.WAITING, DataExport.Status.READY])
    over = list(alive.filter(status=DataExport.Status.READY, expires_at__lte=now)[:200])
    for export in over:
        expire(export)
    late = alive.filter(status=DataExport.Status.WAITING, asked_at__lt=now - UNFINISHED_AGE)
    failed = late.filter(tries__gte=MAX_TRIES).update(status=DataExport.Status.FAILED)
    again = queue_again(make_export, late.values_list("pk", flat=True)[:200])
    unsaid = unannounced().filter(ready_at__lt=now - UNANNOUNCED_AGE)
    mailed = queue_again(send_export_link, unsaid.values_list("pk", flat=True)[:200])
    counts = {"expired": len(over), "failed": failed, "made_again": again, "mailed_again": mailed}
    if any(counts.values()):
        logger.info("exports: %s", counts)
    return counts


def queue_again(task: "Task[[int], Any]", ids: Iterable[int]) -> int:
    """Queue a task for each id; return how many."""
    queued = 0
    for row_id in ids:
        task.delay(row_id)
        queued += 1
    return queued


def rows(found: Any, *names: str) -> list[dict[str, Any]]:
    """Return the named columns of some rows, in the order they were made."""
    return list(found.order_by("pk").values(*names))


def files_of(parts: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, IO[bytes]]]:
    """Open each stored file only when its turn comes; one that the storage has lost is left out and logged.

    `parts` are pairs of a path in the copy and (storage, name).
    """
    for path, (storage, name) in parts:
        try:
            file = storage.open(name, "rb")
        except FileNotFoundError:
            logger.warning("%s is missing and left out of a copy", name)
            continue
        yield path, file
