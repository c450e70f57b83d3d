"""Small words of the back office's pages."""

from datetime import datetime

from django import template
from django.utils.formats import number_format
from django.utils.timesince import timesince

from moderation.wording import REFERRAL_ANSWERS
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


@register.filter
def kilometres(metres: float) -> str:
    """Return a distance in kilometres with one digit, as the reader's language writes it: "3,4"."""
    return number_format(metres / 1000, decimal_pos=1)


@register.filter
def referral_says(code: str) -> str:
    """Return in words what an outside party said becomes of a report."""
    return str(REFERRAL_ANSWERS.get(code, ""))
