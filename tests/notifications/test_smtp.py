"""One delivery over a real connection: what is on the wire, and what the server's answers come to."""

from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default as modern

import pytest
from pytest_django.fixtures import Settings

from notifications.models import Delivery
from notifications.services.deliver import deliver
from tests.notifications.post_office import PostOffice
from tests.notifications.telling import waiting_delivery

pytestmark = pytest.mark.django_db
Status = Delivery.Status


@pytest.fixture
def office(settings: Settings) -> Iterator[PostOffice]:
    """An open mail server that this process sends to."""
    found = PostOffice()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", found.port
    found.open()
    yield found
    found.close()


def outcome(delivery: Delivery) -> tuple[str, str]:
    deliver(delivery_id=delivery.pk)
    delivery.refresh_from_db()
    return delivery.status, delivery.last_error


def test_mail_on_the_wire(office: PostOffice) -> None:
    delivery = waiting_delivery()
    assert outcome(delivery) == (Status.SENT, "")
    mail = message_from_bytes(office.bytes[0], policy=modern)
    report = delivery.event.report if delivery.event else None
    assert (mail["To"], mail["Message-ID"]) == ("amina@example.org", f"<{delivery.uid}@127.0.0.1>")
    assert mail["Subject"] == f"{report.ref if report else None}\u00a0: le problème est résolu"
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]


@pytest.mark.parametrize(
    ("answer", "status", "reason"),
    [
        ("550 5.1.1 <amina@example.org> unknown", Status.DEAD, "550 5.1.1 <…> unknown"),
        ("451 4.7.1 come back later", Status.WAITING, "451 4.7.1 come back later"),
    ],
)
def test_answer_about_the_recipient(office: PostOffice, answer: str, status: str, reason: str) -> None:
    office.answers = {"amina@example.org": answer}
    assert outcome(waiting_delivery()) == (status, reason)
    assert office.accepted == []


def test_server_that_is_away(office: PostOffice) -> None:
    office.close()
    status, reason = outcome(waiting_delivery())
    assert (status, reason.split(":")[0]) == (Status.WAITING, "ConnectionRefusedError")


def test_two_addresses_in_one_are_never_offered_to_the_server(office: PostOffice) -> None:
    assert outcome(waiting_delivery("a@example.org>,<b@example.org")) == (Status.DEAD, "bad_address")
    assert office.accepted == []
