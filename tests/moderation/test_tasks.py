"""Who does it, and « Mes tâches » on the phone."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role, User
from notifications.models import Delivery
from reports import workflow
from reports.models import Organisation, Report
from tests.factories import OrganisationFactory, PhotoFactory, ReportFactory, UserFactory, give
from tests.moderation.conftest import post, signed_in, words_of

TASKS = "/admin/reports/report/tasks/"
CAST = [
    ("moderator", 302),
    ("operator", 302),
    ("administrator", 302),
    ("moderator_elsewhere", 404),
    ("operator_elsewhere", 404),
    ("author", 403),
    ("nobody", 302),
]


@pytest.fixture
def colleague(organisation: Organisation) -> User:
    return give(UserFactory(email="collegue@example.org", name="Ngo Bassa"), Role.OPERATOR, organisation=organisation)


def refs(response: Any) -> list[str]:
    return [task["report"].ref for task in response.context["tasks"]]


@pytest.mark.parametrize(("person", "status"), CAST, indirect=["person"])
def test_giving_is_for_those_who_handle_the_report(person: User | None, status: int, colleague: User) -> None:
    report = ReportFactory()
    assert post(person, "person", report, colleague=colleague.pk).status_code == status
    given = status == 302 and person is not None
    assert Report.objects.get(pk=report.pk).assignee == (colleague if given else None)


def test_colleague_is_told_and_the_log_knows(operator: User, colleague: User) -> None:
    report = ReportFactory()
    post(operator, "person", report, colleague=colleague.pk)
    delivery = Delivery.objects.get(template="staff_task")
    assert delivery.recipient is not None
    assert (delivery.recipient.user, delivery.data["ref"]) == (colleague, report.ref)
    event = report.events.get(kind="assigned")
    assert (event.is_public, event.private_data) == (False, {"person": colleague.pk})
    page = signed_in(operator).get(reverse("admin:reports_report_change", args=[report.pk]))
    assert "Confié à Ngo Bassa" in words_of(page)


def test_taking_a_task_oneself_sends_no_mail(operator: User) -> None:
    report = ReportFactory()
    post(operator, "person", report, colleague=operator.pk)
    assert Report.objects.get(pk=report.pk).assignee == operator
    assert not Delivery.objects.exists()


def test_people_of_other_organisations_cannot_be_chosen(operator: User, operator_elsewhere: User) -> None:
    report = ReportFactory()
    assert post(operator, "person", report, colleague=operator_elsewhere.pk).status_code == 422
    assert Report.objects.get(pk=report.pk).assignee is None


def test_task_is_nobodys_when_another_organisation_gets_the_report(moderator: User, colleague: User) -> None:
    report = ReportFactory(assignee=colleague)
    other = OrganisationFactory(slug="eau", name="Service de l’eau")
    post(moderator, "assign", report, organisation=other.pk, note="Une fuite.")
    assert Report.objects.get(pk=report.pk).assignee is None


@pytest.mark.parametrize(
    ("person", "status"), [("author", 403), ("nobody", 302), ("moderator", 200)], indirect=["person"]
)
def test_tasks_are_for_staff(person: User | None, status: int) -> None:
    assert signed_in(person).get(TASKS).status_code == status


def test_tasks_are_mine_unrepaired_and_in_the_order_of_their_dates(operator: User, colleague: User) -> None:
    now = timezone.now()
    late, soon, never = (
        ReportFactory(assignee=operator, due_at=due) for due in (now - timedelta(days=1), now + timedelta(days=1), None)
    )
    ReportFactory(assignee=operator, status=workflow.RESOLVED)
    ReportFactory(assignee=colleague)
    assert refs(signed_in(operator).get(TASKS)) == [late.ref, soon.ref, never.ref]


def test_team_shows_what_nobody_has_taken(operator: User, colleague: User) -> None:
    free = ReportFactory()
    ReportFactory(assignee=colleague)
    ReportFactory(organisation=OrganisationFactory(slug="eau", name="Service de l’eau"))
    assert refs(signed_in(operator).get(f"{TASKS}?qui=equipe")) == [free.ref]


def test_tasks_by_way_begin_where_the_phone_is(operator: User) -> None:
    west, east, middle = (
        ReportFactory(assignee=operator, point=Point(lon, 3.865, srid=4326)) for lon in (11.501, 11.509, 11.505)
    )
    page = signed_in(operator).get(f"{TASKS}?ordre=chemin&lon=11.512&lat=3.865")
    assert refs(page) == [east.ref, middle.ref, west.ref]


@pytest.mark.parametrize(
    "place", ["lon=nan&lat=1", "lon=9999&lat=1", "lon=&lat=", "lon=a&lat=b", "lon=1", "lon=0&lat=0"]
)
def test_tasks_from_nowhere_begin_with_what_is_due(operator: User, place: str) -> None:
    report = ReportFactory(assignee=operator)
    assert refs(signed_in(operator).get(f"{TASKS}?ordre=chemin&{place}")) == [report.ref]


def test_step_comes_back_to_the_tasks(operator: User) -> None:
    report = ReportFactory(assignee=operator)
    back = f"{TASKS}?ordre=chemin"
    answer = post(operator, "status", report, to=workflow.IN_PROGRESS, seen=workflow.OPEN, note="", back=back)
    assert answer["Location"] == back
    assert Report.objects.get(pk=report.pk).status == workflow.IN_PROGRESS


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/admin/logout/", f"{TASKS}../../"])
def test_step_comes_back_to_nowhere_else(operator: User, back: str) -> None:
    report = ReportFactory(assignee=operator)
    answer = post(operator, "status", report, to=workflow.IN_PROGRESS, seen=workflow.OPEN, note="", back=back)
    assert answer["Location"] == reverse("admin:reports_report_change", args=[report.pk])


def test_tasks_cost_the_same_however_many(
    operator: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client, counted = signed_in(operator), set()
    for many in (1, 3):
        for report in ReportFactory.create_batch(many, assignee=operator):
            PhotoFactory(report=report)
        with django_assert_max_num_queries(12) as queries:
            client.get(TASKS)
        counted.add(len(queries))
    assert len(counted) == 1


def test_taking_up_what_nobody_has_makes_it_mine(operator: User, moderator: User, colleague: User) -> None:
    free, taken, judged = ReportFactory(), ReportFactory(assignee=colleague), ReportFactory()
    for person, report in [(operator, free), (operator, taken), (moderator, judged)]:
        post(person, "status", report, to=workflow.IN_PROGRESS, seen=workflow.OPEN, note="")
    found = [Report.objects.get(pk=report.pk).assignee for report in (free, taken, judged)]
    assert found == [operator, colleague, None]
