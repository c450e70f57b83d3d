"""Nothing lost, nothing twice: the real broker, real workers, a real mail server, and everything that breaks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from notifications.models import Delivery
from notifications.services.dispatch import consume
from notifications.tasks import deliver_one
from reports import workflow
from reports.models import Event
from reports.services.dispatch import sweep_events
from reports.services.handling import change_status
from reports.tasks import dispatch_event
from tests.factories import ReportFactory
from tests.notifications.post_office import PostOffice, kill, own_redis, wait_until, worker
from tests.notifications.telling import MODERATION, address_follow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]
Status = Delivery.Status


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """A mail server, still closed."""
    found = PostOffice()
    yield found
    found.close()


@pytest.fixture(scope="module")
def redis_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with own_redis(tmp_path_factory.mktemp("redis")) as port:
        yield port


@pytest.fixture
def broker(redis_port: int) -> Iterator[Redis]:
    """The broker's Redis, empty; the consumers of the log know where they are."""
    sweep_events()
    client = Redis(port=redis_port, db=1)
    client.flushall()
    yield client
    client.close()


def addresses(count: int) -> list[str]:
    return [f"voisin{number}@example.org" for number in range(count)]


def begin_repair(count: int) -> Event:
    """Let so many addresses follow a report, and its repair begin: one mail for each."""
    report = ReportFactory()
    for address in addresses(count):
        address_follow(report, address)
    return change_status(report=report, to=workflow.IN_PROGRESS, actor=MODERATION)


def all_sent(count: int) -> bool:
    return Delivery.objects.filter(status=Status.SENT).count() == count


def test_mail_server_that_is_down_for_a_while(
    office: PostOffice, broker: Redis, redis_port: int, tmp_path: Path
) -> None:
    begin_repair(6)
    with worker(office, redis_port, tmp_path):
        wait_until(lambda: Delivery.objects.filter(status=Status.WAITING, tries__gte=2).count() == 6)
        office.open()
        wait_until(lambda: all_sent(6))
    assert office.copies == dict.fromkeys(addresses(6), 1)


def test_mail_server_that_accepts_and_never_answers(
    office: PostOffice, broker: Redis, redis_port: int, tmp_path: Path
) -> None:
    begin_repair(30)
    with worker(office, redis_port, tmp_path, email_timeout=1):
        with office.silent():
            wait_until(Delivery.objects.exists)
            # Each waiting for itself, two at a time, would take 15 seconds.
            wait_until(lambda: Delivery.objects.filter(status=Status.WAITING, tries__gte=1).count() == 30, 10)
        office.open()
        wait_until(lambda: all_sent(30))
    assert office.copies == dict.fromkeys(addresses(30), 1)


def test_worker_that_is_killed_in_the_middle(
    office: PostOffice, broker: Redis, redis_port: int, tmp_path: Path
) -> None:
    office.seconds_each = 0.1
    office.open()
    begin_repair(50)
    with worker(office, redis_port, tmp_path) as first:
        wait_until(lambda: len(office.accepted) >= 10)
        kill(first)
    in_flight = Delivery.objects.filter(status=Status.SENDING).count()
    assert 1 <= in_flight <= 2
    assert len(office.accepted) < 50
    office.seconds_each = 0.0
    with worker(office, redis_port, tmp_path):
        wait_until(lambda: all_sent(50))
    # The server had taken what was in flight before the sender knew: sent again under the same number, all others once.
    assert office.distinct == dict.fromkeys(addresses(50), 1)
    assert len(office.accepted) - 50 <= in_flight


def test_redis_that_is_emptied(office: PostOffice, broker: Redis, redis_port: int, tmp_path: Path) -> None:
    office.open()
    event = begin_repair(5)
    assert broker.llen("urgent") == 1
    broker.flushall()
    with worker(office, redis_port, tmp_path):
        # The sweep finds the event in the log.
        wait_until(lambda: all_sent(5))
    Delivery.objects.all().delete()
    office.accepted.clear()
    consume(event.pk)
    assert broker.llen("mail") == 5
    broker.flushall()
    with worker(office, redis_port, tmp_path):
        # The sweep finds the deliveries.
        wait_until(lambda: all_sent(5))
    assert office.copies == dict.fromkeys(addresses(5), 1)


def test_tasks_that_are_delivered_three_times_at_once(
    office: PostOffice, broker: Redis, redis_port: int, tmp_path: Path
) -> None:
    office.seconds_each = 0.1
    office.open()
    event = begin_repair(5)
    consume(event.pk)
    broker.flushall()
    # Side by side, so that both processes of the worker have the same one in hand.
    for pk in [event.pk] * 3:
        dispatch_event.delay(pk)
    for pk in Delivery.objects.values_list("pk", flat=True):
        for _time in range(3):
            deliver_one.delay(pk)
    assert broker.llen("mail") == 15
    with worker(office, redis_port, tmp_path):
        wait_until(lambda: all_sent(5) and broker.llen("mail") == broker.llen("urgent") == 0)
    assert office.copies == dict.fromkeys(addresses(5), 1)
