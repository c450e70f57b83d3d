"""Writing the record of who did what about people: the one way in."""

from typing import Any

from accounts.models import AuditEntry, User


def record(
    *, kind: str, actor: User | None, subject: User | None = None, about: str = "", data: dict[str, Any] | None = None
) -> AuditEntry:
    """Write one entry in the caller's transaction; `actor` is None for the portal itself."""
    return AuditEntry.objects.create(kind=kind, actor=actor, subject=subject, about=about, data=data or {})
