"""Sending one delivery: claimed once, marked at once, tried again, given up, and taken up after a lost worker."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts.models import AuditEntry, User
from notifications.errors import Reason
from notifications.models import Delivery, Topic
from notifications.services.deliver import claim, deliver, finish, replay, sweep, wait_after
from notifications.services.outbox import make_delivery
from notifications.tasks import deliver_one
from reports.models import Follow, Frequency
from tests.notifications.telling import address_follow, follow_behind, user_delivery, waiting_delivery, wish

pytestmark = pytest.mark.django_db
Status = Delivery.Status
HERE = "tests.notifications.test_deliver"


class RefusingServer(BaseEmailBackend):
    """A mail server that answers as the test says."""

    answer: Exception = OSError("unreachable")

    def send_messages(self, email_messages: object) -> int:
        raise self.answer


@contextmanager
def server_says(answer: Exception, settings: Settings) -> Iterator[None]:
    settings.EMAIL_BACKEND = f"{HERE}.RefusingServer"
    RefusingServer.answer = answer
    yield


def outcome(delivery: Delivery) -> tuple[str, int, str]:
    deliver(delivery_id=delivery.pk)
    delivery.refresh_from_db()
    return delivery.status, delivery.tries, delivery.last_error


def test_delivery_is_sent_and_marked() -> None:
    delivery = waiting_delivery()
    assert outcome(delivery) == (Status.SENT, 1, "")
    assert delivery.sent_at is not None
    assert [message.to for message in mail.outbox] == [["amina@example.org"]]


def test_delivery_is_sent_once(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    delivery = waiting_delivery()
    deliver(delivery_id=delivery.pk)
    with django_assert_num_queries(1):
        deliver(delivery_id=delivery.pk)
    assert len(mail.outbox) == 1


def test_second_worker_leaves_a_claimed_delivery_alone() -> None:
    delivery = waiting_delivery()
    assert claim(delivery.pk) is not None
    assert claim(delivery.pk) is None


def test_delivery_of_a_lost_worker_is_taken_over(settings: Settings) -> None:
    delivery = waiting_delivery()
    first = claim(delivery.pk)
    assert first is not None
    late = timezone.now() - timedelta(seconds=settings.DELIVERY_CLAIM_SECONDS + 1)
    Delivery.objects.filter(pk=delivery.pk).update(claimed_at=late)
    assert outcome(delivery) == (Status.SENT, 2, "")


def test_slow_worker_does_not_overwrite_who_took_over() -> None:
    slow = claim(waiting_delivery().pk)
    assert slow is not None
    Delivery.objects.filter(pk=slow.pk).update(status=Status.SENT, sent_at=timezone.now())
    finish(slow, status=Status.DEAD, last_error="late")
    assert Delivery.objects.get(pk=slow.pk).status == Status.SENT


def test_failure_waits_for_its_next_try(settings: Settings) -> None:
    delivery = waiting_delivery()
    with server_says(ConnectionRefusedError(111, "Connection refused"), settings):
        found = outcome(delivery)
    assert found == (Status.WAITING, 1, "ConnectionRefusedError: [Errno 111] Connection refused")
    assert timedelta(seconds=10) < delivery.next_try_at - timezone.now() < timedelta(seconds=50)
    assert outcome(delivery) == found


def test_last_failure_is_the_end(settings: Settings) -> None:
    delivery = waiting_delivery(tries=settings.DELIVERY_TRIES - 1)
    with server_says(TimeoutError("timed out"), settings):
        assert outcome(delivery) == (Status.DEAD, settings.DELIVERY_TRIES, "TimeoutError: timed out")


def test_wait_doubles_up_to_a_limit_with_jitter(settings: Settings) -> None:
    first, longest = settings.DELIVERY_FIRST_WAIT_SECONDS, settings.DELIVERY_LONGEST_WAIT_SECONDS
    for tries, seconds in [(1, first), (2, 2 * first), (3, 4 * first), (30, longest), (2000, longest)]:
        waits = {wait_after(tries).total_seconds() for _unused in range(50)}
        assert 0.5 * seconds <= min(waits) < max(waits) <= 1.5 * seconds


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            smtplib.SMTPRecipientsRefused({"amina@example.org": (550, b"<amina@example.org> unknown")}),
            (Status.DEAD, 1, "550 <…> unknown"),
        ),
        (smtplib.SMTPDataError(554, b"5.7.1 refused"), (Status.DEAD, 1, "554 5.7.1 refused")),
        (
            smtplib.SMTPRecipientsRefused({"amina@example.org": (450, b"later, amina@example.org")}),
            (Status.WAITING, 1, "450 later, …"),
        ),
        (smtplib.SMTPServerDisconnected("gone"), (Status.WAITING, 1, "SMTPServerDisconnected: gone")),
        (
            smtplib.SMTPSenderRefused(553, b"not yours", "ne-pas-repondre@fixmyquarter.example"),
            (Status.WAITING, 1, "SMTPSenderRefused: (553, b'not yours', 'ne-pas-repondre@fixmyquarter.example')"),
        ),
        (ValueError("for amina@example.org"), (Status.WAITING, 1, "ValueError")),
    ],
)
def test_answer_of_the_mail_server(answer: Exception, expected: tuple[str, int, str], settings: Settings) -> None:
    delivery = waiting_delivery()
    with server_says(answer, settings):
        assert outcome(delivery) == expected


# --- No longer wanted -------------------------------------------------------------------------------------------------


def test_unfollowed_is_skipped() -> None:
    delivery = waiting_delivery()
    Follow.objects.filter(email_digest=delivery.recipient.email_digest if delivery.recipient else "").delete()
    assert outcome(delivery) == (Status.SKIPPED, 1, Reason.UNFOLLOWED)


def test_silenced_is_skipped() -> None:
    delivery = waiting_delivery()
    follow_behind(delivery).update(frequency=Frequency.NEVER)
    assert outcome(delivery) == (Status.SKIPPED, 1, Reason.UNFOLLOWED)


def test_muted_is_skipped(author: User) -> None:
    delivery = user_delivery(author)
    assert delivery.recipient is not None
    delivery.recipient.muted_at = timezone.now()
    delivery.recipient.save()
    assert outcome(delivery) == (Status.SKIPPED, 1, Reason.MUTED)


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"erased_at": "2026-01-01T00:00Z"}, {"erase_after": "2026-01-01T00:00Z"}]
)
def test_closed_account_is_skipped(author: User, change: dict[str, object]) -> None:
    delivery = user_delivery(author)
    User.objects.filter(pk=author.pk).update(**change)
    assert outcome(delivery) == (Status.SKIPPED, 1, Reason.CLOSED)


def test_topic_that_was_switched_off_is_skipped(author: User) -> None:
    delivery = user_delivery(author)
    wish(author, Topic.PROGRESS, Frequency.NEVER)
    assert outcome(delivery) == (Status.SKIPPED, 1, Reason.UNWANTED)


def test_follower_by_another_row_still_hears() -> None:
    delivery = waiting_delivery()
    assert delivery.event is not None
    follow_behind(delivery).delete()
    address_follow(delivery.event.report, "amina@example.org")
    assert outcome(delivery) == (Status.SENT, 1, "")


@pytest.mark.parametrize("address", ["a@example.org\nBcc: b@example.org", "a@example.org, b@example.org", "nobody"])
def test_address_that_is_not_one_is_given_up(address: str) -> None:
    delivery = waiting_delivery(address)
    assert outcome(delivery) == (Status.DEAD, 1, Reason.BAD_ADDRESS)
    assert mail.outbox == []


# --- Outbox, sweep, replay --------------------------------------------------------------------------------------------


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The deliveries that were handed to the broker."""
    found: list[int] = []
    monkeypatch.setattr(deliver_one, "delay", found.append)
    return found


