"""What everybody sees: the same page for every visitor, in two languages, at a cost that does not grow."""

import pytest
from defusedxml import ElementTree
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from reports import workflow
from reports.models import Category, Event, Photo, Quarter, Report, Town
from reports.permissions import actor_for
from reports.services.handling import add_note, change_status, reply_publicly
from tests.factories import CategoryFactory, PhotoFactory, QuarterFactory, ReportFactory

PAGES = [
    "/",
    "/signalements/",
    "/signalements/?view=map",
    "/quartiers/",
    "/quartiers/yaounde/mokolo/",
    "/bilan/",
    "/aide/",
    "/regles/",
    "/a-propos/",
    "/confidentialite/",
    "/accessibilite/",
    "/developpeurs/",
]
ATOM = "{http://www.w3.org/2005/Atom}"
GEORSS = "{http://www.georss.org/georss}"


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize("path", PAGES)
def test_page_is_the_same_for_every_visitor(path: str, prefix: str, client: Client, quarter: Quarter) -> None:
    ReportFactory(quarter=quarter)
    response = client.get(prefix + path, headers={"Accept-Language": "de", "Cookie": "a=b"})
    assert response.status_code == 200
    assert response.cookies == {}
    assert response.headers.get("Vary", "") in {"", "Accept-Encoding"}
    assert "public" in response["Cache-Control"]
    assert f'<html lang="{"en" if prefix else "fr"}">' in response.content.decode()


@pytest.mark.parametrize("status", ["open", "in_progress", "resolved"])
def test_detail_of_a_public_report(status: str, client: Client, quarter: Quarter) -> None:
    report = ReportFactory(status=status, quarter=quarter, contact_email="auteur@example.org")
    page = client.get(f"/signalements/{report.ref}/").content.decode()
    assert report.get_status_display() in page
    assert "auteur@example.org" not in page


@pytest.mark.parametrize(
    ("status", "expected"), [("pending", 404), ("withdrawn", 404), ("rejected", 410), ("duplicate", 302)]
)
def test_detail_of_what_is_not_public(status: str, expected: int, client: Client, quarter: Quarter) -> None:
    report = ReportFactory(status=status, quarter=quarter)
    response = client.get(f"/signalements/{report.ref}/")
    assert response.status_code == expected
    assert report.description not in response.content.decode()


def test_detail_of_a_duplicate_leads_to_the_original(client: Client, quarter: Quarter) -> None:
    report = ReportFactory(status="duplicate", quarter=quarter)
    response = client.get(f"/en/signalements/{report.ref}/")
    assert report.duplicate_of is not None
    assert response["Location"] == f"/en/signalements/{report.duplicate_of.ref}/"


def test_detail_of_a_duplicate_of_a_duplicate_leads_to_the_first(client: Client, quarter: Quarter) -> None:
    report = ReportFactory(status="duplicate", quarter=quarter)
    for _link in range(3):
        report = ReportFactory(status="duplicate", quarter=quarter, duplicate_of=report)
    first = Report.objects.get(status__in=workflow.PUBLIC)
    for path in ("", "commentaires/"):
        assert client.get(f"/signalements/{report.ref}/{path}")["Location"] == f"/signalements/{first.ref}/"
    page = client.get(f"/suivi/{report.followers.get(is_reporter=True).token}/").content.decode()
    assert f"Voir le premier signalement, {first.ref}" in page


def test_detail_of_a_duplicate_in_a_ring_is_not_found(client: Client, quarter: Quarter) -> None:
    first = ReportFactory(status="duplicate", quarter=quarter)
    second = ReportFactory(status="duplicate", quarter=quarter, duplicate_of=first)
    Report.objects.filter(pk=first.pk).update(duplicate_of=second)
    assert client.get(f"/signalements/{second.ref}/").status_code == 404


def test_detail_of_what_its_author_took_back_says_only_that(client: Client, quarter: Quarter) -> None:
    report = ReportFactory(status="withdrawn", quarter=quarter, published_at=timezone.now())
    for path in ("", "commentaires/"):
        response = client.get(f"/signalements/{report.ref}/{path}")
        page = response.content.decode()
        assert (response.status_code, "La personne qui l’avait envoyé l’a retiré." in page) == (410, True)
        assert (report.title in page, report.description in page) == (False, False)


def test_detail_of_an_unknown_number(client: Client, db: None) -> None:
    assert client.get("/signalements/AAA-AAA/").status_code == 404


@pytest.mark.parametrize("wild", ["%00", "AAA%00AAA", "..%2F..", "%F0%9F%95%B3", "x" * 300, "AAA-AAA%0A", "'"])
@pytest.mark.parametrize(
    "address", ["signalements/{}/", "s/{}/", "suivi/{}/", "suivi/confirmer/{}/", "quartiers/yaounde/{}/", "{}/"]
)
def test_wild_address_is_not_found(address: str, wild: str, client: Client, quarter: Quarter) -> None:
    assert client.get(f"/{address.format(wild)}").status_code == 404


