"""Reports in the admin: the list, and the way to the queue and to each report's page.

Nothing here saves a report: what a person does goes through services, see `queue`, `page` and `panels`.
"""

import re
from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from moderation.admin import bulk, exports, nobody, page, queue, tasks
from moderation.admin.base import BoundedPaginator, ModelAdmin, signed_in
from moderation.admin.filters import (
    AgeFilter,
    CategoryFilter,
    OrganisationFilter,
    QuarterFilter,
    StatusFilter,
    TimingFilter,
)
from moderation.admin.panels import PANELS
from moderation.forms import ref_of
from moderation.models import ListExport
from moderation.permissions import works_here
from moderation.services.bulk import MOST
from reports.models import Report
from reports.querysets import ReportQuerySet

PER_PAGE = 50
LOOKS_LIKE_A_REF = re.compile(r"\W*[0-9A-Za-z]{3}[\s-]?[0-9A-Za-z]{3}\W*")


@admin.register(Report)
class ReportAdmin(ModelAdmin[Report]):
    """The list of what somebody may see; each row leads to the report's page."""

    # The columns that `?o=` may sort by; the page itself is our own.
    list_display = ["ref", "priority", "votes"]
    sortable_by = ["priority", "votes"]
    list_filter = [StatusFilter, QuarterFilter, CategoryFilter, OrganisationFilter, TimingFilter, AgeFilter]
    # `get_search_results` decides what is searched; a non-empty list shows the box.
    search_fields = ["ref"]
    search_help_text = _("Numéro, mots ou lieu")
    list_per_page = PER_PAGE
    list_max_show_all = PER_PAGE
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    # Ids follow arrival, and the primary key needs no further index for it.
    ordering = ["-id"]
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        person = signed_in(request)
        rows = Report.objects.judged_by(person).with_card()
        return rows.defer("search", "quarter__boundary", "quarter__town__boundary")

    def filtered(self, request: HttpRequest) -> ReportQuerySet:
        """Return what the list shows with the filter of this address, all its pages."""
        rows: ReportQuerySet = self.get_changelist_instance(request).queryset
        return rows

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        tools = exports.tools_of(request)
        acts = {"bulk_acts": bulk.acts_of(signed_in(request)), "most": MOST}
        return super().changelist_view(request, {"title": _("Signalements"), **acts, **tools, **(extra_context or {})})

    def export(self, request: HttpRequest) -> HttpResponse:
        """Write the list on screen to a file."""
        back = reverse("admin:reports_report_changelist")
        return exports.ask(request, self, subject=ListExport.Subject.REPORTS, back=back)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Report], search_term: str
    ) -> tuple[QuerySet[Report], bool]:
        """Find a number however it was typed; else the words, in the sense of the public search."""
        words = search_term.strip()
        if not words:
            return queryset, False
        if LOOKS_LIKE_A_REF.fullmatch(words) and (found := queryset.filter(ref=ref_of(words))).exists():
            return found, False
        return queryset.about(words), False  # type: ignore[attr-defined]

    def get_urls(self) -> list[URLPattern]:
        """Offer the list, the queue and the pages; there is no address to add, save or delete a report."""

        def wrap(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
            def wrapper(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
                return self.admin_site.admin_view(view)(request, **kwargs)

            return update_wrapper(wrapper, view)

        def with_site(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
            def wrapper(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
                return view(request, self.admin_site.each_context(request), **kwargs)

            return wrap(update_wrapper(wrapper, view))

        return [
            path("", wrap(self.changelist_view), name="reports_report_changelist"),
            path("queue/", with_site(queue.show), name="reports_report_queue"),
            path("bulk/", with_site(bulk.view_for(self.filtered)), name="reports_report_bulk"),
            path("queue/undo/", with_site(queue.undo), name="reports_report_undo"),
            path("queue/<int:report_id>/", with_site(queue.decide), name="reports_report_decide"),
            path("queue/<int:report_id>/claim/", with_site(queue.renew), name="reports_report_claim"),
            path("export/", wrap(self.export), name="reports_report_export"),
            path("lists/", with_site(exports.show), name="moderation_listexport_changelist"),
            path("lists/<str:token>/", with_site(exports.fetch), name="moderation_listexport_file"),
            path("filters/keep/", with_site(exports.keep), name="moderation_savedfilter_keep"),
            path("filters/<int:filter_id>/forget/", with_site(exports.forget), name="moderation_savedfilter_forget"),
            path("tasks/", with_site(tasks.show), name="reports_report_tasks"),
            path("nobody/", with_site(nobody.show), name="reports_report_nobody"),
            path("nobody/rules/", with_site(nobody.apply), name="reports_report_nobody_rules"),
            path("nobody/<int:report_id>/", with_site(nobody.assign), name="reports_report_nobody_assign"),
            path("<int:report_id>/change/", with_site(page.show), name="reports_report_change"),
            *(
                path(f"<int:report_id>/{address}", with_site(view), name=f"reports_report_{name}")
                for panel in PANELS
                for address, view, name in panel.urls
            ),
        ]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return works_here(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Report | None = None) -> bool:
        return works_here(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Report | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Report | None = None) -> bool:
        return False
