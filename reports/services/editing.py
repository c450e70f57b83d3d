"""What may still change on a report after it was sent: its words and its photos."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reports import workflow
from reports.errors import NotAllowed, StaleReport
from reports.models import Event, Photo, Report
from reports.permissions import Actor
from reports.photos import MAX_PHOTOS
from reports.services.log import record
from reports.services.photos import attach

HANDLERS = {workflow.OPERATOR, workflow.MODERATOR, workflow.ADMINISTRATOR}


@transaction.atomic
def edit_report(*, report: Report, actor: Actor, description: str | None = None, address: str | None = None) -> Event:
    """Correct the words of a report that nobody has judged yet; None leaves a field as it is.

    The earlier words stay in the private part of the log. The given `report` is brought up to date.

    Raises:
        NotAllowed: the actor is not its author, or it was judged already.
        StaleReport: it was judged a moment ago.
    """
    if workflow.REPORTER not in actor.roles:
        raise NotAllowed
    if report.status != workflow.PENDING:
        raise NotAllowed(_("Ce signalement a déjà été examiné : son texte ne peut plus changer."))
    given = {"description": description, "address": address}
    changes = {name: text for name, text in given.items() if text is not None}
    earlier = {name: getattr(report, name) for name in changes}
    now = timezone.now()
    if not Report.objects.filter(pk=report.pk, status=workflow.PENDING).update(**changes, updated_at=now):
        raise StaleReport
    for name, text in {**changes, "updated_at": now}.items():
        setattr(report, name, text)
    return record(
        kind=Event.Kind.EDITED,
        report=report,
        actor=actor,
        is_public=False,
        data={"fields": sorted(changes)},
        private_data={"earlier": earlier},
    )


@transaction.atomic
def add_photos(*, report: Report, photos: list[Photo], actor: Actor) -> None:
    """Add waiting photos: of the problem by its author while nobody has judged it, of the repair by who handles it.

    Raises:
        NotAllowed: the actor is neither, or the report would have too many photos of its kind.
    """
    # Two sendings at once must not pass the limit together.
    status = Report.objects.select_for_update().values_list("status", flat=True).get(pk=report.pk)
    if workflow.REPORTER in actor.roles and status == workflow.PENDING:
        kind = Photo.Kind.PROBLEM
    elif actor.roles & HANDLERS and status in workflow.PUBLIC:
        kind = Photo.Kind.PROOF
    else:
        raise NotAllowed
    kept = Photo.objects.filter(report=report, kind=kind).exclude(status=Photo.Status.REFUSED).count()
    if kept + len(photos) > MAX_PHOTOS:
        raise NotAllowed(_("Ce signalement a déjà toutes ses photos."), field="photos")
    attach(photos=photos, report=report, actor=actor, is_public=report.is_public, kind=kind)
