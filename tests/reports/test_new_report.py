"""Sending a report from the page: what it takes, what it refuses, and that nothing typed is lost."""

import io
import re
import uuid
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image
from pytest_django.fixtures import Settings

from accounts.models import User
from reports import workflow
from reports.models import Category, Follow, Photo, Quarter, Report
from tests.factories import CENTRE, CategoryFactory, PhotoFactory, QuarterFactory, ReportFactory, TownFactory, square

NEW = "/signaler/"
OURS: dict[str, Any] = {"headers": {"Sec-Fetch-Site": "same-origin"}}
SCRIPT: dict[str, Any] = {"headers": {"Sec-Fetch-Site": "same-origin", "Accept": "application/json"}}
FAR_AWAY = {"lon": "2.35", "lat": "48.85"}


@pytest.fixture(autouse=True)
def unthrottled(settings: Settings) -> None:
    settings.THROTTLE = False


def answers(category: Category, **changes: Any) -> dict[str, Any]:
    """Return the smallest complete report."""
    lon, lat = CENTRE
    return {
        "category": category.code,
        "lon": str(lon),
        "lat": str(lat),
        "idempotency_key": str(uuid.uuid4()),
        **changes,
    }


def picture(
    name: str = "photo.jpg", *, colour: str = "brown", place: tuple[float, float] | None = None
) -> SimpleUploadedFile:
    """Return a small JPEG; `place` (lon, lat) is written into its EXIF."""
    out = io.BytesIO()
    image = Image.new("RGB", (64, 48), colour)
    exif = Image.Exif()
    if place:
        lon, lat = place
        exif[0x8825] = {1: "N", 2: (lat, 0.0, 0.0), 3: "E", 4: (lon, 0.0, 0.0)}
        exif[0x8769] = {0x9003: "2025:11:02 14:05:00"}
    image.save(out, "JPEG", exif=exif)
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def kept_tickets(page: str) -> list[str]:
    """Return the hidden tickets of the photos that a refused sending left in the page."""
    return re.findall(r'name="kept" value="([^"]+)"', page)


# --- The page -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_page_sets_no_cookie_and_is_never_stored(client: Client, quarter: Quarter, category: Category) -> None:
    page = client.get(NEW)

    assert page.status_code == 200
    assert not page.cookies
    assert "no-store" in page["Cache-Control"]
    assert "private" in page["Cache-Control"]


@pytest.mark.django_db
def test_page_gives_each_visit_its_own_key(client: Client, quarter: Quarter) -> None:
    keys = [re.search(r'name="idempotency_key" value="([^"]+)"', client.get(NEW).content.decode()) for _visit in "ab"]

    assert all(keys)
    assert keys[0].group(1) != keys[1].group(1)  # type: ignore[union-attr]


@pytest.mark.django_db
def test_page_offers_active_categories_in_order(client: Client, category: Category) -> None:
    CategoryFactory(code="lamp", name_fr="Lampadaire", position=2)
    CategoryFactory(code="old", name_fr="Ancien", is_active=False)

    found = re.findall(r'type="radio" name="category" id="\w+" value="(\w+)"', client.get(NEW).content.decode())

    assert found == ["pothole", "lamp"]


@pytest.mark.django_db
def test_page_number_of_queries_does_not_grow(client: Client, quarter: Quarter, django_assert_num_queries: Any) -> None:
    for number in range(4):
        CategoryFactory(code=f"c{number}")
        QuarterFactory(town=quarter.town, slug=f"q{number}", name=f"Q{number}")

    with django_assert_num_queries(3):
        client.get(NEW)


# --- What is enough -------------------------------------------------------------------------------


def test_smallest_report_is_filed_and_leads_to_its_private_page(
    client: Client, quarter: Quarter, category: Category
) -> None:
    reply = client.post(NEW, answers(category), **OURS)

    report = Report.objects.get()
    assert reply.status_code == 303
    assert reply["Location"] == f"/suivi/{report.followers.get().token}/?merci=1"
    assert (report.status, report.quarter, report.category) == (workflow.PENDING, quarter, category)
    assert (report.description, report.contact_email, report.reporter, report.photos.count()) == ("", "", None, 0)
    assert (report.language, report.source) == ("fr", "web")


