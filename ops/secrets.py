"""Passwords and keys of this machine's portal: made once, kept in the state folder, readable by its owner only."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class Secrets:
    """One random value for each lock."""

    secret_key: str
    database_owner: str
    database: str
    redis: str

    @classmethod
    def load(cls, file: Path) -> Self:
        """Return the secrets of the file, which is made on the first call."""
        if not file.exists():
            write_private(file, json.dumps({field.name: secrets.token_urlsafe(32) for field in fields(cls)}, indent=1))
        return cls(**json.loads(file.read_text()))

    def __repr__(self) -> str:
        """Never show a value: tracebacks and test reports end up in places that others read."""
        return f"Secrets({', '.join(asdict(self))})"


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600, exist_ok=False)
    draft.write_text(text)
    draft.replace(file)
