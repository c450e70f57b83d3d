"""The back office: Django's admin for those who judge, repair and administer."""

from moderation.admin import (
    appeals,
    applications,
    audit,
    bans,
    catalogue,
    comments,
    flags,
    machinery,
    people,
    photos,
    ready,
    reports,
    rules,
    screening,
    service,
)

__all__ = [
    "appeals",
    "applications",
    "audit",
    "bans",
    "catalogue",
    "comments",
    "flags",
    "machinery",
    "people",
    "photos",
    "ready",
    "reports",
    "rules",
    "screening",
    "service",
]
