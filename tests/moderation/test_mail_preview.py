"""The mail before it goes out is the mail that goes out, but for the private addresses of whoever gets it."""

from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from moderation.models import Question, Referral
from moderation.services.previews import NOT_YET
from notifications.services.previews import PRIVATE
from reports import workflow
from reports.models import Event, Follow, Report
from reports.services.dispatch import dispatch
from reports.services.handling import NOT_YET_PUBLIC
from tests.factories import ReportFactory
from tests.moderation.conftest import post, words_of
from tests.moderation.test_handling import picture
from tests.moderation.test_question import sent
from tests.moderation.test_referral import send

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_once(settings: Settings) -> None:
    """A judgement is told without waiting for whoever made it to take it back."""
    settings.DECISION_GRACE_SECONDS = 0


def followed(**fields: Any) -> Report:
    """Return a report whose author has confirmed an address."""
    report = ReportFactory(contact_email="temoin@example.org", **fields)
    own = Follow.objects.filter(report=report, is_reporter=True)
    own.update(confirmed_at=timezone.now(), language=report.language, created_at=report.received_at)
    row = own.get()
    row.email = "temoin@example.org"
    row.save()
    return report


def previewed(response: Any) -> Any:
    assert response.status_code == 200, words_of(response)[:200]
    return response.context["sent"].preview


def really_sent(report: Report) -> Any:
    """Let the worker tell what has happened; return the last mail."""
    for event in Event.objects.filter(report=report).order_by("pk"):
        dispatch(event_id=event.pk)
    sent()
    return mail.outbox[-1]


def masked(text: str, report: Report) -> str:
    """Replace what is private to the reader, as the preview does."""
    from notifications.models import Recipient  # noqa: PLC0415

    for row in (*Follow.objects.filter(report=report), *Recipient.objects.all()):
        text = text.replace(row.token, PRIVATE)
    return text


@pytest.mark.parametrize("language", ["fr", "en"])
def test_preview_of_a_reply_is_the_mail(language: str, operator: User) -> None:
    report = followed(language=language)
    shown = previewed(post(operator, "reply", report, text="Nous passons <demain>.", preview="1"))
    assert not report.events.exists()
    post(operator, "reply", report, text="Nous passons <demain>.")
    message = really_sent(report)
    html = str(message.alternatives[0].content)
    assert (shown.subject, shown.text) == (message.subject, masked(str(message.body), report))
    assert shown.html == masked(html, report)


@pytest.mark.parametrize(
    ("before", "to", "fields"),
    [
        (workflow.PENDING, workflow.OPEN, {}),
        (workflow.PENDING, workflow.REJECTED, {"note": "Terrain privé."}),
        (workflow.OPEN, workflow.IN_PROGRESS, {"note": "Équipe prévue."}),
        (workflow.IN_PROGRESS, workflow.RESOLVED, {"note": "Trou bouché."}),
        (workflow.IN_PROGRESS, workflow.OPEN, {}),
        (workflow.RESOLVED, workflow.OPEN, {"note": "Il est revenu."}),
        (workflow.REJECTED, workflow.OPEN, {"note": "Réexaminé."}),
    ],
)
def test_preview_of_a_change_is_the_mail(before: str, to: str, fields: dict[str, str], moderator: User) -> None:
    report = followed(status=before)
    fields = {"to": to, "seen": before, **fields}
    shown = previewed(post(moderator, "status", report, **fields, preview="1"))
    report.refresh_from_db()
    assert report.status == before
    post(moderator, "status", report, **fields)
    message = really_sent(report)
    assert (shown.subject, shown.text) == (message.subject, masked(str(message.body), report))


def test_preview_of_a_duplicate_is_the_mail(moderator: User) -> None:
    report, original = followed(), ReportFactory()
    fields = {"to": workflow.DUPLICATE, "seen": workflow.OPEN, "original": original.ref}
    shown = previewed(post(moderator, "status", report, **fields, preview="1"))
    post(moderator, "status", report, **fields)
    message = really_sent(original)
    assert (shown.subject, f"{report.ref} rejoint" in shown.subject) == (message.subject, True)


def test_preview_of_a_report_that_was_held_is_the_mail(moderator: User) -> None:
    report = followed(status=workflow.PENDING, held_from=workflow.IN_PROGRESS)
    fields = {"to": workflow.OPEN, "seen": workflow.PENDING}
    shown = previewed(post(moderator, "status", report, **fields, preview="1"))
    post(moderator, "status", report, **fields)
    assert (shown.subject, "paraît de nouveau" in shown.subject) == (really_sent(report).subject, True)


def test_preview_of_a_duplicate_that_is_none_names_its_original(moderator: User) -> None:
    report = followed(status=workflow.DUPLICATE)
    fields = {"to": workflow.OPEN, "seen": workflow.DUPLICATE, "note": "C’est un autre trou."}
    shown = previewed(post(moderator, "status", report, **fields, preview="1"))
    assert report.duplicate_of is not None
    assert (shown.subject, report.duplicate_of.ref in shown.text) == (f"{report.ref} : un signalement à part", True)


