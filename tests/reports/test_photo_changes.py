"""Hiding, masking and turning a photo: who may, what the files become, and what everybody sees at once."""

import json
from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.models import User
from reports import photos as pictures
from reports import workflow
from reports.errors import DomainError, MissingExplanation, NotAllowed, StaleReport
from reports.models import Event, Photo, Report
from reports.photos import MAX_MASKS, Rectangle
from reports.services.comments import add_comment
from reports.services.photo_changes import hide_photo, mask_photo, show_photo, turn_photo
from reports.services.photos import finish, process_photo, remove, sweep, take_in
from tests.factories import ReportFactory
from tests.reports.test_vote import at_once

LEFT_HALF = Rectangle(0.0, 0.0, 0.5, 1.0)
AFTER_COMMIT = {"execute": True}

Commits = Callable[..., Any]


def sent(report: Report | None = None, *, size: tuple[int, int] = (800, 600), kind: str = "problem") -> Photo:
    """Return a white photo as it stands once the worker has prepared it."""
    out = BytesIO()
    Image.new("RGB", size, "white").save(out, "JPEG")
    facts = pictures.inspect(BytesIO(out.getvalue()), len(out.getvalue()))
    photo = take_in(file=SimpleUploadedFile("IMG_1.jpg", out.getvalue()), facts=facts, kind=kind)
    Photo.objects.filter(pk=photo.pk).update(report=report)
    return prepared(photo)


def prepared(photo: Photo) -> Photo:
    """Let the worker do its part, and return the photo as it is then."""
    process_photo(photo_id=photo.pk)
    return Photo.objects.get(pk=photo.pk)


def public_files(photo: Photo) -> list[str]:
    """Return the names of all files that anybody could fetch."""
    try:
        return sorted(storages["variants"].listdir(f"photos/{photo.key}")[1])
    except FileNotFoundError:
        return []


def brightness(file: Any, x: float, y: float) -> int:
    """Return how bright a picture is at a place (fractions): 0 is black, 255 white."""
    with Image.open(file) as image:
        grey = image.convert("L")
        value = grey.getpixel((int(x * (grey.width - 1)), int(y * (grey.height - 1))))
        assert isinstance(value, int)
        return value


def public(photo: Photo, width: int = 320) -> Any:
    return storages["variants"].open(photo.variant_name(width))


@pytest.fixture
def report(author: User, quarter: Any) -> Report:
    return ReportFactory(quarter=quarter, reporter=author, status=workflow.OPEN)


# Who may


@pytest.mark.parametrize(
    ("name", "may"),
    [
        ("moderator", True),
        ("administrator", True),
        ("moderator_elsewhere", False),
        ("operator", False),
        ("operator_elsewhere", False),
        ("author", False),
        ("stranger", False),
    ],
)
@pytest.mark.parametrize("act", ["hide", "show", "mask", "turn"])
def test_who_may(act: str, name: str, *, may: bool, report: Report, request: pytest.FixtureRequest) -> None:
    person: User = request.getfixturevalue(name)
    photo = sent(report)
    if act == "show":
        hide_photo(photo=photo, by=None, reason="")
        photo = prepared(photo)
    before = photo.revision
    acts: dict[str, Callable[[], None]] = {
        "hide": partial(hide_photo, photo=photo, by=person, reason="Un visage."),
        "show": partial(show_photo, photo=photo, by=person),
        "mask": partial(mask_photo, photo=photo, masks=[LEFT_HALF], seen=photo.revision, by=person),
        "turn": partial(turn_photo, photo=photo, degrees=90, seen=photo.revision, by=person),
    }
    if may:
        acts[act]()
    else:
        with pytest.raises(NotAllowed):
            acts[act]()
    assert (Photo.objects.get(pk=photo.pk).revision > before) is may


# Files


def test_mask_paints_every_variant_over_and_keeps_the_original(
    report: Report, moderator: User, django_capture_on_commit_callbacks: Commits
) -> None:
    photo = sent(report)
    first = public_files(photo)
    with django_capture_on_commit_callbacks(**AFTER_COMMIT):
        mask_photo(photo=photo, masks=[LEFT_HALF], seen=0, by=moderator)
    # The worker of the tests waits for nobody: what was there is gone, and the new picture is not made yet.
    assert (photo.status, photo.urls, public_files(photo)) == (Photo.Status.PROCESSING, {}, [])
    photo = prepared(photo)
    assert first == ["320.webp"]
    assert public_files(photo) == [f"{photo.pk}-1-320.webp"]
    with public(photo) as file:
        assert brightness(file, 0.1, 0.5) < 60
        assert brightness(file, 0.9, 0.5) > 240
    with photo.original.open() as file:
        assert brightness(file, 0.1, 0.5) > 240
    with storages["originals"].open(photo.look_name) as file:
        assert brightness(file, 0.1, 0.5) > 240


