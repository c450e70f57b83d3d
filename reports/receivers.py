"""Joining what somebody did before they had an account: allauth tells when they have proven an address or come in."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed, user_logged_in, user_signed_up
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from reports.services import community
from reports.views.device import device_of


@receiver(email_confirmed, dispatch_uid="reports.claim_confirmed")
def claim_confirmed(*, email_address: EmailAddress, **_signal: Any) -> None:
    """Join what was made with an address to the account that has just proven to own it."""
    if email_address.verified:
        community.claim(user=email_address.user, email=email_address.email)


@receiver([user_signed_up, user_logged_in], dispatch_uid="reports.claim_all")
def claim_all(*, request: HttpRequest | None = None, user: User, **_signal: Any) -> None:
    """Join what was made with a person's addresses, and the supports of the device that they come in on.

    Only proven addresses count: whoever signs up with somebody else's gains nothing, not even their own device's votes,
    until the mail that goes there is answered.
    """
    proven = list(EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True))
    for email in proven:
        community.claim(user=user, email=email)
    if proven and request is not None:
        community.adopt_device(user=user, device=device_of(request))
