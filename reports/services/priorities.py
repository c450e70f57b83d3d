"""Keeping `Report.priority` in step with what it is made of."""

from django.db.models import F, OuterRef, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from reports import priority, workflow
from reports.models import Category, Report


def pressing(votes: F | Combinable) -> Cast:
    """Return the priority that an UPDATE of reports writes, given the number of votes that it writes."""
    urgency = Subquery(Category.objects.filter(pk=OuterRef("category_id")).values("urgency")[:1])
    return priority.expression(urgency=urgency, votes=votes)


def reprioritise(*, category: Category) -> int:
    """Weigh again what still waits in a category whose urgency has changed; return how many reports that is."""
    waiting = Report.objects.filter(category=category, status__in=(workflow.PENDING, *workflow.UNRESOLVED))
    return waiting.update(priority=pressing(F("votes")))
