"""Who answers for a report, what another rule would change, and re-routing with a reason, also at the same moment."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import User
from reports import workflow
from reports.errors import DomainError, MissingExplanation, NotAllowed, StaleReport
from reports.models import Category, Event, Organisation, Quarter, Report, RoutingRule
from reports.permissions import Actor, actor_for
from reports.services.handling import assign
from reports.services.routing import Change, responsible_for, ruled, rules_for, simulate
from tests.factories import CategoryFactory, OrganisationFactory, ReportFactory, RoutingRuleFactory
from tests.reports.test_vote import again, at_once

JUDGE = Actor(roles=frozenset({workflow.MODERATOR}))


@pytest.fixture
def water(db: None) -> Organisation:
    return OrganisationFactory(slug="eau", name="Service de l’eau")


@pytest.fixture
def parks(db: None) -> Organisation:
    return OrganisationFactory(slug="parcs", name="Parcs et jardins")


@pytest.mark.django_db
@pytest.mark.parametrize("given", [(1, 1), (1, 0), (0, 1), (0, 0)])
def test_most_specific_rule_wins_and_the_others_follow_in_order(
    given: tuple[int, int], category: Category, quarter: Quarter, other_quarter: Quarter
) -> None:
    order = [(1, 1), (1, 0), (0, 1), (0, 0)]
    kept = order[order.index(given) :]
    rules = [
        RoutingRuleFactory(category=category if of_kind else None, quarter=quarter if of_place else None)
        for of_kind, of_place in reversed(kept)
    ]
    RoutingRuleFactory(category=category, quarter=other_quarter)
    RoutingRuleFactory(category=CategoryFactory(code="leak"), quarter=quarter)
    assert rules_for(category=category, quarter=quarter) == rules[::-1]
    assert responsible_for(category=category, quarter=quarter) == rules[-1].organisation
    report = ReportFactory(category=category, quarter=quarter)
    assert ruled([report]) == {report.pk: rules[-1].organisation}


@pytest.mark.django_db
def test_nobody_is_responsible_where_no_rule_is(category: Category, quarter: Quarter) -> None:
    assert responsible_for(category=category, quarter=quarter) is None
    assert ruled([ReportFactory(category=category, quarter=quarter)]) == {}


# --- Simulating a rule ---


def arrived(days: int, **fields: object) -> Report:
    return ReportFactory(received_at=timezone.now() - timedelta(days=days), **fields)


@pytest.mark.django_db
def test_simulate_a_new_rule(
    category: Category, quarter: Quarter, other_quarter: Quarter, organisation: Organisation, water: Organisation
) -> None:
    RoutingRuleFactory(category=category, organisation=organisation)
    leak = CategoryFactory(code="leak")
    for days, kind, place in [
        (1, category, quarter),
        (29, category, quarter),
        (31, category, quarter),
        (1, category, other_quarter),
        (1, leak, quarter),
    ]:
        arrived(days, category=kind, quarter=place)
    found = simulate(rule=RoutingRule(category=category, quarter=quarter, organisation=water))
    assert (found.met, found.changes) == (2, [Change("Service de la voirie", "Service de l’eau", 2)])
    anywhere = simulate(rule=RoutingRule(quarter=quarter, organisation=water))
    assert (anywhere.met, anywhere.changes) == (3, [Change("", "Service de l’eau", 1)])
    assert RoutingRule.objects.count() == 1


@pytest.mark.django_db
def test_simulate_a_changed_rule_and_one_taken_away(
    category: Category, quarter: Quarter, organisation: Organisation, water: Organisation, parks: Organisation
) -> None:
    RoutingRuleFactory(organisation=parks)
    rule = RoutingRuleFactory(category=category, organisation=organisation)
    leak = CategoryFactory(code="leak")
    arrived(1, category=category, quarter=quarter)
    arrived(1, category=leak, quarter=quarter)
    arrived(1, category=leak, quarter=quarter)
    rule.organisation = water
    assert simulate(rule=rule).changes == [Change("Service de la voirie", "Service de l’eau", 1)]
    # Moved to another category: what it was about falls back to the rule for everything.
    rule.category = leak
    found = simulate(rule=rule)
    assert (found.met, found.moved) == (3, 3)
    assert found.changes == [
        Change("Parcs et jardins", "Service de l’eau", 2),
        Change("Service de la voirie", "Parcs et jardins", 1),
    ]
    assert simulate(rule=again_rule(rule), is_removed=True).changes == [
        Change("Service de la voirie", "Parcs et jardins", 1)
    ]


def again_rule(rule: RoutingRule) -> RoutingRule:
    return RoutingRule.objects.get(pk=rule.pk)


@pytest.mark.django_db
def test_simulate_does_not_look_at_whom_somebody_chose(
    category: Category, quarter: Quarter, organisation: Organisation, water: Organisation
) -> None:
    RoutingRuleFactory(organisation=organisation)
    arrived(1, category=category, quarter=quarter, organisation=water)
    found = simulate(rule=RoutingRule(category=category, organisation=organisation))
    assert (found.met, found.changes) == (1, [])


@pytest.mark.django_db
def test_simulate_costs_the_same_with_one_report_and_with_many(
    category: Category, quarter: Quarter, water: Organisation, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in (1, 5):
        for _report in range(number):
            arrived(1, category=category, quarter=quarter)
        with django_assert_num_queries(3):
            simulate(rule=RoutingRule(category=category, organisation=water))


# --- Re-routing ---


@pytest.mark.django_db
def test_reroute_says_why_to_colleagues_only(moderator: User, operator: User, water: Organisation) -> None:
    report = ReportFactory(assignee=operator)
    event = assign(report=report, organisation=water, actor=actor_for(moderator, report), note="Une fuite.")
    assert (event.data["organisation"], event.private_data) == ("Service de l’eau", {"note": "Une fuite."})
    kept = Report.objects.get()
    assert (kept.organisation, kept.assignee) == (water, None)


@pytest.mark.django_db
@pytest.mark.parametrize("note", ["", "   "])
def test_reroute_without_a_reason_is_refused(note: str, water: Organisation) -> None:
    report = ReportFactory()
    for organisation in (water, None):
        with pytest.raises(MissingExplanation) as refusal:
            assign(report=again(report), organisation=organisation, actor=JUDGE, note=note)
        assert (refusal.value.field, "Service de la voirie" in str(refusal.value)) == ("note", True)
    assert report.events.count() == 0


@pytest.mark.django_db
def test_first_organisation_needs_no_reason(water: Organisation) -> None:
    report = ReportFactory(organisation=None)
    assign(report=report, organisation=water, actor=JUDGE)
    assert Report.objects.get().organisation == water


@pytest.mark.django_db
def test_reroute_of_what_somebody_else_gave_away_is_stale(water: Organisation, parks: Organisation) -> None:
    report = ReportFactory()
    seen = again(report)
    assign(report=again(report), organisation=parks, actor=JUDGE, note="Un arbre.")
    with pytest.raises(StaleReport):
        assign(report=seen, organisation=water, actor=JUDGE, note="Une fuite.")
    assert Report.objects.get().organisation == parks


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["operator", "operator_elsewhere", "moderator_elsewhere", "author", "stranger"])
def test_reroute_is_for_whoever_judges_the_place(
    name: str, water: Organisation, moderator: User, request: pytest.FixtureRequest
) -> None:
    report = ReportFactory()
    with pytest.raises(NotAllowed):
        assign(report=report, organisation=water, actor=actor_for(request.getfixturevalue(name), report), note="Non.")


@pytest.mark.django_db(transaction=True)
def test_reroutes_at_the_same_moment_one_is_heard_and_the_others_are_told(
    quarter: Quarter, water: Organisation, parks: Organisation
) -> None:
    report = ReportFactory(quarter=quarter)
    seen = [again(report) for _person in range(6)]
    failures = at_once(
        partial(assign, report=row, organisation=chosen, actor=JUDGE, note="Ailleurs.")
        for row, chosen in zip(seen, [water, parks] * 3, strict=True)
    )
    codes = [failure.code for failure in failures if isinstance(failure, DomainError)]
    assert codes == ["stale_report"] * 5 == ["stale_report"] * len(failures)
    (event,) = Event.objects.filter(kind=Event.Kind.ASSIGNED)
    kept = Report.objects.select_related("organisation").get()
    assert kept.organisation is not None
    assert event.data["organisation"] == kept.organisation.name
