"""The team's daily mail: what waits, what is late, what is due soon."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import User
from accounts.services import revoke
from notifications import staff_digest
from notifications.models import Recipient
from notifications.services.deliver import deliver
from notifications.services.preferences import set_preference
from notifications.staff_digest import waiting_for
from reports import workflow
from reports.models import Comment, Organisation, Quarter
from tests.factories import OrganisationFactory, ReportFactory
from tests.notifications.news import digests_of

DAY = timedelta(days=1)


def test_staff_digest_is_due_as_soon_as_somebody_works_here(moderator: User) -> None:
    assert Recipient.objects.get(user=moderator).next_daily_at is not None


def test_staff_digest_ends_with_the_responsibility(moderator: User) -> None:
    revoke(membership=moderator.memberships.get())
    assert Recipient.objects.get(user=moderator).next_daily_at is None


def test_staff_digest_tells_a_moderator_what_waits_oldest_first(
    moderator: User, moderator_elsewhere: User, quarter: Quarter
) -> None:
    now = timezone.now()
    newer = ReportFactory(quarter=quarter, status=workflow.PENDING, received_at=now - DAY)
    older = ReportFactory(quarter=quarter, status=workflow.PENDING, received_at=now - 2 * DAY)
    waiting = waiting_for(moderator)
    assert (waiting.to_judge.reports, waiting.to_judge.count) == ([older, newer], "2")
    assert not waiting_for(moderator_elsewhere)


def test_staff_digest_tells_a_moderator_how_many_comments_are_held(moderator: User, quarter: Quarter) -> None:
    Comment.objects.create(report=ReportFactory(quarter=quarter), text="…", device="d", status=Comment.Status.HELD)
    assert waiting_for(moderator).comments == "1"


def test_staff_digest_tells_an_operator_what_is_late_and_due_soon(
    operator: User, operator_elsewhere: User, organisation: Organisation, quarter: Quarter
) -> None:
    def due(days: float, status: str = workflow.OPEN, **fields: Any) -> Any:
        given = {"organisation": organisation, **fields}
        return ReportFactory(quarter=quarter, status=status, due_at=timezone.now() + days * DAY, **given)

    late, soon, very_late = due(-1, workflow.IN_PROGRESS), due(2), due(-70)
    unanswered = due(10, answer_due_at=timezone.now() - DAY)
    due(11, clock_stopped_at=timezone.now())
    due(-1, workflow.RESOLVED)
    due(-1, organisation=OrganisationFactory(slug="parcs", name="Parcs"))
    waiting = waiting_for(operator)
    assert (waiting.late.reports, waiting.soon.reports, waiting.to_judge.reports) == ([late], [soon], [])
    assert (waiting.very_late.reports, waiting.unanswered.reports) == ([very_late], [unanswered])
    assert not waiting_for(operator_elsewhere)


def test_staff_digest_tells_an_administrator_what_waits_everywhere(administrator: User, quarter: Quarter) -> None:
    ReportFactory(quarter=quarter, status=workflow.PENDING)
    assert waiting_for(administrator).to_judge.count == "1"


def test_staff_digest_shows_ten_and_counts_to_ninety_nine(
    moderator: User, quarter: Quarter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staff_digest, "COUNTED", 11)
    for _unused in range(12):
        ReportFactory(quarter=quarter, status=workflow.PENDING)
    heap = waiting_for(moderator).to_judge
    assert (len(heap.reports), heap.count) == (10, "11+")


def test_staff_digest_is_sent_with_links_to_the_admin(moderator: User, quarter: Quarter) -> None:
    report = ReportFactory(quarter=quarter, status=workflow.PENDING)
    (delivery,) = digests_of(moderator)
    deliver(delivery_id=delivery.pk)
    (sent,) = mail.outbox
    assert sent.subject == "Ce qui vous attend aujourd’hui"
    assert f"/admin/reports/report/{report.pk}/change/" in str(sent.body)
    assert "?sujet=work>" in sent.extra_headers["List-Unsubscribe"]


def test_staff_digest_with_nothing_waiting_is_not_sent(moderator: User) -> None:
    assert digests_of(moderator) == []


def test_staff_digest_of_who_does_not_want_it_is_not_sent(moderator: User, quarter: Quarter) -> None:
    ReportFactory(quarter=quarter, status=workflow.PENDING)
    set_preference(user=moderator, topic="work", channel="email", frequency="never")
    assert digests_of(moderator) == []


def test_staff_digest_of_a_closed_account_tells_nothing(moderator: User, quarter: Quarter) -> None:
    ReportFactory(quarter=quarter, status=workflow.PENDING)
    (delivery,) = digests_of(moderator)
    User.objects.update(is_active=False)
    delivery = type(delivery).objects.get(pk=delivery.pk)
    assert staff_digest.context_of(delivery) is None


def test_waiting_for_takes_the_same_queries_with_three(
    moderator: User, quarter: Quarter, django_assert_num_queries: Any
) -> None:
    for _unused in range(2):
        ReportFactory(quarter=quarter, status=workflow.PENDING)
        person = User.objects.get(pk=moderator.pk)
        with django_assert_num_queries(6):
            waiting_for(person)
