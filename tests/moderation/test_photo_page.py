"""A photo's page in the back office: who opens it, what it shows, what each form does, and the looks on record."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db.models import QuerySet
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import AuditEntry, User
from reports import workflow
from reports.models import Comment, Event, Photo, Quarter, Report
from reports.photos import MAX_MASKS, Rectangle
from reports.services.photo_changes import hide_photo, mask_photo
from tests.factories import PhotoFactory, ReportFactory
from tests.moderation.conftest import signed_in, words_of
from tests.moderation.test_access import FORBIDDEN, MISSING, OPEN, answers
from tests.reports.test_photo_changes import prepared, sent

pytestmark = pytest.mark.django_db

WHOLE = "Voir la photo entière"
POSTS = {
    "hide": {"reason": "On voit un visage."},
    "show": {},
    "mask": {"seen": "0", "x0": "10", "y0": "10", "w0": "20", "h0": "30"},
    "turn": {"seen": "0", "to": "left"},
    "whole": {},
}


@pytest.fixture
def superuser() -> User:
    return User.objects.create_superuser("racine@example.org", "correct horse battery")


@pytest.fixture
def report(quarter: Quarter, author: User) -> Report:
    return ReportFactory(quarter=quarter, reporter=author, status=workflow.OPEN)


@pytest.fixture
def photo(report: Report) -> Photo:
    row = PhotoFactory(report=report)
    for width in row.sizes:
        storages["variants"].save(row.variant_name(width), ContentFile(b"picture"))
    return row


def page(name: str, photo: Photo | int) -> str:
    return reverse(f"admin:reports_photo_{name}", args=[photo if isinstance(photo, int) else photo.pk])


def send(person: User | None, name: str, photo: Photo, **fields: str) -> Any:
    return signed_in(person).post(page(name, photo), fields)


def looks() -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(kind=AuditEntry.Kind.PHOTO_SEEN)


def kept(photo: Photo) -> tuple[int, bool]:
    row = Photo.objects.get(pk=photo.pk)
    return row.revision, row.is_hidden


# Who may

HERE = {"moderator": OPEN, "administrator": OPEN, "superuser": OPEN, "moderator_elsewhere": MISSING}


@pytest.mark.parametrize(("person", "answer"), answers(**HERE), indirect=["person"])
def test_page(person: User | None, answer: int, photo: Photo) -> None:
    assert signed_in(person).get(page("change", photo)).status_code == answer


@pytest.mark.parametrize(("person", "answer"), answers(**{**HERE, "moderator_elsewhere": OPEN}), indirect=["person"])
def test_list_of_hidden_photos(person: User | None, answer: int) -> None:
    assert signed_in(person).get(reverse("admin:reports_photo_changelist")).status_code == answer


@pytest.mark.parametrize("act", POSTS)
@pytest.mark.parametrize(
    ("person", "answer"),
    [(name, code) for name, code in answers(**HERE) if code != OPEN],
    indirect=["person"],
)
def test_forms_refuse_who_does_not_judge_the_place(act: str, person: User | None, answer: int, photo: Photo) -> None:
    assert send(person, act, photo, **POSTS[act]).status_code == answer
    assert kept(photo) == (0, False)
    assert not looks().exists()


@pytest.mark.parametrize(("person", "answer"), answers(**HERE), indirect=["person"])
def test_picture_without_a_ticket(person: User | None, answer: int, photo: Photo) -> None:
    answered = signed_in(person).get(page("picture", photo)).status_code
    assert answered == (FORBIDDEN if answer == OPEN else answer)


def test_page_of_a_comments_photo_is_that_of_the_reports_moderator(
    report: Report, moderator: User, moderator_elsewhere: User, stranger: User
) -> None:
    photo = PhotoFactory(report=None, kind=Photo.Kind.COMMENT)
    Comment.objects.create(report=report, author=stranger, text="Encore là.", photo=photo)
    assert "Encore là." in words_of(signed_in(moderator).get(page("change", photo)))
    assert signed_in(moderator_elsewhere).get(page("change", photo)).status_code == MISSING


@pytest.mark.parametrize("photo_id", [0, 999_999_999, 10**18])
def test_page_of_no_photo(photo_id: int, moderator: User) -> None:
    assert signed_in(moderator).get(page("change", photo_id)).status_code == MISSING


def test_page_of_a_photo_that_waits_for_its_report(administrator: User) -> None:
    assert signed_in(administrator).get(page("change", PhotoFactory(report=None))).status_code == MISSING


# What it shows


def test_page_of_an_unchanged_photo_shows_it_without_a_look(photo: Photo, moderator: User) -> None:
    text = words_of(signed_in(moderator).get(page("change", photo)))
    assert photo.url(1600) in text
    assert WHOLE not in text
    assert not looks().exists()


def test_page_of_a_hidden_photo_does_not_show_it(report: Report, moderator: User) -> None:
    photo = sent(report)
    hide_photo(photo=photo, by=moderator, reason="On voit un visage.")
    photo = prepared(photo)
    text = words_of(signed_in(moderator).get(page("change", photo)))
    assert WHOLE in text
    assert "On voit un visage." in text
    assert str(photo.key) not in text


def test_look_is_put_on_record_and_gives_the_whole_picture(report: Report, moderator: User, author: User) -> None:
    photo = sent(report)
    mask_photo(photo=photo, masks=[Rectangle(0, 0, 0.5, 1)], seen=0, by=moderator)
    photo = prepared(photo)
    browser = signed_in(moderator)
    shown = browser.post(page("whole", photo))
    entry = looks().get()
    assert (entry.kind, entry.actor, entry.subject, entry.about) == ("photo_seen", moderator, author, report.ref)
    picture = browser.get(shown.context["source"])
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/webp")
    assert picture["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    with storages["originals"].open(photo.look_name) as file:
        assert picture.content == file.read()
    # A page that is opened again asks for another look.
    assert WHOLE in words_of(browser.get(page("change", photo)))


def test_ticket_is_good_for_one_person_and_one_state(report: Report, moderator: User, administrator: User) -> None:
    photo = sent(report)
    hide_photo(photo=photo, by=moderator, reason="On voit un visage.")
    photo = prepared(photo)
    browser = signed_in(moderator)
    address = browser.post(page("whole", photo)).context["source"]
    assert signed_in(administrator).get(address).status_code == FORBIDDEN
    assert browser.get(address + "x").status_code == FORBIDDEN
    mask_photo(photo=photo, masks=[Rectangle(0, 0, 0.5, 1)], seen=1, by=moderator)
    prepared(photo)
    assert browser.get(address).status_code == FORBIDDEN


def test_look_at_a_photo_that_is_being_prepared(report: Report, moderator: User) -> None:
    photo = sent(report)
    hide_photo(photo=photo, by=moderator, reason="On voit un visage.")
    answer = send(moderator, "whole", photo)
    assert answer.status_code == 422
    assert "en préparation" in words_of(answer)
    assert not looks().exists()


def test_page_shows_rectangles_as_the_turned_picture_has_them(report: Report, moderator: User) -> None:
    photo = PhotoFactory(report=report, rotation=90, masks=[{"x": 0.0, "y": 0.0, "w": 0.25, "h": 0.5}], revision=2)
    storages["originals"].save(photo.look_name, ContentFile(b"whole"))
    form = send(moderator, "whole", photo).context["form"]
    assert [form[f"{side}0"].value() for side in "xywh"] == [50.0, 0.0, 50.0, 25.0]


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_hidden_photos_costs_the_same(
    count: int, report: Report, moderator: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _unused in range(count):
        hide_photo(photo=PhotoFactory(report=report), by=None, reason="")
    browser = signed_in(moderator)
    address = reverse("admin:reports_photo_changelist")
    browser.get(address)
    with django_assert_num_queries(LIST_QUERIES):
        assert len(browser.get(address).context["rows"]) == count


LIST_QUERIES = 5


# What the forms do


def test_mask(photo: Photo, moderator: User) -> None:
    answer = send(moderator, "mask", photo, **POSTS["mask"], x1="0", y1="90", w1="100", h1="10")
    assert answer.status_code == 302
    row = Photo.objects.get(pk=photo.pk)
    assert row.masks == [{"x": 0.1, "y": 0.1, "w": 0.2, "h": 0.3}, {"x": 0.0, "y": 0.9, "w": 1.0, "h": 0.1}]
    assert Event.objects.get(kind=Event.Kind.PHOTO_CHANGED).data["masks"] == 2


def test_mask_that_is_left_out(photo: Photo, moderator: User) -> None:
    Photo.objects.filter(pk=photo.pk).update(masks=[{"x": 0.1, "y": 0.1, "w": 0.2, "h": 0.3}])
    send(moderator, "mask", photo, **POSTS["mask"], leave0="on")
    assert Photo.objects.get(pk=photo.pk).masks == []


def test_mask_of_a_turned_photo_is_kept_upright(photo: Photo, moderator: User) -> None:
    Photo.objects.filter(pk=photo.pk).update(rotation=90)
    send(moderator, "mask", photo, seen="0", x0="50", y0="0", w0="50", h0="25")
    assert Photo.objects.get(pk=photo.pk).masks == [{"x": 0.0, "y": 0.0, "w": 0.25, "h": 0.5}]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"x0": "10"}, "Donnez les quatre nombres"),
        ({"x0": "90", "y0": "0", "w0": "50", "h0": "50"}, "sort de la photo"),
        ({"x0": "1", "y0": "1", "w0": "0", "h0": "50"}, "trop petite"),
        ({"x0": "loin", "y0": "1", "w0": "10", "h0": "10"}, "Saisissez un nombre"),
        ({"x0": "1e999", "y0": "1", "w0": "10", "h0": "10"}, "Saisissez un nombre"),
        ({"x0": "\x00", "y0": "1", "w0": "10", "h0": "10"}, "Saisissez un nombre"),
        ({"x0": "9" * 400, "y0": "1", "w0": "10", "h0": "10"}, "Zone 1"),
        ({"x0": "-5", "y0": "1", "w0": "10", "h0": "10"}, "supérieure ou égale à 0"),
        ({"x0": "﷽", "y0": "👾", "w0": "<script>", "h0": "nan"}, "Saisissez un nombre"),
    ],
)
def test_mask_with_numbers_that_make_no_rectangle(
    typed: dict[str, str], said: str, photo: Photo, moderator: User
) -> None:
    answer = send(moderator, "mask", photo, seen="0", **typed)
    assert answer.status_code == 422
    assert said in words_of(answer)
    assert answer.context["form"]["x0"].value() == typed["x0"]
    assert kept(photo) == (0, False)


@pytest.mark.parametrize("seen", ["1", "", "abc", "9" * 30, "\x00"])
def test_mask_of_a_photo_that_has_changed(seen: str, photo: Photo, moderator: User) -> None:
    answer = send(moderator, "mask", photo, **{**POSTS["mask"], "seen": seen})
    assert answer.status_code == (409 if seen == "1" else 422)
    assert kept(photo) == (0, False)


def test_mask_form_has_room_for_as_many_as_may_be(photo: Photo, moderator: User) -> None:
    rows = list(signed_in(moderator).get(page("change", photo)).context["form"].rows())
    assert (len(rows), sum(not row.is_extra for row in rows)) == (MAX_MASKS, 3)


@pytest.mark.parametrize(("to", "rotation"), [("left", 270), ("right", 90)])
def test_turn(to: str, rotation: int, photo: Photo, moderator: User) -> None:
    assert send(moderator, "turn", photo, seen="0", to=to).status_code == 302
    assert Photo.objects.get(pk=photo.pk).rotation == rotation


@pytest.mark.parametrize("fields", [{"seen": "7", "to": "left"}, {"seen": "0", "to": "up"}, {}])
def test_turn_that_cannot_be_done(fields: dict[str, str], photo: Photo, moderator: User) -> None:
    assert send(moderator, "turn", photo, **fields).status_code == 409
    assert kept(photo) == (0, False)


def test_hide_and_show(photo: Photo, moderator: User) -> None:
    assert send(moderator, "hide", photo, reason="On voit un visage.").status_code == 302
    assert kept(photo) == (1, True)
    hidden = signed_in(moderator).get(reverse("admin:reports_photo_changelist"))
    assert [row["photo"] for row in hidden.context["rows"]] == [photo]
    assert send(moderator, "show", photo).status_code == 302
    assert kept(photo) == (2, False)


@pytest.mark.parametrize("reason", ["", "   ", "a\x00b", "x" * 501])
def test_hide_without_a_proper_reason(reason: str, photo: Photo, moderator: User) -> None:
    answer = send(moderator, "hide", photo, reason=reason)
    assert answer.status_code == 422
    assert answer.context["hiding"]["reason"].value() == reason
    assert kept(photo) == (0, False)


@pytest.mark.parametrize("act", POSTS)
def test_forms_opened_as_pages(act: str, photo: Photo, moderator: User) -> None:
    assert signed_in(moderator).get(page(act, photo))["Location"] == page("change", photo)
    assert kept(photo) == (0, False)


# The report's page


def test_report_page_leads_a_moderator_to_each_photo(photo: Photo, moderator: User, operator: User) -> None:
    hide_photo(photo=photo, by=None, reason="")
    address = reverse("admin:reports_report_change", args=[photo.report_id])
    text = words_of(signed_in(moderator).get(address))
    assert page("change", photo) in text
    assert "Cachée" in text
    text = words_of(signed_in(operator).get(address))
    assert page("change", photo) not in text
    assert "1 photo est cachée par la modération." in text
    assert str(photo.key) not in text
