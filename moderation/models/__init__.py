"""What judging and handling keep beside the domain's own rows."""

from moderation.models.flag import Flag

__all__ = ["Flag"]