def test_mask_of_a_turned_photo_stays_on_what_it_covers(report: Report, moderator: User) -> None:
    photo = sent(report)
    mask_photo(photo=photo, masks=[LEFT_HALF], seen=0, by=moderator)
    turn_photo(photo=photo, degrees=90, seen=1, by=moderator)
    photo = prepared(photo)
    assert ((photo.width, photo.height), photo.sizes) == ((600, 800), [320])
    with public(photo) as file:
        # What was on the left is at the top now.
        assert brightness(file, 0.5, 0.1) < 60
        assert brightness(file, 0.5, 0.9) > 240


def test_turn_four_times_gives_the_same_picture(report: Report, moderator: User) -> None:
    photo = sent(report)
    for seen in range(4):
        turn_photo(photo=photo, degrees=90, seen=seen, by=moderator)
    photo = prepared(photo)
    assert (photo.rotation, photo.revision, (photo.width, photo.height)) == (0, 4, (800, 600))


def test_taking_masks_away_gives_the_whole_picture_back(report: Report, moderator: User) -> None:
    photo = sent(report)
    mask_photo(photo=photo, masks=[LEFT_HALF], seen=0, by=moderator)
    photo = prepared(photo)
    mask_photo(photo=photo, masks=[], seen=1, by=moderator)
    photo = prepared(photo)
    with public(photo) as file:
        assert brightness(file, 0.1, 0.5) > 240
    assert public_files(photo) == [f"{photo.pk}-2-320.webp"]
    assert storages["originals"].listdir("looks")[1] == [f"{photo.key}-{photo.pk}-2.webp"]


def test_perceptual_hash_stays_that_of_the_first_picture(report: Report, moderator: User) -> None:
    photo = sent(report)
    mask_photo(photo=photo, masks=[LEFT_HALF], seen=0, by=moderator)
    turn_photo(photo=photo, degrees=180, seen=1, by=moderator)
    assert prepared(photo).phash == photo.phash != ""


def test_photo_without_an_original_is_changed_from_its_public_picture(report: Report, moderator: User) -> None:
    photo = sent(report)
    storages["originals"].delete(photo.original.name or "")
    Photo.objects.filter(pk=photo.pk).update(original="")
    photo.refresh_from_db()
    mask_photo(photo=photo, masks=[LEFT_HALF], seen=0, by=moderator)
    photo = prepared(photo)
    assert photo.original.name == f"originals/{photo.key}-{photo.pk}"
    with public(photo) as file:
        assert brightness(file, 0.1, 0.5) < 60


def test_photos_of_one_picture_are_changed_apart(
    report: Report, moderator: User, django_capture_on_commit_callbacks: Commits
) -> None:
    """The photos of the demonstration share their files."""
    photo = sent(report)
    twin = Photo.objects.create(
        report=ReportFactory(quarter=report.quarter), key=photo.key, status=photo.status, sizes=photo.sizes
    )
    with django_capture_on_commit_callbacks(**AFTER_COMMIT):
        mask_photo(photo=twin, masks=[LEFT_HALF], seen=0, by=moderator)
    twin = prepared(twin)
    with public(photo) as file:
        assert brightness(file, 0.1, 0.5) > 240
    with public(twin) as file:
        assert brightness(file, 0.1, 0.5) < 60
    remove(photo=twin)
    assert public_files(photo) == ["320.webp"]


def test_remove_leaves_no_file(report: Report, moderator: User) -> None:
    photo = sent(report)
    mask_photo(photo=photo, masks=[LEFT_HALF], seen=0, by=moderator)
    photo = prepared(photo)
    remove(photo=photo)
    assert public_files(photo) == []
    assert storages["originals"].listdir("looks")[1] == []
    assert storages["originals"].listdir("originals")[1] == []


# Hiding


def everywhere(report: Report) -> str:
    """Return all that the public can read about a report, in one text."""
    browser = Client(headers={"Sec-Fetch-Site": "same-origin"})
    addresses = [
        reverse("home"),
        reverse("report-list"),
        reverse("report-detail", args=[report.ref]),
        reverse("report-detail", args=[report.ref]) + "?fragment=photos",
        reverse("report-detail", args=[report.ref]) + "?fragment=commentaires",
        f"/api/v1/reports/{report.ref}/",
        "/api/v1/reports/",
        f"/api/v1/reports/{report.ref}/comments/",
    ]
    texts = [browser.get(address) for address in addresses]
    assert [answer.status_code for answer in texts] == [200] * len(addresses)
    return "".join(answer.content.decode() for answer in texts)