@pytest.mark.django_db(transaction=True)
def test_outbox_takes_each_key_once(queued: list[int]) -> None:
    first = make_delivery(key="daily:2026-11-21:recipient:9", channel="email", template="digest")
    second = make_delivery(key="daily:2026-11-21:recipient:9", channel="email", template="digest")
    assert first is not None
    assert (second, queued) == (None, [first.pk])


@pytest.mark.django_db(transaction=True)
def test_outbox_of_a_failed_transaction_sends_nothing(queued: list[int]) -> None:
    with transaction.atomic():
        make_delivery(key="k", channel="email", template="digest")
        transaction.set_rollback(True)
    assert (Delivery.objects.count(), queued) == (0, [])


def test_sweep_queues_what_nobody_has(queued: list[int], settings: Settings) -> None:
    now = timezone.now()
    lost = now - timedelta(seconds=settings.DELIVERY_CLAIM_SECONDS + 1)
    due = waiting_delivery()
    forgotten = waiting_delivery(claimed_at=lost)
    killed = waiting_delivery(status=Status.SENDING, claimed_at=lost)
    waiting_delivery(claimed_at=now)
    waiting_delivery(status=Status.SENDING, claimed_at=now)
    waiting_delivery(next_try_at=now + timedelta(minutes=1))
    waiting_delivery(status=Status.SENT, sent_at=now)
    waiting_delivery(status=Status.DEAD)
    sweep()
    assert sorted(queued) == [due.pk, forgotten.pk, killed.pk]


