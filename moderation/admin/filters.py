"""The filters of the list of reports: what somebody handles, by status, place, kind, organisation and age."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from moderation.admin.base import signed_in
from reports import workflow
from reports.models import Category, Organisation, Quarter, Report
from reports.querysets import ReportQuerySet

TO_REPAIR = "todo"


class StatusFilter(admin.SimpleListFilter):
    title = _("Statut")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return [(TO_REPAIR, _("À réparer (signalé ou en cours)")), *Report.Status.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Report]) -> QuerySet[Report]:
        value = self.value()
        if value == TO_REPAIR:
            return queryset.filter(status__in=workflow.UNRESOLVED)
        return queryset.filter(status=value) if value in workflow.STATUSES else queryset


class RowFilter(admin.SimpleListFilter):
    """A filter by a related row, offered by its id; anything that is not a number filters nothing."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Report]) -> QuerySet[Report]:
        value = self.value() or ""
        return queryset.filter(**{self.parameter_name or "": value}) if value.isdecimal() else queryset


class QuarterFilter(RowFilter):
    title = _("Quartier")
    parameter_name = "quarter"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        """Offer the quarters of the person's own scope; who works for an organisation may meet any."""
        person = signed_in(request)
        quarters = Quarter.objects.order_by("name").values_list("pk", "name")
        places = [membership for membership in person.memberships.all() if membership.role == workflow.MODERATOR]
        roams = person.is_superuser or any(
            membership.role in {workflow.ADMINISTRATOR, workflow.OPERATOR} for membership in person.memberships.all()
        )
        if not roams:
            quarters = quarters.filter(
                Q(town__in=[place.town_id for place in places if place.town_id])
                | Q(pk__in=[place.quarter_id for place in places if place.quarter_id])
            )
        return [(pk, name) for pk, name in quarters]


class CategoryFilter(RowFilter):
    title = _("Catégorie")
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return [(category.pk, category.name) for category in Category.objects.order_by("position", "code")]


class OrganisationFilter(RowFilter):
    title = _("Organisme")
    parameter_name = "organisation"
    nobody = "none"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        names = Organisation.objects.order_by("name").values_list("pk", "name")
        return [(self.nobody, _("Aucun")), *names]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Report]) -> QuerySet[Report]:
        return (
            queryset.filter(organisation=None) if self.value() == self.nobody else super().queryset(request, queryset)
        )


def waiting_for(days: int) -> Callable[[datetime], Q]:
    """Return the condition of having waited longer than some days, undecided or unrepaired."""
    waiting = (workflow.PENDING, *workflow.UNRESOLVED)
    return lambda now: Q(status__in=waiting, received_at__lt=now - timedelta(days=days))


class AgeFilter(admin.SimpleListFilter):
    title = _("Attente")
    parameter_name = "age"
    conditions: dict[str, tuple[str | Promise, Callable[[datetime], Q]]] = {
        "day": (_("Depuis plus d’un jour"), waiting_for(1)),
        "week": (_("Depuis plus d’une semaine"), waiting_for(7)),
        "repaired": (
            _("Résolus depuis 30 jours"),
            lambda now: Q(status=workflow.RESOLVED, resolved_at__gte=now - timedelta(days=30)),
        ),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return [(key, label) for key, (label, _condition) in self.conditions.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Report]) -> QuerySet[Report]:
        chosen = self.conditions.get(self.value() or "")
        return queryset.filter(chosen[1](timezone.now())) if chosen else queryset


class TimingFilter(admin.SimpleListFilter):
    """How the repair stands against what was promised; also what waits for a first answer, and whose clock stands."""

    title = _("Délai")
    parameter_name = "timing"
    unanswered = "unanswered"
    stopped = "stopped"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return [
            *Report.Timing.choices,
            (self.unanswered, _("Première réponse en retard")),
            (self.stopped, _("Délai suspendu")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Report]) -> QuerySet[Report]:
        rows = cast("ReportQuerySet", queryset)
        value, now = self.value(), timezone.now()
        if value == self.unanswered:
            return rows.unanswered(now)
        if value == self.stopped:
            return rows.unresolved().filter(clock_stopped_at__isnull=False)
        return rows.standing(value, now) if value in Report.Timing.values else rows
