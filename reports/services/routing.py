"""Which organisation answers for a report."""

from django.db.models import F, Q

from reports.models import Category, Organisation, Quarter, RoutingRule


def responsible_for(*, category: Category, quarter: Quarter) -> Organisation | None:
    """Return the organisation of the most specific rule (category and quarter, category, quarter, any), else nobody."""
    rule = (
        RoutingRule.objects.filter(Q(category=category) | Q(category=None), Q(quarter=quarter) | Q(quarter=None))
        .select_related("organisation")
        .order_by(F("category").asc(nulls_last=True), F("quarter").asc(nulls_last=True))
        .first()
    )
    return rule.organisation if rule else None
