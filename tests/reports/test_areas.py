"""Following an area: a quarter, a category, both, a circle; with an account or an address; what is refused."""

import threading
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts.models import User
from reports.errors import BadArea, NotAllowed, OutsideServedArea, TooManyFollows
from reports.models import Category, Follow, Quarter
from reports.services.areas import MOST_AREAS, follow_area
from reports.services.community import confirm_follow
from reports.tasks import send_confirmation
from tests.factories import CENTRE, CategoryFactory, ReportFactory

OURS: dict[str, Any] = {"headers": {"Sec-Fetch-Site": "same-origin"}}
HERE = Point(*CENTRE, srid=4326)
ADDRESS = "/suivre/"


@pytest.fixture(autouse=True)
def unthrottled(settings: Settings) -> None:
    settings.THROTTLE = False


def areas_of(user: User) -> list[Follow]:
    return list(Follow.objects.of_areas().filter(user=user))


# --- The service ------------------------------------------------------------------------------------


def test_follow_area_of_each_kind(quarter: Quarter, category: Category, author: User) -> None:
    kinds: list[dict[str, Any]] = [
        {"quarter": quarter},
        {"category": category},
        {"quarter": quarter, "category": category},
        {"centre": HERE, "radius_m": 200},
        {"centre": HERE, "radius_m": 5000, "category": category},
    ]
    rows = [follow_area(**kind, user=author, language="fr") for kind in kinds]
    assert len({row.pk for row in rows}) == 5
    assert Follow.objects.around(point=HERE, quarter_id=quarter.pk, category_id=category.pk).count() == 5


@pytest.mark.parametrize("owner", [{"email": "Voisine@example.org"}, {"user": True}])
@pytest.mark.parametrize("area", ["quarter", "circle"])
def test_follow_area_twice_is_one(owner: dict[str, Any], area: str, quarter: Quarter, author: User) -> None:
    whose = {"user": author} if "user" in owner else owner
    what: dict[str, Any] = {"quarter": quarter} if area == "quarter" else {"centre": HERE, "radius_m": 500}
    assert follow_area(**what, **whose, language="fr") == follow_area(**what, **whose, language="fr")


@pytest.mark.parametrize("radius_m", [None, 0, 199, 5001, 10**9])
def test_follow_area_of_a_wrong_radius(radius_m: int | None, quarter: Quarter, author: User) -> None:
    with pytest.raises(BadArea, match="200 m"):
        follow_area(centre=HERE, radius_m=radius_m, user=author, language="fr")


def test_follow_area_outside_the_served_area(quarter: Quarter, author: User) -> None:
    with pytest.raises(OutsideServedArea):
        follow_area(centre=Point(2.35, 48.85, srid=4326), radius_m=500, user=author, language="fr")


def test_follow_area_of_a_category_that_is_offered_no_more(author: User) -> None:
    with pytest.raises(BadArea, match="plus proposée"):
        follow_area(category=CategoryFactory(is_active=False), user=author, language="fr")


def test_follow_area_of_nothing_or_by_nobody(quarter: Quarter, author: User) -> None:
    with pytest.raises(BadArea):
        follow_area(user=author, language="fr")
    with pytest.raises(BadArea):
        follow_area(quarter=quarter, centre=HERE, radius_m=500, user=author, language="fr")
    with pytest.raises(NotAllowed):
        follow_area(quarter=quarter, language="fr")


@pytest.mark.parametrize("with_account", [True, False])
def test_follow_area_up_to_fifty(with_account: bool, quarter: Quarter, author: User) -> None:  # noqa: FBT001
    whose: dict[str, Any] = {"user": author} if with_account else {"email": "v@example.org"}
    for number in range(MOST_AREAS):
        Follow.objects.create(centre=HERE, radius_m=1000 + number, **whose)
    with pytest.raises(TooManyFollows):
        follow_area(quarter=quarter, **whose, language="fr")
    assert follow_area(centre=HERE, radius_m=1000, **whose, language="fr").radius_m == 1000


