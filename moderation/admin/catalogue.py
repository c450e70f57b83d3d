"""What can be reported, who repairs it, and where: kept by administrators."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.text import capfirst
from unfold.widgets import UnfoldAdminSelectWidget

from moderation.admin.base import AdministratorsOnly
from moderation.icons import CATEGORY_ICONS
from reports.models import Category, Organisation, Quarter, Town
from reports.services.priorities import reprioritise


@admin.register(Category)
class CategoryAdmin(AdministratorsOnly):
    """Categories are switched off, never deleted: reports keep theirs."""

    list_display = ["name_fr", "name_en", "group_fr", "position", "repair_days", "duplicate_radius_m", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["code", "name_fr", "name_en"]
    fieldsets = [
        (None, {"fields": ["code", "name_fr", "name_en", "group_fr", "group_en", "icon", "position", "is_active"]}),
        (None, {"fields": ["post_moderated", "photo_wanted", "duplicate_radius_m", "response_days", "repair_days"]}),
        (None, {"fields": ["urgency"]}),
    ]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's signature)
        """Weigh the waiting reports again where the urgency has changed."""
        super().save_model(request, obj, form, change)
        if change and "urgency" in form.changed_data:
            reprioritise(category=obj)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        """Offer the pictures that the sprite has; another name would show an empty tile."""
        if db_field.name == "icon":
            names = [(name, name) for name in CATEGORY_ICONS]
            label = capfirst(db_field.verbose_name)
            return forms.ChoiceField(label=label, choices=names, initial="other", widget=UnfoldAdminSelectWidget)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        # The code is the category's name in the API and in Open311.
        return ["code"] if obj else []


@admin.register(Organisation)
class OrganisationAdmin(AdministratorsOnly):
    list_display = ["name", "kind", "town", "email"]
    list_select_related = ["town"]
    list_filter = ["kind"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        return {} if obj else dict(super().get_prepopulated_fields(request, obj))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["slug"] if obj else []


@admin.register(Town)
class TownAdmin(AdministratorsOnly):
    """Towns and their boundaries come from `manage.py load_quarters`; what a town decides for itself is set here."""

    may_add = False
    list_display = ["name", "time_zone", "vote_goal", "boundary_note"]
    fields = ["name", "slug", "time_zone", "languages", "boundary_note", "vote_goal", "contact_retention_days"]
    readonly_fields = ["name", "slug", "time_zone", "languages", "boundary_note"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Leave the boundaries in the database."""
        return super().get_queryset(request).defer("boundary")


@admin.register(Quarter)
class QuarterAdmin(AdministratorsOnly):
    """A quarter may be renamed; its boundary comes from `manage.py load_quarters`."""

    may_add = False
    list_display = ["name", "town", "approximate"]
    list_select_related = ["town"]
    list_filter = ["town"]
    search_fields = ["name"]
    fields = ["name", "town", "slug", "approximate"]
    readonly_fields = ["town", "slug"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Leave the boundaries in the database: a list of names does not need them."""
        return super().get_queryset(request).defer("boundary", "town__boundary")
