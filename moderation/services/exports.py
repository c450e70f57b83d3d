"""Taking a list away: the rows on screen, written by the worker when they are many, fetched by whoever asked."""

import logging
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import IO, Any, cast

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEntry, User
from accounts.services.audit import record
from moderation.models import ListExport
from moderation.permissions import administers
from moderation.sheets import WRITERS, Row
from moderation.tasks import make_list
from reports.errors import DomainError
from reports.models import Report
from reports.services.queue import after_commit

logger = logging.getLogger(__name__)

# So few are written while the person waits; more go to the worker.
SMALL = 500
# Nobody opens more; a narrower filter takes the rest.
MOST = 200_000
BATCH = 1000
KEPT = timedelta(days=2)
UNFINISHED_AGE = timedelta(minutes=10)
TRIES = 3

WAITING = ListExport.Status.WAITING


class NothingToExport(DomainError):
    """The list is empty, or the format is not for it."""

    code = "nothing_to_export"
    message = _("Cette liste est vide : il n’y a rien à exporter.")


Columns = dict[str, Callable[[Any], Any]]

# No contact data and no author: what leaves in a file is looked at by nobody's leave any more.
REPORT_COLUMNS: Columns = {
    "ref": lambda report: report.ref,
    "status": lambda report: report.status,
    "category": lambda report: report.category.code,
    "category_name": lambda report: report.category.name,
    "town": lambda report: report.quarter.town.name,
    "quarter": lambda report: report.quarter.name,
    "address": lambda report: report.address,
    "lon": lambda report: round(report.point.x, 6),
    "lat": lambda report: round(report.point.y, 6),
    "organisation": lambda report: report.organisation.name if report.organisation else "",
    "priority": lambda report: report.priority,
    "votes": lambda report: report.votes,
    "comments": lambda report: report.comments,
    "received_at": lambda report: report.received_at,
    "published_at": lambda report: report.published_at,
    "answered_at": lambda report: report.answered_at,
    "due_at": lambda report: report.due_at,
    "resolved_at": lambda report: report.resolved_at,
    "source": lambda report: report.source,
    "duplicate_of": lambda report: report.duplicate_of.ref if report.duplicate_of else "",
    "rejection_reason": lambda report: report.rejection_reason,
    "description": lambda report: report.description,
    "url": lambda report: f"{settings.PUBLIC_URL}{report.get_absolute_url()}",
}
RECORD_COLUMNS: Columns = {
    "at": lambda entry: entry.at,
    "kind": lambda entry: entry.kind,
    "what": lambda entry: entry.get_kind_display(),
    "by": lambda entry: entry.actor.email if entry.actor else "",
    "subject": lambda entry: entry.subject.email if entry.subject else "",
    "about": lambda entry: entry.about,
    "door": lambda entry: entry.door,
    "network": lambda entry: entry.network,
    "data": lambda entry: str(entry.data) if entry.data else "",
}
COLUMNS = {ListExport.Subject.REPORTS.value: REPORT_COLUMNS, ListExport.Subject.RECORD.value: RECORD_COLUMNS}


@transaction.atomic
def ask_for_list(*, owner: User, subject: str, file_format: str, ids: Sequence[int], query: str) -> ListExport:
    """Have the rows of a list written to a file, and put that on record; `ids` in the order of the list.

    The file is ready at once where there are few rows.

    Raises:
        NothingToExport: there are none, or the record was asked for as a map.
    """
    if not ids or (subject == ListExport.Subject.RECORD and file_format == ListExport.Format.GEOJSON):
        raise NothingToExport
    rows = list(ids[:MOST])
    export = ListExport.objects.create(
        owner=owner, subject=subject, format=file_format, ids=rows, total=len(rows), query=query[:500]
    )
    facts = {"subject": subject, "format": file_format, "rows": len(rows), "query": query[:500]}
    record(kind=AuditEntry.Kind.LIST_EXPORTED, actor=owner, data=facts)
    if len(rows) <= SMALL:
        build_list(export_id=export.pk)
        export.refresh_from_db()
    else:
        after_commit(make_list, export.pk)
    return export


def build_list(*, export_id: int) -> None:
    """Write a list's file, unless it is written or another worker is at it; given up after a few failures."""
    now = timezone.now()
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - UNFINISHED_AGE)
    mine = ListExport.objects.filter(free, pk=export_id, status=WAITING)
    if not mine.update(claimed_at=now, tries=F("tries") + 1, done=0):
        logger.info("list %s is gone, written or being written", export_id)
        return
    export = ListExport.objects.select_related("owner").get(pk=export_id)
    try:
        with tempfile.TemporaryFile() as packed, translation.override(export.owner.language):
            write(export, packed)
            packed.seek(0)
            name = export.file.storage.save(f"listes/{export.token}.{export.format}", File(packed))
    except Exception:
        logger.exception("list %s could not be written", export_id)
        status = ListExport.Status.FAILED if export.tries >= TRIES else WAITING
        ListExport.objects.filter(pk=export_id).update(status=status, claimed_at=None)
        return
    done = ListExport.objects.filter(pk=export_id, status=WAITING)
    if not done.update(status=ListExport.Status.READY, file=name, ids=[], done=export.total):
        export.file.storage.delete(name)


def write(export: ListExport, target: IO[bytes]) -> None:
    """Write the rows that the owner may still see."""
    columns = COLUMNS[export.subject]
    WRITERS[export.format](target, list(columns), cells(export, columns))


def cells(export: ListExport, columns: Columns) -> Iterator[Row]:
    """Give the rows in their order, a batch of queries at a time, and count them in the row of the export."""
    for start in range(0, export.total, BATCH):
        batch = export.ids[start : start + BATCH]
        found = rows_of(export, batch)
        for pk in batch:
            if row := found.get(pk):
                yield [read(row) for read in columns.values()]
        ListExport.objects.filter(pk=export.pk).update(done=min(start + BATCH, export.total))


def rows_of(export: ListExport, batch: list[int]) -> dict[int, Any]:
    """Return those of some rows that the owner may see now, by id."""
    if export.subject == ListExport.Subject.RECORD:
        if not administers(export.owner):
            return {}
        return AuditEntry.objects.select_related("actor", "subject").in_bulk(batch)
    rows = Report.objects.judged_by(export.owner).select_related(
        "category", "quarter__town", "organisation", "duplicate_of"
    )
    slim = rows.defer("search", "quarter__boundary", "quarter__town__boundary", "contact_email", "contact_phone")
    return cast("dict[int, Any]", slim.in_bulk(batch))


def sweep() -> None:
    """Queue what no worker has finished, and remove what has expired, files first."""
    now = timezone.now()
    lost = Q(claimed_at=None, asked_at__lt=now - timedelta(minutes=1)) | Q(claimed_at__lt=now - UNFINISHED_AGE)
    for pk in ListExport.objects.filter(lost, status=WAITING).values_list("pk", flat=True)[:50]:
        make_list.delay(pk)
    for export in ListExport.objects.filter(asked_at__lt=now - KEPT).defer("ids")[:200]:
        if export.file.name:
            export.file.storage.delete(export.file.name)
        export.delete()
