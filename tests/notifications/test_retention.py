"""Forgetting what was sent and to whom nothing is sent any more."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from notifications.models import Channel, Delivery, Recipient
from notifications.services import retention
from notifications.services.recipients import recipient_of_address, recipient_of_user
from notifications.tasks import forget_old_deliveries
from reports.models import Follow
from tests.factories import ReportFactory


def delivery(days: int, recipient: Recipient | None = None, **fields: str) -> Delivery:
    moment = timezone.now() - timedelta(days=days)
    return Delivery.objects.create(
        key=f"{days}:{Delivery.objects.count()}",
        recipient=recipient,
        channel=Channel.EMAIL,
        template="progress",
        created_at=moment,
        **fields,
    )


def test_forget_removes_messages_after_ninety_days(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for _time in range(3):
        delivery(91, status="dead")
    young = delivery(89)
    assert retention.forget_deliveries() == 3
    assert retention.forget_deliveries() == 0
    assert list(Delivery.objects.all()) == [young]


def test_forget_removes_an_address_that_follows_nothing_and_was_sent_nothing(db: None) -> None:
    recipient_of_address("voisine@example.org")
    assert retention.forget_recipients() == 1
    assert Recipient.objects.count() == 0


def test_forget_keeps_whoever_follows_was_written_to_stopped_everything_or_has_an_account(author: User) -> None:
    Follow.objects.create(report=ReportFactory(), email="a@example.org")
    recipient_of_address("a@example.org")
    delivery(1, recipient_of_address("b@example.org"))
    recipient_of_address("c@example.org")
    Recipient.objects.filter(pk=recipient_of_address("c@example.org").pk).update(muted_at=timezone.now())
    recipient_of_user(author)
    assert retention.forget_recipients() == 0
    assert Recipient.objects.count() == 4


def test_task_forgets_both_and_logs_counts(db: None, caplog: pytest.LogCaptureFixture) -> None:
    delivery(91)
    with caplog.at_level("INFO"):
        forget_old_deliveries()
    assert "retention: {'deliveries': 1, 'recipients': 0}" in caplog.text
