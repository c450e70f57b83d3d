"""The panels of a report's page, in their order."""

from moderation.admin.panel import PANELS
from moderation.admin.panels import (
    abuse,
    author,
    deadlines,
    people,
    photos,
    place,
    questions,
    reading,
    referrals,
    routing,
    screening,
    status,
    talk,
)

__all__ = ["PANELS"]

PANELS.extend(
    [
        reading.PANEL,
        screening.PANEL,
        photos.PANEL,
        status.PANEL,
        people.PANEL,
        talk.PANEL,
        questions.PANEL,
        referrals.PANEL,
        routing.PANEL,
        place.PANEL,
        deadlines.PANEL,
        abuse.PANEL,
        author.PANEL,
    ]
)
