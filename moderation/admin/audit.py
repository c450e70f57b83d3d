"""The record of who did, saw and changed what, when and from where: read by administrators, changed by nobody."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEntry, User
from moderation.admin import exports
from moderation.admin.base import AdministratorsOnly
from moderation.admin.reports import BoundedPaginator
from moderation.models import ListExport


@admin.register(AuditEntry)
class AuditEntryAdmin(AdministratorsOnly):
    """A list, newest first; the database itself refuses to change or remove a line."""

    may_add = False
    may_change = False
    list_display = ["at", "kind", "actor", "subject", "about", "network"]
    change_list_template = "moderation/record.html"
    list_select_related = ["actor", "subject"]
    list_filter = ["kind", ("at", admin.DateFieldListFilter)]
    # `get_search_results` decides what is searched; a non-empty list shows the box.
    search_fields = ["about"]
    search_help_text = _("Numéro d’un signalement, fiche (reports.category:3), réseau ou adresse d’une personne")
    show_facets = admin.ShowFacets.NEVER
    # Counts no further than its bound: the record only ever grows.
    paginator = BoundedPaginator
    ordering = ["-id"]
    actions = None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find what was about a report or a row, from a network, or what a person did or that concerns them."""
        words = search_term.strip()
        if not words:
            return queryset, False
        people = list(User.objects.filter(email=words.lower()).values_list("pk", flat=True))
        about = Q(about=words.upper()) | Q(about=words) | Q(about=words.lower())
        if "/" in words:
            about |= Q(network=words)
        return queryset.filter(about | Q(actor__in=people) | Q(subject__in=people)), False

    def get_urls(self) -> list[URLPattern]:
        return [
            path("export/", self.admin_site.admin_view(self.export), name="accounts_auditentry_export"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        formats = [choice for choice in ListExport.Format.choices if choice[0] != ListExport.Format.GEOJSON]
        tools = {"export_formats": formats, "list_query": exports.query_of(request)}
        return super().changelist_view(request, {**tools, **(extra_context or {})})

    def export(self, request: HttpRequest) -> HttpResponse:
        """Write the lines on screen to a file; who took them away stands in the next line."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        back = reverse("admin:accounts_auditentry_changelist")
        return exports.ask(request, self, subject=ListExport.Subject.RECORD, back=back)
