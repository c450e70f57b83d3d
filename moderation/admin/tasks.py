"""« Mes tâches »: what somebody has to repair, on their phone, in the order of a short way or of the promised dates."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.models import Role, User
from moderation.admin.base import signed_in
from moderation.admin.mapping import mark_of
from moderation.forms import ChangeForm
from moderation.permissions import works_here
from moderation.way import Place, metres, shortest_way
from reports import workflow
from reports.geo import is_position
from reports.models import Report
from reports.querysets import ReportQuerySet

# A day on a motorbike is shorter.
SHOWN = 50
TEAM = "equipe"
WAY = "chemin"

Context = dict[str, Any]


def mine(person: User) -> ReportQuerySet:
    """Return what was given to this person and is not repaired yet."""
    return Report.objects.judged_by(person).filter(assignee=person, status__in=workflow.UNRESOLVED)


def of_team(person: User) -> ReportQuerySet:
    """Return what the person's organisations have and nobody in particular does yet."""
    theirs = [row.organisation_id for row in person.memberships.all() if row.role == Role.OPERATOR]
    rows = Report.objects.judged_by(person)
    return rows.filter(organisation__in=theirs, assignee=None, status__in=workflow.UNRESOLVED)


@dataclass(frozen=True)
class Round:
    """What the address asks for: whose tasks, and in which order from where."""

    is_team: bool
    by_way: bool
    start: Place | None

    @classmethod
    def read(cls, request: HttpRequest) -> "Round":
        """Read `?qui=equipe&ordre=chemin&lon=…&lat=…`; what makes no sense counts as not said."""
        asked = request.GET
        try:
            start: Place | None = (float(asked.get("lon", "")), float(asked.get("lat", "")))
        except ValueError:
            start = None
        if start is not None and not is_position(*start):
            start = None
        return cls(is_team=asked.get("qui") == TEAM, by_way=asked.get("ordre") == WAY, start=start)

    def address(self, *, is_team: bool | None = None, by_way: bool | None = None) -> str:
        """Return the same page for others' tasks, or in another order."""
        asked: dict[str, Any] = {}
        if self.is_team if is_team is None else is_team:
            asked["qui"] = TEAM
        if self.by_way if by_way is None else by_way:
            asked["ordre"] = WAY
            if self.start:
                asked |= {"lon": self.start[0], "lat": self.start[1]}
        return reverse("admin:reports_report_tasks") + (f"?{urlencode(asked)}" if asked else "")


def in_order(reports: list[Report], wanted: Round) -> list[Report]:
    """Return reports in the order that somebody wants; a way without a start begins at what is due first."""
    if not wanted.by_way or not reports:
        return reports
    places = [(report.point.x, report.point.y) for report in reports]
    return [reports[position] for position in shortest_way(wanted.start or places[0], places)]


def show(request: HttpRequest, context: Context) -> HttpResponse:
    """Show the tasks as a list and on a map, each with the one step that comes next."""
    person = signed_in(request)
    if not works_here(person):
        raise PermissionDenied
    wanted = Round.read(request)
    rows = of_team(person) if wanted.is_team else mine(person)
    found = list(rows.with_card().order_by(F("due_at").asc(nulls_last=True), "id")[: SHOWN + 1])
    ordered = in_order(found[:SHOWN], wanted)
    page = {
        "title": _("Mes tâches"),
        "round": wanted,
        "tasks": [row_of(report, person, wanted) for report in ordered],
        "more": len(found) > SHOWN,
        "shown": SHOWN,
        "map": {"stops": [mark_of(report) for report in ordered], "way": wanted.by_way, "start": wanted.start},
        "mine_url": wanted.address(is_team=False),
        "team_url": wanted.address(is_team=True) if works_somewhere(person) else "",
        "due_url": wanted.address(by_way=False),
        "way_url": wanted.address(by_way=True),
        "here": wanted.address(),
    }
    return TemplateResponse(request, "moderation/tasks.html", {**context, **page})


def works_somewhere(person: User) -> bool:
    """Whether there is a team: an organisation that this person works for."""
    return any(row.role == Role.OPERATOR for row in person.memberships.all())


def row_of(report: Report, person: User, wanted: Round) -> Context:
    """Return a task with its next step."""
    to = workflow.IN_PROGRESS if report.status == workflow.OPEN else workflow.RESOLVED
    form = ChangeForm(report=report, person=person, to=to, auto_id=f"t{report.pk}_%s")
    away = metres(wanted.start, (report.point.x, report.point.y)) if wanted.start else None
    return {"report": report, "form": form, "metres": away}
