"""Who is trusted: enough accepted by staff, none refused lately."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from moderation.services.trust import is_trusted
from reports import workflow
from reports.models import Report
from reports.permissions import actor_for
from reports.services.handling import change_status
from tests.factories import ReportFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_are_enough(settings: Settings) -> None:
    settings.TRUSTED_AFTER = 2


def accepted(author: User, moderator: User, number: int = 2) -> list[Report]:
    reports = [ReportFactory(reporter=author, status=workflow.PENDING) for _number in range(number)]
    for report in reports:
        change_status(report=report, to=workflow.OPEN, actor=actor_for(moderator, report), seen=workflow.PENDING)
    return reports


def test_is_trusted_after_enough(author: User, moderator: User) -> None:
    accepted(author, moderator, 1)
    assert is_trusted(author) is False
    accepted(author, moderator, 1)
    assert is_trusted(author) is True


def test_is_trusted_nobody_and_a_stranger(stranger: User) -> None:
    assert (is_trusted(None), is_trusted(stranger)) == (False, False)


def test_is_trusted_not_by_reports_that_nobody_judged(author: User) -> None:
    ReportFactory(reporter=author)
    ReportFactory(reporter=author)
    assert is_trusted(author) is False


def test_is_trusted_not_soon_after_a_refusal(author: User, moderator: User) -> None:
    accepted(author, moderator)
    ReportFactory(reporter=author, status=workflow.REJECTED)
    assert is_trusted(author) is False
    assert is_trusted(author, now=timezone.now() + timedelta(days=91)) is True


def test_is_trusted_not_while_a_report_is_taken_down(author: User, moderator: User) -> None:
    accepted(author, moderator)
    ReportFactory(reporter=author, status=workflow.PENDING, held_from=workflow.OPEN)
    assert is_trusted(author) is False


def test_is_trusted_not_by_what_was_withdrawn_or_refused_later(author: User, moderator: User) -> None:
    first, _second = accepted(author, moderator)
    Report.objects.filter(pk=first.pk).update(
        status=workflow.REJECTED, updated_at=timezone.now() - timedelta(days=200), rejection_reason="Non"
    )
    assert is_trusted(author) is False
