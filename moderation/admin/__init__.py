"""The back office: Django's admin for those who judge, repair and administer."""

from moderation.admin import applications, audit, catalogue, comments, flags, machinery, people, reports

__all__ = ["applications", "audit", "catalogue", "comments", "flags", "machinery", "people", "reports"]
