"""“Vraiment réglé ?”: yes closes for good, no reopens within thirty days, a link alone changes nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from reports import workflow
from reports.errors import IllegalTransition, NotAllowed, StaleReport
from reports.models import Event, Follow, Photo, Report
from reports.permissions import NOBODY, actor_for, reporter_without_account
from reports.services.handling import change_status
from reports.services.repairs import confirm_repair, dispute_repair
from tests.factories import PhotoFactory, ReportFactory
from tests.reports.photo_samples import encoded, street

OURS: dict[str, Any] = {"headers": {"Sec-Fetch-Site": "same-origin"}}
AUTHOR = reporter_without_account()


@pytest.fixture(autouse=True)
def unthrottled(settings: Settings) -> None:
    settings.THROTTLE = False


def resolved(days_ago: int = 1, **fields: Any) -> Report:
    return ReportFactory(status=workflow.RESOLVED, resolved_at=timezone.now() - timedelta(days=days_ago), **fields)


def jpeg_upload() -> SimpleUploadedFile:
    return SimpleUploadedFile("photo.jpg", encoded(street()), "image/jpeg")


def page_of(report: Report) -> str:
    return reverse("follow", args=[report.followers.get(is_reporter=True).token])


def again(report: Report) -> Report:
    return Report.objects.get(pk=report.pk)


@pytest.mark.django_db
def test_confirm_repair_closes_for_good() -> None:
    report = resolved()
    event = confirm_repair(report=report, actor=AUTHOR)
    assert (event.kind, event.is_public, event.actor_role) == (Event.Kind.CONFIRMED, True, "reporter")
    assert again(report).confirmed_at == report.confirmed_at is not None
    with pytest.raises(NotAllowed, match="confirmé"):
        dispute_repair(report=again(report), actor=AUTHOR, note="Si, si.", photos=[])


@pytest.mark.django_db
def test_moderator_reopens_what_its_author_confirmed(moderator: User) -> None:
    report = resolved()
    confirm_repair(report=report, actor=AUTHOR)
    change_status(report=report, to=workflow.OPEN, actor=actor_for(moderator, report), note="Effondré de nouveau.")
    assert (again(report).status, again(report).confirmed_at) == (workflow.OPEN, None)


@pytest.mark.django_db
def test_confirm_repair_by_anybody_else(moderator: User, stranger: User) -> None:
    report = resolved()
    for actor in (NOBODY, actor_for(moderator, report), actor_for(stranger, report)):
        with pytest.raises(NotAllowed):
            confirm_repair(report=report, actor=actor)


@pytest.mark.django_db
@pytest.mark.parametrize("status", [status for status in workflow.STATUSES if status != workflow.RESOLVED])
def test_confirm_repair_of_what_is_not_resolved(status: str) -> None:
    with pytest.raises(IllegalTransition):
        confirm_repair(report=ReportFactory(status=status), actor=AUTHOR)


@pytest.mark.django_db
def test_confirm_repair_twice_is_once() -> None:
    report = resolved()
    confirm_repair(report=again(report), actor=AUTHOR)
    with pytest.raises(StaleReport):
        confirm_repair(report=report, actor=AUTHOR)
    assert report.events.filter(kind=Event.Kind.CONFIRMED).count() == 1


@pytest.mark.django_db
def test_dispute_that_crosses_the_confirmation_is_stale() -> None:
    report = resolved()
    confirm_repair(report=again(report), actor=AUTHOR)
    with pytest.raises(StaleReport):
        dispute_repair(report=report, actor=AUTHOR, note="Non.", photos=[])


@pytest.mark.django_db
def test_page_asks_beside_the_photos_and_confirms(client: Client) -> None:
    report = resolved()
    for kind in (Photo.Kind.PROBLEM, Photo.Kind.PROOF):
        PhotoFactory(report=report, kind=kind)
    page = client.get(page_of(report)).content.decode()
    assert "Est-ce vraiment réglé" in page
    assert 'class="pair"' in page
    reply = client.post(page_of(report), {"action": "confirm"}, **OURS, follow=True)
    assert "La réparation est confirmée." in reply.content.decode()
    assert again(report).confirmed_at is not None


@pytest.mark.django_db
def test_page_reopens_with_a_reason_and_a_photo(client: Client) -> None:
    report = resolved()
    data = {"action": "reopen", "note": "Le trou est encore là.", "photos": jpeg_upload()}
    assert client.post(page_of(report), data, **OURS).status_code == 302
    photo = Photo.objects.get(report=report)
    assert (again(report).status, photo.kind) == (workflow.OPEN, Photo.Kind.PROBLEM)
    told = report.events.get(kind=Event.Kind.STATUS_CHANGED)
    assert told.data["note"] == "Le trou est encore là."


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"note": ""}, "Dites en quelques mots"),
        ({"note": "Toujours là.", "photos": "fichier"}, "Toujours là."),
    ],
)
def test_page_refuses_a_wrong_reason_and_keeps_it(data: dict[str, Any], words: str, client: Client) -> None:
    if "photos" in data:
        data["photos"] = SimpleUploadedFile("photo.jpg", b"pas une photo", "image/jpeg")
    report = resolved()
    reply = client.post(page_of(report), {"action": "reopen", **data}, **OURS)
    assert (reply.status_code, again(report).status, Photo.objects.count()) == (422, workflow.RESOLVED, 0)
    assert words in reply.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("answer", ["oui", "non", "peut-être", "\x00"])
def test_link_of_a_mail_only_opens_the_answer(answer: str, client: Client) -> None:
    report = resolved()
    page = client.get(page_of(report), {"regle": answer}).content.decode()
    assert (again(report).status, again(report).confirmed_at) == (workflow.RESOLVED, None)
    assert ("<details open" in page.split('id="regle"')[1].split("</section>")[0]) == (answer == "non")


@pytest.mark.django_db
def test_after_thirty_days_the_page_says_so(client: Client) -> None:
    report = resolved(31)
    page = client.get(page_of(report)).content.decode()
    assert "Le temps de répondre est passé" in page
    assert 'value="reopen"' not in page
    client.post(page_of(report), {"action": "reopen", "note": "Encore.", "photos": jpeg_upload()}, **OURS)
    assert (again(report).status, Photo.objects.count()) == (workflow.RESOLVED, 0)


@pytest.mark.django_db
def test_follower_who_is_not_the_author_is_not_asked(client: Client) -> None:
    report = resolved()
    row = Follow.objects.create(report=report, email="voisine@example.org", confirmed_at=timezone.now())
    address = reverse("follow", args=[row.token])
    assert "Est-ce vraiment réglé" not in client.get(address).content.decode()
    client.post(address, {"action": "confirm"}, **OURS)
    assert again(report).confirmed_at is None


@pytest.mark.django_db
def test_confirm_from_another_site_changes_nothing(client: Client) -> None:
    report = resolved()
    elsewhere: dict[str, Any] = {"headers": {"Sec-Fetch-Site": "cross-site"}}
    assert client.post(page_of(report), {"action": "confirm"}, **elsewhere).status_code == 403
    assert again(report).confirmed_at is None


@pytest.mark.django_db
def test_pair_is_the_first_problem_and_the_latest_proof(client: Client) -> None:
    report = ReportFactory(status=workflow.RESOLVED)
    problem, _proof = PhotoFactory(report=report), PhotoFactory(report=report, kind=Photo.Kind.PROOF)
    _dispute, latest = PhotoFactory(report=report), PhotoFactory(report=report, kind=Photo.Kind.PROOF)
    page = client.get(report.get_absolute_url())
    assert (page.context["before"], page.context["after"]) == (problem, latest)
    assert len(page.context["more_photos"]) == 2


@pytest.mark.django_db
def test_pair_is_not_made_of_a_picture_that_denies_the_repair(client: Client) -> None:
    report = ReportFactory(status=workflow.OPEN)
    proof, dispute = PhotoFactory(report=report, kind=Photo.Kind.PROOF), PhotoFactory(report=report)
    page = client.get(report.get_absolute_url())
    assert (page.context["before"], page.context["after"]) == (None, None)
    assert page.context["more_photos"] == [proof, dispute]
