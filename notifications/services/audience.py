"""Who hears of one piece of news at once: batches of people, a handful of queries for each batch however large."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from accounts.encryption import fingerprints
from accounts.models import Role, User
from notifications.models import Channel, PushSubscription, Recipient, Topic
from notifications.services.recipients import frequencies, frequency_of_follow, in_zone
from notifications.targets import is_there
from reports.models import Event, Follow, Frequency
from reports.querysets import FollowQuerySet

BATCH = 500
NOW = Frequency.AT_ONCE


@dataclass
class Listener:
    """One person (or address) who may hear, through a follow or by work; `channels` are those they want now."""

    user: User | None
    follow: Follow | None = None
    channels: set[str] = field(default_factory=set)
    subscriptions: list[PushSubscription] = field(default_factory=list)
    recipient: Recipient | None = None

    @property
    def names(self) -> list[str]:
        """By what the same person is known again: the fingerprints of the address."""
        if self.user is not None:
            return fingerprints(self.user.email)
        return [self.follow.email_digest] if self.follow else []


def batches(follows: FollowQuerySet) -> Iterator[list[Listener]]:
    """Give the open followers in batches: authors first, then accounts, then addresses."""
    order = follows.exclude(frequency=Frequency.NEVER).order_by("-is_reporter", "user", "pk")
    # The addresses lie encrypted, and nothing here needs them.
    rows = order.select_related("user").defer("email", "centre", "circle").iterator(chunk_size=BATCH)
    people = (Listener(user=row.user, follow=row) for row in rows if row.user is None or is_there(row.user))
    while batch := list(islice(people, BATCH)):
        yield batch


def operators(organisation_id: int) -> list[Listener]:
    """Return who works for an organisation."""
    people = User.objects.filter(
        memberships__role=Role.OPERATOR, memberships__organisation=organisation_id, is_active=True
    ).distinct()
    return [Listener(user=person) for person in people if is_there(person)]


def without(listeners: Iterable[Listener], event: Event) -> list[Listener]:
    """Leave out whoever did it themselves."""
    return [one for one in listeners if not is_actor(one, event)]


def is_actor(listener: Listener, event: Event) -> bool:
    """Whether this is who did it; an author without an account acts through the private link."""
    if event.actor_id is not None:
        return listener.user is not None and listener.user.pk == event.actor_id
    by_author = event.actor_role == "reporter"
    return by_author and listener.follow is not None and listener.follow.is_reporter


def ask(listeners: list[Listener], topic: str) -> None:
    """Fill in on which channels each wants to hear at once: two queries for frequencies, one for browsers."""
    users = {one.user.pk for one in listeners if one.user}
    by_mail = frequencies(users, topic, Channel.EMAIL)
    by_push = frequencies(users, topic, Channel.PUSH)
    for one in listeners:
        if one.user is not None:
            wishes = {Channel.EMAIL: by_mail[one.user.pk], Channel.PUSH: by_push[one.user.pk]}
            one.channels = {channel.value for channel, wish in wishes.items() if wish == NOW}
        elif one.follow is not None:
            # Without an account there is one wish for each follow; a browser was added to hear at once.
            mailed = frequency_of_follow(follow=one.follow, topic=topic) == NOW
            shown = topic != Topic.COMMENTS
            one.channels = ({Channel.EMAIL.value} if mailed else set()) | ({Channel.PUSH.value} if shown else set())
    find_browsers(listeners)


def find_browsers(listeners: list[Listener]) -> None:
    """Fill in the browsers of those who want notifications."""
    shown = [one for one in listeners if Channel.PUSH in one.channels]
    users = {one.user.pk: one for one in shown if one.user}
    follows = {one.follow.pk: one for one in shown if one.follow and not one.user}
    if not shown:
        return
    found = PushSubscription.objects.filter(user__in=users) | PushSubscription.objects.filter(follow__in=follows)
    for row in found:
        owner = users.get(row.user_id or 0) or follows.get(row.follow_id or 0)
        if owner is not None:
            owner.subscriptions.append(row)


def find_recipients(listeners: list[Listener], zone: str) -> list[Listener]:
    """Fill in the recipients, making those that are missing, and keep who has not stopped everything.

    One query when all are known, three when some are new. `zone` is the time zone of the place, for the new ones.
    """
    known = recipients_of(listeners)
    missing = [one for one in listeners if key_of(one) not in known]
    if missing:
        rows = [
            Recipient(user=one.user, email_digest="" if one.user or not one.follow else one.follow.email_digest)
            for one in missing
        ]
        for row in rows:
            row.time_zone = in_zone(zone).get("time_zone", row.time_zone)
        Recipient.objects.bulk_create(rows, ignore_conflicts=True)
        known |= recipients_of(missing)
    for one in listeners:
        one.recipient = known[key_of(one)]
    return [one for one in listeners if one.recipient is not None and one.recipient.muted_at is None]


def key_of(listener: Listener) -> tuple[int, str]:
    """Return what a recipient is unique by: the account, or the address's fingerprint."""
    if listener.user is not None:
        return (listener.user.pk, "")
    return (0, listener.follow.email_digest if listener.follow else "")


def recipients_of(listeners: list[Listener]) -> dict[tuple[int, str], Recipient]:
    """Return the recipients that are there already."""
    keys = [key_of(one) for one in listeners]
    people = Recipient.objects.filter(user__in=[user for user, _digest in keys if user])
    addresses = Recipient.objects.filter(email_digest__in=[digest for _user, digest in keys if digest])
    return {(row.user_id or 0, row.email_digest): row for row in people | addresses}
