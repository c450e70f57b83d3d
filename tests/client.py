"""A browser without a screen, in which people of the cast are signed in."""

import time
from typing import Any

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.test import Client as DjangoClient

from accounts.models import User
from accounts.services.factor import give_factor


class Client(DjangoClient):
    """Signs people in as the portal does: staff have given their second factor, unless a test says otherwise."""

    def force_login(self, user: Any, backend: str | None = None, *, factor: bool = True) -> None:
        """Sign in without a password; `factor=False` leaves staff without their second factor in this session."""
        super().force_login(user, backend or "django.contrib.auth.backends.ModelBackend")
        if user.is_staff and factor:
            show_factor(self, user)


def show_factor(client: DjangoClient, user: User) -> None:
    """Give a person a second factor if they have none, and note in their session that they gave its code."""
    factors = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP)
    factor = factors.first() or give_factor(user=user, secret=generate_totp_secret())
    session = client.session
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": "mfa", "at": time.time(), "id": factor.pk, "type": factor.type}
    ]
    session.save()
