"""The whole picture behind one that was masked or hidden: for whoever judges it, and each look is put on record."""

from typing import IO

from django.core.files.storage import storages
from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEntry, User
from accounts.services.audit import record
from reports import workflow
from reports.errors import DomainError, NotAllowed
from reports.models import Photo
from reports.permissions import actor_for
from reports.services.photos import report_of

SALT = "moderation.whole-photo"
TICKET_SECONDS = 600
NOT_YET = _("Cette photo est en préparation. Réessayez dans un instant.")


@transaction.atomic
def look(*, photo: Photo, by: User) -> str:
    """Put on record that `by` sees the whole picture, and return the ticket that lets them, and nobody else, fetch it.

    A ticket is good for ten minutes and for this state of the photo.

    Raises:
        NotAllowed: not a moderator of the place.
        DomainError: the worker is not done with it.
    """
    report = report_of(photo)
    if report is None or not actor_for(by, report).roles & workflow.JUDGES:
        raise NotAllowed
    if photo.status != Photo.Status.READY or not photo.revision:
        raise DomainError(NOT_YET)
    sender = photo.comment.author if photo.kind == Photo.Kind.COMMENT else report.reporter
    record(
        kind=AuditEntry.Kind.PHOTO_SEEN,
        actor=by,
        # Who repaired is staff; a look at their proof tells nothing about the report's author.
        subject=None if photo.kind == Photo.Kind.PROOF else sender,
        about=report.ref,
        data={"photo": str(photo.key), "revision": photo.revision},
    )
    return TimestampSigner(salt=SALT).sign(seen_by(photo, by))


def picture(*, photo: Photo, by: User, ticket: str) -> IO[bytes]:
    """Return the whole picture, as WebP, to whom a look has let see it.

    Raises:
        NotAllowed: the ticket is another's, of another state of the photo, or too old.
        FileNotFoundError: the picture is not there any more.
    """
    try:
        said = TimestampSigner(salt=SALT).unsign(ticket, max_age=TICKET_SECONDS)
    except BadSignature as error:
        raise NotAllowed from error
    if said != seen_by(photo, by):
        raise NotAllowed
    return storages["originals"].open(photo.look_name)


def seen_by(photo: Photo, by: User) -> str:
    """Return what a ticket says."""
    return f"{photo.pk}.{photo.revision}.{by.pk}"
