"""The list of reports: what it holds for whom, its filters, its search, and what it costs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import Role, User
from moderation.admin import base as module
from reports import workflow
from reports.models import Organisation, Quarter, Report
from tests.factories import CategoryFactory, OrganisationFactory, PhotoFactory, ReportFactory, UserFactory, give
from tests.moderation.conftest import signed_in, words_of

pytestmark = pytest.mark.django_db
LIST = "/admin/reports/report/"


def listed(person: User, **query: str | int) -> set[str]:
    """Return the numbers on the first page of somebody's list."""
    response = signed_in(person).get(LIST, query)
    assert response.status_code == 200
    return {report.ref for report in response.context["cl"].result_list}


def test_list_holds_what_the_person_may_see(
    moderator: User, operator: User, operator_elsewhere: User, moderator_elsewhere: User, administrator: User
) -> None:
    water = Organisation.objects.get(slug="eau")
    ours, pending = ReportFactory(), ReportFactory(status=workflow.PENDING)
    theirs = ReportFactory(organisation=water)
    everything = {ours.ref, pending.ref, theirs.ref}
    assert listed(administrator) == everything
    assert listed(moderator) == everything
    assert listed(moderator_elsewhere) == set()
    assert listed(operator) == {ours.ref}
    assert listed(operator_elsewhere) == {theirs.ref}


def test_moderator_of_a_quarter_sees_the_quarter(quarter: Quarter, other_quarter: Quarter) -> None:
    person = give(UserFactory(), Role.MODERATOR, quarter=quarter)
    here = ReportFactory(quarter=quarter)
    ReportFactory(quarter=other_quarter)
    assert listed(person) == {here.ref}
    filters = signed_in(person).get(LIST).context["cl"].filter_specs
    assert dict(filters[1].lookup_choices) == {quarter.pk: "Mokolo"}


def test_list_filters(moderator: User, quarter: Quarter, other_quarter: Quarter) -> None:
    lamp = CategoryFactory(code="lamp", name_fr="Lampadaire", name_en="Lamp")
    water = OrganisationFactory(slug="eau", name="Eau")
    now = timezone.now()
    a = ReportFactory(status=workflow.PENDING, received_at=now - timedelta(days=2))
    b = ReportFactory(status=workflow.OPEN, quarter=other_quarter, received_at=now - timedelta(days=9))
    c = ReportFactory(status=workflow.IN_PROGRESS, category=lamp, due_at=now - timedelta(days=1))
    d = ReportFactory(status=workflow.RESOLVED, organisation=water)
    e = ReportFactory(status=workflow.OPEN, organisation=None)
    assert listed(moderator, status="pending") == {a.ref}
    assert listed(moderator, status="todo") == {b.ref, c.ref, e.ref}
    assert listed(moderator, quarter=other_quarter.pk) == {b.ref}
    assert listed(moderator, category=lamp.pk) == {c.ref}
    assert listed(moderator, organisation=water.pk) == {d.ref}
    assert listed(moderator, organisation="none") == {e.ref}
    assert listed(moderator, age="day") == {a.ref, b.ref}
    assert listed(moderator, age="week") == {b.ref}
    assert listed(moderator, timing="late") == {c.ref}
    assert listed(moderator, timing="late", status="open") == set()


@pytest.mark.parametrize("name", ["status", "quarter", "category", "organisation", "age"])
@pytest.mark.parametrize("value", ["", "nonsense", "-1", "99999999999999999999999", "' OR 1=1"])
def test_strange_filter_never_breaks_the_list(name: str, value: str, moderator: User) -> None:
    ReportFactory()
    assert signed_in(moderator).get(LIST, {name: value}).status_code == 200


def test_list_finds_numbers_and_words(moderator: User) -> None:
    wanted = ReportFactory(ref="K7M-4QX", description="Lampadaire cassé près de la pharmacie")
    ReportFactory(description="Trou")
    for words in ["K7M-4QX", "k7m4qx", "#k7m 4qx", "pharmacies", "lampadaire pharmacie"]:
        assert listed(moderator, q=words) == {wanted.ref}
    assert listed(moderator, q="éléphant") == set()


def test_search_stays_within_the_scope(moderator_elsewhere: User) -> None:
    ReportFactory(ref="K7M-4QX")
    assert listed(moderator_elsewhere, q="K7M-4QX") == set()


def test_list_says_when_it_stops_counting(moderator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COUNTED", 2)
    for _number in range(3):
        ReportFactory()
    text = words_of(signed_in(moderator).get(LIST))
    assert "Les 2 plus récents" in text


def test_list_of_people_says_when_it_stops_counting(
    administrator: User, moderator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = reverse("admin:accounts_user_changelist")
    browser = signed_in(administrator)
    assert "2 personnes" in words_of(browser.get(people))
    monkeypatch.setattr(module, "COUNTED", 2)
    assert "Les 2 premières lignes\u00a0; cherchez ou filtrez pour trouver la suite." in words_of(browser.get(people))


@pytest.mark.parametrize("rows", [1, 40])
def test_list_costs_the_same_however_long(
    rows: int, moderator: User, operator: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(rows):
        PhotoFactory(report=ReportFactory())
    for person in (moderator, operator):
        client = signed_in(person)
        with django_assert_max_num_queries(13):
            assert len(client.get(LIST).context["cl"].result_list) == rows


def test_list_never_counts_the_table(moderator: User) -> None:
    ReportFactory()
    with CaptureQueriesContext(connection) as queries:
        signed_in(moderator).get(LIST)
    assert [query["sql"] for query in queries if "COUNT(" in query["sql"]] == []


@pytest.mark.parametrize("rows", [1, 12])
def test_first_page_costs_the_same_however_much_waits(
    rows: int, moderator: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(rows):
        PhotoFactory(report=ReportFactory())
    client = signed_in(moderator)
    with django_assert_max_num_queries(13):
        response = client.get(reverse("admin:index"))
    assert {tile["kind"]: tile["count"] for tile in response.context["tiles"]}["open"] == str(rows)


def test_admin_answers_in_the_readers_language(moderator: User) -> None:
    client = signed_in(moderator)
    assert client.get(LIST, headers={"Accept-Language": "en"})["Content-Language"] == "en"
    assert client.get(LIST, headers={"Accept-Language": "fr-CM"})["Content-Language"] == "fr"


def test_list_uses_no_private_word_of_an_author(operator: User, author: User) -> None:
    ReportFactory(reporter=author, contact_email="mbida@example.org")
    text = words_of(signed_in(operator).get(LIST))
    assert "mbida@example.org" not in text
    assert author.email not in text
    assert Report.objects.count() == 1
