"""What the town promises and when it works: service levels, working hours, holidays; kept by administrators."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Role, User
from moderation.admin.base import AdministratorsOnly
from moderation.forms.service import HolidayQuestion
from reports.models import Holiday, ServiceLevel, WorkingHours
from reports.services.holidays import add_holidays, known_holidays

WRONG_PERSON = gettext_lazy(
    "Cette personne ne peut pas ouvrir ces signalements. Choisissez quelqu’un de cet organisme, de la modération ou de "
    "l’administration."
)


def staff() -> QuerySet[User]:
    """Return who can be told: active people with a responsibility, by name."""
    working = Q(memberships__isnull=False) | Q(is_superuser=True)
    return User.objects.filter(working, is_active=True).distinct().order_by("name", "email")


def may_follow_up(person: User, level: ServiceLevel) -> bool:
    """Whether somebody can open reports of a level: an operator only those of their own organisation."""
    if person.is_superuser:
        return True
    return any(
        membership.role != Role.OPERATOR or membership.organisation_id == level.organisation_id
        for membership in person.memberships.all()
    )


class ServiceLevelForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for type checkers only
    """A promise, in hours."""

    class Meta:
        model = ServiceLevel
        fields = ["category", "organisation", "answer_hours", "repair_hours", "counting", "escalate_to"]

    def clean(self) -> dict[str, Any]:
        """Refuse somebody who could not open what they are told of, and a repair that is due before the answer."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        person = cleaned.get("escalate_to")
        level = ServiceLevel(organisation=cleaned.get("organisation"))
        if person is not None and not may_follow_up(person, level):
            self.add_error("escalate_to", WRONG_PERSON)
        answer, repair = cleaned.get("answer_hours"), cleaned.get("repair_hours")
        if answer and repair and repair < answer:
            self.add_error("repair_hours", _("La réparation ne peut pas être due avant la première réponse."))
        return cleaned


@admin.register(ServiceLevel)
class ServiceLevelAdmin(AdministratorsOnly):
    """The promises; what was promised already stays as it was said."""

    may_delete = True
    form = ServiceLevelForm
    list_display = ["name", "answer_hours", "repair_hours", "counting", "escalate_to"]
    list_select_related = ["category", "organisation", "escalate_to"]
    list_filter = ["organisation", "counting"]

    @admin.display(description=gettext_lazy("pour"), ordering="category")
    def name(self, level: ServiceLevel) -> str:
        """Say what the promise is for."""
        category = level.category.name if level.category else _("Toutes les catégories")
        return f"{category} · {level.organisation or _('tous les organismes')}"

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only members of the staff, and say what an empty choice means."""
        if db_field.name == "escalate_to":
            kwargs["queryset"] = staff()
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        empty = {"category": _("Toutes les catégories"), "organisation": _("Tous les organismes")}
        if field is not None and db_field.name in empty:
            field.empty_label = empty[db_field.name]
        return field


@admin.register(WorkingHours)
class WorkingHoursAdmin(AdministratorsOnly):
    """The hours that count where a promise is in working hours."""

    may_delete = True
    list_display = ["town", "weekday", "opens", "closes"]
    list_display_links = ["town", "weekday"]
    list_select_related = ["town"]
    list_filter = ["town", "weekday"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Leave the boundaries in the database."""
        return super().get_queryset(request).defer("town__boundary")


@admin.register(Holiday)
class HolidayAdmin(AdministratorsOnly):
    """The days that do not count; those of a country can be proposed."""

    may_delete = True
    list_display = ["day", "name", "town"]
    list_select_related = ["town"]
    list_filter = ["town"]
    search_fields = ["name"]
    list_before_template = "moderation/parts/propose-holidays.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        """Leave the boundaries in the database."""
        return super().get_queryset(request).defer("town__boundary")

    def get_urls(self) -> list[URLPattern]:
        """Add the page that proposes a country's holidays."""
        page = path("propose/", self.admin_site.admin_view(self.propose), name="reports_holiday_propose")
        return [page, *super().get_urls()]

    def propose(self, request: HttpRequest) -> HttpResponse:
        """Show a country's holidays of a year; those that are ticked are added."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        asked = HolidayQuestion(request.POST or request.GET or None)
        proposed: dict[date, str] = {}
        if asked.is_valid():
            given = asked.cleaned_data
            proposed = known_holidays(country=given["country"], year=given["year"])
            if request.method == "POST":
                added = add_holidays(town=given["town"], days=asked.chosen(proposed))
                told = ngettext("%(n)d jour férié ajouté.", "%(n)d jours fériés ajoutés.", added)
                messages.success(request, told % {"n": added})
                return redirect(reverse("admin:reports_holiday_changelist"))
        kept = set(Holiday.objects.filter(town=given["town"]).values_list("day", flat=True)) if proposed else set()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Proposer les jours fériés"),
            "form": asked,
            "rows": [{"day": day, "name": name, "is_kept": day in kept} for day, name in proposed.items()],
        }
        status = 422 if asked.errors else 200
        return TemplateResponse(request, "moderation/holidays.html", context, status=status)
