"""`me/`: who asks, and what is theirs."""

from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Role, User
from reports import validators
from reports.api.base import LazySignInView, keep_private, person, problems, signed_in
from reports.api.comments import PAGING
from reports.api.pagination import page_of_newest
from reports.api.parsers import JsonObjectParser
from reports.api.scopes import ACCOUNT
from reports.models import Report
from reports.serializers import ReportPageSerializer, ReportSerializer


class ResponsibilitySerializer(serializers.Serializer[Any]):
    """A role and where it holds; everywhere for an administrator."""

    role = serializers.ChoiceField(choices=Role.values)
    town = serializers.CharField(source="town.slug", default=None, allow_null=True)
    quarter = serializers.CharField(source="quarter.slug", default=None, allow_null=True)
    organisation = serializers.CharField(source="organisation.slug", default=None, allow_null=True)


class MeSerializer(serializers.Serializer[Any]):
    """Who asks; everything but `signed_in` only of somebody who is."""

    signed_in = serializers.BooleanField()
    email = serializers.CharField(required=False)
    name = serializers.CharField(required=False)
    language = serializers.CharField(required=False)
    shows_name = serializers.BooleanField(required=False, help_text="Whether comments and new reports show the name.")
    roles = ResponsibilitySerializer(many=True, required=False)


class MeChangeSerializer(serializers.Serializer[Any]):
    """What a person may change about themselves; the address and the password, on the pages only."""

    name = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    language = serializers.ChoiceField(choices=[code for code, _name in settings.LANGUAGES], required=False)
    shows_name = serializers.BooleanField(required=False)

    def validate_name(self, text: str) -> str:
        """Apply the shared rules."""
        return validators.clean_name(text)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse an empty change."""
        if not attrs:
            raise ValidationError(_("Indiquez ce qui change : name, language ou shows_name."), code="nothing_to_change")
        return attrs


def described(user: User) -> dict[str, Any]:
    """Return a person as they see themselves; two queries. Roles that this caller cannot use are not named."""
    memberships = user.memberships.select_related("town", "quarter", "organisation").defer(
        "town__boundary", "quarter__boundary"
    )
    roles = [] if user.acts_as_citizen else memberships.order_by("id")
    return {
        "signed_in": True,
        "email": user.email,
        "name": user.name,
        "language": user.language,
        "shows_name": user.shows_name,
        "roles": ResponsibilitySerializer(roles, many=True).data,
    }


class MeView(LazySignInView):
    """Whoever asks."""

    scopes: ClassVar = {"GET": (ACCOUNT,), "PATCH": (ACCOUNT,)}
    parser_classes = (JsonObjectParser,)

    @extend_schema(
        operation_id="me_read",
        summary="Ask who is signed in",
        responses={200: MeSerializer, **problems(_401="The token is not valid.")},
    )
    def get(self, request: Request) -> HttpResponse:
        """Return the caller's own data."""
        user = person(request)
        return keep_private(Response({"signed_in": False} if user is None else described(user)))

    @extend_schema(
        operation_id="me_change",
        summary="Change one’s name, language, or whether the name is shown",
        request=MeChangeSerializer,
        responses={200: MeSerializer, **problems(_400="A field cannot be understood.", _401="Nobody is signed in.")},
    )
    def patch(self, request: Request) -> HttpResponse:
        """Change what is sent and nothing else."""
        user = signed_in(request)
        given = MeChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        for name, value in given.validated_data.items():
            setattr(user, name, value)
        user.save(update_fields=list(given.validated_data))
        return keep_private(Response(described(user)))


class MyReportsView(LazySignInView):
    """What the caller reported, whatever became of it."""

    scopes: ClassVar = {"GET": (ACCOUNT,)}

    @extend_schema(
        operation_id="me_reports",
        summary="List one’s own reports",
        parameters=PAGING,
        responses={200: ReportPageSerializer, **problems(_400="`cursor`.", _401="Nobody is signed in.")},
    )
    def get(self, request: Request) -> HttpResponse:
        """Return one page, the latest first; also what waits, was rejected or withdrawn."""
        reports = Report.objects.filter(reporter=signed_in(request)).with_card()
        page = page_of_newest(reports, query=request.GET, path=request.path)
        results = ReportSerializer(page.rows, many=True).data
        return keep_private(Response({"next": page.following, "previous": page.preceding, "results": results}))
