"""Ready words for answers, questions and decisions: kept by administrators."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from moderation.admin.base import AdministratorsOnly
from moderation.models import ResponseTemplate


@admin.register(ResponseTemplate)
class ResponseTemplateAdmin(AdministratorsOnly):
    """The model refuses unknown fields."""

    may_delete = True
    list_display = ["title", "kind", "category", "status", "position", "is_active"]
    list_select_related = ["category"]
    list_filter = ["kind", "is_active"]
    search_fields = ["title", "text_fr", "text_en"]
    fieldsets = [
        (None, {"fields": ["title", "kind", "category", "status", "position", "is_active"]}),
        (None, {"fields": ["text_fr", "text_en"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Keep the order of the list that staff chooses from."""
        return super().get_queryset(request).order_by("position", "title", "pk")
