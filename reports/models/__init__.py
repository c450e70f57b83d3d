"""The tables of the domain."""

from reports.models.catalogue import Category, Organisation, RoutingRule
from reports.models.cell import MapCell
from reports.models.community import Follow, Vote
from reports.models.event import Event
from reports.models.photo import Photo
from reports.models.place import Quarter, Town
from reports.models.report import Report

__all__ = [
    "Category",
    "Event",
    "Follow",
    "MapCell",
    "Organisation",
    "Photo",
    "Quarter",
    "Report",
    "RoutingRule",
    "Town",
    "Vote",
]
