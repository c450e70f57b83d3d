"""Small words of the back office's pages."""

from datetime import datetime

from django import template
from django.utils.timesince import timesince

from reports.models import Report

register = template.Library()


@register.filter
def age(moment: datetime | None) -> str:
    """Return how long ago a moment was, in its largest unit: "3 jours"."""
    return timesince(moment, depth=1) if moment else ""


@register.filter
def status_name(status: str) -> str:
    """Return a status in words."""
    return str(Report.Status(status).label) if status in Report.Status.values else status
