"""What the demonstration's operator is given to do, and the list that the moderator keeps for the team."""

from datetime import datetime, timedelta

from accounts.models import User
from moderation.demo.past import person, told
from moderation.models import SavedFilter
from reports import workflow
from reports.demo.history import write_log
from reports.demo.people import OPERATOR_OF
from reports.models import Event, Report

# Of what was begun the operator keeps so many, the newest; the rest lies with colleagues, who have no account here.
KEPT = 4
GIVEN = 4
GIVEN_AGO = timedelta(hours=4)
FILTER = ("À réparer, en retard", "status=todo&timing=late")


def load(*, now: datetime) -> None:
    """Let the operator have some reports, begun and not yet, and keep a filter; see `settings.DEMO_PARTS`."""
    operator = person("operator")
    kept = Report.objects.filter(assignee=operator).order_by("-updated_at").values("pk")[:KEPT]
    Report.objects.filter(assignee=operator).exclude(pk__in=kept).update(assignee=None)
    give(operator, now)
    name, query = FILTER
    SavedFilter.objects.create(owner=person("moderator"), name=name, query=query, is_shared=True, created_at=now)


def give(operator: User, now: datetime) -> None:
    """Give a person the newest reports of the organisation that were published before this morning."""
    at = now - GIVEN_AGO
    fresh = Report.objects.filter(
        status=workflow.OPEN, organisation__slug=OPERATOR_OF, assignee=None, updated_at__lt=at, duplicates=None
    )
    given = list(fresh.order_by("-published_at").select_related("category", "organisation")[:GIVEN])
    for report in given:
        report.assignee, report.updated_at = operator, at
    Report.objects.bulk_update(given, ["assignee", "updated_at"])
    to_whom = {"person": operator.pk}
    write_log(
        [
            told(Event.Kind.ASSIGNED, report, at, by=operator, role=workflow.OPERATOR, private_data=to_whom)
            for report in given
        ]
    )
