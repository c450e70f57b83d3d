"""Rules of routing, tried on what came in last month before they are saved."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode

from moderation.admin.base import AdministratorsOnly
from reports.models import RoutingRule
from reports.services.routing import TRIED, Simulation, simulate

FIELDS = ("category", "quarter", "organisation")
# What the buttons are called, and what the address of the page then says.
CHANGE, REMOVAL = "change", "removal"
BUTTONS = {"_simulate": CHANGE, "_simulate_removal": REMOVAL}


@admin.register(RoutingRule)
class RoutingRuleAdmin(AdministratorsOnly):
    """The form of a rule, and what the rule would have changed: « Simuler » leads to an address that saves nothing."""

    may_delete = True
    list_display = ["organisation", "category", "quarter"]
    list_display_links = ["organisation", "category", "quarter"]
    list_select_related = ["organisation", "category", "quarter"]
    list_filter = ["organisation"]
    fields = FIELDS

    def get_queryset(self, request: HttpRequest) -> Any:
        """Leave the boundaries in the database: a list of names does not need them."""
        return super().get_queryset(request).defer("quarter__boundary")

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show or save the form as ever; a valid one that asks for a simulation is shown again with its outcome."""
        asked = next((kind for button, kind in BUTTONS.items() if button in request.POST), "")
        if asked and self.has_view_permission(request) and self.form_of(request, object_id, request.POST).is_valid():
            typed = {name: request.POST.get(name, "") for name in FIELDS}
            return redirect(f"{request.path}?{urlencode({**typed, 'simulation': asked})}")
        outcome = {"simulation": self.simulation(request, object_id), "tried_days": TRIED.days}
        return super().changeform_view(request, object_id, form_url, {**(extra_context or {}), **outcome})

    def form_of(self, request: HttpRequest, object_id: str | None, data: Any) -> Any:
        """Return the form filled in with `data`."""
        rule = super().get_object(request, object_id) if object_id else None
        return self.get_form(request, rule, change=rule is not None)(data, instance=rule)

    def simulation(self, request: HttpRequest, object_id: str | None) -> Simulation | None:
        """Return what the rule in the address would have changed; None where the address asks for nothing valid."""
        kind = request.GET.get("simulation")
        if request.method != "GET" or kind not in BUTTONS.values() or not self.has_view_permission(request):
            return None
        form = self.form_of(request, object_id, request.GET)
        return simulate(rule=form.instance, is_removed=kind == REMOVAL) if form.is_valid() else None

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> RoutingRule | None:
        """Return the rule, with what is being tried instead of what is saved."""
        rule: RoutingRule | None = super().get_object(request, object_id, from_field)
        if rule is not None and request.method == "GET" and "simulation" in request.GET:
            self.get_form(request, rule, change=True)(request.GET, instance=rule).is_valid()
        return rule
