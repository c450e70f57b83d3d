"""Writing and sending one mail: three templates (subject, text, HTML), one recipient, one connection."""

import contextlib
import re
import smtplib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from accounts.mail_server import patience
from notifications import contents, digest, staff_digest
from notifications.errors import NoLongerWanted, Reason, RefusedForGood, TryLater
from notifications.models import Delivery
from notifications.services.stopping import stop_path
from notifications.targets import Target, is_news, target_of

Context = dict[str, Any]
PERMANENT = range(500, 600)
BREAKS = re.compile(r"[^\S\u00a0\u202f]+")


def digest_context(delivery: Delivery, _target: Target) -> Context | None:
    """Read a digest's news from the log."""
    return digest.context_of(delivery)


def staff_digest_context(delivery: Delivery, _target: Target) -> Context | None:
    """Read what waits for a member of the team."""
    return staff_digest.context_of(delivery)


# What each template shows. Others show the delivery's own `data`, see `contents.told`.
CONTENTS: dict[str, Callable[[Delivery, Target], Context | None]] = {
    "report_progress": contents.progress,
    "report_comment": contents.comment,
    "area_new_report": contents.area,
    "staff_assigned": contents.work,
    "staff_reopened": contents.work,
    "digest": digest_context,
    "staff_digest": staff_digest_context,
    "staff_task": contents.told,
}


@dataclass(frozen=True)
class Words:
    """What a mail says: its subject on one line, and the same as text and as HTML."""

    subject: str
    text: str
    html: str


def compose(delivery: Delivery) -> EmailMultiAlternatives:
    """Write a delivery's mail in its reader's language.

    Raises:
        NoLongerWanted: nobody is to be told any more, or there is nothing left to tell.
        RefusedForGood: the address is none.
    """
    target = target_of(delivery)
    to = one_address(target.address)
    words = write(delivery, target)
    mail = EmailMultiAlternatives(words.subject, words.text, to=[to], headers=headers_of(delivery, target))
    mail.attach_alternative(words.html, "text/html")
    return mail


def write(delivery: Delivery, target: Target) -> Words:
    """Fill in a mail's three templates in its reader's language.

    Raises:
        NoLongerWanted: there is nothing left to tell.
    """
    name = f"emails/{delivery.template}"
    with translation.override(target.language):
        context = context_of(delivery, target)
        return Words(
            subject=one_line(render_to_string(f"{name}.subject.txt", context)),
            text=render_to_string(f"{name}.txt", context),
            html=render_to_string(f"{name}.html", context),
        )


def context_of(delivery: Delivery, target: Target) -> Context:
    """Return what the templates see.

    Besides the template's own: report (if it is about one) · follow · data · stop: the page of one's choices ·
    portal: the portal's address.

    Raises:
        NoLongerWanted: there is nothing left to tell.
    """
    own = CONTENTS.get(delivery.template, contents.told)(delivery, target)
    if own is None:
        raise NoLongerWanted(Reason.NOTHING_LEFT)
    stop = address_of("unsubscribe", delivery) if delivery.recipient and is_news(delivery) else ""
    return {
        "report": delivery.event.report if delivery.event else None,
        "follow": target.follow,
        "data": delivery.data,
        "stop": stop,
        "portal": settings.PUBLIC_URL,
        **own,
    }


def headers_of(delivery: Delivery, target: Target) -> dict[str, str]:
    """Return what makes a mail recognisable: the same number however often it is sent, and a way out (RFC 8058).

    The way out is a page in the reader's language.
    """
    host = urlsplit(settings.PUBLIC_URL).hostname
    headers = {"Message-ID": f"<{delivery.uid}@{host}>", "Auto-Submitted": "auto-generated"}
    if delivery.recipient and is_news(delivery):
        with translation.override(target.language):
            headers["List-Unsubscribe"] = f"<{settings.PUBLIC_URL}{stop_path(delivery)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def address_of(name: str, delivery: Delivery) -> str:
    """Return the full address of one of the recipient's own pages."""
    token = delivery.recipient.token if delivery.recipient else ""
    return f"{settings.PUBLIC_URL}{reverse(name, args=[token])}"


def one_line(text: str) -> str:
    """Return words on one line, whatever breaks somebody's name holds; spaces that may not break stay as they are."""
    return BREAKS.sub(" ", text).strip()


def one_address(text: str) -> str:
    """Return an address that is exactly one, without anything around it.

    Raises:
        RefusedForGood: it is none, or several, or carries line breaks.
    """
    try:
        validate_email(text)
    except ValidationError as error:
        raise RefusedForGood(Reason.BAD_ADDRESS) from error
    return text


@contextlib.contextmanager
def sent_mail(delivery: Delivery) -> Iterator[None]:
    """Send a delivery's mail; the block runs right after the server has taken it, before the connection is closed.

    Raises:
        NoLongerWanted, RefusedForGood, TryLater: nothing was sent.
    """
    mail = compose(delivery)
    server = get_connection()
    try:
        with translated(mail.to[0]), patience():
            server.open()
            server.send_messages([mail])
        yield
    finally:
        # The mail is gone or it is not: how the server says goodbye changes nothing.
        with contextlib.suppress(OSError):
            server.close()


@contextlib.contextmanager
def translated(address: str) -> Iterator[None]:
    """Turn what a mail server answers into our own refusals, without the address."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as refused:
        raise refusal(*next(iter(refused.recipients.values())), address) from None
    except smtplib.SMTPDataError as error:
        raise refusal(error.smtp_code, error.smtp_error, address) from None
    except OSError as error:
        raise TryLater(without(address, f"{type(error).__name__}: {error}")) from None


def refusal(code: int, words: bytes | str, address: str) -> RefusedForGood | TryLater:
    """Return what a server's answer about one mail means: 5xx never, anything else later."""
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return (RefusedForGood if code in PERMANENT else TryLater)(without(address, f"{code} {said}"))


def without(address: str, words: str) -> str:
    """Return one line of words without an address: deliveries keep none."""
    return " ".join(words.replace(address, "…").split())
