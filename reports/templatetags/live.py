"""What live pages and maps need to know when they are rendered."""

from datetime import timedelta
from typing import Any

from django import template
from django.conf import settings
from django.contrib.gis.db.models import Extent
from django.urls import reverse
from django.utils import timezone

from reports.models import Category, Event, Town

register = template.Library()

# Longer than any page or map answer is cached, so that what such a copy does not show yet is read from the feed.
MARGIN = timedelta(minutes=1)


# A number that an address accepts; map.js writes the real one in its place.
ANY_REF = "AAA-AAA"


@register.simple_tag
def live_cursor() -> int:
    """Return the event after which a page that is rendered now reads the feed: rather too early than too late."""
    return Event.objects.filter(at__lt=timezone.now() - MARGIN).latest_public_id()


@register.simple_tag
def map_facts() -> dict[str, Any]:
    """Return what the map's script cannot know: names, places and addresses, in the reader's language.

    `categories` are names by code; two addresses say where a report's page is and where it is supported. `bounds` is
    west, south, east, north in degrees, or None where no town is loaded.
    """
    return {
        "categories": {category.code: category.name for category in Category.objects.all()},
        "bounds": Town.objects.aggregate(box=Extent("boundary"))["box"],
        "report_url": reverse("report-detail", args=[ANY_REF]).replace(ANY_REF, "REF"),
        "support_url": reverse("report-support", args=[ANY_REF]).replace(ANY_REF, "REF"),
    }


@register.simple_tag
def map_tiles() -> dict[str, str]:
    """Return the address and the credit of the configured tile server; the address is empty without one."""
    return {"url": settings.MAP_TILES_URL, "attribution": settings.MAP_TILES_ATTRIBUTION}
