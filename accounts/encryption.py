"""Text that only the portal can read: contact data lies encrypted in the database, under keys from the environment.

`settings.CONTACT_KEYS` lists Fernet keys. The first one writes, all of them read, so that a new key is put in front,
the rows are written again (`manage.py rotate_contact_keys`) and the old key is taken away.
"""

import hashlib
import hmac
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    # Django's own fields are generic for mypy only.
    CharField = models.CharField[str, str]
    TextField = models.TextField[str, str]
else:
    CharField = models.CharField
    TextField = models.TextField


@lru_cache(maxsize=4)
def cipher(keys: tuple[str, ...]) -> MultiFernet:
    """Return what writes with the first key and reads with any."""
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(text: str) -> str:
    """Return the text as the database keeps it; nothing stays nothing."""
    return cipher(tuple(settings.CONTACT_KEYS)).encrypt(text.encode()).decode() if text else ""


def decrypt(kept: str) -> str:
    """Return what was encrypted.

    Raises:
        InvalidToken: with none of the keys, or it was tampered with.
    """
    return cipher(tuple(settings.CONTACT_KEYS)).decrypt(kept.encode()).decode() if kept else ""


def fingerprints(text: str) -> list[str]:
    """Return the text's fingerprint under each key, the current one first: by these an address is found again.

    Keyed, so that a stolen database does not answer "is this address in it?". Letters' case does not count.
    """
    return [
        hmac.new(key.encode(), b"fingerprint:" + text.lower().encode(), hashlib.sha256).hexdigest()
        for key in settings.CONTACT_KEYS
    ]


def fingerprint(text: str) -> str:
    """Return the fingerprint to store; nothing stays nothing."""
    return fingerprints(text)[0] if text else ""


class EncryptedField(TextField):
    """A text that is encrypted on its way to the database and read on its way back.

    It cannot be searched or compared there: look for a `fingerprint` beside it.
    """

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt."""
        return encrypt(str(value)) if value else ""

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> str:
        """Decrypt."""
        return decrypt(value) if value else ""

    def get_lookup(self, lookup_name: str) -> Any:
        """Refuse to compare: the same text is never written twice alike. Only emptiness can be asked for."""
        if lookup_name in {"exact", "in", "isnull"}:
            return super().get_lookup(lookup_name)
        return None


class FingerprintField(CharField):
    """The `fingerprint` of an address, by which it is found again; rewritten when the keys change."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 64, "blank": True, "editable": False, **options})
