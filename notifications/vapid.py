"""The key pair by which push services know the portal (RFC 8292): P-256, written as browsers want it, base64url."""

import base64
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings


def encoded(raw: bytes) -> str:
    """Return bytes as base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Return what base64url, padded or not, means.

    Raises:
        ValueError: it is no base64url.
    """
    return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)


def public_point(key: ec.EllipticCurvePrivateKey) -> str:
    """Return the public half: the uncompressed point, 65 bytes."""
    return encoded(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def public_key() -> str:
    """Return the public half of `settings.VAPID_PRIVATE_KEY`, which browsers subscribe with."""
    return public_of(settings.VAPID_PRIVATE_KEY)


@cache
def public_of(private: str) -> str:
    """Return the public half of a private key.

    Raises:
        ValueError: it is no private key.
    """
    return public_point(ec.derive_private_key(int.from_bytes(decoded(private)), ec.SECP256R1()))


def new_pair() -> tuple[str, str]:
    """Return a new private key and its public half."""
    key = ec.generate_private_key(ec.SECP256R1())
    return encoded(key.private_numbers().private_value.to_bytes(32)), public_point(key)
