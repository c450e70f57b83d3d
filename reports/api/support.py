"""`reports/<ref>/vote/`, `…/follow/`, `…/confirmation/`: a person's support, ear and word.

All say how things shall be, not what to change: sent twice, the second time changes nothing.
"""

from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from reports import workflow
from reports.api.base import (
    REF_PARAMETER,
    LazySignInView,
    count_request,
    elsewhere,
    find_report,
    keep_private,
    may_see,
    problems,
    role_of,
    signed_in,
)
from reports.api.scopes import REPORTS
from reports.models import Report
from reports.serializers import ReportSerializer, report_data
from reports.services import community
from reports.services.repairs import confirm_repair

REFUSALS = problems(
    _401="Nobody is signed in.",
    _403="`person_needed`: the application acts for nobody. `insufficient_scope`: it was not allowed to. `banned`.",
    _404="No such report.",
    _410="It was public and is not any more.",
    _422="`illegal_transition`: the report is not public.",
    _429="Too often; see `Retry-After`.",
)


class VoteSerializer(serializers.Serializer[Any]):
    """Whether the person supports a report, and how many do."""

    supports = serializers.BooleanField()
    votes = serializers.IntegerField()


class FollowsSerializer(serializers.Serializer[Any]):
    """Whether the person follows a report."""

    follows = serializers.BooleanField()


def person_and_report(request: Request, ref: str) -> tuple[User, Report] | HttpResponse:
    """Return who asks and the report that they may see; or the answer for one that they may not.

    Raises:
        NotAuthenticated: nobody asks.
        Throttled: they ask too often.
    """
    user = signed_in(request)
    count_request(request, "support", user)
    report = find_report(ref)
    if report is None or not may_see(request, report):
        return elsewhere(report, "report")
    return user, report


@extend_schema(parameters=[REF_PARAMETER])
class VoteView(LazySignInView):
    """The support of whoever asks."""

    scopes: ClassVar = {"PUT": (REPORTS,), "DELETE": (REPORTS,)}

    @extend_schema(
        operation_id="reports_vote",
        summary="Support a report",
        request=None,
        responses={200: VoteSerializer, **REFUSALS},
    )
    def put(self, request: Request, ref: str) -> HttpResponse:
        """Support it; once, however often it is sent."""
        found = person_and_report(request, ref)
        if isinstance(found, HttpResponse):
            return found
        user, report = found
        community.vote(report=report, user=user)
        return keep_private(Response({"supports": True, "votes": report.votes}))

    @extend_schema(
        operation_id="reports_unvote", summary="Take support back", responses={200: VoteSerializer, **REFUSALS}
    )
    def delete(self, request: Request, ref: str) -> HttpResponse:
        """Take it back, if there was any."""
        found = person_and_report(request, ref)
        if isinstance(found, HttpResponse):
            return found
        user, report = found
        community.unvote(report=report, user=user)
        return keep_private(Response({"supports": False, "votes": report.votes}))


@extend_schema(parameters=[REF_PARAMETER])
class FollowView(LazySignInView):
    """Whether whoever asks hears of a report."""

    scopes: ClassVar = {"PUT": (REPORTS,), "DELETE": (REPORTS,)}

    @extend_schema(
        operation_id="reports_follow",
        summary="Follow a report",
        request=None,
        responses={200: FollowsSerializer, **REFUSALS},
    )
    def put(self, request: Request, ref: str) -> HttpResponse:
        """Follow it; how soon news comes is said once for everything, at `me/preferences/`."""
        found = person_and_report(request, ref)
        if isinstance(found, HttpResponse):
            return found
        user, report = found
        community.follow(report=report, user=user, language=get_language() or user.language)
        return keep_private(Response({"follows": True}))

    @extend_schema(
        operation_id="reports_unfollow",
        summary="Stop following a report",
        responses={200: FollowsSerializer, **REFUSALS},
    )
    def delete(self, request: Request, ref: str) -> HttpResponse:
        """Hear of it no more."""
        found = person_and_report(request, ref)
        if isinstance(found, HttpResponse):
            return found
        user, report = found
        community.unfollow_report(report=report, user=user)
        return keep_private(Response({"follows": False}))


@extend_schema(parameters=[REF_PARAMETER])
class ConfirmationView(LazySignInView):
    """The word of its author that a repair is one. To say that it is none, move the report to `open` with a note."""

    scopes: ClassVar = {"PUT": (REPORTS,)}

    @extend_schema(
        operation_id="reports_confirm",
        summary="Confirm the repair of one’s own report",
        request=None,
        responses={
            200: ReportSerializer,
            **problems(
                _401="Nobody is signed in.",
                _403="`not_allowed`: not its author.",
                _404="No such report.",
                _409="`stale_report`: reopened a moment ago.",
                _422="`illegal_transition`: it is not resolved.",
            ),
        },
    )
    def put(self, request: Request, ref: str) -> HttpResponse:
        """Close it for good; confirming it again changes nothing."""
        signed_in(request)
        report = find_report(ref)
        if report is None or not may_see(request, report):
            return elsewhere(report, "report")
        actor = role_of(request, report)
        if report.confirmed_at is None or workflow.REPORTER not in actor.roles:
            confirm_repair(report=report, actor=actor)
        return keep_private(Response(report_data(report)))
