"""The panels of a report's page, in their order."""

from moderation.admin.panel import PANELS
from moderation.admin.panels import author, status, talk

__all__ = ["PANELS"]

PANELS.extend([status.PANEL, talk.PANEL, author.PANEL])
