"""Handing events to whoever listens: right after the commit, and by the sweep that follows the log."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from reports.models import ConsumerPosition, Event, Report
from reports.permissions import Actor
from reports.services import dispatch as dispatching
from reports.services.dispatch import dispatch, is_wanted, sweep_events
from reports.services.log import record
from reports.tasks import dispatch_event
from tests.factories import ReportFactory

pytestmark = pytest.mark.django_db(transaction=True)
KINDS = {Event.Kind.REPLY, Event.Kind.NOTE}
HERE = "tests.reports.test_dispatch"


class Heard:
    """What this module's consumers were told, and on which events the first of them stumbles."""

    by_first: list[int] = []
    by_second: list[int] = []
    stumbles: set[int] = set()


def first(event_id: int) -> None:
    Heard.by_first.append(event_id)
    if event_id in Heard.stumbles:
        raise ValueError(event_id)


def second(event_id: int) -> None:
    Heard.by_second.append(event_id)


@pytest.fixture(autouse=True)
def listening(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Two consumers, and the ids that are queued for them."""
    settings.EVENT_CONSUMERS = [f"{HERE}.first", f"{HERE}.second"]
    Heard.by_first, Heard.by_second, Heard.stumbles = [], [], set()
    queued: list[int] = []
    monkeypatch.setattr(dispatch_event, "delay", queued.append)
    yield queued
    dispatching.load.cache_clear()


@pytest.fixture
def report(db: None) -> Report:
    return ReportFactory()


def written(report: Report, kind: str = Event.Kind.REPLY) -> int:
    return record(kind=kind, report=report, actor=Actor(), is_public=False).pk


def test_wanted_event_is_queued_after_the_commit(report: Report, listening: list[int]) -> None:
    assert listening == [written(report)] == [Event.objects.get().pk]


def test_kind_that_nobody_wants_is_not_queued(
    report: Report, listening: list[int], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # A vote costs its row, in its transaction, and nothing for being told.
    with django_assert_num_queries(1):
        written(report, Event.Kind.VOTED)
    assert (listening, is_wanted(Event.Kind.VOTED)) == ([], False)


def test_portal_without_consumers_queues_nothing(report: Report, listening: list[int], settings: Settings) -> None:
    settings.EVENT_CONSUMERS = []
    written(report)
    sweep_events()
    assert (listening, ConsumerPosition.objects.count()) == ([], 0)


def test_every_consumer_is_told_although_one_fails(report: Report) -> None:
    event_id = written(report)
    Heard.stumbles = {event_id}
    dispatch(event_id=event_id)
    assert (Heard.by_first, Heard.by_second) == ([event_id], [event_id])


def test_event_that_is_gone_is_told_to_nobody() -> None:
    dispatch(event_id=1)
    assert Heard.by_first == []


def test_sweep_begins_after_what_was_there_before(report: Report) -> None:
    old = written(report)
    sweep_events()
    new = written(report)
    sweep_events()
    assert Heard.by_first == Heard.by_second == [new]
    assert set(ConsumerPosition.objects.values_list("event_id", flat=True)) == {new}
    assert old < new


def test_sweep_tells_each_event_once_and_passes_the_unwanted(report: Report) -> None:
    sweep_events()
    wanted = [written(report), written(report, Event.Kind.NOTE)]
    last = written(report, Event.Kind.VOTED)
    sweep_events()
    sweep_events()
    assert Heard.by_first == wanted
    assert set(ConsumerPosition.objects.values_list("event_id", flat=True)) == {last}


def test_sweep_goes_on_over_batches(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatching, "SWEEP_BATCH", 2)
    sweep_events()
    events = [written(report) for _unused in range(5)]
    sweep_events()
    assert Heard.by_first == events


def test_failing_event_is_told_again_and_holds_up_no_other(report: Report) -> None:
    sweep_events()
    before, failing, after = (written(report) for _unused in range(3))
    Heard.stumbles = {failing}
    sweep_events()
    held = ConsumerPosition.objects.get(consumer=f"{HERE}.first").event_id
    Heard.stumbles = set()
    sweep_events()
    assert (held, Heard.by_first) == (before, [before, failing, after, failing, after])
    assert Heard.by_second == [before, failing, after]


def test_failing_event_holds_up_no_later_batch(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatching, "SWEEP_BATCH", 2)
    sweep_events()
    events = [written(report) for _unused in range(5)]
    Heard.stumbles = {events[0]}
    sweep_events()
    assert Heard.by_first == events


def test_sweep_waits_for_an_older_transaction(report: Report) -> None:
    """An event that commits late, with a smaller id than one that was told already, is not passed over."""
    sweep_events()
    late = connections.create_connection("default")
    try:
        late.set_autocommit(False)
        with late.cursor() as cursor:
            cursor.execute(
                "INSERT INTO reports_event (kind, report_id, actor_role, actor_name, is_public, data, private_data, at)"
                " VALUES ('reply', %s, '', '', false, '{}', '{}', now()) RETURNING id",
                [report.pk],
            )
            (slow,) = cursor.fetchone()
        quick = written(report)
        sweep_events()
        assert Heard.by_first == []
        late.commit()
    finally:
        late.close()
    sweep_events()
    assert (Heard.by_first, slow < quick) == ([slow, quick], True)


def test_second_sweep_at_once_does_not_move_the_position_back(report: Report) -> None:
    sweep_events()
    consumer = dispatching.consumers()[0]
    start = dispatching.position_of(consumer)
    last = [written(report) for _unused in range(3)][-1]
    sweep_events()
    dispatching.sweep(consumer, start)
    assert dispatching.position_of(consumer) == last


def test_position_says_when_it_moved(report: Report) -> None:
    sweep_events()
    ConsumerPosition.objects.update(updated_at=timezone.now() - timedelta(days=1))
    written(report)
    sweep_events()
    oldest = ConsumerPosition.objects.earliest("updated_at").updated_at
    assert timezone.now() - oldest < timedelta(minutes=1)
    assert connection.vendor == "postgresql"
