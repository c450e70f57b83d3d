"""`reports/<ref>/transitions/`: moving a report along its workflow."""

from typing import ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from reports.api.base import (
    REF_PARAMETER,
    LazySignInView,
    drop,
    elsewhere,
    find_report,
    keep_private,
    may_see,
    problems,
    role_of,
    signed_in,
    take_in,
)
from reports.api.parsers import FormParser, JsonObjectParser
from reports.api.scopes import REPORTS, STAFF
from reports.errors import DomainError
from reports.models import Photo
from reports.serializers import ReportSerializer, TransitionSerializer, report_data
from reports.services.handling import change_status


@extend_schema(parameters=[REF_PARAMETER])
class TransitionsView(LazySignInView):
    """The changes of one report's status."""

    scopes: ClassVar = {"POST": (REPORTS, STAFF)}
    parser_classes = (JsonObjectParser, FormParser)

    @extend_schema(
        operation_id="reports_move",
        summary="Change a report’s status",
        request={"application/json": TransitionSerializer, "multipart/form-data": TransitionSerializer},
        responses={
            200: ReportSerializer,
            **problems(
                _400="A field cannot be understood.",
                _401="Nobody is signed in.",
                _403="`not_allowed`: the workflow has this change, for somebody else.",
                _404="No such report.",
                _409="`stale_report`: it is no longer in the status of `seen`.",
                _422="`illegal_transition`, or `explanation_needed`: a note, a proof or the original is missing.",
            ),
        },
    )
    def post(self, request: Request, ref: str) -> HttpResponse:
        """Move the report; photos sent along prove the repair."""
        signed_in(request)
        report = find_report(ref)
        if report is None or not may_see(request, report):
            return elsewhere(report, "transitions")
        given = TransitionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        facts = given.validated_data
        actor = role_of(request, report)
        # Nothing of a stranger's is kept: what they may not do needs no proof.
        proof = take_in(facts["photos"], Photo.Kind.PROOF) if actor.roles else []
        try:
            change_status(
                report=report,
                to=facts["to"],
                actor=actor,
                seen=facts.get("seen"),
                note=facts["note"],
                proof=proof,
                original=facts.get("original"),
            )
        except DomainError:
            drop(proof)
            raise
        return keep_private(Response(report_data(find_report(ref) or report)))