def test_english_page_files_in_english(client: Client, quarter: Quarter, category: Category) -> None:
    reply = client.post("/en/signaler/", answers(category), **OURS)

    assert reply["Location"].startswith("/en/suivi/")
    assert Report.objects.get().language == "en"


def test_everything_given_is_kept(client: Client, quarter: Quarter, category: Category) -> None:
    given = {"description": "Très profond.\r\nAttention.", "address": " Devant  l’école ", "email": "Amina@Example.org"}
    client.post(
        NEW, answers(category, phone="+237 6 77 12 34 56", captured_at="2025-11-02T14:05:00+01:00", **given), **OURS
    )

    report = Report.objects.get()
    assert report.description == "Très profond.\nAttention."
    assert report.address == "Devant l’école"
    assert (report.contact_email, report.contact_phone) == ("amina@example.org", "+237 6 77 12 34 56")


def test_quarter_and_landmark_are_a_place(client: Client, quarter: Quarter, category: Category) -> None:
    given = answers(category, lon="", lat="", quarter=str(quarter.pk), address="Derrière le marché")

    assert client.post(NEW, given, **OURS).status_code == 303

    report = Report.objects.get()
    assert report.quarter == quarter
    assert quarter.boundary.covers(report.point)
    assert report.address == "Derrière le marché"


def test_three_photos_are_attached_in_order(client: Client, quarter: Quarter, category: Category) -> None:
    photos = [picture(f"{colour}.jpg", colour=colour) for colour in ("red", "green", "blue")]

    client.post(NEW, answers(category, photos=photos), **OURS)

    attached = Report.objects.get().photos.all()
    assert [photo.position for photo in attached] == [0, 1, 2]
    assert {photo.kind for photo in attached} == {Photo.Kind.PROBLEM}


def test_signed_in_person_becomes_the_reporter(
    client: Client, author: User, quarter: Quarter, category: Category
) -> None:
    client.force_login(author)

    client.post(NEW, answers(category), **OURS)

    assert Report.objects.get().reporter == author


# --- One sending, one report ----------------------------------------------------------------------


def test_same_sending_twice_makes_one_report_and_one_page(client: Client, quarter: Quarter, category: Category) -> None:
    given = answers(category)

    replies = [client.post(NEW, {**given, "photos": [picture()]}, **OURS) for _tap in "ab"]

    assert Report.objects.count() == 1
    assert replies[0]["Location"] == replies[1]["Location"]
    assert Photo.objects.count() == 1


def test_same_key_with_other_answers_is_refused_with_a_new_key(
    client: Client, quarter: Quarter, category: Category
) -> None:
    given = answers(category)
    client.post(NEW, given, **OURS)

    reply = client.post(NEW, {**given, "description": "Autre chose"}, **OURS)

    page = reply.content.decode()
    assert reply.status_code == 409
    assert "déjà parti" in page
    assert given["idempotency_key"] not in page
    assert Report.objects.count() == 1


def test_sending_without_a_key_is_accepted(client: Client, quarter: Quarter, category: Category) -> None:
    client.post(NEW, answers(category, idempotency_key=""), **OURS)

    assert Report.objects.get().idempotency_key is None


# --- What is refused, with everything kept --------------------------------------------------------


def test_nothing_given_names_both_answers(client: Client, quarter: Quarter, category: Category) -> None:
    reply = client.post(NEW, {}, **OURS)

    page = reply.content.decode()
    assert reply.status_code == 422
    assert "<title>Erreur\u00a0: Signaler un problème" in page
    assert 'role="alert"' in page
    assert '<a href="#id_category">Problème – Choisissez le problème que vous voyez.</a>' in page
    assert '<a href="#id_place">' in page
    assert Report.objects.count() == 0


