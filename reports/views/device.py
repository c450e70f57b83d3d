"""The anonymous device: a random token in a signed cookie, so that somebody without an account counts once.

The token says nothing about a person and is set only when somebody acts (supports, comments), never by looking at a
page. A cookie that is forged, expired or of another installation is no device: whoever sends it gets a new one.
"""

import secrets

from django.http import HttpRequest, HttpResponse

DEVICE_COOKIE = "fmq_device"
DEVICE_SALT = "reports.device"
DEVICE_SECONDS = 365 * 24 * 3600


def device_of(request: HttpRequest) -> str:
    """Return the token of the device that asks; empty where it has none, or none that we have signed lately."""
    return request.get_signed_cookie(DEVICE_COOKIE, "", salt=DEVICE_SALT, max_age=DEVICE_SECONDS) or ""


def new_device() -> str:
    """Return a token for a device that has none: 192 random bits in 32 letters."""
    return secrets.token_urlsafe(24)


def remember(response: HttpResponse, device: str, *, is_secure: bool) -> None:
    """Set the device's cookie, for a year from its last use; no script reads it."""
    response.set_signed_cookie(
        DEVICE_COOKIE,
        device,
        salt=DEVICE_SALT,
        max_age=DEVICE_SECONDS,
        httponly=True,
        secure=is_secure,
        samesite="Lax",
    )
