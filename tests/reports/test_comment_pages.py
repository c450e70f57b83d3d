"""The pages of the discussion: the same for everybody, written without an account, one's own behind the device."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts.models import User
from reports.models import Comment, Organisation, Photo, Quarter, Report
from reports.services.comments import add_comment, judge_comment
from reports.templatetags.comments import linked
from tests.client import Client
from tests.factories import ReportFactory, UserFactory
from tests.reports.photo_samples import encoded, street

pytestmark = pytest.mark.django_db
OURS = {"sec-fetch-site": "same-origin"}
JSON = {**OURS, "accept": "application/json"}
BLNS = Path(__file__).resolve().parents[3] / "shared/data/text/blns.json"


@pytest.fixture
def report(quarter: Quarter, organisation: Organisation) -> Report:
    return ReportFactory(quarter=quarter, organisation=organisation)


def path_of(report: Report, rest: str = "") -> str:
    return f"/signalements/{report.ref}/commentaires/{rest}"


def upload(content: bytes = b"") -> SimpleUploadedFile:
    return SimpleUploadedFile("photo.jpg", content or encoded(street()), "image/jpeg")


def send(client: Client, report: Report, text: str = "Toujours là.", headers: Any = OURS, **fields: Any) -> Any:
    return client.post(path_of(report, "ecrire/"), {"text": text, **fields}, headers=headers)


def page_of(report: Report, client: Client | None = None, query: str = "") -> str:
    return (client or Client()).get(f"/signalements/{report.ref}/{query}").content.decode()


def test_write_without_an_account(client: Client, report: Report) -> None:
    response = send(client, report, text="  Toujours là.\r\n")
    comment = Comment.objects.get()
    assert (response.status_code, response["Location"]) == (
        303,
        f"/signalements/{report.ref}/commentaires/{comment.pk}/",
    )
    assert (comment.text, comment.author, len(comment.device), comment.language) == ("Toujours là.", None, 32, "fr")
    cookie = response.cookies["fmq_device"]
    assert (bool(cookie["httponly"]), cookie["samesite"]) == (True, "Lax")
    page = page_of(report)
    assert "Toujours là." in page
    assert "Une habitante, un habitant" in page


def test_write_in_english(client: Client, report: Report) -> None:
    client.post(f"/en{path_of(report, 'ecrire/')}", {"text": "Still there."}, headers=OURS)
    assert Comment.objects.get().language == "en"


def test_write_by_the_script(client: Client, report: Report) -> None:
    response = send(client, report, headers=JSON)
    comment = Comment.objects.get()
    url = f"/signalements/{report.ref}/#commentaire-{comment.pk}"
    assert (response.status_code, response.json()) == (201, {"id": comment.pk, "held": False, "url": url})
    response = send(client, report, "https://exemple.test", headers=JSON)
    held = Comment.objects.get(status="held")
    assert response.json() == {"id": held.pk, "held": True, "url": path_of(report, f"{held.pk}/")}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Écrivez votre commentaire."),
        (" \n\u200b\u00ad", "Écrivez votre commentaire."),
        ("a" * 2001, "Ce texte est trop long"),
        ("é" * 51_200, "Ce texte est trop long"),
        ("a\x00b", "Ce texte contient des caractères illisibles."),
    ],
)
def test_write_refused_keeps_the_text(text: str, sentence: str, client: Client, report: Report) -> None:
    response = send(client, report, text)
    page = response.content.decode()
    assert (response.status_code, Comment.objects.count()) == (422, 0)
    assert sentence in page
    assert text.strip()[:2001].replace("\x00", "") in page.replace("\x00", "")
    assert "fmq_device" not in response.cookies
    answer = send(client, report, text, headers=JSON)
    assert (answer.status_code, sentence in answer.json()["errors"][0]) == (422, True)


def test_write_by_a_robot(client: Client, report: Report) -> None:
    assert send(client, report, website="x").status_code == 422


@pytest.mark.parametrize(
    ("status", "expected"), [("pending", 404), ("withdrawn", 404), ("rejected", 410), ("duplicate", 302)]
)
def test_pages_of_what_is_not_public(
    status: str, expected: int, client: Client, report: Report, quarter: Quarter
) -> None:
    send(client, report)
    comment = Comment.objects.get()
    hidden = ReportFactory(status=status, quarter=quarter)
    Comment.objects.filter(pk=comment.pk).update(report=hidden)
    for rest in ("", "ecrire/", f"{comment.pk}/"):
        response = client.get(path_of(hidden, rest))
        assert (response.status_code, comment.text in response.content.decode()) == (expected, False)
    assert send(client, hidden).status_code == expected
    assert client.post(path_of(hidden, f"{comment.pk}/"), {"action": "delete"}, headers=OURS).status_code == expected
    assert Comment.objects.get().status == "visible"


def test_write_from_another_site(client: Client, report: Report) -> None:
    assert send(client, report, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert Comment.objects.count() == 0


def test_write_from_an_unknown_origin_is_nobody(client: Client, report: Report, author: User) -> None:
    client.force_login(author)
    send(client, report, headers={})
    assert Comment.objects.get().author is None


def test_write_too_often(client: Client, report: Report, settings: Settings) -> None:
    rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "comment": "1/hour"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    answers = [send(client, report, f"Numéro {number}.") for number in range(3)]
    # The first one gave the device its cookie, by which the others are counted.
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert "Numéro 2." in answers[2].content.decode()
    assert send(Client(), report).status_code == 303


def test_write_too_often_from_one_address(report: Report, settings: Settings) -> None:
    rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "comment-address": "2/hour"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    assert [send(Client(), report, f"{number}").status_code for number in range(3)] == [303, 303, 429]


def test_write_shows_the_name_that_the_person_chose(client: Client, report: Report) -> None:
    client.force_login(UserFactory(name="Awa Ngo", email="awa@example.org", shows_name=True))
    assert 'name="show_name" id="commentaire_show_name" checked' in re.sub(
        r" aria-describedby=\S+", "", client.get(path_of(report, "ecrire/")).content.decode()
    )
    send(client, report, "Sans nom.")
    send(client, report, "Avec nom.", show_name="on")
    page = page_of(report)
    assert (page.count("Awa Ngo"), page.count("awa@example.org")) == (1, 0)


def test_write_for_an_organisation(client: Client, report: Report, operator: User, stranger: User) -> None:
    client.force_login(operator)
    assert "Au nom de Service de la voirie" in client.get(path_of(report, "ecrire/")).content.decode()
    send(client, report, "Nous passons jeudi.", speaks="on")
    assert Comment.objects.get().organisation == report.organisation
    client.force_login(stranger)
    assert "Au nom de" not in client.get(path_of(report, "ecrire/")).content.decode()
    send(client, report, "Moi aussi.", speaks="on")
    assert Comment.objects.get(text="Moi aussi.").organisation is None


def test_write_for_an_organisation_without_the_second_factor(client: Client, report: Report, operator: User) -> None:
    client.force_login(operator, factor=False)
    assert "Au nom de" not in client.get(path_of(report, "ecrire/")).content.decode()
    send(client, report, "Nous passons jeudi.", speaks="on")
    assert Comment.objects.get().organisation is None


def test_write_with_a_photo(client: Client, report: Report) -> None:
    send(client, report, photo=upload())
    photo = Photo.objects.get()
    assert (photo.kind, photo.report, photo.comment.report) == ("comment", None, report)
    assert "Photo en préparation" in page_of(report)
    Photo.objects.update(status="refused")
    assert "Photo en préparation" not in page_of(report)


def test_write_with_something_else_than_a_photo(client: Client, report: Report) -> None:
    response = send(client, report, photo=upload(content=b"%PDF-1.7"))
    assert (response.status_code, Photo.objects.count(), Comment.objects.count()) == (422, 0, 0)
    assert "Toujours là." in response.content.decode()


def test_write_twice_keeps_one_photo(client: Client, report: Report) -> None:
    send(client, report, "Regardez.", photo=upload())
    send(client, report, "Regardez.", photo=upload())
    assert (Comment.objects.count(), Photo.objects.count()) == (1, 1)


def test_held_comment_is_on_no_public_page(client: Client, report: Report) -> None:
    response = send(client, report, "Voir https://exemple.test")
    assert response["Location"] == path_of(report, f"{Comment.objects.get().pk}/")
    own = client.get(response["Location"]).content.decode()
    assert "Il attend une personne de la modération" in own
    assert "Le texte contient un lien." in own
    for address in ("", "?fragment=commentaires", "commentaires/"):
        assert "exemple.test" not in page_of(report, client, address)


def test_page_is_the_same_for_whoever_commented(client: Client, report: Report, author: User) -> None:
    send(client, report)
    client.force_login(author)
    theirs = client.get(f"/signalements/{report.ref}/")
    assert theirs.cookies == {}
    assert theirs.headers.get("Vary", "") in {"", "Accept-Encoding"}
    assert theirs.content == Client().get(f"/signalements/{report.ref}/").content


def test_own_page_belongs_to_one_device(client: Client, report: Report, stranger: User, administrator: User) -> None:
    send(client, report)
    own = path_of(report, f"{Comment.objects.get().pk}/")
    assert client.get(own).status_code == 200
    other = Client()
    other.cookies["fmq_device"] = "faux:signature"
    assert other.get(own).status_code == Client().get(own).status_code == 404
    for person in (stranger, administrator):
        other.force_login(person)
        assert other.get(own).status_code == 404
        assert other.post(own, {"action": "delete"}, headers=OURS).status_code == 404
    assert client.get(path_of(ReportFactory(quarter=report.quarter), own.split("/")[-2] + "/")).status_code == 404


def test_own_page_corrects(client: Client, report: Report) -> None:
    send(client, report)
    comment = Comment.objects.get()
    own = path_of(report, f"{comment.pk}/")
    assert "Enregistrer" in client.get(own).content.decode()
    assert client.post(own, {"action": "edit", "text": "Réparé."}, headers=OURS).status_code == 303
    assert "Réparé." in page_of(report)
    assert "corrigé" in page_of(report)
    assert client.post(own, {"action": "edit", "text": ""}, headers=OURS).status_code == 422
    Comment.objects.update(created_at=timezone.now() - timedelta(minutes=20))
    late = client.post(own, {"action": "edit", "text": "Trop tard."}, headers=OURS)
    assert (late.status_code, "pendant quinze minutes" in late.content.decode()) == (403, True)
    assert "Enregistrer" not in client.get(own).content.decode()


def test_own_page_deletes(client: Client, report: Report) -> None:
    send(client, report)
    own = path_of(report, f"{Comment.objects.get().pk}/")
    response = client.post(own, {"action": "delete"}, headers=OURS, follow=True)
    assert "Votre commentaire est supprimé." in response.content.decode()
    assert "Toujours là." not in page_of(report)
    again = client.post(own, {"action": "delete"}, headers=OURS)
    assert again.status_code == 403


def test_own_page_tells_why_it_was_removed(client: Client, report: Report, moderator: User) -> None:
    send(client, report)
    judge_comment(comment=Comment.objects.get(), accept=False, reason="C’est de la publicité.", by=moderator)
    assert "C’est de la publicité." in client.get(path_of(report, f"{Comment.objects.get().pk}/")).content.decode()
    assert "Toujours là." not in page_of(report)


@pytest.mark.parametrize("wild", ["0", "99999999999999999999999", "-1", "x", "%00", "²"])
def test_wild_numbers_are_not_found(wild: str, client: Client, report: Report) -> None:
    assert client.get(path_of(report, f"{wild}/")).status_code == 404
    assert client.get(path_of(report, f"?avant={wild}")).status_code == 404


def test_older_comments_are_one_page_away(client: Client, report: Report) -> None:
    said = [add_comment(report=report, text=f"Numéro {number}.", device="d") for number in range(45)]
    first = page_of(report)
    assert [first.count("data-comment="), "Numéro 25." in first, "Numéro 24." in first] == [20, True, False]
    assert f"?avant={said[25].pk}" in first
    second = client.get(path_of(report, f"?avant={said[25].pk}"))
    assert second["Cache-Control"] == "public, max-age=1"
    assert re.findall(r"Numéro (\d+)\.", second.content.decode()) == [str(number) for number in range(24, 4, -1)]
    last = client.get(path_of(report, f"?avant={said[5].pk}")).content.decode()
    assert (last.count("data-comment="), "Voir les plus anciens" in last) == (5, False)


@pytest.mark.parametrize("path", ["", "?fragment=commentaires", "commentaires/"])
def test_number_of_queries_does_not_grow(
    path: str, client: Client, report: Report, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    address = f"/signalements/{report.ref}/{path}"
    add_comment(report=report, text="Un.", device="d")
    with django_assert_max_num_queries(8) as one:
        client.get(address)
    for number in range(3):
        author = UserFactory()
        add_comment(report=report, text=f"Plus {number}.", author=author)
    with django_assert_max_num_queries(len(one)):
        client.get(address)


def test_card_counts_comments(client: Client, report: Report) -> None:
    assert "<span data-comment-mark hidden>" in client.get("/signalements/").content.decode()
    send(client, report)
    page = client.get("/signalements/").content.decode()
    assert "<span data-comment-count>1</span>" in page
    assert "<span data-comment-mark>" in page


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a <b> & c", "a &lt;b&gt; &amp; c"),
        (
            "Voir https://a.test/x?y=1&z=2.",
            'Voir <a href="https://a.test/x?y=1&amp;z=2" rel="nofollow ugc noopener">https://a.test/x?y=1&amp;z=2</a>.',
        ),
        (
            'https://a.test/"onmouseover="x',
            '<a href="https://a.test/" rel="nofollow ugc noopener">https://a.test/</a>&quot;onmouseover=&quot;x',
        ),
        ("javascript:alert(1) ftp://a.test http://", "javascript:alert(1) ftp://a.test http://"),
    ],
)
def test_linked(text: str, expected: str) -> None:
    assert linked(text, may_link=True) == expected
    assert "<a" not in linked(text, may_link=False)


def test_linked_naughty_strings_open_no_tag() -> None:
    if not BLNS.exists():
        pytest.skip("the shared test data (blns.json) is not beside this checkout")
    allowed = re.compile(r'<a href="https?://[^"<>\s]+" rel="nofollow ugc noopener">|</a>')
    for text in json.loads(BLNS.read_text()):
        for may_link in (True, False):
            assert set("<>\"'") & set(allowed.sub("", linked(text, may_link))) == set(), text


def test_write_naughty_strings(client: Client, report: Report, settings: Settings) -> None:
    if not BLNS.exists():
        pytest.skip("the shared test data (blns.json) is not beside this checkout")
    settings.THROTTLE = False
    strings = json.loads(BLNS.read_text())
    statuses = [send(client, report, text, headers=JSON).status_code for text in strings]
    assert set(statuses) == {201, 422}
    assert statuses.count(201) > 450
    assert Client().get(path_of(report)).status_code == 200
