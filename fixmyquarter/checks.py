"""System checks of our own: what would start, but not as its operators believe.

- `fixmyquarter.E001`: the public address is not among the hosts we answer to.
- `fixmyquarter.E002`: there is no key for contact data, or one is none.
- `fixmyquarter.E003`: contact data lies under the key that everybody can read in the source.
- `fixmyquarter.W001`: rate limits are lifted.
- `fixmyquarter.W002`: mails are written to a folder instead of being sent.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004  (Django's own names)
from django.http.request import validate_host


@register(Tags.urls)
def public_address_is_answered(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """Links in mails and feeds lead to FMQ_PUBLIC_URL; a host that we refuse would make each of them a 400."""
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    if validate_host(host, settings.ALLOWED_HOSTS):
        return []
    hint = f"Add {host!r} to FMQ_ALLOWED_HOSTS, or correct FMQ_PUBLIC_URL."
    return [Error("FMQ_PUBLIC_URL names a host that is not served.", hint=hint, id="fixmyquarter.E001")]


@register(Tags.security, deploy=True)
def limits_are_in_force(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """FMQ_THROTTLE=0 is for benchmarks."""
    if settings.THROTTLE:
        return []
    return [Warning("Rate limits are lifted.", hint="Remove FMQ_THROTTLE=0.", id="fixmyquarter.W001")]


@register(deploy=True)
def mails_are_sent(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """Mails in a folder reach nobody."""
    if settings.EMAIL_BACKEND != "django.core.mail.backends.filebased.EmailBackend":
        return []
    hint = "Set FMQ_EMAIL_URL, e.g. smtp+tls://user:password@mail.example.org:587."
    return [Warning("Mails are written to a folder.", hint=hint, id="fixmyquarter.W002")]


@register(Tags.security)
def contact_keys_are_keys(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """Without a good key no report with an address can be taken in; with a public one, nothing is secret."""
    hint = "Make one with the command in docs/operators.md and put it first in FMQ_CONTACT_KEYS."
    wrong = [position for position, key in enumerate(settings.CONTACT_KEYS, start=1) if not is_key(key)]
    if wrong or not settings.CONTACT_KEYS:
        # Positions and never the keys themselves: this text ends in logs.
        places = ", ".join(map(str, wrong)) or "none given"
        return [
            Error(f"FMQ_CONTACT_KEYS needs valid Fernet keys (wrong: {places}).", hint=hint, id="fixmyquarter.E002")
        ]
    if settings.PRODUCTION and settings.DEVELOPMENT_CONTACT_KEY in settings.CONTACT_KEYS:
        return [Error("FMQ_CONTACT_KEYS has the development key.", hint=hint, id="fixmyquarter.E003")]
    return []


def is_key(text: str) -> bool:
    """Say whether a text is a Fernet key: 32 bytes in URL-safe base64."""
    try:
        Fernet(text)
    except ValueError:
        return False
    return True
