"""Encrypts the contact data that lies in the database as it was typed; backwards, it is decrypted again.

Reads and writes the columns themselves: the field would try to decrypt what is not encrypted yet.
"""

from collections.abc import Callable
from typing import Any

from django.db import migrations

from accounts.encryption import decrypt, encrypt, fingerprint

BATCH = 1000


def rewrite(schema_editor: Any, table: str, column: str, change: Callable[[str], str]) -> None:
    """Write one column of every row that has something in it."""
    last = 0
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(
                f"SELECT id, {column} FROM {table} WHERE id > %s AND {column} <> '' ORDER BY id LIMIT {BATCH}",  # noqa: S608  (our own names)
                [last],
            )
            rows = cursor.fetchall()
            if not rows:
                return
            cursor.executemany(
                f"UPDATE {table} SET {column} = %s WHERE id = %s",  # noqa: S608
                [(change(text), row_id) for row_id, text in rows],
            )
            last = rows[-1][0]


def fill_fingerprints(schema_editor: Any) -> None:
    """Set the fingerprint of each follower's address."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id, email FROM reports_follow WHERE email <> ''")
        rows = cursor.fetchall()
        cursor.executemany(
            "UPDATE reports_follow SET email_digest = %s WHERE id = %s",
            [(fingerprint(email), row_id) for row_id, email in rows],
        )


COLUMNS = (
    ("reports_report", "contact_email"),
    ("reports_report", "contact_phone"),
    ("reports_follow", "email"),
)


def hide(apps: Any, schema_editor: Any) -> None:
    """Encrypt."""
    fill_fingerprints(schema_editor)
    for table, column in COLUMNS:
        rewrite(schema_editor, table, column, encrypt)


def show(apps: Any, schema_editor: Any) -> None:
    """Decrypt."""
    for table, column in COLUMNS:
        rewrite(schema_editor, table, column, decrypt)


class Migration(migrations.Migration):
    dependencies = [("reports", "0004_community_and_encrypted_contact")]

    operations = [migrations.RunPython(hide, show)]
