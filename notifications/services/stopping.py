"""Stopping from a mail, without signing in: what the mail was about, or everything.

A mail's `List-Unsubscribe` header leads to `/envois/<token>/stop/?sujet=…`. The token is the permission, so that the
subject needs no signature: whoever holds the token may stop any of it.

| subject | stops |
|---|---|
| `suivi-12` | what the recipient's follow 12 tells of |
| `progress`, `comments`, `nearby`, `work` | that topic by mail, for a person with an account |
| `daily`, `weekly` | all topics that such a digest brings, for a person with an account |
| none, or one that does not fit the recipient | everything |
"""

from django.db import transaction
from django.urls import reverse
from django.utils.http import urlencode

from notifications.models import Channel, Delivery, Recipient, Topic
from notifications.services.preferences import mute, set_follow_frequency, set_preference
from notifications.services.recipients import choices_of
from notifications.services.schedule import DIGESTS, has_work
from reports.models import Frequency

FOLLOW = "suivi-"
EVERYTHING = ""


def subject_of(delivery: Delivery) -> str:
    """Return what a delivery is about, as its address says it; empty where only everything can be stopped."""
    if delivery.template == "staff_digest":
        return Topic.WORK
    if delivery.template == "digest":
        return str(delivery.data["frequency"])
    return f"{FOLLOW}{delivery.follow_id}" if delivery.follow_id else EVERYTHING


def stop_path(delivery: Delivery) -> str:
    """Return the one-click path of a delivery, in the active language; empty without a recipient."""
    if delivery.recipient is None:
        return ""
    path = reverse("unsubscribe-one-click", args=[delivery.recipient.token])
    subject = subject_of(delivery)
    return f"{path}?{urlencode({'sujet': subject})}" if subject else path


@transaction.atomic
def stop(*, recipient: Recipient, subject: str) -> str:
    """Stop one subject, or everything; safe to repeat. Return the subject that was stopped, empty for everything.

    A follow that is gone, or is somebody else's, cannot be stopped: then nothing changes, and nothing more comes of it.
    """
    number = subject.removeprefix(FOLLOW)
    if subject.startswith(FOLLOW) and number.isdecimal():
        set_follow_frequency(recipient=recipient, follow_id=int(number), frequency=Frequency.NEVER)
        return subject
    if recipient.user is not None and subject in Topic.values and (subject != Topic.WORK or has_work(recipient.user)):
        set_preference(user=recipient.user, topic=subject, channel=Channel.EMAIL, frequency=Frequency.NEVER)
        return subject
    if recipient.user is not None and subject in DIGESTS:
        for (topic, channel), frequency in choices_of(recipient.user).items():
            if channel == Channel.EMAIL and frequency == subject and topic != Topic.WORK:
                set_preference(user=recipient.user, topic=topic, channel=channel, frequency=Frequency.NEVER)
        return subject
    mute(recipient=recipient)
    return EVERYTHING
