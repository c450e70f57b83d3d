"""The mail that asks for a confirmation."""

from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from reports import emails
from reports.models import Follow
from tests.factories import ReportFactory


def confirm(*, is_reporter: bool = False, language: str = "fr", **changes: object) -> Follow:
    """Send the mail for a new follower and return the row."""
    report = ReportFactory(description="Appelez Jean au 677", address="Chez <b>Jean</b>")
    report.followers.all().delete()
    given: dict[str, Any] = {"email": "amina@example.org", "language": language, "is_reporter": is_reporter, **changes}
    row = Follow.objects.create(report=report, **given)
    emails.confirm_follow(follow_id=row.pk)
    return row


def parts() -> tuple[str, str, str]:
    """Return subject, text and HTML of the one mail that was sent."""
    (sent,) = mail.outbox
    assert isinstance(sent, EmailMultiAlternatives)
    return str(sent.subject), str(sent.body), str(sent.alternatives[0][0])


@pytest.mark.django_db
def test_mail_carries_the_link_in_text_and_html() -> None:
    row = confirm()

    link = f"http://127.0.0.1:8000/suivi/confirmer/{row.confirm_token}/"
    _subject, text, html = parts()
    assert mail.outbox[0].to == ["amina@example.org"]
    assert link in text
    assert f'href="{link}"' in html


@pytest.mark.django_db
def test_mail_names_the_report_on_one_line_of_subject() -> None:
    row = confirm()

    subject = str(mail.outbox[0].subject)
    assert row.report is not None
    assert row.report.ref in subject
    assert "\n" not in subject


@pytest.mark.django_db
def test_mail_to_the_author_leads_to_the_private_page() -> None:
    row = confirm(is_reporter=True)

    assert f"/suivi/{row.token}/" in mail.outbox[0].body
    assert mail.outbox[0].subject.startswith("Votre signalement")


@pytest.mark.django_db
def test_mail_to_a_follower_does_not_show_the_page_before_confirmation() -> None:
    row = confirm()

    assert row.token not in mail.outbox[0].body


@pytest.mark.django_db
def test_mail_repeats_nothing_that_somebody_typed() -> None:
    """A stranger's words must not travel to any address under our name."""
    confirm()

    assert "Jean" not in "".join(parts())


@pytest.mark.django_db
def test_mail_in_english_links_to_english_pages() -> None:
    row = confirm(language="en")

    assert f"/en/suivi/confirmer/{row.confirm_token}/" in mail.outbox[0].body
    assert "Pothole" in mail.outbox[0].body


@pytest.mark.django_db
def test_confirmed_or_vanished_follower_is_not_written_to() -> None:
    confirm(confirmed_at=timezone.now())
    emails.confirm_follow(follow_id=0)

    assert mail.outbox == []
