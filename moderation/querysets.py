"""Reads of what people complain about."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from reports.querysets import places_judged_by

if TYPE_CHECKING:
    from accounts.models import User


class FlagQuerySet(models.QuerySet[Any]):
    """Reads of alerts."""

    def open(self) -> Self:
        """Keep what no moderator has settled, about what is still there."""
        gone = Q(comment__status__in=("removed", "deleted"))
        return self.filter(settled_at=None).exclude(gone)

    def judged_by(self, user: "User") -> Self:
        """Keep the alerts about what lies in a person's towns and quarters."""
        return self.filter(places_judged_by(user, "report__") | places_judged_by(user, "comment__report__"))

    def as_prefetch(self) -> "models.Prefetch[str]":
        """Return these alerts as what `prefetch_related` puts into `open_flags`, the oldest first."""
        return models.Prefetch("flags", self.order_by("created_at"), to_attr="open_flags")