def test_hide_takes_a_photo_away_everywhere(
    report: Report, moderator: User, django_capture_on_commit_callbacks: Commits
) -> None:
    photo = sent(report)
    url = photo.url(320)
    assert url in everywhere(report)
    with django_capture_on_commit_callbacks(**AFTER_COMMIT):
        hide_photo(photo=photo, by=moderator, reason="On voit un visage.")
    for state in (Photo.objects.get(pk=photo.pk), prepared(photo)):
        assert (state.urls, state.url(320), state.srcset, state.is_ready, public_files(state)) == (
            {},
            "",
            "",
            False,
            [],
        )
        text = everywhere(report)
        assert str(photo.key) not in text
        assert "En préparation" not in text


def test_hide_of_a_comments_photo_leaves_the_words(
    report: Report, stranger: User, moderator: User, django_capture_on_commit_callbacks: Commits
) -> None:
    photo = sent(kind=Photo.Kind.COMMENT)
    comment = add_comment(report=report, text="Encore là ce matin.", author=stranger, photo=photo)
    type(comment).objects.filter(pk=comment.pk).update(status="visible", held_for=[])
    assert photo.url(320) in everywhere(report)
    with django_capture_on_commit_callbacks(**AFTER_COMMIT):
        hide_photo(photo=photo, by=moderator, reason="On voit un visage.")
    text = everywhere(report)
    assert "Encore là ce matin." in text
    assert str(photo.key) not in text
    answer = json.loads(Client().get(f"/api/v1/reports/{report.ref}/comments/").content)
    assert answer["results"][0]["photo"] is None


def test_show_gives_a_hidden_photo_back_with_its_masks(report: Report, moderator: User) -> None:
    photo = sent(report)
    mask_photo(photo=photo, masks=[LEFT_HALF], seen=0, by=moderator)
    hide_photo(photo=photo, by=moderator, reason="On voit un visage.")
    assert public_files(prepared(photo)) == []
    show_photo(photo=photo, by=moderator)
    photo = prepared(photo)
    assert photo.url(320) in everywhere(report)
    with public(photo) as file:
        assert brightness(file, 0.1, 0.5) < 60


def test_hide_twice_is_told_once(report: Report, moderator: User) -> None:
    photo = sent(report)
    for reason in ("Un visage.", "Une plaque."):
        hide_photo(photo=photo, by=moderator, reason=reason)
    event = Event.objects.get(kind=Event.Kind.PHOTO_CHANGED)
    assert (event.data["change"], event.data["photo"]) == ("hidden", str(photo.key))
    assert (event.private_data, event.actor, event.is_public) == ({"note": "Un visage."}, moderator, True)


def test_hide_without_a_reason(report: Report, moderator: User) -> None:
    photo = sent(report)
    with pytest.raises(MissingExplanation):
        hide_photo(photo=photo, by=moderator, reason="  ")
    assert not Photo.objects.get(pk=photo.pk).is_hidden


def test_hide_by_the_portal_itself(report: Report) -> None:
    photo = sent(report)
    hide_photo(photo=photo, by=None, reason="")
    event = Event.objects.get(kind=Event.Kind.PHOTO_CHANGED)
    assert (event.actor, event.actor_role, event.private_data) == (None, "", {})


def test_hide_while_the_first_picture_is_made(report: Report, moderator: User) -> None:
    photo = sent(report)
    Photo.objects.filter(pk=photo.pk).update(status=Photo.Status.PROCESSING)
    photo.refresh_from_db()
    slow_worker = Photo.objects.get(pk=photo.pk)
    hide_photo(photo=photo, by=moderator, reason="Un visage.")
    finish(photo=slow_worker, status=Photo.Status.READY)
    assert Photo.objects.get(pk=photo.pk).status == Photo.Status.PROCESSING
    assert public_files(prepared(photo)) == []


def test_report_of_another_page_does_not_load_hidden_photos(report: Report) -> None:
    hide_photo(photo=sent(report), by=None, reason="")
    shown = sent(report)
    assert list(Report.objects.with_card().get(pk=report.pk).photos.all()) == [shown]


# Refusals


@pytest.mark.parametrize(
    "masks", [[Rectangle(0.9, 0, 0.5, 0.5)], [Rectangle(float("nan"), 0, 0.1, 0.1)], [LEFT_HALF] * (MAX_MASKS + 1)]
)
def test_mask_with_rectangles_that_are_none(masks: list[Rectangle], report: Report, moderator: User) -> None:
    photo = sent(report)
    with pytest.raises(DomainError):
        mask_photo(photo=photo, masks=masks, seen=0, by=moderator)
    assert Photo.objects.get(pk=photo.pk).revision == 0


