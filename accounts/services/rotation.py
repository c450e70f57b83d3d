"""Writing again what lies encrypted, under the first of `settings.CONTACT_KEYS`; afterwards the other keys can go.

May be stopped and started again: what is under the first key already is left alone. The portal may stay open
meanwhile: a row is only written if it still holds what was read, and whoever looks for an address asks for its
fingerprint under each key.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, connection, models, transaction

from accounts.encryption import EncryptedField, FingerprintField, decrypt, encrypt, fingerprints

BATCH = 500
# Only addresses are looked for by their fingerprint.
ADDRESS = "@"
Counts = dict[str, int]
# The names under which django-allauth keeps secrets in a row of the second factor.
SECRETS = ("secret", "seed")


def is_current(kept: str) -> bool:
    """Say whether a stored text is under the first key."""
    try:
        Fernet(settings.CONTACT_KEYS[0]).decrypt(kept.encode())
    except InvalidToken:
        return False
    return True


def rotate(*, report: Callable[[str, int], None] | None = None) -> Counts:
    """Write everything again and return how many values each column had; `report` hears of each finished column.

    Raises:
        InvalidToken: a value is under none of the keys; everything before it is done.
    """
    counts: Counts = {}
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:  # noqa: SLF001  (Django's documented API)
            if isinstance(field, EncryptedField):
                label = f"{model._meta.label}.{field.name}"  # noqa: SLF001
                counts[label] = rotate_column(model, field)
                if report:
                    report(label, counts[label])
    counts["mfa.Authenticator.data"] = rotate_factors()
    if report:
        report("mfa.Authenticator.data", counts["mfa.Authenticator.data"])
    return counts


def rotate_column(model: type[models.Model], field: "models.Field[Any, Any]") -> int:
    """Write one column again, batch by batch; return how many values changed."""
    changed = 0
    table, column = quoted(model._meta.db_table), quoted(field.column or field.name)  # noqa: SLF001
    for rows in batches(table, column):
        with transaction.atomic(), connection.cursor() as cursor:
            for pk, kept in rows:
                text = decrypt(kept)
                if ADDRESS in text and len(settings.CONTACT_KEYS) > 1:
                    move_fingerprints(text)
                if is_current(kept):
                    continue
                cursor.execute(
                    f"UPDATE {table} SET {column} = %s WHERE id = %s AND {column} = %s",  # noqa: S608  (our own names)
                    [encrypt(text), pk, kept],
                )
                changed += cursor.rowcount
    return changed


def batches(table: str, column: str) -> Iterator[list[tuple[int, str]]]:
    """Read a column in the order of the primary key, a batch at a time, as the database keeps it."""
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id, {column} FROM {table} WHERE id > %s AND {column} <> '' ORDER BY id LIMIT {BATCH}",  # noqa: S608  (our own names)
                [last],
            )
            rows = cursor.fetchall()
        if not rows:
            return
        yield rows
        last = rows[-1][0]


def quoted(name: str) -> str:
    """Return a table's or column's name for a statement."""
    return connection.ops.quote_name(name)


def move_fingerprints(text: str) -> None:
    """Replace an address's fingerprints under older keys, wherever one is kept, by the one under the first key.

    Where the new one stands already (the address was typed again meanwhile), the old row stays as it is: nothing finds
    it any more, and retention removes it.
    """
    current, *older = fingerprints(text)
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:  # noqa: SLF001
            if isinstance(field, FingerprintField):
                rows = model._default_manager.filter(**{f"{field.name}__in": older})  # noqa: SLF001
                for pk in rows.values_list("pk", flat=True):
                    with suppress(IntegrityError), transaction.atomic():
                        model._default_manager.filter(pk=pk).update(**{field.name: current})  # noqa: SLF001


def rotate_factors() -> int:
    """Write the secrets of the second factors again; return how many rows changed."""
    changed = 0
    for factor in Authenticator.objects.order_by("pk").iterator(chunk_size=BATCH):
        kept = {name: factor.data[name] for name in SECRETS if factor.data.get(name)}
        if all(is_current(secret) for secret in kept.values()):
            continue
        fresh = {name: encrypt(decrypt(secret)) for name, secret in kept.items()}
        changed += Authenticator.objects.filter(pk=factor.pk, data=factor.data).update(data={**factor.data, **fresh})
    return changed
