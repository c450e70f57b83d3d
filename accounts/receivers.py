"""What follows from something that happened at sign-in."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed, password_changed, password_reset, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from allauth.usersessions.models import UserSession
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from accounts.services.tokens import end_tokens

# The column cannot be empty.
NO_ADDRESS = "0.0.0.0"  # noqa: S104  (nothing listens there)


@receiver(pre_save, sender=UserSession)
def keep_no_address(instance: UserSession, **_kwargs: Any) -> None:
    """Let no network address reach the table of sessions: the throttle has its own short memory."""
    instance.ip = NO_ADDRESS


@receiver(authenticator_added)
def count_activation_as_shown(request: Any, authenticator: Authenticator, **_kwargs: Any) -> None:
    """Count the code that activated a second factor as given: asking for another one at once proves nothing more."""
    if authenticator.type == Authenticator.Type.TOTP:
        record_authentication(request, authenticator.user, "mfa", id=authenticator.pk, type=authenticator.type)


@receiver(email_confirmed)
def forget_who_came_first(request: HttpRequest, email_address: EmailAddress, **_kwargs: Any) -> None:
    """Keep nothing of whoever made an account that its owner enters for the first time by a mailed code.

    Anybody can sign up with somebody else's address and wait: their password must not open the account once the owner
    of the address has proven it, and their words must not stand under the owner's name.
    """
    user = email_address.user
    if user.last_login is not None or getattr(request, "chose_password_here", False):
        return
    user.set_unusable_password()
    user.name, user.shows_name = "", False
    user.save(update_fields=["password", "name", "shows_name"])
    user.consents.all().delete()


@receiver([password_changed, password_reset, password_set])
def end_tokens_of_old_password(user: User, **_kwargs: Any) -> None:
    """End what speaks for a person by the API: whoever changes a password may have lost the old one to somebody."""
    end_tokens(user=user)