@pytest.mark.parametrize("degrees", [0, 45, 360, -90])
def test_turn_by_another_angle(degrees: int, report: Report, moderator: User) -> None:
    with pytest.raises(DomainError):
        turn_photo(photo=sent(report), degrees=degrees, seen=0, by=moderator)


def test_mask_of_a_photo_that_somebody_changed(report: Report, moderator: User, administrator: User) -> None:
    photo = sent(report)
    other = Photo.objects.get(pk=photo.pk)
    turn_photo(photo=other, degrees=90, seen=0, by=administrator)
    with pytest.raises(StaleReport):
        mask_photo(photo=photo, masks=[LEFT_HALF], seen=0, by=moderator)
    assert Photo.objects.get(pk=photo.pk).masks == []


def test_change_of_a_photo_that_cannot_be_read(report: Report, moderator: User) -> None:
    photo = sent(report)
    Photo.objects.filter(pk=photo.pk).update(status=Photo.Status.REFUSED)
    photo.refresh_from_db()
    with pytest.raises(DomainError, match="n’a pas pu être lue"):
        turn_photo(photo=photo, degrees=90, seen=0, by=moderator)
    hide_photo(photo=photo, by=moderator, reason="Un visage.")
    photo.refresh_from_db()
    assert (photo.status, photo.is_hidden) == (Photo.Status.REFUSED, True)


@pytest.mark.django_db(transaction=True)
def test_changes_at_once_leave_one_picture(report: Report, moderator: User, administrator: User) -> None:
    photo = sent(report)
    acts = [
        partial(turn_photo, photo=Photo.objects.get(pk=photo.pk), degrees=90, seen=0, by=person)
        for person in (moderator, administrator) * 4
    ]
    failures = at_once(acts)
    assert sorted(type(failure).__name__ for failure in failures) == ["StaleReport"] * 7
    photo = prepared(photo)
    assert (photo.rotation, photo.revision, public_files(photo)) == (90, 1, [f"{photo.pk}-1-320.webp"])


@pytest.mark.django_db(transaction=True)
def test_hide_and_mask_at_once_ends_hidden(report: Report, moderator: User) -> None:
    photo = sent(report)
    masking = partial(mask_photo, photo=Photo.objects.get(pk=photo.pk), masks=[LEFT_HALF], seen=0, by=moderator)
    hiding = partial(hide_photo, photo=Photo.objects.get(pk=photo.pk), by=moderator, reason="Un visage.")
    failures = at_once([masking, hiding, hiding, hiding])
    assert {type(failure).__name__ for failure in failures} <= {"StaleReport"}
    photo = prepared(photo)
    assert (photo.is_hidden, public_files(photo)) == (True, [])
    assert photo.status == Photo.Status.READY


# Robustness


def test_outdated_files_that_a_lost_worker_left_are_swept(report: Report, moderator: User) -> None:
    photo = sent(report)
    # The deletion after the commit did not come through, and neither did the task.
    mask_photo(photo=photo, masks=[LEFT_HALF], seen=0, by=moderator)
    storages["variants"].save(f"photos/{photo.key}/960.webp", ContentFile(b"left behind"))
    Photo.objects.update(created_at="2020-01-01T00:00Z")
    sweep()
    photo = prepared(photo)
    assert public_files(photo) == [f"{photo.pk}-1-320.webp"]


def test_storage_that_is_away_keeps_nobody_from_hiding(
    report: Report, moderator: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Commits
) -> None:
    photo = sent(report)

    def away(_path: str) -> None:
        raise OSError

    with monkeypatch.context() as patch, django_capture_on_commit_callbacks(**AFTER_COMMIT):
        patch.setattr(storages["variants"], "listdir", away)
        hide_photo(photo=photo, by=moderator, reason="Un visage.")
    assert (Photo.objects.get(pk=photo.pk).is_hidden, public_files(photo)) == (True, ["320.webp"])
    # The task is tried again until the storage answers.
    assert public_files(prepared(photo)) == []


def test_change_of_a_photo_whose_files_are_gone(report: Report, moderator: User) -> None:
    photo = sent(report)
    storages["variants"].delete(photo.variant_name(320))
    Photo.objects.filter(pk=photo.pk).update(original="")
    photo.refresh_from_db()
    turn_photo(photo=photo, degrees=90, seen=0, by=moderator)
    assert prepared(photo).status == Photo.Status.REFUSED
