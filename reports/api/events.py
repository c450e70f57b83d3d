"""`events/?after=` and `reports/<ref>/events/`: the log, as a feed that misses nothing and as one report's story."""

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from reports.api.base import (
    REF_PARAMETER,
    LazySignInView,
    PublicView,
    cached,
    elsewhere,
    find_report,
    keep_private,
    may_see,
    problems,
    role_of,
)
from reports.api.pagination import MAX_ID, refusal, whole_number
from reports.models import Event
from reports.serializers import EventSerializer

MAX_EVENTS = 200
FEED_SECONDS = 1
LATEST = "latest"


class FeedSerializer(serializers.Serializer[Any]):
    """Some events, and what to ask for next."""

    results = EventSerializer(many=True)
    next_after = serializers.IntegerField()


class StorySerializer(serializers.Serializer[Any]):
    """Everything that happened to one report, oldest first."""

    results = EventSerializer(many=True)


def told(events: QuerySet[Event]) -> QuerySet[Event]:
    """Load what an event shows, and nothing private, in one query."""
    return events.select_related("report").only("id", "kind", "at", "actor_role", "actor_name", "data", "report__ref")


class EventsView(PublicView):
    """The public log."""

    @extend_schema(
        operation_id="events_list",
        summary="Catch up with what happened",
        parameters=[
            OpenApiParameter(
                "after",
                OpenApiTypes.STR,
                description="`next_after` of the last answer; `latest` begins now, nothing begins at the beginning.",
            ),
            OpenApiParameter("limit", OpenApiTypes.INT, description=f"1 to {MAX_EVENTS}."),
        ],
        responses={200: FeedSerializer, **problems(_400="`after` or `limit` cannot be understood.")},
    )
    def get(self, request: Request) -> HttpResponse:
        """Return the public events behind one that was handled, in the order in which they became final.

        Ids are not in that order: give back `next_after`, never the largest id. An answer without results is the end
        for now.
        """
        limit = whole_number(request.GET, "limit", default=MAX_EVENTS, first=1, last=MAX_EVENTS)
        if request.GET.get("after") == LATEST:
            body = {"results": [], "next_after": Event.objects.latest_public_id()}
        else:
            try:
                after = whole_number(request.GET, "after", default=0, first=0, last=MAX_ID)
            except serializers.ValidationError:
                message = _("Écrivez le next_after de la réponse précédente, ou latest.")
                raise refusal("after", message, "invalid_position") from None
            events = list(told(Event.objects.public().settled().after(after))[:limit])
            body = {
                "results": EventSerializer(events, many=True).data,
                "next_after": events[-1].pk if events else after,
            }
        text = json.dumps(body, ensure_ascii=False, cls=DjangoJSONEncoder)
        return cached(request, text, content_type="application/json", max_age=FEED_SECONDS)


@extend_schema(parameters=[REF_PARAMETER])
class ReportEventsView(LazySignInView):
    """The story of one report."""

    @extend_schema(
        operation_id="reports_events",
        summary="Read what happened to a report",
        responses={200: StorySerializer, **problems(_404="No such public report.", _410="It is public no more.")},
    )
    def get(self, request: Request, ref: str) -> HttpResponse:
        """Return its public events; of a report that is not public, all events to its author and to the staff.

        Notes between colleagues keep their text for the back office.
        """
        report = find_report(ref)
        if report is None or not may_see(request, report):
            return elsewhere(report, "report-events")
        events = Event.objects.filter(report=report).order_by("at", "id")
        if report.is_public:
            response = Response({"results": EventSerializer(told(events.public()), many=True).data})
            patch_cache_control(response, public=True, max_age=FEED_SECONDS)
            return response
        if not role_of(request, report).is_staff:
            events = events.exclude(kind=Event.Kind.NOTE)
        return keep_private(Response({"results": EventSerializer(told(events), many=True).data}))
