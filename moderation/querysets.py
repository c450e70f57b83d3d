"""Reads of what people complain about."""

from datetime import datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

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
        paths = ("report__", "comment__report__", "photo__report__", "photo__comment__report__")
        return self.filter(reduce(or_, (places_judged_by(user, path) for path in paths)))

    def as_prefetch(self) -> "models.Prefetch[str]":
        """Return these alerts as what `prefetch_related` puts into `open_flags`, the oldest first."""
        return models.Prefetch("flags", self.order_by("created_at"), to_attr="open_flags")


class ClaimQuerySet(models.QuerySet[Any]):
    """Reads of who reads what."""

    def seen_since(self, moment: datetime) -> Self:
        """Keep the claims whose moderator did something since."""
        return self.filter(seen_at__gte=moment)

    def of_others(self, person: "User") -> Self:
        """Keep the claims of everybody else, with who they are."""
        return self.exclude(person=person).select_related("person")


class DecisionQuerySet(models.QuerySet[Any]):
    """Reads of what was decided."""

    def standing(self, *, by: "User", since: datetime) -> Self:
        """Keep what a person decided since a moment and did not take back, the latest first."""
        return self.filter(person=by, undone_at=None, decided_at__gte=since).order_by("-id")


class LinkQuerySet(models.QuerySet[Any]):
    """Reads of what people outside answer by a link: questions and referrals."""

    def unexpired(self) -> Self:
        """Keep what has not come to its end by itself."""
        return self.filter(expires_at__gt=timezone.now())

    def unclosed(self) -> Self:
        """Keep what nobody has ended, in the order in which it expires."""
        return self.filter(closed_at=None).order_by("expires_at")

    def unanswered(self) -> Self:
        """Keep what waits for its first answer."""
        return self.filter(answered_at=None)

    def of_report(self, report: Any) -> Self:
        """Keep what was sent about one report, the newest first, with who sent it."""
        return self.filter(report=report).order_by("-pk")


class StatementQuerySet(models.QuerySet[Any]):
    """Reads of statements of reasons."""

    def standing(self) -> Self:
        """Keep the decisions that still hold."""
        return self.filter(lifted_at=None)

    def judged_by(self, user: "User") -> Self:
        """Keep the decisions about what lies in a person's towns and quarters."""
        return self.filter(places_judged_by(user, "report__"))

    def with_subject(self) -> Self:
        """Load what a decision is about, in one query."""
        return self.select_related(
            "report__category", "report__quarter__town", "report__organisation", "comment__photo", "photo", "ban__user"
        ).defer("report__search", "report__quarter__boundary", "report__quarter__town__boundary")


class AppealQuerySet(models.QuerySet[Any]):
    """Reads of appeals."""

    def open(self) -> Self:
        """Keep what nobody has judged yet, oldest first."""
        return self.filter(decided_at=None).order_by("created_at", "id")

    def judged_by(self, user: "User") -> Self:
        """Keep the appeals about what lies in a person's towns and quarters."""
        return self.filter(places_judged_by(user, "statement__report__"))


class BlockedTermQuerySet(models.QuerySet[Any]):
    """Reads of blocked terms."""

    def of_town(self, town_id: int | None) -> Self:
        """Keep what is looked for in a town's texts: its own terms, and those of every town."""
        return self.filter(Q(town=town_id) | Q(town=None))


class OpeningRuleQuerySet(models.QuerySet[Any]):
    """Reads of opening rules."""

    def of(self, *, category_id: int, town_id: int) -> Self:
        """Keep what may limit a category in a town; the rules of the town come first."""
        rows = self.filter(Q(town=town_id) | Q(town=None), category=category_id)
        return rows.order_by(models.F("town").asc(nulls_last=True), "pk")


class SavedFilterQuerySet(models.QuerySet[Any]):
    """Reads of kept filters."""

    def offered_to(self, user: "User") -> Self:
        """Keep a person's own, and those shared by whoever works in one of their towns, quarters or organisations."""
        team = Q(pk=None)
        for membership in user.memberships.all():
            for scope in ("town", "quarter", "organisation"):
                if chosen := getattr(membership, f"{scope}_id"):
                    team |= Q(**{f"owner__memberships__{scope}": chosen})
        return self.filter(Q(owner=user) | (Q(is_shared=True) & team)).select_related("owner").distinct()
