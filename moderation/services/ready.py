"""Ready words for a report: the templates that fit it, with their fields filled in."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone, translation
from django.utils.formats import date_format

from moderation.models import ResponseTemplate
from moderation.ready_words import fill
from reports.models import Report

Kind = ResponseTemplate.Kind


@dataclass(frozen=True)
class Ready:
    """One template, filled in for one report in its author's language."""

    pk: int
    kind: str
    status: str
    title: str
    text: str


def values_of(report: Report) -> dict[str, str]:
    """Return the fields of a report in the active language; one that it has not is empty."""
    due = report.due_at.astimezone(ZoneInfo(report.quarter.town.time_zone)) if report.due_at else None
    return {
        "ref": report.ref,
        "category": report.category.name,
        "quarter": report.quarter.name,
        "organisation": report.organisation.name if report.organisation else "",
        "due": date_format(due, "DATE_FORMAT") if due and due > timezone.now() else "",
    }


def ready_for(report: Report) -> list[Ready]:
    """Return every template that fits the report's category and has all its fields, in one query."""
    rows = ResponseTemplate.objects.filter(Q(category=report.category_id) | Q(category=None), is_active=True).order_by(
        "position", "title", "pk"
    )
    with translation.override(report.language):
        values = values_of(report)
    filled = [
        Ready(row.pk, row.kind, row.status, row.title, fill(row.text_in(report.language), values)) for row in rows
    ]
    return [one for one in filled if one.text]


def of_kind(ready: list[Ready], kind: str, status: str) -> list[Ready]:
    """Keep what serves one purpose: `status` is the report's, or for a decision the one that it gets."""
    return [one for one in ready if one.kind == kind and one.status in ("", status)]
