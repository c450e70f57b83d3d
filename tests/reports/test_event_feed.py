"""The catch-up feed misses nothing, also when a transaction commits late."""

import threading

import pytest
from django.db import connection, transaction

from reports.models import Event, Quarter, Report
from tests.factories import ReportFactory


def write(report: Report, **fields: object) -> Event:
    return Event.objects.create(report=report, kind=Event.Kind.VOTED, is_public=True, **fields)


def feed(after: int) -> list[int]:
    return list(Event.objects.public().settled().after(after).values_list("id", flat=True))


@pytest.mark.django_db(transaction=True)
def test_after_gives_what_follows_in_order(quarter: Quarter) -> None:
    report = ReportFactory(quarter=quarter)
    first, second, third = (write(report) for _unused in range(3))
    assert feed(0) == [first.pk, second.pk, third.pk]
    assert feed(first.pk) == [second.pk, third.pk]
    assert feed(third.pk) == []


@pytest.mark.django_db(transaction=True)
def test_after_leaves_out_what_is_private(quarter: Quarter) -> None:
    report = ReportFactory(quarter=quarter)
    Event.objects.create(report=report, kind=Event.Kind.NOTE, is_public=False)
    assert feed(0) == []


@pytest.mark.django_db(transaction=True)
def test_after_misses_no_transaction_that_commits_late(quarter: Quarter) -> None:
    report = ReportFactory(quarter=quarter)
    early = write(report)
    written, may_commit = threading.Event(), threading.Event()
    late: list[int] = []

    def hold() -> None:
        with transaction.atomic():
            late.append(write(report).pk)
            written.set()
            may_commit.wait(10)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert written.wait(10)
    overtaking = write(report)
    # The row that overtook waits for the one before it: a reader who took it now would never see the late one.
    assert overtaking.pk > late[0]
    assert feed(early.pk) == []
    may_commit.set()
    thread.join()
    assert feed(early.pk) == [late[0], overtaking.pk]


@pytest.mark.django_db(transaction=True)
def test_after_follows_transactions_and_not_ids(quarter: Quarter) -> None:
    """An id taken early by a transaction that began late comes after one that began before it."""
    report = ReportFactory(quarter=quarter)
    high = write(report)
    low = write(report, id=high.pk - 1)
    assert feed(0) == [high.pk, low.pk]
    assert feed(high.pk) == [low.pk]


def test_latest_public_id_of_an_empty_log(db: None) -> None:
    assert Event.objects.latest_public_id() == 0
