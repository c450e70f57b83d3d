"""« Qui répare ? », « Sans responsable » and the rules' form: what they say, who may use them, what they cost."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from reports import workflow
from reports.models import Category, Organisation, Quarter, Report, RoutingRule
from tests.factories import CategoryFactory, OrganisationFactory, ReportFactory, RoutingRuleFactory
from tests.moderation.conftest import post, signed_in, words_of
from tests.moderation.test_handling import page_of, panel

pytestmark = pytest.mark.django_db

NOBODY = reverse("admin:reports_report_nobody")
RULES = reverse("admin:reports_report_nobody_rules")


@pytest.fixture
def water(db: None) -> Organisation:
    return OrganisationFactory(slug="eau", name="Service de l’eau")


def routing(person: User, report: Report) -> Any:
    return panel(page_of(person, report), "routing")


# --- On a report's page ---


def test_page_says_which_rule_won_and_which_lost(
    moderator: User, category: Category, quarter: Quarter, organisation: Organisation, water: Organisation
) -> None:
    RoutingRuleFactory(organisation=water)
    RoutingRuleFactory(category=category, organisation=water)
    RoutingRuleFactory(category=category, quarter=quarter, organisation=organisation)
    report = ReportFactory(category=category, quarter=quarter, organisation=organisation)
    shown = routing(moderator, report)
    assert (shown["winner"].about, shown["is_ruled"]) == ("Nid-de-poule à Mokolo", True)
    assert [line.about for line in shown["losers"]] == [
        "Nid-de-poule, dans toute la ville",
        "toutes les catégories, dans toute la ville",
    ]
    text = words_of(page_of(moderator, report))
    assert "par la règle la plus précise\u00a0: Nid-de-poule à Mokolo" in text
    assert "2 règles moins précises, écartées" in text


def test_page_says_that_somebody_chose(moderator: User, organisation: Organisation, water: Organisation) -> None:
    RoutingRuleFactory(organisation=organisation)
    text = words_of(page_of(moderator, ReportFactory(organisation=water)))
    assert "désigne Service de la voirie" in text


def test_page_says_that_nobody_is_responsible(moderator: User, administrator: User) -> None:
    report = ReportFactory(organisation=None)
    assert "Aucune règle ne couvre cette catégorie dans ce quartier." in words_of(page_of(moderator, report))
    add = f"/admin/reports/routingrule/add/?category={report.category_id}&quarter={report.quarter_id}"
    assert [routing(person, report)["new_rule"] for person in (moderator, administrator)] == ["", add]


@pytest.mark.parametrize(
    ("name", "offered"), [("moderator", True), ("administrator", True), ("operator", False)], ids=str
)
def test_page_offers_another_organisation_to_whoever_judges(
    name: str,
    offered: bool,  # noqa: FBT001
    request: pytest.FixtureRequest,
) -> None:
    assert (routing(request.getfixturevalue(name), ReportFactory())["assign"] is not None) is offered


def test_reroute_without_a_reason_keeps_the_choice(moderator: User, water: Organisation) -> None:
    report = ReportFactory()
    response = post(moderator, "assign", report, organisation=water.pk, note="", seen=report.organisation_id)
    assert response.status_code == 422
    form = panel(response, "routing")["assign"]
    assert (form.errors["note"][0].split(" est déjà")[0], form["organisation"].value()) == (
        "Service de la voirie",
        str(water.pk),
    )


def test_reroute_of_what_was_given_away_meanwhile_is_said(moderator: User, water: Organisation) -> None:
    report = ReportFactory()
    seen = report.organisation_id
    Report.objects.update(organisation=OrganisationFactory(slug="parcs", name="Parcs et jardins"))
    response = post(moderator, "assign", report, organisation=water.pk, note="Une fuite.", seen=seen)
    assert (response.status_code, "a changé entre-temps" in words_of(response)) == (422, True)
    form = panel(response, "routing")["assign"]
    again = post(moderator, "assign", report, organisation=water.pk, note="Une fuite.", seen=form["seen"].value())
    assert again.status_code == 302
    assert Report.objects.get().organisation == water


@pytest.mark.parametrize("chosen", ["999999", "-1", "x", "1" * 40, "\x00"])
def test_reroute_to_what_does_not_exist(chosen: str, moderator: User) -> None:
    report = ReportFactory()
    response = post(moderator, "assign", report, organisation=chosen, note="Là-bas.", seen="\x00")
    assert (response.status_code, Report.objects.get().organisation) == (422, report.organisation)


# --- Without anybody in charge ---


def test_list_of_nobody_holds_what_waits_for_repair(moderator: User) -> None:
    waiting = [
        ReportFactory(organisation=None, status=status)
        for status in (workflow.OPEN, workflow.IN_PROGRESS, workflow.RESOLVED, workflow.PENDING)
    ]
    ReportFactory()
    rows = signed_in(moderator).get(NOBODY).context["rows"]
    assert [row.report for row in rows] == waiting[:2]


@pytest.mark.parametrize(
    ("name", "status", "count"),
    [
        ("moderator", 200, 1),
        ("administrator", 200, 1),
        ("moderator_elsewhere", 200, 0),
        ("operator", 403, None),
        ("operator_elsewhere", 403, None),
        ("author", 403, None),
        ("nobody", 302, None),
    ],
)
def test_list_of_nobody_is_for_whoever_judges(
    name: str, status: int, count: int | None, water: Organisation, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(name)
    report = ReportFactory(organisation=None)
    response = signed_in(person).get(NOBODY)
    assert response.status_code == status
    assert (len(response.context["rows"]) if status == 200 else None) == count
    given = post(person, "nobody_assign", report, organisation=water.pk)
    applied = signed_in(person).post(RULES)
    report.refresh_from_db()
    assert (report.organisation == water) is (count == 1)
    assert given.status_code == (302 if count == 1 else {200: 404, 403: 403, 302: 302}[status])
    assert applied.status_code == (403 if status == 403 else 302)


def test_one_of_nobody_is_given_and_the_list_comes_back(moderator: User, water: Organisation) -> None:
    report = ReportFactory(organisation=None)
    response = post(moderator, "nobody_assign", report, organisation=water.pk)
    assert (response.status_code, response["Location"]) == (302, NOBODY)
    assert Report.objects.get().organisation == water


@pytest.mark.parametrize("chosen", ["", "x", "999999", "\x00"])
def test_nobodys_report_to_nobody_is_refused_beside_it(chosen: str, moderator: User) -> None:
    report = ReportFactory(organisation=None)
    response = post(moderator, "nobody_assign", report, organisation=chosen)
    assert (response.status_code, response.context["rows"][0].form is not None) == (422, True)


def test_nobodys_report_that_somebody_took_is_said(moderator: User, water: Organisation) -> None:
    report = ReportFactory()
    response = post(moderator, "nobody_assign", report, organisation=water.pk)
    assert (response.status_code, Report.objects.get().organisation) == (302, report.organisation)
    assert "a changé entre-temps" in words_of(response.client.get(response["Location"]))


def test_rules_are_applied_to_what_they_cover_by_now(
    moderator: User, quarter: Quarter, water: Organisation, category: Category
) -> None:
    covered = ReportFactory.create_batch(2, organisation=None, category=category)
    left = ReportFactory(organisation=None, category=CategoryFactory(code="lamp"))
    RoutingRuleFactory(category=category, organisation=water)
    page = signed_in(moderator).get(NOBODY)
    assert (page.context["ruled_count"], [row.named for row in page.context["rows"]]) == (2, [water, water, None])
    response = signed_in(moderator).post(RULES, follow=True)
    assert "2 signalements sont attribués par les règles." in words_of(response)
    assert [Report.objects.get(pk=report.pk).organisation for report in (*covered, left)] == [water, water, None]


def test_list_of_nobody_costs_the_same_with_one_row_and_with_three(moderator: User) -> None:
    counts = []
    for number in (1, 2):
        ReportFactory.create_batch(number, organisation=None)
        browser = signed_in(moderator)
        with CaptureQueriesContext(connection) as asked:
            browser.get(NOBODY)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 15


# --- Trying a rule before it is saved ---

ADD = reverse("admin:reports_routingrule_add")


def test_simulating_a_new_rule_saves_nothing(
    administrator: User, category: Category, quarter: Quarter, water: Organisation
) -> None:
    ReportFactory.create_batch(2, category=category, quarter=quarter)
    typed = {"category": category.pk, "quarter": quarter.pk, "organisation": water.pk}
    response = signed_in(administrator).post(ADD, {**typed, "_simulate": "1"}, follow=True)
    assert (response.status_code, RoutingRule.objects.count()) == (200, 0)
    simulation = response.context["simulation"]
    assert [(change.before, change.after, change.count) for change in simulation.changes] == [
        ("", "Service de l’eau", 2)
    ]
    kept = response.context["adminform"].form
    assert [str(kept[name].value()) for name in typed] == [str(value) for value in typed.values()]
    assert "2 seraient allés ailleurs." in words_of(response)


def test_simulating_a_changed_rule_shows_the_change_and_keeps_the_old_one(
    administrator: User, category: Category, quarter: Quarter, organisation: Organisation, water: Organisation
) -> None:
    ReportFactory(category=category, quarter=quarter)
    rule = RoutingRuleFactory(category=category, organisation=organisation)
    address = reverse("admin:reports_routingrule_change", args=[rule.pk])
    typed = {"category": category.pk, "quarter": "", "organisation": water.pk}
    response = signed_in(administrator).post(address, {**typed, "_simulate": "1"}, follow=True)
    assert [change.after for change in response.context["simulation"].changes] == ["Service de l’eau"]
    assert response.context["adminform"].form["organisation"].value() == water.pk
    rule.refresh_from_db()
    assert rule.organisation == organisation
    removed = signed_in(administrator).post(address, {**typed, "_simulate_removal": "1"}, follow=True)
    assert [change.after for change in removed.context["simulation"].changes] == [""]
    assert RoutingRule.objects.count() == 1


def test_simulated_rule_is_saved_by_the_next_press(
    administrator: User, category: Category, water: Organisation
) -> None:
    typed = {"category": category.pk, "quarter": "", "organisation": water.pk}
    browser = signed_in(administrator)
    response = browser.post(ADD, {**typed, "_simulate": "1"})
    saved = browser.post(response["Location"], {**typed, "_save": "1"})
    assert (saved.status_code, RoutingRule.objects.get().organisation) == (302, water)


@pytest.mark.parametrize("organisation", ["", "999999", "x"])
def test_simulating_what_cannot_be_saved_says_why(organisation: str, administrator: User) -> None:
    response = signed_in(administrator).post(ADD, {"organisation": organisation, "_simulate": "1"})
    assert (response.status_code, "organisation" in response.context["adminform"].form.errors) == (200, True)


@pytest.mark.parametrize(
    "query", ["simulation=change", "simulation=removal&organisation=x", "simulation=\x00&category=\x00", "category=9"]
)
def test_simulation_of_a_broken_address_is_the_plain_form(query: str, administrator: User) -> None:
    response = signed_in(administrator).get(f"{ADD}?{query}")
    assert (response.status_code, response.context["simulation"]) == (200, None)


@pytest.mark.parametrize("name", ["moderator", "operator", "moderator_elsewhere"])
def test_simulating_is_for_administrators(name: str, water: Organisation, request: pytest.FixtureRequest) -> None:
    browser = signed_in(request.getfixturevalue(name))
    rule = RoutingRuleFactory(organisation=water)
    for address in (ADD, reverse("admin:reports_routingrule_change", args=[rule.pk])):
        typed = {"organisation": str(water.pk), "_simulate": "1"}
        assert [browser.post(address, typed).status_code, browser.get(address, typed).status_code] == [403, 403]
        assert browser.get(f"{address}?simulation=change&organisation={water.pk}").status_code == 403
