"""What the figures are read from: sums by time and place, kept up to date by a task, so that no page counts reports."""

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from reports import workflow
from reports.models.catalogue import Category, Organisation
from reports.models.place import Quarter

if TYPE_CHECKING:
    from accounts.models import User


class PlaceQuerySet(models.QuerySet[Any]):
    """Reads of sums that stand for one quarter and one organisation."""

    def seen_by(self, user: "User") -> Self:
        """Keep what somebody may see of the whole: their towns, quarters and organisations."""
        scope = Q(pk=None)
        for membership in user.memberships.all():
            if membership.role == workflow.ADMINISTRATOR:
                return self
            if membership.role == workflow.OPERATOR:
                scope |= Q(organisation=membership.organisation_id)
            elif membership.town_id:
                scope |= Q(quarter__town=membership.town_id)
            else:
                scope |= Q(quarter=membership.quarter_id)
        return self if user.is_superuser else self.filter(scope)

    def in_town(self, slug: str) -> Self:
        """Keep one town's; everything for an empty slug."""
        return self.filter(quarter__town__slug=slug) if slug else self


class RollupQuerySet(PlaceQuerySet):
    """Reads of what happened."""

    def by_day(self, since: date) -> Self:
        """Keep the sums of single days, from `since` on; they know no category."""
        return self.filter(period=Rollup.Period.DAY, start__gte=since)

    def by_month(self, since: date) -> Self:
        """Keep the sums of whole months, from the one that begins on `since`."""
        return self.filter(period=Rollup.Period.MONTH, start__gte=since)


class Rollup(models.Model):
    """What happened in one day or month of the town's calendar, in one quarter, for one organisation.

    Months also say the category; days do not, or they would be as many as the reports. A row counts

    received, and of these by their status today: published, rejected, duplicates
    resolved       repairs announced in this period that still stand, and of these in_time: before the promised day
    confirmed, disputed   what authors answered in this period to « vraiment réglé ? »
    spans          how long those repairs took, as {days: repairs}; see `reports.services.rollups`
    """

    class Period(models.TextChoices):
        DAY = "day"
        MONTH = "month"

    period = models.CharField(max_length=5, choices=Period.choices)
    start = models.DateField()
    quarter = models.ForeignKey(Quarter, models.CASCADE, related_name="+")
    category = models.ForeignKey(Category, models.CASCADE, null=True, related_name="+", db_index=False)
    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, related_name="+", db_index=False)
    received = models.PositiveIntegerField(default=0)
    published = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    resolved = models.PositiveIntegerField(default=0)
    in_time = models.PositiveIntegerField(default=0)
    confirmed = models.PositiveIntegerField(default=0)
    disputed = models.PositiveIntegerField(default=0)
    spans: "models.JSONField[Any, dict[str, int]]" = models.JSONField(default=dict)

    objects = RollupQuerySet.as_manager()

    class Meta:
        constraints = [
            # Also the index of every read: a kind of period, from a day on.
            models.UniqueConstraint(
                fields=["period", "start", "quarter", "category", "organisation"],
                name="one_rollup_per_period_and_place",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.start} {self.quarter_id}"


class Backlog(models.Model):
    """What is public and not repaired in one quarter, of one category, for one organisation, a minute ago at most.

    `ages` says for how long it has been known, as {days: reports}.
    """

    quarter = models.ForeignKey(Quarter, models.CASCADE, related_name="+")
    category = models.ForeignKey(Category, models.CASCADE, related_name="+", db_index=False)
    organisation = models.ForeignKey(Organisation, models.CASCADE, null=True, related_name="+", db_index=False)
    open = models.PositiveIntegerField(default=0)
    in_progress = models.PositiveIntegerField(default=0)
    late = models.PositiveIntegerField(default=0)
    ages: "models.JSONField[Any, dict[str, int]]" = models.JSONField(default=dict)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["quarter", "category", "organisation"], name="one_backlog_per_place", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quarter_id} {self.category_id}"


class ChangedDay(models.Model):
    """A day of a quarter whose sums are out of date.

    Rows are only added (a database trigger on reports does, so that no transaction waits for another one's row) and
    taken by the task that counts anew. See the migration `rollup_triggers`.
    """

    day = models.DateField()
    quarter_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.day} {self.quarter_id}"