def test_refused_form_keeps_every_answer(client: Client, quarter: Quarter, category: Category) -> None:
    given = {"description": "Un <b>trou</b>", "address": "Le pont", "email": "pas une adresse", "phone": "677123456"}

    page = client.post(NEW, answers(category, **given), **OURS).content.decode()

    assert "Un &lt;b&gt;trou&lt;/b&gt;" in page
    assert 'value="Le pont"' in page
    assert 'value="pas une adresse"' in page
    assert 'value="677123456"' in page
    assert re.search(r'value="pothole"[^>]* checked', page)
    assert f'name="lon" value="{CENTRE[0]}"' in page


@pytest.mark.parametrize(
    "place", [FAR_AWAY, {"lon": "nan", "lat": "3"}, {"lon": "0", "lat": "0"}, {"lon": "11.5", "lat": ""}]
)
def test_place_that_is_none_is_refused(
    client: Client, quarter: Quarter, category: Category, place: dict[str, str]
) -> None:
    reply = client.post(NEW, answers(category, **place), **OURS)

    assert reply.status_code == 422
    assert '<a href="#id_place">' in reply.content.decode()


def test_place_outside_every_quarter_says_why(client: Client, quarter: Quarter, category: Category) -> None:
    page = client.post(NEW, answers(category, **FAR_AWAY), **OURS).content.decode()

    assert "en dehors des quartiers desservis" in page


def test_quarter_without_landmark_asks_for_one(client: Client, quarter: Quarter, category: Category) -> None:
    reply = client.post(NEW, answers(category, lon="", lat="", quarter=str(quarter.pk)), **OURS)

    assert reply.status_code == 422
    assert '<a href="#id_address">Repère ou adresse – Ajoutez un repère' in reply.content.decode()


def test_trap_catches_programs(client: Client, quarter: Quarter, category: Category) -> None:
    assert client.post(NEW, answers(category, website="https://spam.example"), **OURS).status_code == 422
    assert Report.objects.count() == 0


def test_too_many_sendings_keep_what_was_typed(
    client: Client, quarter: Quarter, category: Category, settings: Settings
) -> None:
    settings.THROTTLE = True
    rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "create-report": "1/hour"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    client.post(NEW, answers(category), **OURS)

    reply = client.post(NEW, answers(category, description="Deuxième"), **OURS)

    assert reply.status_code == 429
    assert "Deuxième" in reply.content.decode()
    assert Report.objects.count() == 1


# --- Photos of a refused sending ------------------------------------------------------------------


def test_photos_of_a_refused_sending_are_kept_for_the_next(
    client: Client, quarter: Quarter, category: Category
) -> None:
    page = client.post(NEW, answers(category, email="x", photos=[picture("trou.jpg")]), **OURS).content.decode()

    assert "trou.jpg" in page
    client.post(NEW, answers(category, kept=kept_tickets(page)), **OURS)
    assert Report.objects.get().photos.count() == 1


def test_one_refused_photo_does_not_lose_the_others(client: Client, quarter: Quarter, category: Category) -> None:
    photos = [picture("bonne.jpg"), SimpleUploadedFile("texte.jpg", b"not a picture", "image/jpeg")]

    page = client.post(NEW, answers(category, photos=photos), **OURS).content.decode()

    assert '<a href="#id_photos">Photos – texte.jpg : ' in page
    assert len(kept_tickets(page)) == 1


def test_kept_photo_can_be_dropped(client: Client, quarter: Quarter, category: Category) -> None:
    page = client.post(NEW, answers(category, email="x", photos=[picture()]), **OURS).content.decode()
    tickets = kept_tickets(page)

    client.post(NEW, answers(category, kept=tickets, drop=tickets), **OURS)

    assert Report.objects.get().photos.count() == 0


def test_forged_ticket_claims_nothing(client: Client, quarter: Quarter, category: Category) -> None:
    waiting = PhotoFactory(report=None)

    client.post(NEW, answers(category, kept=[f'[{waiting.pk},"x"]:1xyz:forged']), **OURS)

    assert Report.objects.get().photos.count() == 0


def test_fourth_photo_is_refused(client: Client, quarter: Quarter, category: Category) -> None:
    photos = [picture(f"{number}.jpg") for number in range(4)]

    page = client.post(NEW, answers(category, photos=photos), **OURS).content.decode()

    assert "Trois photos au plus" in page
    assert len(kept_tickets(page)) == 3


