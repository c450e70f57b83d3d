"""What the tests of signing in share: people with a confirmed address, codes out of mails, codes of a second factor."""

import re
import time
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.mail import EmailMessage
from django.urls import reverse

from accounts.models import User
from accounts.services.factor import confirm_address
from tests.client import Client
from tests.factories import PASSWORD, UserFactory

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CODE = re.compile(r"\b\d{4}-\d{4}\b")


def neighbour(email: str = "awa@example.org", **fields: Any) -> User:
    """Return somebody with a confirmed address."""
    user = UserFactory(email=email, **fields)
    confirm_address(user=user)
    return user


def code_in(mail: EmailMessage) -> str:
    """Return the code that a mail brings."""
    found = CODE.search(str(mail.body))
    assert found is not None
    return found.group()


def wrong(code: str) -> str:
    """Return a code of the same shape that is another one."""
    return code[:-1] + str((int(code[-1]) + 1) % 10)


def factor_code(secret: str = SECRET, periods: int = 0) -> str:
    """Return the code that the application shows now, or so many periods of 30 s later."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + periods)))


def sign_in(client: Client, email: str, password: str = PASSWORD, *, then: str = "") -> Any:
    """Send the form of address and password."""
    data = {"login": email, "password": password, **({"next": then} if then else {})}
    return client.post(reverse("account_login"), data)


def is_in(client: Client, user: User) -> bool:
    """Say whether somebody is signed in there."""
    return bool(client.session.get("_auth_user_id") == str(user.pk))


def is_confirmed(email: str) -> bool:
    """Say whether an address is known and confirmed."""
    return bool(EmailAddress.objects.filter(email=email, verified=True).exists())