@pytest.mark.django_db(transaction=True)
def test_follow_area_tapped_many_times_at_once_is_one(quarter: Quarter, author: User) -> None:
    def tap() -> None:
        follow_area(centre=HERE, radius_m=500, user=author, language="fr")
        connection.close()

    threads = [threading.Thread(target=tap) for _tap in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(areas_of(author)) == 1


@pytest.mark.parametrize(("language", "words"), [("fr", "Mokolo"), ("en", "Mokolo")])
def test_confirmation_names_the_area(language: str, words: str, quarter: Quarter) -> None:
    row = follow_area(centre=HERE, radius_m=2000, email="v@example.org", language=language)
    send_confirmation(row.pk)
    (sent,) = mail.outbox
    assert "2 km" in sent.subject
    assert words in sent.body
    assert row.confirm_token in sent.body


# --- The page -----------------------------------------------------------------------------------------


def test_page_with_an_account_follows_at_once(client: Client, quarter: Quarter, author: User) -> None:
    client.force_login(author)
    reply = client.post(ADDRESS, {"kind": "quarter", "quarter": "yaounde/mokolo"}, **OURS)
    assert (reply.status_code, reply["Location"]) == (302, reverse("my-follows"))
    assert [row.quarter for row in areas_of(author)] == [quarter]
    assert "Mokolo" in client.get(reply["Location"]).content.decode()


def test_page_without_an_account_asks_the_address_to_confirm(client: Client, quarter: Quarter) -> None:
    data = {"kind": "circle", "lon": CENTRE[0], "lat": CENTRE[1], "radius_m": "1000", "email": "v@example.org"}
    reply = client.post(ADDRESS, data, **OURS)
    row = Follow.objects.of_address("v@example.org").get()
    assert (row.radius_m, row.confirmed_at, row.is_heard) == (1000, None, False)
    assert "v@example.org" in reply.content.decode()
    assert reply.cookies == {}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"kind": "quarter"}, "Choisissez un quartier, une catégorie, ou les deux."),
        ({"kind": "quarter", "quarter": "yaounde/nulle-part"}, "Ce quartier n’existe pas."),
        ({"kind": "quarter", "category": "plus-la"}, "Cette catégorie n’est plus proposée."),
        ({"kind": "circle"}, "Montrez sur la carte"),
        ({"kind": "circle", "lon": "nan", "lat": "3"}, "Montrez sur la carte"),
        ({"kind": "circle", "lon": "2.35", "lat": "48.85", "radius_m": "500"}, "en dehors des quartiers desservis"),
        ({"kind": "circle", "lon": "11.505", "lat": "3.865", "radius_m": "300"}, "Le rayon va de 200 m à 5 km."),
        ({"kind": "\x00"}, "Choisissez un quartier, ou un cercle autour d’un lieu."),
        ({}, "Choisissez un quartier, ou un cercle autour d’un lieu."),
    ],
)
def test_page_refuses_clearly(data: dict[str, str], words: str, client: Client, quarter: Quarter, author: User) -> None:
    CategoryFactory(code="plus-la", is_active=False)
    client.force_login(author)
    reply = client.post(ADDRESS, data, **OURS)
    assert (reply.status_code, words in reply.content.decode()) == (422, True)
    assert areas_of(author) == []


def test_page_keeps_what_was_typed_with_a_wrong_address(client: Client, quarter: Quarter) -> None:
    reply = client.post(ADDRESS, {"kind": "quarter", "quarter": "yaounde/mokolo", "email": "moi@"}, **OURS)
    page = reply.content.decode()
    assert reply.status_code == 422
    assert 'value="moi@"' in page
    assert '<option value="yaounde/mokolo" selected>' in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("quarter=yaounde/mokolo", '<option value="yaounde/mokolo" selected>'),
        ("category=pothole,lamp", '<option value="pothole" selected>'),
        ("near=11.505,3.865,1000", '<option value="1000" selected>'),
        ("bbox=11.50,3.86,11.51,3.87", '<option value="500" selected>'),
        ("near=ici&bbox=1,2&quarter=%00&category=%00&lon=x", 'value="quarter"'),
    ],
)
def test_page_starts_from_the_filters_of_the_list(
    query: str, shown: str, client: Client, quarter: Quarter, category: Category
) -> None:
    reply = client.get(f"{ADDRESS}?{query}")
    assert (reply.status_code, shown in reply.content.decode()) == (200, True)


def test_page_from_another_site_follows_nothing(client: Client, quarter: Quarter, author: User) -> None:
    client.force_login(author)
    elsewhere: dict[str, Any] = {"headers": {"Sec-Fetch-Site": "cross-site"}}
    assert client.post(ADDRESS, {"kind": "quarter", "quarter": "mokolo"}, **elsewhere).status_code == 403
    assert areas_of(author) == []


@pytest.mark.parametrize(
    "address", ["/quartiers/yaounde/mokolo/", "/signalements/?quarter=mokolo", "/signalements/?view=map"]
)
def test_pages_lead_to_following(address: str, client: Client, quarter: Quarter) -> None:
    ReportFactory(quarter=quarter)
    assert 'href="/suivre/' in client.get(address).content.decode()


# --- The private page of an area -----------------------------------------------------------------------


def area_row(quarter: Quarter) -> Follow:
    return follow_area(quarter=quarter, email="v@example.org", language="fr")


def test_private_page_names_the_area_and_stops(client: Client, quarter: Quarter) -> None:
    row = area_row(quarter)
    address = reverse("follow", args=[row.token])
    page = client.get(address).content.decode()
    assert "Mokolo" in page
    assert "Vous ne suivez plus cette zone" in client.post(address, {"action": "stop"}, **OURS).content.decode()
    assert not Follow.objects.exists()


def test_private_page_chooses_how_soon_once_confirmed(client: Client, quarter: Quarter) -> None:
    row = area_row(quarter)
    confirm_follow(confirm_token=row.confirm_token)
    address = reverse("follow", args=[row.token])
    assert client.post(address, {"action": "frequency", "frequency": "daily"}, **OURS).status_code == 302
    row.refresh_from_db()
    assert row.frequency == "daily"


@pytest.mark.parametrize("action", ["withdraw", "confirm", "reopen", "", "\x00"])
def test_private_page_of_an_area_has_no_report_to_change(action: str, client: Client, quarter: Quarter) -> None:
    address = reverse("follow", args=[area_row(quarter).token])
    assert client.post(address, {"action": action}, **OURS).status_code == 400


def test_confirmed_link_of_an_area_leads_to_its_page(client: Client, quarter: Quarter) -> None:
    row = area_row(quarter)
    address = reverse("follow-confirm", args=[row.confirm_token])
    assert f"{row.area_name}." in client.get(address).content.decode()
    reply = client.post(address, follow=True, **OURS)
    assert "dans cette zone" in reply.content.decode()
    row.refresh_from_db()
    assert row.is_heard
