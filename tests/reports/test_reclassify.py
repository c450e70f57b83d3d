"""Another category, another place: what follows from it, who may, and what stays in the log."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.db import connection

from accounts.models import User
from reports import workflow
from reports.errors import DomainError, IllegalTransition, NotAllowed, OutsideServedArea, StaleReport
from reports.models import Category, Event, Organisation, Quarter, Report
from reports.permissions import Actor, actor_for
from reports.services.reclassifying import recategorise, relocate
from tests.factories import CategoryFactory, OrganisationFactory, ReportFactory, RoutingRuleFactory

BASTOS = Point(11.515, 3.865, srid=4326)


@pytest.fixture
def leak(db: None) -> Category:
    return CategoryFactory(code="leak", name_fr="Fuite d’eau", name_en="Leak", icon="leak", urgency=3, repair_days=2)


@pytest.fixture
def water(leak: Category) -> Organisation:
    water: Organisation = OrganisationFactory(slug="eau", name="Service de l’eau")
    RoutingRuleFactory(category=leak, organisation=water)
    return water


def by_rules(**fields: Any) -> Report:
    """Return a report that its rule gave to the roads."""
    report: Report = ReportFactory(**fields)
    RoutingRuleFactory(category=report.category, organisation=report.organisation)
    return report


def kinds(report: Report) -> list[str]:
    return list(report.events.order_by("id").values_list("kind", flat=True))


def test_category_brings_its_organisation_urgency_and_deadline(
    leak: Category, water: Organisation, moderator: User
) -> None:
    report = by_rules(votes=3)
    recategorise(report=report, category=leak, actor=actor_for(moderator, report), note="C’est de l’eau.")
    kept = Report.objects.get(pk=report.pk)
    assert (kept.category, kept.organisation, kept.assignee) == (leak, water, None)
    assert kept.priority == 400
    assert kinds(report) == ["recategorised", "assigned"]


def test_category_and_its_reason_stay_in_the_log(leak: Category, moderator: User) -> None:
    report = ReportFactory()
    event = recategorise(report=report, category=leak, actor=actor_for(moderator, report), note="C’est de l’eau.")
    assert (event.data["from"], event.data["to"], event.is_public) == ("pothole", "leak", True)
    assert event.private_data == {"note": "C’est de l’eau."}


def test_organisation_chosen_by_hand_keeps_the_report(leak: Category, water: Organisation, moderator: User) -> None:
    report = by_rules()
    chosen = OrganisationFactory(slug="association", name="Les voisins")
    Report.objects.filter(pk=report.pk).update(organisation=chosen)
    report.refresh_from_db()
    recategorise(report=report, category=leak, actor=actor_for(moderator, report))
    assert Report.objects.get(pk=report.pk).organisation == chosen
    assert kinds(report) == ["recategorised"]


def test_same_category_is_refused(moderator: User) -> None:
    report = ReportFactory()
    with pytest.raises(IllegalTransition):
        recategorise(report=report, category=report.category, actor=actor_for(moderator, report))


@pytest.mark.parametrize(
    "status", [workflow.RESOLVED, workflow.REJECTED, workflow.WITHDRAWN], ids=["resolved", "rejected", "withdrawn"]
)
def test_closed_report_stays_as_it_was_judged(leak: Category, moderator: User, status: str) -> None:
    report = ReportFactory(status=status)
    with pytest.raises(IllegalTransition):
        recategorise(report=report, category=leak, actor=actor_for(moderator, report))


@pytest.mark.parametrize("who", ["moderator_elsewhere", "operator_elsewhere", "stranger"])
def test_category_is_not_for_others(leak: Category, who: str, request: pytest.FixtureRequest) -> None:
    report = ReportFactory()
    person: User = request.getfixturevalue(who)
    with pytest.raises(NotAllowed):
        recategorise(report=report, category=leak, actor=actor_for(person, report))
    with pytest.raises(NotAllowed):
        relocate(report=report, point=BASTOS, actor=actor_for(person, report))


def test_place_brings_its_quarter(other_quarter: Quarter, operator: User) -> None:
    report = ReportFactory()
    event = relocate(report=report, point=BASTOS, address="Rue 1.234", actor=actor_for(operator, report))
    kept = Report.objects.get(pk=report.pk)
    assert (kept.quarter, kept.address, kept.point.coords) == (other_quarter, "Rue 1.234", BASTOS.coords)
    assert (event.data["from"], event.data["to"]) == ("Mokolo", "Bastos")
    assert event.data["location"] == list(BASTOS.coords)


def test_place_out_of_town_is_refused(operator: User) -> None:
    report = ReportFactory()
    with pytest.raises(OutsideServedArea):
        relocate(report=report, point=Point(2.35, 48.85, srid=4326), actor=actor_for(operator, report))


def test_place_that_did_not_move_is_refused(operator: User) -> None:
    report = ReportFactory()
    with pytest.raises(IllegalTransition):
        relocate(report=report, point=report.point, actor=actor_for(operator, report))


def test_change_of_somebody_else_is_not_overwritten(leak: Category, moderator: User) -> None:
    report = ReportFactory()
    Report.objects.filter(pk=report.pk).update(status=workflow.IN_PROGRESS)
    with pytest.raises(StaleReport):
        recategorise(report=report, category=leak, actor=actor_for(moderator, report))


@pytest.mark.django_db(transaction=True)
def test_two_changes_at_once_leave_one(moderator: User) -> None:
    report = ReportFactory()
    categories = [CategoryFactory(code=f"kind-{number}") for number in range(6)]
    actor: Actor = actor_for(moderator, report)

    def change(category: Category) -> str:
        try:
            recategorise(report=Report.objects.get(pk=report.pk), category=category, actor=actor)
        except DomainError as error:
            return error.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(change, categories))
    told = Event.objects.filter(report=report, kind=Event.Kind.RECATEGORISED)
    assert set(outcomes) <= {"done", "stale_report"}
    assert told.count() == outcomes.count("done") >= 1
    assert Report.objects.get(pk=report.pk).category.code == told.latest("id").data["to"]
