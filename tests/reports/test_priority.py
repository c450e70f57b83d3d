"""The priority: one formula in Python and in SQL, kept with the votes, shown and sorted in the back office."""

import pytest
from django.contrib.gis.geos import Point
from django.db.models import IntegerField, Value
from django.test import Client
from django.urls import reverse

from accounts.models import User
from reports.models import Category, Organisation, Quarter, Report
from reports.priority import expression, score
from reports.services.community import unvote, vote
from reports.services.priorities import reprioritise
from reports.services.reporting import create_report
from tests.factories import CENTRE, CategoryFactory, ReportFactory


@pytest.mark.parametrize(
    ("urgency", "votes", "expected"), [(0, 0, 0), (1, 0, 100), (3, 0, 300), (0, 1, 50), (0, 3, 100), (1, 63, 400)]
)
def test_score_of_urgency_and_votes(urgency: int, votes: int, expected: int) -> None:
    assert score(urgency=urgency, votes=votes) == expected


def test_score_of_a_hundredth_vote_weighs_less_than_a_second() -> None:
    gains = [score(urgency=0, votes=n + 1) - score(urgency=0, votes=n) for n in (1, 99)]
    assert gains == [29, 1]


@pytest.mark.django_db
@pytest.mark.parametrize("votes", [0, 1, 2, 3, 7, 19, 100, 12_345])
@pytest.mark.parametrize("urgency", [0, 3])
def test_expression_says_what_score_says(urgency: int, votes: int, category: Category) -> None:
    given = [Value(number, output_field=IntegerField()) for number in (urgency, votes)]
    in_sql = Category.objects.annotate(weight=expression(urgency=given[0], votes=given[1])).values_list(
        "weight", flat=True
    )
    assert list(in_sql) == [score(urgency=urgency, votes=votes)]


@pytest.mark.django_db
@pytest.mark.parametrize("urgency", [0, 2])
def test_create_report_weighs_its_category(urgency: int, quarter: Quarter) -> None:
    category = CategoryFactory(urgency=urgency)
    filing = create_report(category=category, point=Point(*CENTRE, srid=4326))
    assert Report.objects.get(pk=filing.report.pk).priority == 100 * urgency


@pytest.mark.django_db
def test_vote_moves_the_priority_and_unvote_moves_it_back(author: User) -> None:
    report = ReportFactory(priority=100)
    vote(report=report, user=author)
    assert report.priority == 150
    unvote(report=report, user=author)
    assert report.priority == 100


@pytest.mark.django_db
def test_reprioritise_weighs_only_what_waits_in_the_category() -> None:
    category, other = CategoryFactory(urgency=3), CategoryFactory(code="lamp", urgency=0)
    waiting, done = ReportFactory(category=category, votes=1), ReportFactory(category=category, status="resolved")
    elsewhere = ReportFactory(category=other)
    assert reprioritise(category=category) == 1
    assert [Report.objects.get(pk=row.pk).priority for row in (waiting, done, elsewhere)] == [350, 0, 0]


@pytest.mark.django_db
def test_back_office_lists_the_most_pressing_first(client: Client, moderator: User, quarter: Quarter) -> None:
    pressing, later = ReportFactory(quarter=quarter, priority=350), ReportFactory(quarter=quarter, priority=100)
    client.force_login(moderator)
    page = client.get(reverse("admin:reports_report_changelist"), {"o": "-1"}).content.decode()
    assert page.index(pressing.ref) < page.index(later.ref)
    assert "priorité 350" in page


@pytest.mark.django_db
def test_administrator_changes_the_urgency(client: Client, administrator: User, organisation: Organisation) -> None:
    category = CategoryFactory(urgency=1)
    report = ReportFactory(category=category)
    client.force_login(administrator)
    fields = ("code", "name_fr", "name_en", "group_fr", "group_en", "icon", "position", "duplicate_radius_m")
    days = {"response_days": 3, "repair_days": 30, "is_active": "on"}
    data = {name: getattr(category, name) for name in fields} | days | {"urgency": "3"}
    reply = client.post(reverse("admin:reports_category_change", args=[category.pk]), data)
    assert (reply.status_code, Report.objects.get(pk=report.pk).priority) == (302, 300)


@pytest.mark.django_db
@pytest.mark.parametrize(("goal", "status", "kept"), [("20", 302, 20), ("", 302, None), ("1", 200, None)])
def test_administrator_sets_the_goal_of_a_town(
    goal: str, status: int, kept: int | None, client: Client, administrator: User, quarter: Quarter
) -> None:
    client.force_login(administrator)
    address = reverse("admin:reports_town_change", args=[quarter.town.pk])
    reply = client.post(address, {"vote_goal": goal, "contact_retention_days": "90"})
    quarter.town.refresh_from_db()
    assert (reply.status_code, quarter.town.vote_goal) == (status, kept)
