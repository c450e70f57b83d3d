"""The back office: Django's admin for those who judge, repair and administer."""

from moderation.admin import catalogue, machinery, people, reports

__all__ = ["catalogue", "machinery", "people", "reports"]
