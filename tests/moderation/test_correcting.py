"""« Corriger » on a report's page: category, place, and two reports out of one."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from reports import workflow
from reports.models import Quarter, Report
from tests.factories import CategoryFactory, OrganisationFactory, PhotoFactory, ReportFactory, RoutingRuleFactory
from tests.moderation.conftest import post, signed_in, words_of

CAST = [
    ("moderator", 302),
    ("operator", 302),
    ("administrator", 302),
    ("moderator_elsewhere", 404),
    ("operator_elsewhere", 404),
    ("author", 403),
    ("nobody", 302),
]
THERE = {"lon": "11.506", "lat": "3.866"}
BAD_PLACES = [
    {"lon": "", "lat": "3.8"},
    {"lon": "nan", "lat": "3.8"},
    {"lon": "1e400", "lat": "3.8"},
    {"lon": "0", "lat": "0"},
    {"lon": "2.35", "lat": "48.85"},
    {"lon": "11.5\x00", "lat": "abc"},
]


def fields_of(name: str) -> dict[str, Any]:
    category = CategoryFactory(code="lamp", name_fr="Lampadaire").pk
    if name == "category":
        return {"category": category, "note": "C’est une lampe."}
    if name == "place":
        return {**THERE, "address": "Devant la pharmacie", "note": ""}
    return {**THERE, "category": category, "description": "La lampe aussi est cassée."}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["category", "place", "split"])
@pytest.mark.parametrize(("person", "status"), CAST, indirect=["person"])
def test_correcting_is_for_those_who_handle_the_report(person: User | None, status: int, name: str) -> None:
    report = ReportFactory()
    assert post(person, name, report, **fields_of(name)).status_code == status
    done = status == 302 and person is not None
    assert bool(report.events.exists()) == done


@pytest.mark.parametrize("name", ["category", "place", "split"])
def test_correcting_is_offered_while_the_report_is_not_closed(name: str, operator: User) -> None:
    address = f'action="{reverse(f"admin:reports_report_{name}", args=["0"])}"'
    for status, offered in [(workflow.OPEN, True), (workflow.RESOLVED, False)]:
        report = ReportFactory(status=status)
        page = words_of(signed_in(operator).get(reverse("admin:reports_report_change", args=[report.pk])))
        assert (address.replace("/0/", f"/{report.pk}/") in page) == offered


@pytest.mark.parametrize("place", BAD_PLACES)
def test_place_that_is_none_is_refused_and_the_words_stay(operator: User, place: dict[str, str]) -> None:
    report = ReportFactory()
    answer = post(operator, "place", report, **place, address="Devant la pharmacie", note="Vu sur place")
    assert answer.status_code == 422
    assert words_of(answer).count("Devant la pharmacie") >= 1
    assert Report.objects.get(pk=report.pk).point == report.point


@pytest.mark.parametrize("category", ["", "999999999", "99999999999999999999999", "x", "\x00"])
def test_category_that_is_none_is_refused(operator: User, category: str) -> None:
    assert post(operator, "category", ReportFactory(), category=category, note="").status_code == 422


def test_operator_whose_report_goes_elsewhere_comes_to_the_list(operator: User) -> None:
    report = ReportFactory()
    RoutingRuleFactory(category=report.category, organisation=report.organisation)
    lamp = CategoryFactory(code="lamp", name_fr="Lampadaire")
    RoutingRuleFactory(category=lamp, organisation=OrganisationFactory(slug="lumiere", name="Éclairage"))
    answer = post(operator, "category", report, category=lamp.pk, note="")
    assert answer["Location"] == reverse("admin:reports_report_changelist")


def test_split_moves_the_chosen_photo_and_says_the_number(operator: User) -> None:
    report = ReportFactory()
    stays, goes = PhotoFactory(report=report), PhotoFactory(report=report)
    address = reverse("admin:reports_report_split", args=[report.pk])
    page = signed_in(operator).post(address, {**fields_of("split"), "photos": [goes.pk]}, follow=True)
    part = Report.objects.get(split_from=report)
    assert (list(part.photos.all()), list(report.photos.all())) == ([goes], [stays])
    assert [str(message) for message in page.context["messages"]][
        1
    ] == f"Le second problème porte le numéro {part.ref}."


def test_split_without_words_is_refused(operator: User, other_quarter: Quarter) -> None:
    report = ReportFactory()
    answer = post(operator, "split", report, **{**fields_of("split"), "description": " "})
    assert answer.status_code == 422
    assert Report.objects.count() == 1
