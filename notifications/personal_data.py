"""What is known about how a person is told."""

from allauth.account.models import EmailAddress
from django.db.models import Q, QuerySet

from accounts.encryption import fingerprints
from accounts.models import User
from accounts.services.data import PersonalData, rows
from notifications.models import Delivery, Preference, PushSubscription, Recipient

EXPORTED = {
    "notifications.Recipient.user": "recipient",
    "notifications.Preference.user": "preferences",
    "notifications.PushSubscription.user": "browsers",
}
NOT_EXPORTED: dict[str, str] = {}
STAYS: dict[str, str] = {}


def export(user: User) -> PersonalData:
    """Return what the person chose, the browsers that asked to be told, and what was sent when."""
    recipients = recipients_of(user)
    told = ("time_zone", "hour", "weekday", "next_daily_at", "next_weekly_at", "muted_at")
    sent = Delivery.objects.filter(recipient__in=recipients.values("pk"))
    return PersonalData(
        name="envois",
        records={
            "recipient": rows(recipients, *told),
            "preferences": rows(Preference.objects.filter(user=user), "topic", "channel", "frequency"),
            "browsers": rows(PushSubscription.objects.filter(user=user), "endpoint", "browser", "created_at"),
            "deliveries": rows(sent, "channel", "template", "status", "created_at", "sent_at"),
        },
    )


def erase(user: User) -> None:
    """Remove all of it; what was sent goes with its recipient."""
    PushSubscription.objects.filter(user=user).delete()
    Preference.objects.filter(user=user).delete()
    recipients_of(user).delete()


def recipients_of(user: User) -> QuerySet[Recipient]:
    """Return the person as a recipient, and their confirmed addresses as recipients without an account."""
    confirmed = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    prints = [print_ for address in confirmed for print_ in fingerprints(address)]
    return Recipient.objects.filter(Q(user=user) | Q(email_digest__in=prints)).order_by("pk")