def test_preview_never_shows_the_private_links_of_the_author(operator: User) -> None:
    report = followed()
    token = Follow.objects.get(report=report, is_reporter=True).token
    response = post(operator, "reply", report, text="Bonjour.", preview="1")
    assert PRIVATE in words_of(response)
    assert token not in words_of(response)
    assert "temoin@example.org" not in words_of(response)


def test_preview_is_escaped_on_the_page(operator: User) -> None:
    report = followed(description="<b>x</b>")
    response = post(operator, "reply", report, text='"><script>alert(1)</script>', preview="1")
    shown = previewed(response)
    assert "<script>alert(1)</script>" in shown.text
    assert "<script>alert(1)" not in words_of(response)
    assert 'srcdoc="&lt;!doctype html&gt;' in words_of(response)


def test_preview_where_nobody_would_get_a_mail(operator: User) -> None:
    response = post(operator, "reply", ReportFactory(), text="Bonjour.", preview="1")
    assert previewed(response).is_sent is False
    assert "Personne ne recevra d’e-mail" in words_of(response)


def test_preview_as_other_followers_read_it(operator: User, stranger: User) -> None:
    report = ReportFactory()
    Follow.objects.create(report=report, user=stranger)
    shown = previewed(post(operator, "reply", report, text="Bonjour.", preview="1"))
    assert shown.by_author is False
    assert "parce que vous suivez ce signalement" in shown.text


def test_preview_of_a_question_is_the_mail(operator: User) -> None:
    report = followed()
    shown = previewed(post(operator, "question", report, text="Où ?", preview="1"))
    assert not Question.objects.exists()
    post(operator, "question", report, text="Où ?")
    sent()
    token = Question.objects.get().token
    body = str(mail.outbox[-1].body)
    assert (shown.subject, shown.text) == (mail.outbox[-1].subject, body.replace(token, NOT_YET))


def test_preview_of_a_referral_is_the_mail(operator: User) -> None:
    report = ReportFactory()
    shown = previewed(send(operator, report, preview="1"))
    assert not Referral.objects.exists()
    send(operator, report)
    sent()
    body = str(mail.outbox[-1].body)
    assert (shown.subject, shown.text) == (
        mail.outbox[-1].subject,
        body.replace(Referral.objects.get().token, NOT_YET),
    )


@pytest.mark.parametrize("name", ["reply", "question", "referral"])
def test_preview_of_what_would_be_refused_says_why(name: str, operator: User) -> None:
    response = post(operator, name, ReportFactory(), text="", preview="1")
    assert (response.status_code, response.context["sent"].preview) == (422, None)


def test_preview_keeps_the_proof_for_the_sending(operator: User) -> None:
    report = followed(status=workflow.IN_PROGRESS)
    fields = {"to": workflow.RESOLVED, "seen": workflow.IN_PROGRESS, "note": "Fait."}
    draft = post(operator, "status", report, **fields, camera=picture(), preview="1")
    post(operator, "status", report, **fields, kept=draft.context["sent"]["kept"].value())
    assert report.photos.count() == 1


def test_preview_is_not_for_others(operator_elsewhere: User) -> None:
    assert post(operator_elsewhere, "reply", ReportFactory(), text="x", preview="1").status_code == 404


def test_preview_where_no_app_sends_mails(operator: User, settings: Settings) -> None:
    settings.MAIL_PREVIEW = settings.TELL_PREVIEW = settings.TELL = ""
    report = followed()
    for name in ("reply", "question"):
        assert previewed(post(operator, name, report, text="Bonjour.", preview="1")).is_sent is False


def test_preview_changes_nothing_in_the_database(operator: User) -> None:
    from notifications.models import Delivery, Recipient  # noqa: PLC0415

    report = followed()
    before = (Delivery.objects.count(), Recipient.objects.count(), Event.objects.count(), Follow.objects.count())
    post(operator, "reply", report, text="Bonjour.", preview="1")
    after = (Delivery.objects.count(), Recipient.objects.count(), Event.objects.count(), Follow.objects.count())
    assert after == before


def test_preview_of_a_join_that_would_be_refused_says_why_and_keeps_the_words(moderator: User) -> None:
    report, original = followed(), ReportFactory(status=workflow.PENDING)
    fields = {"to": workflow.DUPLICATE, "seen": workflow.OPEN, "original": original.ref, "note": "Le même trou."}
    tried = post(moderator, "status", report, **fields, preview="1")
    sending = post(moderator, "status", report, **fields)
    for response in (tried, sending):
        form = response.context["sent"]
        assert (response.status_code, form.preview, form["note"].value()) == (422, None, "Le même trou.")
        assert form.errors["original"] == [str(NOT_YET_PUBLIC)]


def test_preview_of_a_change_without_the_words_that_it_needs_says_so(moderator: User) -> None:
    report = followed(status=workflow.RESOLVED)
    response = post(moderator, "status", report, to=workflow.OPEN, seen=workflow.RESOLVED, preview="1")
    assert (response.status_code, list(response.context["sent"].errors)) == (422, ["note"])
