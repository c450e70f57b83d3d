"""Whether somebody may contribute now: asked by every service that takes something in."""

from accounts.models import User
from accounts.services.bans import ban_of
from reports.errors import Banned


def check_standing(*, user: User | None, device: str = "") -> None:
    """Refuse somebody who is banned for a time; one query, none for a stranger without a device.

    Raises:
        Banned
    """
    ban = ban_of(user=user, device=device)
    if ban is not None:
        raise Banned(until=ban.until, token=ban.token)
