"""What may still change on a report after it was sent: its words and its photos."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reports import workflow
from reports.errors import NotAllowed, StaleReport
from reports.models import Event, Photo, Report
from reports.permissions import Actor
from reports.photos import MAX_PHOTOS
from reports.screening import ABOUT_WORDS
from reports.services.log import record
from reports.services.photos import attach
from reports.services.reporting import screened


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
    # The lock keeps decisions, and findings about its photos, waiting until these words stand.
    rows = Report.objects.select_for_update(no_key=True).filter(pk=report.pk, status=workflow.PENDING)
    found = rows.values_list("findings", flat=True).first()
    if found is None:
        raise StaleReport
    for name, text in {**changes, "updated_at": timezone.now()}.items():
        setattr(report, name, text)
    report.findings = findings_again(report, found)
    report.save(update_fields=[*changes, "updated_at", "findings"])
    return record(
        kind=Event.Kind.EDITED,
        report=report,
        actor=actor,
        is_public=False,
        data={"fields": sorted(changes)},
        private_data={"earlier": earlier},
    )


def findings_again(report: Report, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the findings about a report whose words have changed: those about words anew, the others as they were."""
    about_words = screened(draft=report, photos=[]).findings
    kept = [finding for finding in found if finding["code"] not in ABOUT_WORDS]
    return [finding for finding in about_words if finding["code"] in ABOUT_WORDS] + kept


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
    elif actor.roles & workflow.HANDLERS and status in workflow.PUBLIC:
        kind = Photo.Kind.PROOF
    else:
        raise NotAllowed
    kept = Photo.objects.filter(report=report, kind=kind).exclude(status=Photo.Status.REFUSED).count()
    if kept + len(photos) > MAX_PHOTOS:
        raise NotAllowed(_("Ce signalement a déjà toutes ses photos."), field="photos")
    attach(photos=photos, report=report, actor=actor, is_public=report.is_public, kind=kind)