def test_detail_in_lower_case(client: Client, quarter: Quarter) -> None:
    report = ReportFactory(quarter=quarter)
    assert client.get(f"/signalements/{report.ref.lower()}/").status_code == 200
    assert client.get(f"/signalements/{report.ref.replace('-', '')}/").status_code == 200


def test_short_link_leads_to_the_page(client: Client, quarter: Quarter) -> None:
    report = ReportFactory(quarter=quarter)
    assert client.get(f"/s/{report.ref}/")["Location"] == f"/signalements/{report.ref}/"


def test_detail_tells_the_story_without_what_is_private(
    client: Client, quarter: Quarter, operator: User, moderator: User
) -> None:
    report = ReportFactory(quarter=quarter)
    actor = actor_for(operator, report)
    change_status(report=report, to="in_progress", actor=actor, note="Une équipe vient jeudi.")
    reply_publicly(report=report, text="Merci pour la photo.", actor=actor)
    add_note(report=report, text="Clé chez le gardien.", actor=actor)
    page = client.get(f"/signalements/{report.ref}/").content.decode()
    assert "Une équipe vient jeudi." in page
    assert "Merci pour la photo." in page
    assert "Service de la voirie" in page
    assert "Clé chez le gardien." not in page
    assert operator.email not in page
    assert operator.name not in page


def test_detail_fragments_are_parts_of_the_page(client: Client, quarter: Quarter) -> None:
    report = ReportFactory(quarter=quarter)
    Event.objects.create(report=report, kind=Event.Kind.REPLY, is_public=True, data={"text": "Nous venons."})
    fragment = client.get(f"/signalements/{report.ref}/?fragment=chronologie").content.decode()
    assert "Nous venons." in fragment
    assert "<html" not in fragment


def test_detail_shows_before_and_after_and_hides_what_was_refused(client: Client, quarter: Quarter) -> None:
    report = ReportFactory(status="resolved", quarter=quarter)
    before = PhotoFactory(report=report)
    after = PhotoFactory(report=report, kind=Photo.Kind.PROOF)
    refused = PhotoFactory(report=report, status=Photo.Status.REFUSED, sizes=[])
    page = client.get(f"/signalements/{report.ref}/").content.decode()
    assert f"/media/photos/{before.key}/" in page
    assert f"/media/photos/{after.key}/" in page
    assert str(refused.key) not in page


def test_detail_escapes_what_people_write(client: Client, quarter: Quarter) -> None:
    report = ReportFactory(quarter=quarter, description="<script>alert(1)</script>", address="<img src=x>")
    page = client.get(f"/signalements/{report.ref}/").content.decode()
    assert "<script>alert" not in page
    assert "<img src=x>" not in page


def test_list_shows_only_what_is_public(client: Client, quarter: Quarter) -> None:
    shown = [ReportFactory(status=status, quarter=quarter) for status in ("open", "in_progress", "resolved")]
    hidden = [ReportFactory(status=status, quarter=quarter) for status in ("pending", "rejected", "withdrawn")]
    page = client.get("/signalements/").content.decode()
    assert all(report.ref in page for report in shown)
    assert not any(report.ref in page for report in hidden)


@pytest.mark.parametrize(
    "query",
    ["status=resolved", "category=lamp", "quarter=bastos", "q=lampadaire", "q=Éclairage", "bbox=11.51,3.86,11.52,3.87"],
)
def test_list_filters(query: str, client: Client, quarter: Quarter, other_quarter: Quarter) -> None:
    wanted = ReportFactory(
        status="resolved",
        category=CategoryFactory(code="lamp", name_fr="Lampadaire", name_en="Street lamp"),
        quarter=other_quarter,
        description="Le lampadaire est éteint, plus d’éclairage.",
        point="SRID=4326;POINT(11.515 3.865)",
    )
    other = ReportFactory(quarter=quarter, description="Un trou.")
    page = client.get(f"/signalements/?{query}").content.decode()
    assert wanted.ref in page
    assert other.ref not in page


def test_list_sorts_by_support(client: Client, quarter: Quarter) -> None:
    few, many = ReportFactory(quarter=quarter, votes=1), ReportFactory(quarter=quarter, votes=9)
    page = client.get("/signalements/?sort=votes").content.decode()
    assert page.index(many.ref) < page.index(few.ref)


