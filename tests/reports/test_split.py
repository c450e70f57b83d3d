"""Two reports out of one: same author, same state, each with its own part."""

import pytest
from django.contrib.gis.geos import Point

from accounts.models import User
from reports import workflow
from reports.errors import IllegalTransition, MissingExplanation, NotAllowed
from reports.models import Category, Report
from reports.permissions import actor_for
from reports.services.splitting import split_report
from tests.factories import CategoryFactory, OrganisationFactory, PhotoFactory, ReportFactory, RoutingRuleFactory

THERE = Point(11.506, 3.866, srid=4326)


@pytest.fixture
def lamp(db: None) -> Category:
    lamp: Category = CategoryFactory(code="lamp", name_fr="Lampadaire", name_en="Street lamp", icon="lamp")
    RoutingRuleFactory(category=lamp, organisation=OrganisationFactory(slug="lumiere", name="Éclairage"))
    return lamp


def split(report: Report, person: User, category: Category, **fields: object) -> Report:
    given = {"description": "La lampe est cassée.", "point": THERE, "photos": [], **fields}
    return split_report(report=report, category=category, actor=actor_for(person, report), **given)  # type: ignore[arg-type]


def test_part_has_its_own_category_place_and_organisation(lamp: Category, moderator: User, author: User) -> None:
    report = ReportFactory(reporter=author, votes=4)
    part = Report.objects.get(pk=split(report, moderator, lamp).pk)
    assert (part.category, part.point.coords, part.organisation and part.organisation.slug) == (
        lamp,
        THERE.coords,
        "lumiere",
    )
    assert (part.reporter, part.status, part.votes, part.split_from) == (author, workflow.OPEN, 0, report)


def test_part_is_as_old_as_the_report(lamp: Category, moderator: User) -> None:
    report = ReportFactory()
    part = split(report, moderator, lamp)
    assert (part.received_at, part.clock_started_at) == (report.received_at, report.clock_started_at)


def test_author_follows_both(lamp: Category, moderator: User) -> None:
    report = ReportFactory(contact_email="mbida@example.org")
    first = report.followers.get(is_reporter=True)
    part = split(report, moderator, lamp)
    second = part.followers.get(is_reporter=True)
    assert (second.email, second.confirmed_at, second.token == first.token) == (first.email, first.confirmed_at, False)


def test_photos_of_the_part_move_with_it(lamp: Category, moderator: User) -> None:
    report = ReportFactory()
    stays, goes = PhotoFactory(report=report), PhotoFactory(report=report)
    foreign = PhotoFactory(report=ReportFactory())
    part = split(report, moderator, lamp, photos=[goes, foreign])
    assert list(part.photos.all()) == [goes]
    assert list(report.photos.all()) == [stays]


def test_both_logs_name_the_other(lamp: Category, moderator: User) -> None:
    report = ReportFactory()
    part = split(report, moderator, lamp)
    assert report.events.get(kind="split").data["part"] == part.ref
    assert part.events.get(kind="created").data["part_of"] == report.ref


def test_part_of_a_waiting_report_waits_too(lamp: Category, moderator: User) -> None:
    part = split(ReportFactory(status=workflow.PENDING), moderator, lamp)
    assert (part.status, part.published_at) == (workflow.PENDING, None)


def test_part_needs_words(lamp: Category, moderator: User) -> None:
    with pytest.raises(MissingExplanation):
        split(ReportFactory(), moderator, lamp, description="  ")
    assert Report.objects.count() == 1


def test_closed_report_is_not_split(lamp: Category, moderator: User) -> None:
    with pytest.raises(IllegalTransition):
        split(ReportFactory(status=workflow.RESOLVED), moderator, lamp)


@pytest.mark.parametrize("who", ["moderator_elsewhere", "operator_elsewhere", "stranger"])
def test_splitting_is_not_for_others(lamp: Category, who: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(NotAllowed):
        split(ReportFactory(), request.getfixturevalue(who), lamp)
