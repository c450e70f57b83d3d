"""Seeing how to reach an author: whose task needs it, while it does, and never without a trace."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from reports import workflow
from reports.models import Report
from tests.factories import ReportFactory
from tests.moderation.conftest import post, signed_in, words_of

EMAIL, PHONE = "mbida@example.org", "+237 6 70 00 00 00"
CAST = [
    ("moderator", 200),
    ("operator", 200),
    ("administrator", 200),
    ("moderator_elsewhere", 404),
    ("operator_elsewhere", 404),
    ("author", 403),
    ("nobody", 302),
]


def reported(**fields: Any) -> Report:
    return ReportFactory(contact_email=EMAIL, contact_phone=PHONE, **fields)


def seen(response: Any, author: User) -> list[bool]:
    return [words in words_of(response) for words in (EMAIL, PHONE, author.email)]


@pytest.mark.parametrize(("person", "status"), CAST, indirect=["person"])
def test_contact_is_for_those_whose_task_needs_it(person: User | None, status: int, author: User) -> None:
    report = reported(reporter=author)
    response = post(person, "contact", report)
    assert response.status_code == status
    assert seen(response, author) == [status == 200] * 3
    looks = AuditEntry.objects.filter(kind="contact_seen").values_list("actor", "subject", "about", "data")
    assert list(looks) == ([(person.pk, author.pk, report.ref, {})] if person and status == 200 else [])


def test_contact_is_kept_by_no_cache(moderator: User, author: User) -> None:
    response = post(moderator, "contact", reported(reporter=author))
    assert "no-store" in response["Cache-Control"]


def test_contact_is_on_no_other_page(moderator: User, author: User) -> None:
    client = signed_in(moderator)
    report = reported(reporter=author)
    reported(reporter=author, status=workflow.PENDING)
    pages = [
        reverse("admin:reports_report_change", args=[report.pk]),
        reverse("admin:reports_report_changelist"),
        f"{reverse('admin:reports_report_changelist')}?q={EMAIL}",
        reverse("admin:reports_report_queue"),
        reverse("admin:index"),
    ]
    # The search box says again what was typed.
    shown = [[PHONE in words_of(client.get(page)), author.email in words_of(client.get(page))] for page in pages]
    assert shown == [[False, False]] * 5
    assert AuditEntry.objects.filter(kind="contact_seen").count() == 0


def test_contact_by_get_leads_to_the_page(moderator: User) -> None:
    report = reported()
    response = signed_in(moderator).get(reverse("admin:reports_report_contact", args=[report.pk]))
    assert response["Location"] == reverse("admin:reports_report_change", args=[report.pk])
    assert AuditEntry.objects.filter(kind="contact_seen").count() == 0


def test_contact_of_somebody_anonymous_says_so(moderator: User) -> None:
    assert "Aucun contact laissé" in words_of(post(moderator, "contact", ReportFactory()))


@pytest.mark.parametrize(
    ("status", "days", "answer"),
    [
        (workflow.OPEN, 1000, 200),
        (workflow.PENDING, 1000, 200),
        (workflow.RESOLVED, 89, 200),
        (workflow.RESOLVED, 91, 403),
        (workflow.REJECTED, 91, 403),
        (workflow.WITHDRAWN, 91, 403),
    ],
)
def test_contact_is_open_until_retention_is_over(moderator: User, status: str, days: int, answer: int) -> None:
    report = reported(status=status, updated_at=timezone.now() - timedelta(days=days))
    response = post(moderator, "contact", report)
    assert response.status_code == answer
    page = words_of(signed_in(moderator).get(reverse("admin:reports_report_change", args=[report.pk])))
    assert ("Voir les coordonnées" in page) == (answer == 200)


def test_contact_is_not_open_to_an_operator_before_a_moderator_accepted(operator: User) -> None:
    assert post(operator, "contact", reported(status=workflow.PENDING)).status_code == 404


def test_contact_needs_the_second_factor(moderator: User) -> None:
    client = signed_in(None)
    client.force_login(moderator, factor=False)
    response = client.post(reverse("admin:reports_report_contact", args=[reported().pk]))
    assert response.status_code == 302
    assert AuditEntry.objects.filter(kind="contact_seen").count() == 0
