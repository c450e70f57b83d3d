"""The pages on which administrators say what is promised, when the town works, and which days it does not."""

from datetime import date, time
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from reports.models import Category, Holiday, Organisation, Quarter, ServiceLevel, Town, WorkingHours
from tests.factories import ReportFactory
from tests.moderation.conftest import signed_in, words_of

pytestmark = pytest.mark.django_db
PAGES = [
    f"admin:reports_{name}_{page}"
    for name in ("servicelevel", "workinghours", "holiday")
    for page in ("changelist", "add")
]
PROPOSE = "admin:reports_holiday_propose"
REFUSED = ["nobody", "stranger", "moderator", "operator", "moderator_elsewhere", "operator_elsewhere"]


def level(**fields: Any) -> dict[str, Any]:
    """Return a service level as the browser sends it."""
    given = {"answer_hours": 24, "repair_hours": 100, "counting": "calendar", **fields}
    return {"category": "", "organisation": "", "escalate_to": "", **given}


def errors_of(response: Any) -> dict[str, list[str]]:
    return dict(response.context["adminform"].form.errors)


@pytest.mark.parametrize("person", REFUSED, indirect=True)
@pytest.mark.parametrize("page", [*PAGES, PROPOSE])
def test_pages_are_closed_to(page: str, person: User | None) -> None:
    assert signed_in(person).get(reverse(page)).status_code in {302, 403}


@pytest.mark.parametrize("page", [*PAGES, PROPOSE])
def test_pages_open_to_administrators(page: str, administrator: User) -> None:
    assert signed_in(administrator).get(reverse(page)).status_code == 200


@pytest.mark.parametrize("person", REFUSED, indirect=True)
def test_nobody_else_changes_anything_by_direct_address(person: User | None, town: Town) -> None:
    row = ServiceLevel.objects.create()
    client = signed_in(person)
    client.post(reverse("admin:reports_servicelevel_add"), level())
    client.post(reverse("admin:reports_servicelevel_change", args=[row.pk]), level(repair_hours=999))
    client.post(reverse("admin:reports_servicelevel_delete", args=[row.pk]), {"post": "yes"})
    hours = {"town": town.pk, "weekday": 0, "opens": "08:00", "closes": "12:00"}
    client.post(reverse("admin:reports_workinghours_add"), hours)
    client.post(reverse("admin:reports_holiday_add"), {"town": town.pk, "day": "2027-01-01", "name": "x"})
    client.post(reverse(PROPOSE), {"town": town.pk, "country": "CM", "year": 2027, "day": ["2027-01-01"]})
    assert (ServiceLevel.objects.get().repair_hours, ServiceLevel.objects.count()) == (720, 1)
    assert (WorkingHours.objects.count(), Holiday.objects.count()) == (0, 0)


def test_level_is_kept(administrator: User, category: Category, organisation: Organisation, operator: User) -> None:
    fields = level(category=category.pk, organisation=organisation.pk, escalate_to=operator.pk, counting="working")
    response = signed_in(administrator).post(reverse("admin:reports_servicelevel_add"), fields)
    assert response.status_code == 302
    row = ServiceLevel.objects.get()
    assert (row.category, row.organisation, row.escalate_to) == (category, organisation, operator)
    assert (row.answer_hours, row.repair_hours, row.counting) == (24, 100, "working")


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"repair_hours": 0}, "repair_hours"),
        ({"repair_hours": 9001}, "repair_hours"),
        ({"repair_hours": "9" * 40}, "repair_hours"),
        ({"answer_hours": "-1"}, "answer_hours"),
        ({"answer_hours": "deux\x00"}, "answer_hours"),
        ({"answer_hours": 101}, "repair_hours"),
        ({"counting": "lunar"}, "counting"),
        ({"category": "999999"}, "category"),
        ({"escalate_to": "999999"}, "escalate_to"),
    ],
)
def test_level_that_makes_no_sense_is_refused(fields: dict[str, Any], wrong: str, administrator: User) -> None:
    response = signed_in(administrator).post(reverse("admin:reports_servicelevel_add"), level(**fields))
    assert set(errors_of(response)) == {wrong}
    assert not ServiceLevel.objects.exists()


def test_level_for_the_same_again_is_refused(administrator: User) -> None:
    ServiceLevel.objects.create()
    response = signed_in(administrator).post(reverse("admin:reports_servicelevel_add"), level())
    assert "Un délai existe déjà pour cette catégorie et cet organisme." in words_of(response)


@pytest.mark.parametrize(
    ("person", "scoped", "ok"),
    [
        ("moderator", "", "kept"),
        ("administrator", "scoped", "kept"),
        ("operator", "scoped", "kept"),
        ("operator", "", ""),
        ("operator_elsewhere", "scoped", ""),
    ],
    indirect=["person"],
)
def test_level_names_only_who_can_open_such_reports(
    person: User,
    scoped: str,
    ok: str,
    administrator: User,
    organisation: Organisation,
) -> None:
    fields = level(escalate_to=person.pk, organisation=organisation.pk if scoped else "")
    response = signed_in(administrator).post(reverse("admin:reports_servicelevel_add"), fields)
    assert ServiceLevel.objects.exists() == bool(ok)
    if not ok:
        assert list(errors_of(response)) == ["escalate_to"]


def test_level_names_no_citizen(administrator: User, stranger: User) -> None:
    page = signed_in(administrator).get(reverse("admin:reports_servicelevel_add"))
    people = page.context["adminform"].form.fields["escalate_to"].queryset
    assert list(people) == [administrator]


