"""Writing the record of who did what, when and from where: the one way in."""

from typing import Any

from accounts.models import AuditEntry, User
from accounts.origin import current


def record(
    *, kind: str, actor: User | None, subject: User | None = None, about: str = "", data: dict[str, Any] | None = None
) -> AuditEntry:
    """Write one entry in the caller's transaction; `actor` is None for the portal itself.

    From where it was done is added; the network for staff only: nobody else's address is kept.
    """
    origin = current()
    return AuditEntry.objects.create(
        kind=kind,
        actor=actor,
        subject=subject,
        about=about,
        data=data or {},
        door=origin.door,
        network=origin.network if actor is not None and actor.is_staff else "",
    )
