"""Two problems in one report: the second becomes a report of its own."""

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reports import priority
from reports.errors import MissingExplanation, StaleReport
from reports.models import Category, Event, Follow, Photo, Report
from reports.models.report import new_ref
from reports.permissions import Actor
from reports.services.deadlines import set_deadlines, start_clock
from reports.services.log import record
from reports.services.reclassifying import check_correctable
from reports.services.reporting import quarter_at
from reports.services.routing import responsible_for

NO_WORDS = _("Décrivez le second problème : son signalement n’aura que ces mots.")
# As in `reports.services.reporting`: a draw that is taken is drawn again.
REF_DRAWS = 5


@transaction.atomic
def split_report(
    *, report: Report, category: Category, description: str, point: Point, photos: list[Photo], actor: Actor
) -> Report:
    """Make a second report of one part of a report: same author, same state, its own category, place and words.

    `photos` are those of the report that show the second problem; they move. Supports stay where they were given. The
    author follows both.

    Raises:
        NotAllowed, IllegalTransition: nothing was changed.
        MissingExplanation: the part has no words.
        OutsideServedArea: the place lies in no quarter.
        StaleReport: the report has changed.
    """
    check_correctable(report=report, actor=actor)
    if not description.strip():
        raise MissingExplanation(NO_WORDS, field="description")
    quarter = quarter_at(point)
    if not Report.objects.select_for_update(no_key=True).filter(pk=report.pk, status=report.status).exists():
        raise StaleReport
    part = Report.objects.create(
        ref=free_ref(),
        split_from=report,
        category=category,
        point=point,
        quarter=quarter,
        address=report.address,
        description=description.strip(),
        organisation=responsible_for(category=category, quarter=quarter),
        status=report.status,
        published_at=timezone.now() if report.is_public else None,
        priority=priority.score(urgency=category.urgency, votes=0),
        reporter=report.reporter,
        public_name=report.public_name,
        contact_email=report.contact_email,
        contact_phone=report.contact_phone,
        captured_at=report.captured_at,
        received_at=report.received_at,
        source=report.source,
        language=report.language,
        device=report.device,
        # The author has waited for both since the same day.
        clock_started_at=report.clock_started_at,
        clock_stopped_at=report.clock_stopped_at,
        answered_at=report.answered_at,
    )
    set_deadlines(part)
    # What the author was asked is about the first one.
    start_clock(part)
    report.photos.filter(pk__in=[photo.pk for photo in photos]).update(report=part)
    follow_too(report=report, part=part)
    record(kind=Event.Kind.CREATED, report=part, actor=actor, is_public=part.is_public, data={"part_of": report.ref})
    record(kind=Event.Kind.SPLIT, report=report, actor=actor, is_public=report.is_public, data={"part": part.ref})
    return part


def free_ref() -> str:
    """Return a number that no report has."""
    for _draw in range(REF_DRAWS):
        ref = new_ref()
        if not Report.objects.filter(ref=ref).exists():
            return ref
    message = "no free report number was drawn"
    raise RuntimeError(message)


def follow_too(*, report: Report, part: Report) -> None:
    """Give the author a private link to the part as well, with the same confirmed address."""
    follow: Follow | None = report.followers.filter(is_reporter=True).first()
    if follow is not None:
        kept = ("user", "email", "confirmed_at", "frequency", "language")
        Follow.objects.create(report=part, is_reporter=True, **{name: getattr(follow, name) for name in kept})
