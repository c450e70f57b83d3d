"""Whom a mail reaches, asked at the moment of sending: addresses are looked up, and wishes may have changed."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q

from accounts.models import Role, User
from notifications.errors import NoLongerWanted, Reason
from notifications.models import Delivery, Recipient, Topic
from notifications.services.recipients import follows_of, frequency_for
from reports.models import Event, Follow, Frequency

DIGESTS = frozenset({"digest", "staff_digest"})


@dataclass(frozen=True)
class Target:
    """An address, the language to write in, and the follow that leads there, if one does."""

    address: str
    language: str
    follow: Follow | None = None


def is_news(delivery: Delivery) -> bool:
    """Whether one can unsubscribe from it: not from what one has asked for oneself, e.g. a copy of one's data."""
    return delivery.event is not None or delivery.template in DIGESTS


def target_of(delivery: Delivery) -> Target:
    """Return whom a mail reaches.

    Raises:
        NoLongerWanted: nobody, any more.
    """
    check_standing(delivery)
    if delivery.organisation is not None:
        return of_organisation(delivery)
    if delivery.address:
        return Target(delivery.address, delivery.language)
    recipient = delivery.recipient
    if recipient is None:
        raise NoLongerWanted(Reason.NOBODY)
    if is_news(delivery):
        check_wishes(delivery, recipient)
    follow = follow_of(delivery, recipient)
    if recipient.user is not None:
        return Target(recipient.user.email, recipient.user.language, follow)
    any_follow = follow or follows_of(recipient).exclude(email="").order_by("-pk").first()
    if any_follow is None:
        raise NoLongerWanted(Reason.UNFOLLOWED)
    if any_follow.user is not None:
        # The address has joined an account since.
        return Target(any_follow.user.email, any_follow.user.language, follow)
    return Target(any_follow.email, any_follow.language, follow)


def check_standing(delivery: Delivery) -> None:
    """Refuse to tell what was decided and taken back before anybody heard of it.

    Raises:
        NoLongerWanted
    """
    event = delivery.event
    if event is None:
        return
    if event.kind == Event.Kind.STATUS_CHANGED:
        undone = Event.objects.filter(report=event.report_id, kind=Event.Kind.UNDONE, data__event=event.pk)
    elif event.kind == Event.Kind.MERGED:
        parted = Event.objects.filter(report__ref=event.private_data.get("duplicate"), kind=Event.Kind.UNMERGED)
        undone = parted.filter(private_data__merged=event.pk)
    else:
        return
    if undone.exists():
        raise NoLongerWanted(Reason.UNDONE)


def of_organisation(delivery: Delivery) -> Target:
    """Return an organisation's own address.

    Raises:
        NoLongerWanted: it has none, or the report went to another one.
    """
    organisation = delivery.organisation
    if organisation is None or not organisation.email:
        raise NoLongerWanted(Reason.NO_ADDRESS)
    if delivery.event is not None and delivery.event.report.organisation_id != organisation.pk:
        raise NoLongerWanted(Reason.OTHER_ORGANISATION)
    return Target(organisation.email, settings.LANGUAGE_CODE)


def check_wishes(delivery: Delivery, recipient: Recipient) -> None:
    """Refuse what somebody has stopped, or cannot read any more.

    Raises:
        NoLongerWanted
    """
    if recipient.muted_at is not None:
        raise NoLongerWanted(Reason.MUTED)
    user = recipient.user
    if user is None:
        return
    if not is_there(user):
        raise NoLongerWanted(Reason.CLOSED)
    topic = delivery.data.get("topic")
    if topic and frequency_for(user=user, topic=topic, channel=delivery.channel) == Frequency.NEVER:
        raise NoLongerWanted(Reason.UNWANTED)
    if topic == Topic.WORK and delivery.event is not None and not works_on(user, delivery):
        raise NoLongerWanted(Reason.NOT_THEIRS)


def is_there(user: User) -> bool:
    """Whether an account is open."""
    return user.is_active and user.erase_after is None and user.erased_at is None


def works_on(user: User, delivery: Delivery) -> bool:
    """Whether a person works for the organisation that has the delivery's report."""
    organisation = delivery.event.report.organisation_id if delivery.event else None
    return user.memberships.filter(role=Role.OPERATOR, organisation=organisation).exists()


def follow_of(delivery: Delivery, recipient: Recipient) -> Follow | None:
    """Return the follow through which somebody hears of an event; None for what needs none.

    Raises:
        NoLongerWanted: they do not follow it any more.
    """
    if delivery.event is None or delivery.data.get("topic") == Topic.WORK:
        return None
    follow = delivery.follow
    if follow is None or not follow.is_heard:
        # An address that joined an account, or a duplicate's follower, may follow by another row now.
        report = delivery.event.report
        same = Q(report=None) if delivery.data.get("topic") == Topic.NEARBY else Q(report=report)
        follow = follows_of(recipient).filter(same).first()
    if follow is None or follow.frequency == Frequency.NEVER:
        raise NoLongerWanted(Reason.UNFOLLOWED)
    return follow


def check_wanted(delivery: Delivery) -> None:
    """Refuse a notification that its person has stopped.

    Raises:
        NoLongerWanted
    """
    check_standing(delivery)
    if delivery.recipient is not None:
        check_wishes(delivery, delivery.recipient)
        follow_of(delivery, delivery.recipient)
