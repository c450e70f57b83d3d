"""The Atom feed, with each report's place in GeoRSS and the same filters as the list."""

from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.contrib.gis.feeds import Feed, GeoAtom1Feed
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from reports.filters import ReportFilter
from reports.models import Report

ENTRIES = 50


class ReportFeed(Feed):
    """The newest public reports that pass the filters of the query string."""

    feed_type = GeoAtom1Feed
    title = _("Signalements du quartier")
    subtitle = _("Les derniers signalements publics, avec leur lieu.")
    author_name = "FixMyQuarter"

    def get_object(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> QuerySet[Report]:
        """Read the filters.

        Raises:
            BadRequest: one of them cannot be understood.
        """
        found = ReportFilter(request.GET, queryset=Report.objects.public())
        if not found.is_valid():
            raise BadRequest
        return cast("QuerySet[Report]", found.qs.with_card()[:ENTRIES])

    def link(self) -> str:
        """Return the page that shows the same."""
        return settings.PUBLIC_URL + reverse("report-list")

    def feed_url(self) -> str:
        """Return the feed's own address."""
        return settings.PUBLIC_URL + reverse("feed")

    def items(self, found: QuerySet[Report]) -> QuerySet[Report]:
        """Return the reports."""
        return found

    def item_title(self, item: Report) -> str:
        """Return what, where, and in which state."""
        return f"{item.title} – {item.get_status_display()}"

    def item_description(self, item: Report) -> str:
        """Return the reporter's words."""
        return item.description

    def item_link(self, item: Report) -> str:
        """Return the report's page."""
        return settings.PUBLIC_URL + item.get_absolute_url()

    def item_guid(self, item: Report) -> str:
        """Return an id that stays the same in every language."""
        return f"{settings.PUBLIC_URL}/s/{item.ref}/"

    def item_categories(self, item: Report) -> list[str]:
        """Return the category's name."""
        return [item.category.name]

    def item_pubdate(self, item: Report) -> datetime | None:
        """When it became public."""
        return item.published_at

    def item_updateddate(self, item: Report) -> datetime:
        """When it last changed."""
        return item.updated_at

    def item_geometry(self, item: Report) -> tuple[float, float]:
        """Longitude and latitude."""
        return (item.point.x, item.point.y)
