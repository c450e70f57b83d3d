"""The record of who did or saw what about people: read by administrators, changed by nobody."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEntry, User
from moderation.admin.base import AdministratorsOnly
from moderation.admin.reports import BoundedPaginator


@admin.register(AuditEntry)
class AuditEntryAdmin(AdministratorsOnly):
    """A list, newest first; the database itself refuses to change or remove a line."""

    may_add = False
    may_change = False
    list_display = ["at", "kind", "actor", "subject", "about"]
    list_select_related = ["actor", "subject"]
    list_filter = ["kind", ("at", admin.DateFieldListFilter)]
    # `get_search_results` decides what is searched; a non-empty list shows the box.
    search_fields = ["about"]
    search_help_text = _("Numéro d’un signalement, ou adresse d’une personne")
    show_facets = admin.ShowFacets.NEVER
    # Counts no further than its bound: the record only ever grows.
    paginator = BoundedPaginator
    ordering = ["-id"]
    actions = None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find what was about a report's number, or what a person did or that concerns them; each through an index."""
        words = search_term.strip()
        if not words:
            return queryset, False
        people = list(User.objects.filter(email=words.lower()).values_list("pk", flat=True))
        about = Q(about=words.upper()) | Q(about=words)
        return queryset.filter(about | Q(actor__in=people) | Q(subject__in=people)), False
