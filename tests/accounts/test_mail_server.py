"""A mail server that accepts connections and never answers: one waits for it, the others are told at once."""

import socket
import time
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.core.mail import send_mail
from pytest_django.fixtures import Settings
from redis.exceptions import ConnectionError as RedisAway

from accounts.mail_server import SILENT, MailServerSilent, patience
from tests.accounts.doors import neighbour
from tests.client import Client

ASK = "/compte/connexion/code/"


@pytest.fixture
def silent(settings: Settings) -> Iterator[None]:
    """The mail server that this process sends to hangs."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_TIMEOUT = 1
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()[:2]
        yield


def send() -> None:
    """Send a mail as every part of the portal does."""
    with patience():
        send_mail("Bonjour", "Bonjour,", None, ["awa@example.org"])


def seconds_of_refusal(error: type[OSError]) -> float:
    """Return how long it takes until a mail is refused."""
    begin = time.monotonic()
    with pytest.raises(error):
        send()
    return time.monotonic() - begin


def test_silent_server_is_waited_for_once(silent: None) -> None:
    assert 0.9 < seconds_of_refusal(OSError) < 3
    assert seconds_of_refusal(MailServerSilent) < 0.5


def test_server_that_refuses_is_asked_again(silent: None, settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.EMAIL_PORT = server.getsockname()[1]
    for _time in range(2):
        seconds_of_refusal(ConnectionRefusedError)


def test_silent_server_without_a_memory_is_waited_for(silent: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise RedisAway

    for name in ("get", "set"):
        monkeypatch.setattr(cache, name, fail)
    assert 0.9 < seconds_of_refusal(OSError) < 3


def test_mails_go_out_when_nobody_waited_in_vain(mailoutbox: list[object]) -> None:
    send()
    assert (len(mailoutbox), cache.get(SILENT)) == (1, None)


@pytest.mark.django_db
def test_sign_in_by_code_says_kindly_that_mails_do_not_leave(silent: None, client: Client) -> None:
    emails = ("awa@example.org", neighbour("eva@example.org").email, "ada@example.org")
    begin = time.monotonic()
    answers = [client.post(ASK, {"email": email}) for email in emails]
    assert [(answer.status_code, answer["Retry-After"]) for answer in answers] == [(503, "60")] * 3
    assert "recommencez dans une minute" in answers[2].content.decode()
    assert time.monotonic() - begin < 6
