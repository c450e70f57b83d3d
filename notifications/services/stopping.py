"""Stopping from a mail, without signing in: what the mail was about, or everything.

A mail's `List-Unsubscribe` header leads to `/envois/<token>/stop/?sujet=…`. The token is the permission, so that the
subject needs no signature: whoever holds the token may stop any of it.

| subject | stops |
|---|---|
| `suivi-12` | what the recipient's follow 12 tells of |
| `progress`, `comments`, `nearby`, `work` | that topic by mail, for a person with an account |
| `nearby` | what all followed areas tell of, for an address that follows without one |
| `daily`, `weekly` | all topics that such a digest brings, for a person with an account |
| none, or one that does not fit the recipient | everything |
"""

from dataclasses import dataclass

from django.db import transaction
from django.urls import reverse
from django.utils.http import urlencode

from notifications.models import Channel, Delivery, Recipient, Topic
from notifications.models.wishes import DEFAULTS
from notifications.services.preferences import mute, set_follow_frequency, set_preference, unmute
from notifications.services.recipients import choices_of, follows_of
from notifications.services.schedule import DIGESTS, has_work
from reports.models import Frequency
from reports.querysets import FollowQuerySet

FOLLOW = "suivi-"
EVERYTHING = ""
MAIL = Channel.EMAIL
# Such a mail comes by whichever follow was found first: stopping that one alone, the next mail would come by another.
WHOLE_TOPICS = (Topic.NEARBY, Topic.WORK)


def subject_of(delivery: Delivery) -> str:
    """Return what a delivery is about, as its address says it; empty where only everything can be stopped."""
    if delivery.template == "staff_digest":
        return Topic.WORK
    if delivery.template == "digest":
        return str(delivery.data["frequency"])
    topic = delivery.data.get("topic")
    if topic in WHOLE_TOPICS:
        return str(topic)
    return f"{FOLLOW}{delivery.follow_id}" if delivery.follow_id else EVERYTHING


def stop_path(delivery: Delivery) -> str:
    """Return the one-click path of a delivery, in the active language; empty without a recipient."""
    if delivery.recipient is None:
        return ""
    path = reverse("unsubscribe-one-click", args=[delivery.recipient.token])
    subject = subject_of(delivery)
    return f"{path}?{urlencode({'sujet': subject})}" if subject else path


@dataclass(frozen=True)
class Scope:
    """What a subject means for one recipient: some follows, some topics by mail; everything where it is empty."""

    subject: str
    follows: FollowQuerySet
    topics: list[Topic]


def scope_of(recipient: Recipient, subject: str) -> Scope:
    """Return what would be stopped.

    A follow that is gone, or is somebody else's, cannot be stopped: nothing changes, and nothing more comes of it. A
    digest that brings nothing any more stands for the topics that were stopped.
    """
    follows, user = follows_of(recipient), recipient.user
    number = subject.removeprefix(FOLLOW)
    if subject.startswith(FOLLOW) and number.isdecimal():
        return Scope(subject, follows.filter(pk=int(number)), [])
    if user is None and subject == Topic.NEARBY:
        return Scope(subject, follows.of_areas(), [])
    if user is not None and subject in Topic.values and (subject != Topic.WORK or has_work(user)):
        return Scope(subject, follows.none(), [Topic(subject)])
    if user is not None and subject in DIGESTS:
        chosen = {topic: how for (topic, channel), how in choices_of(user).items() if channel == MAIL}
        chosen.pop(Topic.WORK)
        meant = subject if subject in chosen.values() else Frequency.NEVER
        return Scope(subject, follows.none(), [Topic(topic) for topic, how in chosen.items() if how == meant])
    return Scope(EVERYTHING, follows.none(), [])


@transaction.atomic
def stop(*, recipient: Recipient, scope: Scope) -> dict[str, str]:
    """Stop what a scope names; safe to repeat.

    Return what held before, for `take_back`: the frequency of each follow (`suivi-12`) and topic that was stopped, and
    an empty name where everything was; nothing where nothing changed.
    """
    if scope.subject == EVERYTHING:
        before = {} if recipient.muted_at else {EVERYTHING: ""}
        mute(recipient=recipient)
        return before
    before = {}
    for pk, frequency in scope.follows.exclude(frequency=Frequency.NEVER).values_list("pk", "frequency"):
        set_follow_frequency(recipient=recipient, follow_id=pk, frequency=Frequency.NEVER)
        before[f"{FOLLOW}{pk}"] = frequency
    if recipient.user is not None:
        chosen = choices_of(recipient.user)
        for topic in scope.topics:
            set_preference(user=recipient.user, topic=topic, channel=MAIL, frequency=Frequency.NEVER)
            if chosen[topic, MAIL] != Frequency.NEVER:
                before[topic.value] = chosen[topic, MAIL]
    return before


def is_stopped(recipient: Recipient, scope: Scope) -> bool:
    """Say whether nothing comes of a scope any more; a follow that is not theirs was never there to be stopped."""
    if scope.subject == EVERYTHING:
        return recipient.muted_at is not None
    if scope.topics and recipient.user is not None:
        chosen = choices_of(recipient.user)
        return all(chosen[topic, MAIL] == Frequency.NEVER for topic in scope.topics)
    if scope.subject in DIGESTS:
        return True
    return scope.follows.exists() and not scope.follows.exclude(frequency=Frequency.NEVER).exists()


def way_back(scope: Scope) -> dict[str, str]:
    """Return, for `take_back`, what lets hear again of what was stopped some time ago.

    What held before is not kept. It is as soon as the mail that led here came: by a digest, else at once, where a topic
    alone is as by default.
    """
    if scope.subject == EVERYTHING:
        return {EVERYTHING: ""}
    follows = {f"{FOLLOW}{pk}": Frequency.AT_ONCE.value for pk in scope.follows.values_list("pk", flat=True)}
    digest = scope.subject if scope.subject in DIGESTS else ""
    return follows | {topic.value: digest or DEFAULTS[topic, MAIL] for topic in scope.topics}


@transaction.atomic
def take_back(*, recipient: Recipient, before: dict[str, str]) -> None:
    """Let hold again what held before a stop; safe to repeat.

    Raises:
        UnknownChoice: a topic is not theirs any more.
    """
    for subject, frequency in before.items():
        if subject == EVERYTHING:
            unmute(recipient=recipient)
        elif subject.startswith(FOLLOW):
            number = int(subject.removeprefix(FOLLOW))
            set_follow_frequency(recipient=recipient, follow_id=number, frequency=frequency)
        elif recipient.user is not None:
            set_preference(user=recipient.user, topic=subject, channel=MAIL, frequency=frequency)