@pytest.mark.parametrize(
    "query", ["bbox=nan,1,2,3", "bbox=1", "status=lost", "sort=worst", "category=dragons", "q=%00"]
)
def test_list_explains_a_filter_that_it_does_not_understand(query: str, client: Client, quarter: Quarter) -> None:
    response = client.get(f"/signalements/?{query}")
    assert response.status_code == 200
    assert 'role="alert"' in response.content.decode()


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999", "2"])
def test_list_has_no_such_page(page: str, client: Client, quarter: Quarter) -> None:
    ReportFactory(quarter=quarter)
    assert client.get(f"/signalements/?page={page}").status_code == 404


def test_list_pages_keep_the_filters(client: Client, quarter: Quarter) -> None:
    for _unused in range(21):
        ReportFactory(quarter=quarter)
    first = client.get("/signalements/?status=open").content.decode()
    assert "?status=open&amp;page=2" in first
    second = client.get("/signalements/?status=open&page=2").content.decode()
    assert second.count('<article class="card"') == 1


@pytest.mark.parametrize("path", ["/", "/signalements/", "/quartiers/yaounde/mokolo/"])
def test_page_costs_the_same_with_more_reports(
    path: str, client: Client, quarter: Quarter, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    def fill(count: int) -> None:
        for _unused in range(count):
            PhotoFactory(report=ReportFactory(quarter=quarter))

    fill(1)
    client.get(path)
    with django_assert_max_num_queries(20) as one:
        client.get(path)
    fill(2)
    with django_assert_max_num_queries(len(one)):
        client.get(path)


def test_list_counts_nothing(
    client: Client, quarter: Quarter, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    ReportFactory(quarter=quarter)
    with django_assert_max_num_queries(20) as asked:
        client.get("/signalements/")
    assert not any("COUNT(" in query["sql"] for query in asked.captured_queries)


def test_feed_has_each_place(client: Client, quarter: Quarter, category: Category) -> None:
    report = ReportFactory(quarter=quarter, category=category)
    ReportFactory(status="pending", quarter=quarter)
    response = client.get("/signalements/atom/")
    (entry,) = ElementTree.fromstring(response.content).findall(f"{ATOM}entry")
    assert response["Content-Type"].startswith("application/atom+xml")
    assert entry.findtext(f"{GEORSS}point") == "3.865000 11.505000"
    assert entry.findtext(f"{ATOM}id", "").endswith(f"/s/{report.ref}/")


def test_feed_has_the_filters_of_the_list(client: Client, quarter: Quarter) -> None:
    ReportFactory(quarter=quarter)
    response = client.get("/signalements/atom/?status=resolved")
    assert ElementTree.fromstring(response.content).findall(f"{ATOM}entry") == []


def test_feed_with_a_filter_that_it_does_not_understand(client: Client, db: None) -> None:
    assert client.get("/signalements/atom/?bbox=1").status_code == 400


@pytest.mark.parametrize(("path", "language"), [("/nulle-part/", "fr"), ("/en/nowhere/", "en")])
def test_unknown_address_has_a_page_of_ours(path: str, language: str, client: Client, db: None) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert f'<html lang="{language}">' in response.content.decode()


def test_unknown_address_of_the_api_is_a_problem_document(client: Client, db: None) -> None:
    response = client.get("/api/v1/nowhere/")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


def test_list_offers_the_nearest_only_from_a_known_place(client: Client, quarter: Quarter) -> None:
    far = ReportFactory(quarter=quarter, point="SRID=4326;POINT(11.509 3.869)")
    near = ReportFactory(quarter=quarter, point="SRID=4326;POINT(11.501 3.861)")
    assert 'value="nearest"' not in client.get("/signalements/").content.decode()
    page = client.get("/signalements/?near=11.5,3.86&sort=nearest").content.decode()
    assert page.index(near.ref) < page.index(far.ref)
    assert "Près de vous" in page


def test_list_keeps_the_status_when_words_are_searched(client: Client, quarter: Quarter) -> None:
    page = client.get("/signalements/?status=resolved").content.decode()
    assert '<input type="hidden" name="status" value="resolved">' in page


@pytest.mark.parametrize("words", ["bastos", "BASTOS", "trou bastos", "Bastos trou"])
def test_list_finds_a_quarter_by_its_name(words: str, client: Client, quarter: Quarter, other_quarter: Quarter) -> None:
    there = ReportFactory(quarter=other_quarter, description="Un trou.")
    ReportFactory(quarter=other_quarter, description="Une fuite.")
    elsewhere = ReportFactory(quarter=quarter, description="Un trou.")
    page = client.get("/signalements/", {"q": words}).content.decode()
    assert there.ref in page
    assert elsewhere.ref not in page
    assert page.count('<article class="card"') == (2 if "trou" not in words else 1)


def test_list_finds_a_quarter_without_its_accents_and_hyphens(client: Client, town: Town) -> None:
    report = ReportFactory(quarter=QuarterFactory(town=town, slug="mvolye", name="Mvog-Mvolyé"))
    assert report.ref in client.get("/signalements/", {"q": "mvog mvolye"}).content.decode()
