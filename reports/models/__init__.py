"""The tables of the domain."""

from reports.models.catalogue import Category, Organisation, RoutingRule
from reports.models.cell import MapCell
from reports.models.community import Comment, Follow, Frequency, Vote
from reports.models.event import ConsumerPosition, Event
from reports.models.merge import Merge
from reports.models.photo import Photo
from reports.models.place import Quarter, Town
from reports.models.report import Report
from reports.models.rollup import Backlog, ChangedDay, Rollup
from reports.models.service import Holiday, ServiceLevel, WorkingHours

__all__ = [
    "Backlog",
    "Category",
    "ChangedDay",
    "Comment",
    "ConsumerPosition",
    "Event",
    "Follow",
    "Frequency",
    "Holiday",
    "MapCell",
    "Merge",
    "Organisation",
    "Photo",
    "Quarter",
    "Report",
    "Rollup",
    "RoutingRule",
    "ServiceLevel",
    "Town",
    "Vote",
    "WorkingHours",
]
