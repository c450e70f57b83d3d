"""What a moderator does to a photo: hide it, show it again, paint parts over, turn it.

Each change counts `Photo.revision` up and sends the photo back to the worker. The public files of the picture before go
right after the commit, before the new ones are there: until then a page says that the photo is being prepared. So
nothing that somebody wanted gone is seen for longer than the request takes, however long the worker needs.
"""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from reports import workflow
from reports.errors import DomainError, MissingExplanation, NotAllowed, StaleReport
from reports.models import Event, Photo, Report
from reports.permissions import NOBODY, Actor, actor_for
from reports.photos import MAX_MASKS, TURNS, Rectangle
from reports.services import photo_files as files
from reports.services.log import record
from reports.services.photos import is_seen, report_of
from reports.services.queue import after_commit
from reports.tasks import make_photo_variants

NOT_YOURS = _("Seul un modérateur du lieu retouche cette photo.")
CHANGED = _("Cette photo a été retouchée entre-temps. Regardez-la de nouveau, puis recommencez si besoin.")
REFUSED = _("Cette photo n’a pas pu être lue : il n’y a rien à retoucher.")
BAD_MASKS = _("Une zone sort de la photo, ou elle est trop petite. Corrigez ses quatre nombres.")
TOO_MANY_MASKS = _("Une photo a 12 zones masquées au plus. Réunissez celles qui se touchent.")


@transaction.atomic
def hide_photo(*, photo: Photo, by: User | None, reason: str) -> None:
    """Take a photo out of everybody's sight: pages, lists, API, mails. Nothing happens to one that is hidden already.

    `by` is None when alerts have hidden it. The `reason` is read by staff and by whoever
    sent the photo.

    Raises:
        NotAllowed: not a moderator of the place.
        MissingExplanation: a person gave no reason.
    """
    report, actor = judged(photo, by)
    reason = reason.strip()[:500]
    if by is not None and not reason:
        raise MissingExplanation(_("Dites pourquoi cette photo est cachée : qui l’a envoyée le lit."), field="reason")
    if Photo.objects.filter(pk=photo.pk, hidden_at=None).update(hidden_at=timezone.now(), **again(photo)):
        after_change(photo, report, actor, change="hidden", private_data={"note": reason} if reason else {})


@transaction.atomic
def show_photo(*, photo: Photo, by: User | None) -> None:
    """Give a hidden photo back to everybody, with the masks and turns that it has.

    Raises:
        NotAllowed: not a moderator of the place.
    """
    report, actor = judged(photo, by)
    if Photo.objects.filter(pk=photo.pk, hidden_at__isnull=False).update(hidden_at=None, **again(photo)):
        after_change(photo, report, actor, change="shown")


@transaction.atomic
def mask_photo(*, photo: Photo, masks: list[Rectangle], seen: int, by: User) -> None:
    """Paint these parts of a photo over, and only these; `seen` is the revision that the moderator saw.

    The rectangles are parts of the upright picture before it was turned.

    Raises:
        NotAllowed: not a moderator of the place.
        StaleReport: somebody else changed the photo since.
        DomainError: a rectangle that is none, or too many.
    """
    report, actor = judged(photo, by)
    if len(masks) > MAX_MASKS:
        raise DomainError(TOO_MANY_MASKS, field="masks")
    if not all(mask.is_sound for mask in masks):
        raise DomainError(BAD_MASKS, field="masks")
    stored = [mask.stored for mask in masks]
    if stored != photo.masks or seen != photo.revision:
        change(photo, seen, masks=stored)
        after_change(photo, report, actor, change="masked", data={"masks": len(stored)})


@transaction.atomic
def turn_photo(*, photo: Photo, degrees: int, seen: int, by: User) -> None:
    """Turn a photo by 90, 180 or 270 degrees clockwise; what is painted over stays so.

    Raises:
        NotAllowed: not a moderator of the place.
        StaleReport: somebody else changed the photo since.
        DomainError: another angle.
    """
    report, actor = judged(photo, by)
    if degrees not in TURNS[1:]:
        raise DomainError
    change(photo, seen, rotation=(photo.rotation + degrees) % 360)
    after_change(photo, report, actor, change="turned")


def judged(photo: Photo, by: User | None) -> tuple[Report | None, Actor]:
    """Return a photo's report and what `by` is for it; the portal itself may do everything.

    Raises:
        NotAllowed
    """
    report = report_of(photo)
    if by is None:
        return report, NOBODY
    actor = actor_for(by, report) if report is not None else NOBODY
    if not actor.roles & workflow.JUDGES:
        raise NotAllowed(NOT_YOURS)
    return report, actor


def change(photo: Photo, seen: int, **columns: Any) -> None:
    """Write what a moderator changed, provided that the photo is still of the revision that they saw.

    Raises:
        StaleReport
        DomainError: there is no picture.
    """
    if photo.status == Photo.Status.REFUSED:
        raise DomainError(REFUSED)
    if not Photo.objects.filter(pk=photo.pk, revision=seen).update(**columns, **again(photo)):
        raise StaleReport(CHANGED)


def again(photo: Photo) -> dict[str, Any]:
    """Return the columns of a photo whose picture must be made anew; one that cannot be read is not tried again."""
    status = {} if photo.status == Photo.Status.REFUSED else {"status": Photo.Status.PROCESSING}
    return {"revision": F("revision") + 1, **status}


def after_change(
    photo: Photo,
    report: Report | None,
    actor: Actor,
    *,
    change: str,
    data: dict[str, Any] | None = None,
    private_data: dict[str, Any] | None = None,
) -> None:
    """Say in the log what was done, and after the commit take away the old files and have the new ones made."""
    photo.refresh_from_db()
    if report is not None:
        Report.objects.filter(pk=report.pk).update(updated_at=timezone.now())
        record(
            kind=Event.Kind.PHOTO_CHANGED,
            report=report,
            actor=actor,
            is_public=is_seen(photo, report),
            data={"photo": str(photo.key), "change": change, **(data or {})},
            private_data=private_data,
        )
    # Robust: the change stands, and the worker deletes what a storage that is away could not.
    transaction.on_commit(lambda: files.drop_outdated(photo=photo), robust=True)
    after_commit(make_photo_variants, photo.pk)