def test_working_hours_of_less_than_an_hour_are_refused(administrator: User, town: Town) -> None:
    fields = {"town": town.pk, "weekday": 0, "opens": "08:00", "closes": "08:30"}
    response = signed_in(administrator).post(reverse("admin:reports_workinghours_add"), fields)
    assert errors_of(response) == {"closes": ["Indiquez une fin au moins une heure après le début."]}


@pytest.mark.parametrize("closes", ["00:00", "23:00"])
def test_working_hours_are_kept(closes: str, administrator: User, town: Town) -> None:
    fields = {"town": town.pk, "weekday": 5, "opens": "22:00", "closes": closes}
    assert signed_in(administrator).post(reverse("admin:reports_workinghours_add"), fields).status_code == 302
    assert (WorkingHours.objects.get().opens, str(WorkingHours.objects.get())) == (time(22), f"Samedi 22:00–{closes}")


def test_holidays_of_a_country_are_proposed(administrator: User, town: Town) -> None:
    Holiday.objects.create(town=town, day=date(2027, 1, 1), name="Nouvel an")
    asked: dict[str, str | int] = {"town": town.pk, "country": "CM", "year": 2027}
    response = signed_in(administrator).get(reverse(PROPOSE), asked)
    rows = {row["day"]: (row["name"], row["is_kept"]) for row in response.context["rows"]}
    assert rows[date(2027, 5, 20)] == ("Fête nationale", False)
    assert rows[date(2027, 1, 1)][1]


def test_holidays_are_asked_for_the_only_town(administrator: User, town: Town, moderator_elsewhere: User) -> None:
    page = signed_in(administrator).get(reverse(PROPOSE))
    assert page.context["form"].fields["town"].initial is None
    Town.objects.exclude(pk=town.pk).delete()
    page = signed_in(administrator).get(reverse(PROPOSE))
    assert page.context["form"].fields["town"].initial == town.pk


def test_holidays_that_are_ticked_are_added(administrator: User, town: Town) -> None:
    Holiday.objects.create(town=town, day=date(2027, 1, 1), name="Nouvel an")
    fields = {
        "town": town.pk,
        "country": "CM",
        "year": 2027,
        "day": ["2027-01-01", "2027-05-20", "2027-12-25", "2027-07-14", "\x00"],
        "name-2027-05-20": "Fête de l’Unité \x00",
        "name-2027-12-25": "",
    }
    response = signed_in(administrator).post(reverse(PROPOSE), fields, follow=True)
    assert "2 jours fériés ajoutés." in words_of(response)
    assert list(Holiday.objects.order_by("day").values_list("day", "name")) == [
        (date(2027, 1, 1), "Nouvel an"),
        (date(2027, 5, 20), "Fête de l’Unité"),
        (date(2027, 12, 25), "Noël"),
    ]


@pytest.mark.parametrize(
    "fields",
    [{"country": "XX"}, {"year": 1999}, {"year": "9" * 40}, {"year": "deux"}, {"town": 999999}, {"town": "\x00"}],
)
def test_holidays_of_nowhere_are_refused(fields: dict[str, Any], administrator: User, town: Town) -> None:
    given = {"town": town.pk, "country": "CM", "year": 2027, "day": "2027-01-01", **fields}
    client = signed_in(administrator)
    answers = [client.get(reverse(PROPOSE), given), client.post(reverse(PROPOSE), given)]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert [answer.context["rows"] for answer in answers] == [[], []]
    assert not Holiday.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_cost_the_same(
    rows: int, administrator: User, town: Town, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        Holiday.objects.create(town=town, day=date(2027, 1, 1 + number), name="Fête")
        WorkingHours.objects.create(town=town, weekday=number, opens=time(8), closes=time(12))
    client = signed_in(administrator)
    for name in ("holiday", "workinghours"):
        with django_assert_num_queries(7):
            client.get(reverse(f"admin:reports_{name}_changelist"))


@pytest.mark.parametrize(
    ("opens", "closes", "kept"),
    [("11:00", "13:00", 1), ("00:00", "00:00", 1), ("09:00", "10:00", 1), ("12:00", "16:00", 2), ("05:00", "08:00", 2)],
)
def test_hours_that_overlap_others_of_the_day_are_refused(
    opens: str, closes: str, kept: int, town: Town, administrator: User
) -> None:
    WorkingHours.objects.create(town=town, weekday=0, opens=time(8), closes=time(12))
    hours = {"town": town.pk, "weekday": 0, "opens": opens, "closes": closes}
    signed_in(administrator).post(reverse("admin:reports_workinghours_add"), hours)
    assert WorkingHours.objects.count() == kept


# --- The panel on a report's page ---


def panel_of(person: User, report: Any) -> dict[str, Any] | None:
    """Return what the panel shows to a person; None where it is left out."""
    blocks = signed_in(person).get(f"/admin/reports/report/{report.pk}/change/").context["blocks"]["know"]
    named = {block["template"]: block["context"] for block in blocks}
    return named.get("moderation/panels/deadlines.html")


def test_panel_says_which_promise_counts(quarter: Quarter, operator: User, organisation: Organisation) -> None:
    report = ReportFactory()
    assert panel_of(operator, report) == {"level": None, "is_working": False, "days": {"answer": 3, "repair": 30}}
    row = ServiceLevel.objects.create(organisation=organisation, counting="working")
    assert panel_of(operator, report) == {"level": row, "is_working": True, "days": None}


@pytest.mark.parametrize("status", ["pending", "resolved", "rejected"])
def test_panel_is_left_out_where_nothing_is_promised(status: str, quarter: Quarter, administrator: User) -> None:
    assert panel_of(administrator, ReportFactory(status=status)) is None
