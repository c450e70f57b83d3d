"""How the timelines draw an event."""

from django import template

from reports.models import Category, Event

register = template.Library()

ICONS: dict[str, str] = {
    Event.Kind.ASSIGNED: "i-organisation",
    Event.Kind.REPLY: "i-quote",
    Event.Kind.NOTE: "i-edit",
    Event.Kind.PHOTO_ADDED: "i-gallery",
    Event.Kind.PHOTO_CHANGED: "i-gallery",
    Event.Kind.EDITED: "i-edit",
    Event.Kind.MASKED: "i-edit",
    Event.Kind.RECATEGORISED: "i-edit",
    Event.Kind.SPLIT: "i-copy",
    Event.Kind.MERGED: "i-copy",
    Event.Kind.UNMERGED: "i-copy",
    Event.Kind.CONFIRMED: "i-check",
    Event.Kind.ASKED: "i-quote",
    Event.Kind.ANSWERED: "i-quote",
    Event.Kind.REFERRED: "i-share",
    Event.Kind.REFERRAL_ANSWERED: "i-quote",
    Event.Kind.ESCALATED: "i-clock",
}


@register.filter
def event_icon(event: Event) -> str:
    """Return the name of an event's picture in the sprite."""
    if event.kind == Event.Kind.STATUS_CHANGED:
        return f"s-{event.data['to']}"
    return ICONS.get(event.kind, "i-pin")


@register.filter
def category_name(code: str) -> str:
    """Return a category in words; its code where it is gone."""
    category = Category.objects.filter(code=code).first()
    return category.name if category else code
