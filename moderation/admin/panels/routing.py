"""« Qui répare ? »: the organisation in charge, by which rule, which rules lost, and another one with a reason."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from moderation.admin.base import signed_in
from moderation.admin.page import carried_out, visible
from moderation.admin.panel import Context, Desk, Panel
from moderation.forms import AssignForm
from moderation.permissions import administers
from moderation.wording import RULE_ABOUT
from reports import workflow
from reports.errors import StaleReport
from reports.models import Event, Report, RoutingRule
from reports.permissions import actor_for
from reports.services.handling import assign
from reports.services.routing import rules_for


@dataclass(frozen=True)
class RuleLine:
    """A rule as the panel tells it: what it is about, and whom it names."""

    rule: RoutingRule

    @property
    def about(self) -> str:
        """What the rule is about, in words."""
        words = RULE_ABOUT[self.rule.category_id is not None, self.rule.quarter_id is not None]
        return str(words) % {
            "category": self.rule.category.name if self.rule.category else "",
            "quarter": self.rule.quarter.name if self.rule.quarter else "",
        }

    @property
    def address(self) -> str:
        """The rule's own page."""
        return reverse("admin:reports_routingrule_change", args=[self.rule.pk])


def show(desk: Desk) -> Context | None:
    """Say who is in charge and why; whoever judges the place may choose another."""
    if not desk.actor.is_staff:
        return None
    report = desk.report
    lines = [RuleLine(rule) for rule in rules_for(category=report.category, quarter=report.quarter)]
    winner = lines[0] if lines else None
    named = winner.rule.organisation_id if winner else None
    return {
        "winner": winner,
        "losers": lines[1:],
        "is_ruled": winner is not None and named == report.organisation_id,
        "new_rule": new_rule(report) if administers(desk.person) else "",
        "assign": desk.form(AssignForm) if desk.actor.roles & workflow.JUDGES else None,
    }


def new_rule(report: Report) -> str:
    """Return the address of a new rule about such reports."""
    about = {"category": report.category_id, "quarter": report.quarter_id}
    return f"{reverse('admin:reports_routingrule_add')}?{urlencode(about)}"


def reroute(request: HttpRequest, context: Context, report_id: int) -> HttpResponse:
    """Give the report to another organisation, or to nobody."""
    person = signed_in(request)
    report = visible(person, report_id)
    form = AssignForm(request.POST, report=report, person=person)
    return carried_out(request, context, form, lambda: assigned(form), _("L’organisme est changé."))


def assigned(form: AssignForm) -> Event:
    """Do what a valid form asks for.

    Raises:
        StaleReport: another organisation is in charge by now than the person saw.
    """
    if form.is_stale:
        raise StaleReport
    chosen: Any = form.cleaned_data["organisation"]
    actor = actor_for(form.person, form.report)
    return assign(report=form.report, organisation=chosen, actor=actor, note=form.cleaned_data["note"])


PANEL = Panel("routing", "act", show, (("assign/", reroute, "assign"),))
