"""What this app hears from those below it, which do not know it: who follows, who works here, who signs in."""

from typing import Any

from allauth.account.signals import email_confirmed, user_logged_in
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from accounts.models import Membership, User
from notifications.services.preferences import hear_of
from notifications.services.recipients import recipient_of_user, retire_address
from notifications.services.schedule import schedule
from reports.models import Follow

# A follow that changes otherwise (its language, its token …) asks for no other digest.
HEARD_BY = {"confirmed_at", "frequency", "user"}


@receiver(post_save, sender=Follow)
def follow_saved(instance: Follow, update_fields: frozenset[str] | None = None, **_kwargs: Any) -> None:
    """Set when digests are due: a new follow, or one whose address was just confirmed, may be the first to need one."""
    if update_fields is None or HEARD_BY & set(update_fields):
        hear_of(follow=instance)


@receiver([post_save, post_delete], sender=Membership)
def responsibility_changed(instance: Membership, **_kwargs: Any) -> None:
    """Tell whoever works here what waits, and whoever stopped nothing any more."""
    person = User.objects.filter(pk=instance.user_id).first()
    if person is not None:
        schedule(recipient=recipient_of_user(person))


@receiver(user_logged_in)
def signed_in(user: User, **_kwargs: Any) -> None:
    """Look again at what is followed: follows of an address have joined the account."""
    retire_address(email=user.email)
    schedule(recipient=recipient_of_user(user))


@receiver(email_confirmed)
def address_confirmed(email_address: Any, **_kwargs: Any) -> None:
    """Do the same when the address is confirmed."""
    retire_address(email=email_address.email)
    schedule(recipient=recipient_of_user(email_address.user))
