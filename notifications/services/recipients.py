"""Who is written to, and how soon they want to hear."""

from collections.abc import Iterable

from accounts.encryption import fingerprint, fingerprints
from accounts.models import User
from notifications.models import Channel, Delivery, Preference, Recipient, Topic
from notifications.models.wishes import DEFAULTS
from notifications.zones import zone_names
from reports.models import Follow, Frequency
from reports.querysets import FollowQuerySet


def recipient_of_user(user: User) -> Recipient:
    """Return the person's recipient, made at the first call; safe to call twice at once."""
    found = Recipient.objects.filter(user=user).first()
    if found is not None:
        return found
    zone = zone_of(Follow.objects.filter(user=user)) or zone_of_work(user)
    return Recipient.objects.get_or_create(user=user, defaults=in_zone(zone))[0]


def recipient_of_address(email: str) -> Recipient:
    """Return the recipient of an address that follows without an account, made at the first call.

    Only the address's fingerprint is kept.

    Raises:
        ValueError: the address is empty.
    """
    if not email:
        message = "A recipient without an account needs an address."
        raise ValueError(message)
    found = Recipient.objects.filter(email_digest__in=fingerprints(email)).first()
    if found is not None:
        return found
    zone = zone_of(Follow.objects.of_address(email))
    return Recipient.objects.get_or_create(email_digest=fingerprint(email), defaults=in_zone(zone))[0]


def retire_address(*, email: str) -> None:
    """Forget the choices of an address whose follows have all joined an account: from then on the account's count.

    Kept while something waits to be sent to it, and where it has stopped everything.
    """
    if Follow.objects.of_address(email).exists():
        return
    waiting = Delivery.objects.filter(status__in=(Delivery.Status.WAITING, Delivery.Status.SENDING))
    theirs = Recipient.objects.filter(email_digest__in=fingerprints(email), muted_at=None)
    theirs.exclude(pk__in=waiting.filter(recipient__isnull=False).values("recipient")).delete()


def zone_of(follows: FollowQuerySet) -> str:
    """Return the time zone of the town that the latest of these follows lies in; empty if none says."""
    towns = follows.order_by("-id").values_list("report__quarter__town__time_zone", "quarter__town__time_zone")
    return next((zone for zone in towns.first() or () if zone), "")


def zone_of_work(user: User) -> str:
    """Return the time zone of the town that somebody moderates; empty for anybody else."""
    towns = user.memberships.values_list("town__time_zone", "quarter__town__time_zone")
    return next((zone for row in towns for zone in row if zone), "")


def in_zone(zone: str) -> dict[str, str]:
    """Return the fields of a recipient who lives there; nothing where the installation's own zone holds."""
    return {"time_zone": zone} if zone in zone_names() else {}


def frequency_for(*, user: User, topic: str, channel: str) -> str:
    """Return how soon one person hears of a topic on a channel: what they chose, or `DEFAULTS`."""
    return frequencies([user.pk], topic, channel)[user.pk]


def frequencies(users: Iterable[int], topic: str, channel: str) -> dict[int, str]:
    """Return the same for many people, {id: frequency}, in one query."""
    ids = list(users)
    chosen = dict(
        Preference.objects.filter(user__in=ids, topic=topic, channel=channel).values_list("user_id", "frequency")
    )
    return {pk: chosen.get(pk, DEFAULTS[topic, channel]) for pk in ids}


def choices_of(user: User) -> dict[tuple[str, str], str]:
    """Return everything that one person chose, with the defaults for the rest, in one query."""
    rows = Preference.objects.filter(user=user).values_list("topic", "channel", "frequency")
    return {**DEFAULTS, **{(topic, channel): frequency for topic, channel, frequency in rows}}


def frequency_of_follow(*, follow: Follow, topic: str) -> str:
    """Return how soon an address without an account hears of a topic: its choice for this follow.

    It has one choice where people with an account have several, and comments come at most once a day, as by default.
    """
    if topic == Topic.COMMENTS and follow.frequency == Frequency.AT_ONCE:
        return DEFAULTS[Topic.COMMENTS, Channel.EMAIL]
    return follow.frequency


def follows_of(recipient: Recipient) -> FollowQuerySet:
    """Return what a recipient follows and may hear of, whatever its frequency."""
    owned = {"user": recipient.user_id} if recipient.user_id else {"user": None, "email_digest": recipient.email_digest}
    return Follow.objects.heard().filter(**owned)
