"""Which organisation answers for a report, by which rule, and what another rule would change."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, F, Q
from django.utils import timezone

from reports.models import Category, Organisation, Quarter, Report, RoutingRule
from reports.services import catalogue

# A rule is tried on what came in during this time.
TRIED = timedelta(days=30)


def rules_for(*, category: Category, quarter: Quarter) -> list[RoutingRule]:
    """Return the rules that a report meets, the most specific first: that one wins, the others lose.

    Category and quarter come before category alone, then quarter alone, then the rule for everything.
    """
    rules = RoutingRule.objects.filter(
        Q(category=category) | Q(category=None), Q(quarter=quarter) | Q(quarter=None)
    ).select_related("organisation", "category", "quarter")
    specific = (F("category").asc(nulls_last=True), F("quarter").asc(nulls_last=True))
    return list(rules.defer("quarter__boundary").order_by(*specific))


def responsible_for(*, category: Category, quarter: Quarter) -> Organisation | None:
    """Return the organisation of the most specific rule (category and quarter, category, quarter, any), else nobody."""
    question = ("rules", category.pk, quarter.pk)
    rules = catalogue.answer(question, lambda: rules_for(category=category, quarter=quarter))
    rule = next(iter(rules), None)
    return rule.organisation if rule else None


@dataclass(frozen=True)
class Change:
    """Reports that another set of rules would send elsewhere, by the names of the organisations; empty for nobody."""

    before: str
    after: str
    count: int


@dataclass(frozen=True)
class Simulation:
    """What a rule would have done to the reports of the last TRIED: how many it meets, and which it would move."""

    met: int
    changes: list[Change]

    @property
    def moved(self) -> int:
        """How many would have gone elsewhere."""
        return sum(change.count for change in self.changes)


def simulate(*, rule: RoutingRule, is_removed: bool = False) -> Simulation:
    """Return what a rule, new, changed (with its pk) or taken away, would have changed in the last TRIED.

    By the rules alone: whom somebody chose by hand for one report does not count. Nothing is saved.
    """
    before = list(RoutingRule.objects.select_related("organisation"))
    after = [known for known in before if known.pk != rule.pk] + ([] if is_removed else [rule])
    names = {known.organisation_id: known.organisation.name for known in (*before, rule)}
    earlier = next((known for known in before if known.pk == rule.pk), None)
    scopes = [scope for scope in (earlier, None if is_removed else rule) if scope is not None]
    ruled_before, ruled_after = winners(before), winners(after)
    met, moves = 0, Counter[tuple[str, str]]()
    for category_id, quarter_id, count in arrivals(scopes):
        met += count
        old, new = (winner_of(ruled, category_id, quarter_id) for ruled in (ruled_before, ruled_after))
        if old != new:
            moves[names.get(old or 0, ""), names.get(new or 0, "")] += count
    return Simulation(met=met, changes=[Change(old, new, count) for (old, new), count in moves.most_common()])


Scope = tuple[int | None, int | None]


def winners(rules: Iterable[RoutingRule]) -> dict[Scope, int]:
    """Return the organisation of each rule by what the rule is about: (category, quarter), None for any."""
    return {(rule.category_id, rule.quarter_id): rule.organisation_id for rule in rules}


def winner_of(ruled: dict[Scope, int], category_id: int, quarter_id: int) -> int | None:
    """Return the organisation of the most specific rule; the same order as `rules_for`."""
    tried = ((category_id, quarter_id), (category_id, None), (None, quarter_id), (None, None))
    return next((ruled[scope] for scope in tried if scope in ruled), None)


def ruled(reports: Iterable[Report]) -> dict[int, Organisation]:
    """Return whom the rules name today, by the reports' ids; nothing for those that no rule covers. One query."""
    rules = list(RoutingRule.objects.select_related("organisation"))
    organisations = {rule.organisation_id: rule.organisation for rule in rules}
    known = winners(rules)
    found = ((report.pk, winner_of(known, report.category_id, report.quarter_id)) for report in reports)
    return {pk: organisations[named] for pk, named in found if named is not None}


def arrivals(scopes: list[RoutingRule]) -> Iterable[tuple[int, int, int]]:
    """Return (category, quarter, number) of what came in during the last TRIED and some of the rules are about."""
    about = Q(pk=None)
    for rule in scopes:
        category = Q(category=rule.category_id) if rule.category_id else Q()
        about |= (category & Q(quarter=rule.quarter_id)) if rule.quarter_id else category or Q(pk__isnull=False)
    # By quarter, all of them named: the index of arrivals begins with it.
    quarters = list(Quarter.objects.values_list("pk", flat=True))
    lately = Report.objects.filter(about, quarter__in=quarters, received_at__gte=timezone.now() - TRIED)
    counted: Iterable[tuple[int, int, int]] = (
        lately.order_by().values_list("category", "quarter").annotate(count=Count("pk"))
    )
    return counted
