"""Choosing what to hear of, how soon and at what hour; and being left in peace."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from notifications.errors import UnknownChoice
from notifications.models import Channel, Preference, Recipient, Topic
from notifications.services.recipients import follows_of, recipient_of_address, recipient_of_user
from notifications.services.schedule import has_work, schedule
from notifications.zones import zone_names
from reports.models import Follow, Frequency

LAST_HOUR = 23
LAST_WEEKDAY = 6


def offered(topic: str, channel: str) -> list[str]:
    """Return the frequencies that a topic may have on a channel: a notification that comes a day late is a mail.

    Raises:
        UnknownChoice: there is no such topic or channel.
    """
    if topic not in Topic.values or channel not in Channel.values:
        raise UnknownChoice(_("Ce sujet ou ce canal n’existe pas. Choisissez parmi ceux de la page."))
    if channel == Channel.PUSH:
        # What waits in the admin is told by mail alone.
        return [Frequency.NEVER] if topic == Topic.WORK else [Frequency.AT_ONCE, Frequency.NEVER]
    if topic == Topic.WORK:
        # At once each report that is given to one's organisation, or once a day all that waits.
        return [Frequency.AT_ONCE, Frequency.DAILY, Frequency.NEVER]
    return list(Frequency.values)


@transaction.atomic
def set_preference(*, user: User, topic: str, channel: str, frequency: str) -> Preference:
    """Choose how soon a person hears of a topic on a channel.

    Raises:
        UnknownChoice: no such topic, channel or frequency, or this channel cannot do it, or the topic is not theirs.
    """
    if frequency not in offered(topic, channel):
        raise UnknownChoice(
            _("Cette fréquence n’est pas proposée ici. Choisissez parmi celles de la page."), field=topic
        )
    if topic == Topic.WORK and not has_work(user):
        raise UnknownChoice(_("Ce sujet est réservé à l’équipe."), field=topic)
    row, _is_new = Preference.objects.update_or_create(
        user=user, topic=topic, channel=channel, defaults={"frequency": frequency}
    )
    schedule(recipient=recipient_of_user(user))
    return row


def choose_times(*, recipient: Recipient, hour: int, weekday: int, time_zone: str) -> Recipient:
    """Choose when digests come: an hour (0-23), a day for the weekly one (0 is Monday) and the clock they go by.

    Raises:
        UnknownChoice: there is no such hour, day or zone.
    """
    if not (0 <= hour <= LAST_HOUR and 0 <= weekday <= LAST_WEEKDAY):
        raise UnknownChoice(_("Choisissez une heure de 0 à 23 et un jour de la semaine."), field="hour")
    if time_zone not in zone_names():
        raise UnknownChoice(
            _("Ce fuseau horaire n’existe pas. Choisissez-en un de la liste, par exemple Africa/Douala."),
            field="time_zone",
        )
    times = {"hour": hour, "weekday": weekday, "time_zone": time_zone}
    Recipient.objects.filter(pk=recipient.pk).update(**times)
    schedule(recipient=recipient, anew=True)
    return recipient


@transaction.atomic
def mute(*, recipient: Recipient) -> Recipient:
    """Send nothing any more; safe to repeat. What was chosen stays, for when they come back."""
    Recipient.objects.filter(pk=recipient.pk, muted_at=None).update(muted_at=timezone.now())
    schedule(recipient=recipient)
    return recipient


@transaction.atomic
def unmute(*, recipient: Recipient) -> Recipient:
    """Write again, by what was chosen; safe to repeat."""
    Recipient.objects.filter(pk=recipient.pk).update(muted_at=None)
    schedule(recipient=recipient)
    return recipient


@transaction.atomic
def set_follow_frequency(*, recipient: Recipient, follow_id: int, frequency: str) -> Follow | None:
    """Choose how soon a recipient hears of one thing that they follow; None where they follow no such thing.

    Hearing of something again ends a silence of everything.

    Raises:
        UnknownChoice: there is no such frequency.
    """
    if frequency not in Frequency.values:
        raise UnknownChoice(_("Cette fréquence n’est pas proposée ici. Choisissez parmi celles de la page."))
    row: Follow | None = follows_of(recipient).filter(pk=follow_id).first()
    if row is None:
        return None
    Follow.objects.filter(pk=row.pk).update(frequency=frequency)
    row.frequency = frequency
    if frequency != Frequency.NEVER:
        Recipient.objects.filter(pk=recipient.pk).update(muted_at=None)
    schedule(recipient=recipient)
    return row


@transaction.atomic
def hear_of(*, follow: Follow) -> None:
    """Tell a follower of what they just asked to hear of, even if they once had stopped everything.

    Whoever confirms an address anew hears of this one thing, not again of all that they had stopped. A person with an
    account stays silent until they say otherwise. Nothing for an address that is not confirmed.
    """
    if follow.user is not None:
        schedule(recipient=recipient_of_user(follow.user))
    elif follow.is_heard:
        recipient = recipient_of_address(follow.email)
        if recipient.muted_at is not None:
            follows_of(recipient).exclude(pk=follow.pk).update(frequency=Frequency.NEVER)
            Recipient.objects.filter(pk=recipient.pk).update(muted_at=None)
        schedule(recipient=recipient)
