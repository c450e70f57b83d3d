"""The tables of the domain."""

from reports.models.catalogue import Category, Organisation, RoutingRule
from reports.models.cell import MapCell
from reports.models.community import Comment, Follow, Frequency, Vote
from reports.models.event import ConsumerPosition, Event
from reports.models.photo import Photo
from reports.models.place import Quarter, Town
from reports.models.report import Report

__all__ = [
    "Category",
    "Comment",
    "ConsumerPosition",
    "Event",
    "Follow",
    "Frequency",
    "MapCell",
    "Organisation",
    "Photo",
    "Quarter",
    "Report",
    "RoutingRule",
    "Town",
    "Vote",
]
