"""What a moderator learns of a sender: how the earlier reports were judged, and nothing of who it is."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from moderation.admin.sender import COUNTED, History, history_of
from reports import workflow
from reports.models import Quarter, Report
from tests.factories import QuarterFactory, ReportFactory, TownFactory, square
from tests.moderation.conftest import signed_in, words_of

pytestmark = pytest.mark.django_db
QUEUE = "/admin/reports/report/queue/"


def sent(status: str, days: int = 1, **fields: Any) -> Report:
    return ReportFactory(status=status, received_at=timezone.now() - timedelta(days=days), **fields)


def counts(history: History) -> tuple[str, int, int, int]:
    return history.known_by, history.accepted, history.rejected, history.waiting


@pytest.mark.parametrize("known_by", ["account", "device", "address"])
def test_history_counts_by_whatever_the_sender_is_known(known_by: str, moderator: User, author: User) -> None:
    senders: dict[str, dict[str, Any]] = {
        "account": {"reporter": author},
        "device": {"device": "jeton"},
        "address": {"contact_email": "amina@example.org"},
    }
    who = senders[known_by]
    report = sent(workflow.PENDING, **who)
    for status in (workflow.OPEN, workflow.RESOLVED, workflow.DUPLICATE, workflow.REJECTED, workflow.PENDING):
        sent(status, days=3, **who)
    sent(workflow.REJECTED)
    assert counts(history_of(report, moderator)) == (known_by, 3, 1, 1)


def test_history_of_nobody_known_says_so(moderator: User) -> None:
    sent(workflow.PENDING)
    assert "Rien ne relie ce signalement à d’autres." in words_of(signed_in(moderator).get(QUEUE))


def test_history_of_a_first_report_says_so(moderator: User, author: User) -> None:
    sent(workflow.PENDING, reporter=author)
    text = words_of(signed_in(moderator).get(QUEUE))
    assert "C’est son premier signalement." in text
    assert author.email not in text
    assert author.name not in text


def test_history_opens_only_what_the_moderator_may_see(moderator: User, author: User) -> None:
    town = TownFactory(slug="douala", name="Douala", boundary=square(9.7, 4.0))
    far: Quarter = QuarterFactory(town=town, slug="akwa", name="Akwa", boundary=square(9.7, 4.0))
    report = sent(workflow.PENDING, reporter=author)
    here = sent(workflow.REJECTED, reporter=author, days=4)
    sent(workflow.REJECTED, reporter=author, quarter=far)
    history = history_of(report, moderator)
    assert counts(history) == ("account", 0, 2, 0)
    assert [earlier.ref for earlier in history.last] == [here.ref]


def test_history_is_bounded(moderator: User, author: User) -> None:
    report = sent(workflow.PENDING, reporter=author)
    first = sent(workflow.OPEN, reporter=author)
    copies = [Report(**{name: getattr(first, name) for name in COPIED}) for _number in range(COUNTED)]
    Report.objects.bulk_create(copies)
    history = history_of(report, moderator)
    assert (history.accepted, history.is_whole, len(history.last)) == (COUNTED, False, 3)


COPIED = ("category", "quarter", "organisation", "point", "status", "reporter", "received_at", "published_at")
