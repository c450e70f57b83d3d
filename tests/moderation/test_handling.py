"""A report's page: what can be done there, by whom, and what happens when somebody else was first."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import User
from reports import workflow
from reports.models import Event, Follow, Photo, Report
from tests.client import Client
from tests.factories import ReportFactory
from tests.moderation.conftest import post, signed_in, words_of

pytestmark = pytest.mark.django_db


def picture() -> SimpleUploadedFile:
    """Return a small real photo, as a phone sends it."""
    content = io.BytesIO()
    Image.new("RGB", (64, 48), "green").save(content, "JPEG")
    return SimpleUploadedFile("IMG_0001.jpg", content.getvalue(), "image/jpeg")


def page_of(person: User, report: Report) -> Any:
    return signed_in(person).get(reverse("admin:reports_report_change", args=[report.pk]))


def panel(response: Any, name: str) -> Any:
    """Return what one panel of the page shows."""
    blocks = [block for place in response.context["blocks"].values() for block in place]
    return next((block["context"] for block in blocks if block["template"] == f"moderation/panels/{name}.html"), {})


def offered(person: User, report: Report) -> list[str]:
    """Return the changes that the page offers, in order."""
    return [form.target for form in panel(page_of(person, report), "status").get("changes", [])]


@pytest.mark.parametrize("status", workflow.STATUSES)
def test_page_offers_what_the_workflow_allows(status: str, moderator: User, operator: User) -> None:
    report = ReportFactory(status=status)
    assert set(offered(moderator, report)) == set(workflow.next_statuses(status, frozenset({workflow.MODERATOR})))
    if status != workflow.PENDING:
        assert set(offered(operator, report)) == set(workflow.next_statuses(status, frozenset({workflow.OPERATOR})))


def test_operator_repairs_in_two_steps(operator: User) -> None:
    report = ReportFactory(status=workflow.OPEN)
    assert offered(operator, report)[0] == workflow.IN_PROGRESS
    post(operator, "status", report, to=workflow.IN_PROGRESS, seen=workflow.OPEN)
    report.refresh_from_db()
    assert offered(operator, report)[0] == workflow.RESOLVED
    response = post(operator, "status", report, to=workflow.RESOLVED, seen=workflow.IN_PROGRESS, camera=picture())
    report.refresh_from_db()
    assert response.status_code == 302
    assert report.status == workflow.RESOLVED
    assert list(report.photos.values_list("kind", "status")) == [(Photo.Kind.PROOF, Photo.Status.PROCESSING)]
    assert [event.actor_name for event in report.events.filter(kind=Event.Kind.STATUS_CHANGED)] == [
        "Service de la voirie",
        "Service de la voirie",
    ]


def test_resolved_needs_words_or_a_proof(operator: User) -> None:
    report = ReportFactory(status=workflow.IN_PROGRESS)
    response = post(operator, "status", report, to=workflow.RESOLVED, seen=workflow.IN_PROGRESS)
    assert response.status_code == 422
    assert "joignez une photo de la réparation" in words_of(response)


@pytest.mark.parametrize(
    "content",
    [b"not an image", b"", b"\xff\xd8\xff\xe0 truncated", b"<svg onload='x()'/>", b"MZ\x90\x00"],
    ids=["words", "empty", "half a jpeg", "svg", "program"],
)
@pytest.mark.parametrize("field", ["camera", "proof"])
def test_hostile_proof_gives_a_sentence(field: str, content: bytes, operator: User) -> None:
    report = ReportFactory(status=workflow.IN_PROGRESS)
    file = SimpleUploadedFile("preuve.jpg", content, "image/jpeg")
    response = post(
        operator,
        "status",
        report,
        to=workflow.RESOLVED,
        seen=workflow.IN_PROGRESS,
        note="Trou bouché.",
        **{field: file},
    )
    report.refresh_from_db()
    errors = response.context["sent"].errors[field]
    assert (response.status_code, report.status, Photo.objects.count()) == (422, workflow.IN_PROGRESS, 0)
    assert errors[0].endswith(".")
    assert "Trou bouché." in words_of(response)


def test_stale_change_keeps_words_and_proof(operator: User) -> None:
    report = ReportFactory(status=workflow.IN_PROGRESS)
    Report.objects.filter(pk=report.pk).update(status=workflow.OPEN)
    response = post(
        operator,
        "status",
        report,
        to=workflow.RESOLVED,
        seen=workflow.IN_PROGRESS,
        note="Trou bouché.",
        proof=picture(),
    )
    form = response.context["sent"]
    assert response.status_code == 409
    assert "Ce signalement a changé entre-temps" in words_of(response)
    assert "Trou bouché." in words_of(response)
    assert Photo.objects.get().report is None
    # The second attempt, from the page as it stands now, needs no second upload.
    again = post(
        operator,
        "status",
        report,
        to=workflow.RESOLVED,
        seen=workflow.OPEN,
        note="Trou bouché.",
        kept=form["kept"].value(),
    )
    report.refresh_from_db()
    assert (again.status_code, report.status) == (302, workflow.RESOLVED)
    assert report.photos.get().kind == Photo.Kind.PROOF


def test_form_shown_after_a_stale_change_asks_for_the_present_status(operator: User) -> None:
    report = ReportFactory(status=workflow.IN_PROGRESS)
    Report.objects.filter(pk=report.pk).update(status=workflow.OPEN)
    response = post(operator, "status", report, to=workflow.RESOLVED, seen=workflow.IN_PROGRESS, note="Fait.")
    form = next(form for form in panel(response, "status")["changes"] if form.target == workflow.RESOLVED)
    assert form["seen"].value() == workflow.OPEN


def test_words_without_a_place_are_shown_to_be_copied(operator: User) -> None:
    report = ReportFactory(status=workflow.IN_PROGRESS)
    Report.objects.filter(pk=report.pk).update(status=workflow.RESOLVED, resolved_at=timezone.now())
    response = post(operator, "status", report, to=workflow.OPEN, seen=workflow.IN_PROGRESS, note="Pièce commandée.")
    assert response.status_code == 409
    assert "Vos mots ne sont pas perdus" in words_of(response)
    assert "Pièce commandée." in words_of(response)


def test_kept_proof_of_another_person_is_not_taken(operator: User, moderator: User) -> None:
    report = ReportFactory(status=workflow.IN_PROGRESS)
    Report.objects.filter(pk=report.pk).update(status=workflow.OPEN)
    stale = post(
        operator, "status", report, to=workflow.RESOLVED, seen=workflow.IN_PROGRESS, note="Fait.", proof=picture()
    )
    kept = stale.context["sent"]["kept"].value()
    post(moderator, "status", report, to=workflow.RESOLVED, seen=workflow.OPEN, note="Fait.", kept=kept)
    report.refresh_from_db()
    assert (report.status, report.photos.count()) == (workflow.RESOLVED, 0)


@pytest.mark.parametrize(
    ("to", "seen"),
    [("withdrawn", "open"), ("pending", "open"), ("open", "open"), ("nonsense", "open"), ("open", "x"), ("", "")],
)
def test_change_that_the_workflow_does_not_have_is_refused(to: str, seen: str, operator: User) -> None:
    report = ReportFactory(status=workflow.OPEN)
    response = post(operator, "status", report, to=to, seen=seen, note="x")
    report.refresh_from_db()
    assert (response.status_code, report.status, report.events.count()) == (422, workflow.OPEN, 0)


def test_rejecting_from_the_page_needs_a_reason(operator: User) -> None:
    report = ReportFactory(status=workflow.OPEN)
    assert post(operator, "status", report, to=workflow.REJECTED, seen=workflow.OPEN).status_code == 422
    post(operator, "status", report, to=workflow.REJECTED, seen=workflow.OPEN, reason="elsewhere")
    report.refresh_from_db()
    assert report.status == workflow.REJECTED


def test_reopening_needs_words(moderator: User) -> None:
    report = ReportFactory(status=workflow.RESOLVED)
    assert post(moderator, "status", report, to=workflow.OPEN, seen=workflow.RESOLVED).status_code == 422
    post(moderator, "status", report, to=workflow.OPEN, seen=workflow.RESOLVED, note="Le trou est revenu.")
    report.refresh_from_db()
    assert report.status == workflow.OPEN


@pytest.mark.parametrize(("name", "kind"), [("reply", Event.Kind.REPLY), ("note", Event.Kind.NOTE)])
def test_words_are_written_to_the_log(name: str, kind: str, operator: User) -> None:
    report = ReportFactory(status=workflow.OPEN)
    post(operator, name, report, text="  Une équipe passe demain.\r\nMerci.  ")
    event = report.events.get()
    words = event.data.get("text") or event.private_data.get("text")
    assert (event.kind, words) == (kind, "Une équipe passe demain.\nMerci.")
    assert event.is_public == (name == "reply")
    assert "Une équipe passe demain." in words_of(page_of(operator, report))


@pytest.mark.parametrize("name", ["reply", "note"])
@pytest.mark.parametrize("text", ["", "   ", "x" * 2001, "a\x00b"])
def test_words_that_cannot_be_kept_are_refused(text: str, name: str, operator: User) -> None:
    report = ReportFactory(status=workflow.OPEN)
    response = post(operator, name, report, text=text)
    assert (response.status_code, report.events.count()) == (422, 0)


def test_assigning_to_nobody(moderator: User) -> None:
    report = ReportFactory(status=workflow.OPEN)
    post(moderator, "assign", report, organisation="", note="Aucun service compétent.")
    report.refresh_from_db()
    event = report.events.get()
    assert report.organisation is None
    assert event.private_data == {"note": "Aucun service compétent."}
    assert "Aucun service compétent." in words_of(page_of(moderator, report))


def test_report_given_away_is_out_of_the_operators_sight(operator: User, moderator: User) -> None:
    report = ReportFactory(status=workflow.OPEN)
    post(moderator, "assign", report, organisation="", note="Aucun service compétent.")
    assert page_of(operator, report).status_code == 404


@pytest.mark.parametrize("name", ["status", "reply", "note", "assign"])
def test_reloading_an_action_goes_back_to_the_page(name: str, moderator: User) -> None:
    report = ReportFactory(status=workflow.OPEN)
    response = signed_in(moderator).get(reverse(f"admin:reports_report_{name}", args=[report.pk]))
    assert (response.status_code, response["Location"]) == (302, f"/admin/reports/report/{report.pk}/change/")


def test_words_of_people_are_escaped(moderator: User) -> None:
    report = ReportFactory(
        description='<img src=x onerror=alert(1)> {{ 7|add:7 }} x-init="alert(1)"', address="<script>"
    )
    text = words_of(page_of(moderator, report))
    assert "<img src=x" not in text
    assert "<script>" not in text.replace("<script>\n", "")


@pytest.mark.parametrize("events", [1, 8])
def test_page_costs_the_same_however_long_its_story(
    events: int, moderator: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    report = ReportFactory(status=workflow.OPEN)
    for _number in range(events):
        post(moderator, "note", report, text="Vu.")
    client = signed_in(moderator)
    with django_assert_max_num_queries(24):
        assert client.get(reverse("admin:reports_report_change", args=[report.pk])).status_code == 200


@pytest.mark.parametrize("name", ["reply", "note"])
def test_form_that_is_sent_twice_says_it_once(name: str, operator: User) -> None:
    report = ReportFactory(status=workflow.OPEN)
    for words in ("Nous passons demain.", "Nous passons demain.", "Ou jeudi."):
        post(operator, name, report, text=words)
    assert report.events.filter(kind=name).count() == 2


PUBLIC_WORDS = ("Répondre publiquement", "Tout le monde la lit sur la page du signalement.", "Publier la réponse")
AUTHORS_WORDS = ("Répondre à l’auteur", "seul son auteur la lit, sur sa page privée.", "Envoyer la réponse")


@pytest.mark.parametrize("status", workflow.STATUSES)
def test_reply_says_who_will_read_it(status: str, moderator: User) -> None:
    report = ReportFactory(status=status)
    words = words_of(page_of(moderator, report))
    shown = [[sentence in words for sentence in sentences] for sentences in (PUBLIC_WORDS, AUTHORS_WORDS)]
    assert shown == [[report.is_public] * 3, [not report.is_public] * 3]


def test_reply_on_a_report_that_waits_is_read_by_its_author_alone(moderator: User, stranger: User) -> None:
    report = ReportFactory(status=workflow.PENDING)
    other = Follow.objects.create(report=report, user=stranger)
    sent = signed_in(moderator).post(
        reverse("admin:reports_report_reply", args=[report.pk]), {"text": "Merci, nous regardons."}, follow=True
    )
    words = words_of(sent)
    assert ("Votre réponse est sur la page privée de l’auteur." in words, "est publiée" in words) == (True, False)
    own = Follow.objects.get(report=report, is_reporter=True)
    read = ["Merci, nous regardons." in words_of(Client().get(f"/suivi/{row.token}/")) for row in (own, other)]
    assert read == [True, False]