def test_sweep_queues_a_waiting_delivery_once_for_a_while(queued: list[int]) -> None:
    delivery = waiting_delivery()
    sweep()
    sweep()
    assert queued == [delivery.pk]


def test_sweep_gives_up_what_kills_every_worker(queued: list[int], settings: Settings) -> None:
    lost = timezone.now() - timedelta(hours=1)
    delivery = waiting_delivery(status=Status.SENDING, claimed_at=lost, tries=settings.DELIVERY_TRIES)
    sweep()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.last_error, queued) == (Status.DEAD, Reason.WORKER_LOST, [])


@pytest.mark.parametrize("count", [1, 30])
def test_sweep_costs_the_same(count: int, queued: list[int], django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _unused in range(count):
        waiting_delivery()
    with django_assert_num_queries(3):
        sweep()
    assert len(queued) == count


@pytest.mark.django_db(transaction=True)
def test_replay_tries_from_the_beginning_and_is_written_down(administrator: User, queued: list[int]) -> None:
    delivery = waiting_delivery(status=Status.DEAD, tries=20, last_error="550 unknown")
    assert (replay(delivery=delivery, by=administrator), queued) == (True, [delivery.pk])
    assert outcome(delivery) == (Status.SENT, 1, "")
    entry = AuditEntry.objects.get(kind=AuditEntry.Kind.DELIVERY_REPLAYED)
    assert (entry.actor, entry.data) == (administrator, {"delivery": delivery.pk})


@pytest.mark.parametrize("status", [Status.WAITING, Status.SENDING, Status.SKIPPED])
def test_replay_leaves_alone_what_is_not_dead(administrator: User, status: str) -> None:
    delivery = waiting_delivery(status=status)
    assert replay(delivery=delivery, by=administrator) is False
    assert not AuditEntry.objects.filter(kind=AuditEntry.Kind.DELIVERY_REPLAYED).exists()


def test_message_number_stays_the_same_over_tries(settings: Settings) -> None:
    delivery = waiting_delivery()
    numbers = []
    for _unused in range(2):
        deliver(delivery_id=delivery.pk)
        Delivery.objects.filter(pk=delivery.pk).update(status=Status.WAITING)
        message = mail.outbox[-1]
        assert isinstance(message, EmailMessage)
        numbers.append(message.message()["Message-ID"])
    assert numbers == [f"<{delivery.uid}@127.0.0.1>"] * 2