def test_photo_place_and_time_are_offered_and_used_only_if_ticked(
    client: Client, quarter: Quarter, category: Category
) -> None:
    page = client.post(NEW, answers(category, lon="", lat="", photos=[picture(place=CENTRE)]), **OURS).content.decode()

    assert f"Utiliser le lieu de la photo\u00a0: Mokolo, {quarter.town.name}" in page
    assert "Indiquer la date de la photo" in page
    assert Report.objects.count() == 0
    client.post(NEW, answers(category, lon="", lat="", kept=kept_tickets(page), photo_place="1"), **OURS)
    report = Report.objects.get()
    assert report.point.coords == pytest.approx(CENTRE, abs=1e-6)
    assert report.captured_at is None


# --- Already reported? ----------------------------------------------------------------------------


def near_report(category: Category, **changes: Any) -> Report:
    lon, lat = CENTRE
    return ReportFactory(category=category, point=Point(lon + 0.0001, lat, srid=4326), **changes)


def test_near_report_is_shown_before_filing(client: Client, quarter: Quarter, category: Category) -> None:
    twin = near_report(category, quarter=quarter)

    page = client.post(NEW, answers(category, photos=[picture()]), **OURS).content.decode()

    assert "Déjà signalé" in page
    assert f'formaction="/signalements/{twin.ref}/soutenir/"' in page
    assert Report.objects.count() == 1
    client.post(NEW, answers(category, kept=kept_tickets(page), anyway="1"), **OURS)
    assert Report.objects.count() == 2
    assert Report.objects.exclude(pk=twin.pk).get().photos.count() == 1


@pytest.mark.parametrize("status", [workflow.PENDING, workflow.RESOLVED, workflow.REJECTED])
def test_report_that_is_not_open_is_no_twin(client: Client, quarter: Quarter, category: Category, status: str) -> None:
    near_report(category, quarter=quarter, status=status)

    assert client.post(NEW, answers(category), **OURS).status_code == 303


def test_other_category_or_farther_away_is_no_twin(client: Client, quarter: Quarter, category: Category) -> None:
    near_report(CategoryFactory(code="lamp"), quarter=quarter)
    ReportFactory(category=category, quarter=quarter, point=Point(CENTRE[0] + 0.002, CENTRE[1], srid=4326))

    assert client.post(NEW, answers(category), **OURS).status_code == 303


def test_nearby_gives_at_most_three_cards(client: Client, quarter: Quarter, category: Category) -> None:
    for _number in range(4):
        near_report(category, quarter=quarter)

    page = client.get("/signaler/proches/", {"category": "pothole", "lon": str(CENTRE[0]), "lat": str(CENTRE[1])})

    assert page.content.decode().count("C’est celui-ci") == 3
    assert not page.cookies


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"category": "pothole", "lon": str(CENTRE[0]), "lat": str(CENTRE[1])}, 204),
        ({"category": "unknown", "lon": str(CENTRE[0]), "lat": str(CENTRE[1])}, 400),
        ({"category": "pothole", "lon": "x", "lat": "y"}, 400),
        ({"category": "pothole"}, 400),
    ],
)
def test_nearby_without_cards(client: Client, category: Category, query: dict[str, Any], status: int) -> None:
    assert client.get("/signaler/proches/", query).status_code == status


# --- The place in words ---------------------------------------------------------------------------


def test_place_in_words(client: Client, quarter: Quarter) -> None:
    reply = client.get("/signaler/lieu/", {"lon": str(CENTRE[0]), "lat": str(CENTRE[1])})

    assert reply.json() == {"quarter": "Mokolo", "town": "Yaoundé", "served": True, "message": "Mokolo, Yaoundé"}
    assert not reply.cookies


def test_place_outside_is_told(client: Client, quarter: Quarter) -> None:
    reply = client.get("/signaler/lieu/", FAR_AWAY)

    assert reply.status_code == 200
    assert reply.json()["served"] is False
    assert "en dehors des quartiers desservis" in reply.json()["message"]


