"""Taking from view what neighbours alert about, until a moderator has looked."""

from django.conf import settings

from accounts.models import User
from moderation.models import Flag
from moderation.querysets import FlagQuerySet
from reports.errors import StaleReport
from reports.models import Photo, Report
from reports.permissions import actor_for
from reports.services import holding
from reports.services.photo_changes import hide_photo


def is_enough(flags: FlagQuerySet, kind: str) -> bool:
    """Say whether so many alerts are open that they hold what they are about; `kind` is that of FLAG_THRESHOLDS."""
    threshold: int = settings.FLAG_THRESHOLDS[kind]
    return len(flags.filter(settled_at=None).values_list("pk")[:threshold]) >= threshold


def hold_report(*, report: Report, by: User, note: str) -> None:
    """Take a public report from view as a moderator of its place, who says why; its author reads it.

    Raises:
        IllegalTransition, NotAllowed, MissingExplanation, StaleReport: as `reports.services.holding.hold`.
    """
    holding.hold(report=report, actor=actor_for(by, report), note=note)


def hold_if_alerted(*, report: Report) -> None:
    """Take a report from view once enough neighbours have alerted; the caller holds its lock."""
    if is_enough(Flag.objects.filter(report=report), "report"):
        try:
            holding.hold(report=report)
        except StaleReport:
            # It left the public while the last neighbour wrote: there is nothing to hold.
            return


def hide_if_alerted(*, photo: Photo) -> None:
    """Take a photo from view once enough neighbours have alerted; the caller holds its lock."""
    if is_enough(Flag.objects.filter(photo=photo), "photo"):
        hide_photo(photo=photo, by=None, reason="")
