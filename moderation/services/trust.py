"""Who is known for good reports."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from reports import workflow
from reports.models import Event, Report

STAFF = (workflow.MODERATOR, workflow.OPERATOR, workflow.ADMINISTRATOR)
KEPT = (*workflow.PUBLIC, workflow.DUPLICATE)


def is_trusted(person: User | None, *, now: datetime | None = None) -> bool:
    """Say whether enough of somebody's reports were accepted by the staff, and none was refused or taken down lately.

    A report that was merely published unjudged proves nothing: accepted is one that staff moved along the workflow and
    that was kept.
    """
    if person is None:
        return False
    lately = (now or timezone.now()) - timedelta(days=settings.TRUSTED_DAYS)
    refused = Q(status=workflow.REJECTED, updated_at__gte=lately)
    taken_down = Q(status=workflow.PENDING) & ~Q(held_from="")
    if person.reports.filter(refused | taken_down).exists():
        return False
    enough: int = settings.TRUSTED_AFTER
    return len(accepted_reports(person).values_list("pk")[:enough]) >= enough


def accepted_reports(person: User) -> QuerySet[Report]:
    """Return what somebody reported and staff accepted, unordered."""
    moved = Event.objects.filter(report=OuterRef("pk"), kind=Event.Kind.STATUS_CHANGED, actor_role__in=STAFF)
    rows = Report.objects.filter(Exists(moved), reporter=person, status__in=KEPT, published_at__isnull=False)
    return rows.order_by()
