"""A mail as it will go out, before anything has happened: the same templates, filled in for an event that is not saved.

Whoever previews is not who receives: the private addresses of the reader's own pages are left out of it.
"""

from dataclasses import asdict
from typing import Any

from notifications.mails import Words, write
from notifications.models import Channel, Delivery, Recipient, Topic
from notifications.services.audience import batches
from notifications.services.dispatch import followers_of
from notifications.targets import Target
from reports.models import Event, Follow, Report

# Stands for the random part of a private address.
PRIVATE = "lien-prive-du-destinataire"


def of_event(*, event: Event, duplicate: Report | None = None) -> dict[str, Any] | None:
    """Return the mail by which the followers of a report hear of an event that is not saved; None if nobody does.

    `{"subject", "text", "html", "by_author"}`: as its author reads it if they are among them, else as the others do.
    A merge is heard by the followers of the `duplicate`, who do not follow the event's report yet.
    """
    follows = Follow.objects.filter(report=duplicate) if duplicate else followers_of(event)
    reader = next((batch[0] for batch in batches(follows.heard())), None)
    if reader is None or reader.follow is None:
        return None
    by_author = reader.follow.is_reporter
    language = reader.user.language if reader.user else reader.follow.language
    follow = Follow(report=event.report, is_reporter=by_author, language=language, token=PRIVATE)
    delivery = Delivery(
        event=event,
        recipient=Recipient(token=PRIVATE),
        channel=Channel.EMAIL,
        template="report_progress",
        data={"topic": Topic.PROGRESS},
    )
    words = write(delivery, Target(address="", language=language, follow=follow))
    return {**plain(words), "by_author": by_author}


def plain(words: Words) -> dict[str, str]:
    """Return a mail as plain strings: what Django marks as safe in a mail, a page has to escape."""
    return {name: value + "" for name, value in asdict(words).items()}


def of_mail(*, template: str, data: dict[str, Any], language: str) -> dict[str, str]:
    """Return a mail that another app will ask for (`settings.TELL`), as `{"subject", "text", "html"}`."""
    delivery = Delivery(address="", channel=Channel.EMAIL, template=template, data=data)
    return plain(write(delivery, Target(address="", language=language)))