@pytest.mark.parametrize(
    "query", [{}, {"lon": "a", "lat": "b"}, {"lon": "nan", "lat": "1"}, {"lon": "200", "lat": "1"}]
)
def test_place_of_nonsense_is_refused(client: Client, db: None, query: dict[str, str]) -> None:
    assert client.get("/signaler/lieu/", query).status_code == 400


# --- Answers to the page's script -----------------------------------------------------------------


def test_script_is_told_where_to_go(client: Client, quarter: Quarter, category: Category) -> None:
    given = answers(category)

    first, second = (client.post(NEW, given, **SCRIPT) for _tap in "ab")

    token = Follow.objects.get().token
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == {"url": f"/suivi/{token}/?merci=1", "ref": Report.objects.get().ref}
    assert second.json() == first.json()


def test_script_is_told_what_to_correct_and_no_photo_is_stored(
    client: Client, quarter: Quarter, category: Category
) -> None:
    reply = client.post(NEW, answers(category, email="x", photos=[picture()]), **SCRIPT)

    assert reply.status_code == 422
    assert [error["field"] for error in reply.json()["errors"]] == ["id_email"]
    assert Photo.objects.count() == 0


def test_script_is_handed_the_cards_of_twins(client: Client, quarter: Quarter, category: Category) -> None:
    near_report(category, quarter=quarter)

    reply = client.post(NEW, answers(category), **SCRIPT)

    assert reply.status_code == 409
    assert "C’est celui-ci" in reply.json()["nearby"]


# --- Who asks -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
    ],
)
def test_another_site_cannot_send(
    client: Client, quarter: Quarter, category: Category, headers: dict[str, str]
) -> None:
    reply = client.post(NEW, answers(category), headers=headers)

    assert reply.status_code == 403
    assert "vient d’un autre site" in reply.content.decode()
    assert Report.objects.count() == 0


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "none"}, {"Origin": "http://testserver"}])
def test_our_own_page_sends_in_the_persons_name(
    client: Client, author: User, quarter: Quarter, category: Category, headers: dict[str, str]
) -> None:
    client.force_login(author)

    client.post(NEW, answers(category), headers=headers)

    assert Report.objects.get().reporter == author


def test_browser_that_tells_nothing_sends_as_nobody(
    client: Client, author: User, quarter: Quarter, category: Category
) -> None:
    client.force_login(author)

    assert client.post(NEW, answers(category)).status_code == 303
    assert Report.objects.get().reporter is None


def test_csrf_middleware_does_not_stand_in_the_way(quarter: Quarter, category: Category) -> None:
    strict = Client(enforce_csrf_checks=True)

    assert strict.post(NEW, answers(category), **OURS).status_code == 303


def test_two_towns_are_told_apart_in_the_list(client: Client, quarter: Quarter) -> None:
    douala = TownFactory(slug="douala", name="Douala", boundary=square(9.7, 4.0))
    QuarterFactory(town=douala, slug="akwa", name="Akwa", boundary=square(9.7, 4.0))

    page = client.get(reverse("report-new")).content.decode()

    assert '<optgroup label="Douala">' in page
    assert '<optgroup label="Yaoundé">' in page


# --- A repetition is not asked about itself -------------------------------------------------------


def test_a_repetition_of_what_is_public_at_once_leads_to_the_same_page(client: Client, quarter: Quarter) -> None:
    sent = answers(CategoryFactory(code="lamp", post_moderated=True))
    first, again = (client.post(NEW, sent, **OURS) for _unused in range(2))
    assert (first.status_code, again.status_code) == (303, 303)
    assert first["Location"] == again["Location"]
    assert Report.objects.count() == 1


def test_another_sending_is_still_asked_about_the_first(client: Client, quarter: Quarter) -> None:
    lamp = CategoryFactory(code="lamp", post_moderated=True)
    client.post(NEW, answers(lamp), **OURS)
    assert client.post(NEW, answers(lamp), **SCRIPT).status_code == 409
    assert Report.objects.count() == 1
