"""The record of who did, saw and changed what, when and from where: read by administrators, changed by nobody."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import get_application_model

from accounts.models import AuditEntry, User
from moderation.admin import entries, exports
from moderation.admin.base import AdministratorsOnly
from moderation.models import ListExport

Application = get_application_model()


@admin.register(AuditEntry)
class AuditEntryAdmin(AdministratorsOnly):
    """A list, newest first; the database itself refuses to change or remove a line."""

    may_add = False
    may_change = False
    list_display = ["at", "what", "actor", "subject", "object", "network"]
    fields = ["at", "what", "actor", "subject", "object", "details", "door", "network"]
    readonly_fields = ["what", "object", "details"]
    change_list_template = "moderation/record.html"
    list_select_related = ["actor", "subject"]
    list_filter = ["kind", ("at", admin.DateFieldListFilter)]
    # `get_search_results` decides what is searched; a non-empty list shows the box.
    search_fields = ["about"]
    search_help_text = _("Numéro d’un signalement, réseau, ou adresse d’une personne")
    show_facets = admin.ShowFacets.NEVER
    ordering = ["-id"]
    actions = None

    @admin.display(description=_("nature"), ordering="kind")
    def what(self, entry: AuditEntry) -> str:
        """Return what was done, in words."""
        return entries.what_of(entry)

    @admin.display(description=_("objet"))
    def object(self, entry: AuditEntry) -> str:
        """Return what it was about, in words."""
        return entries.object_of(entry)

    @admin.display(description=_("détail"))
    def details(self, entry: AuditEntry) -> str:
        """Return the rest, a line each."""
        lines = [
            gettext("%(word)s : %(value)s") % {"word": word, "value": value}
            for word, value in entries.details_of(entry)
        ]
        return format_html_join("", "<div>{}</div>", ((line,) for line in lines))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Add the name of the application that an entry may be about."""
        named = Application.objects.filter(client_id=OuterRef("about")).values("name")[:1]
        rows: QuerySet[Any] = super().get_queryset(request).annotate(application=Subquery(named))
        return rows

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
