"""Giving what nobody answers for to those whom the rules name by now."""

from contextlib import suppress

from accounts.models import User
from reports.errors import StaleReport
from reports.models import Report
from reports.permissions import actor_for
from reports.services.handling import assign
from reports.services.routing import ruled

# As many as one request carries out; whoever has more presses again.
MOST = 200


def apply_rules(*, person: User) -> int:
    """Route again what waits without anybody in charge where a person judges; return how many found somebody.

    Each by itself, so that one which somebody else gives away at this moment stops none of the others.
    """
    waiting = list(Report.objects.judged_by(person).of_nobody().with_card()[:MOST])
    named = ruled(waiting)
    count = 0
    for report in waiting:
        if report.pk in named:
            with suppress(StaleReport):
                assign(report=report, organisation=named[report.pk], actor=actor_for(person, report))
                count += 1
    return count
