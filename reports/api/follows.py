"""`me/follows/`: the reports and the areas that a person wants to hear of."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from reports.api.base import LazySignInView, count_request, keep_private, problems, signed_in
from reports.api.comments import PAGING
from reports.api.pagination import page_of_newest
from reports.api.parsers import JsonObjectParser
from reports.api.problems import problem
from reports.api.scopes import ACCOUNT, READ, REPORTS
from reports.filters import QuarterField
from reports.models import Category, Follow, Quarter
from reports.serializers import CategoryNameSerializer, LocationField, QuarterNameSerializer
from reports.services.areas import MAX_RADIUS_M, MIN_RADIUS_M, follow_area
from reports.services.community import unfollow


class CircleSerializer(serializers.Serializer[Any]):
    """A circle around a point."""

    location = LocationField(source="centre")
    radius_m = serializers.IntegerField(help_text=f"{MIN_RADIUS_M} to {MAX_RADIUS_M} metres.")


class FollowSerializer(serializers.Serializer[Any]):
    """One thing that a person follows: a report, or what is new in an area."""

    id = serializers.IntegerField()
    report = serializers.CharField(source="report.ref", default=None, allow_null=True)
    quarter = QuarterNameSerializer(allow_null=True)
    category = CategoryNameSerializer(allow_null=True)
    circle = serializers.SerializerMethodField()
    since = serializers.DateTimeField(source="created_at")

    @extend_schema_field(CircleSerializer(allow_null=True))
    def get_circle(self, follow: Follow) -> Any:
        """Return the circle of an area that is one."""
        return CircleSerializer(follow).data if follow.centre is not None else None


class FollowPageSerializer(serializers.Serializer[Any]):
    """One page of follows and the addresses of its neighbours."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = FollowSerializer(many=True)


class QuarterReference(serializers.CharField):
    """A quarter as `town/slug`, or as its slug alone where only one town has it."""

    def to_internal_value(self, data: Any) -> Any:
        """Find the quarter."""
        text = super().to_internal_value(data)
        # The framework asks them only afterwards, and the database takes no half characters.
        self.run_validators(text)
        try:
            return QuarterField(queryset=Quarter.objects.all()).to_python(text)
        except DjangoValidationError as error:
            raise serializers.ValidationError(error.message, code=error.code) from None


class NewAreaSerializer(serializers.Serializer[Any]):
    """An area: a quarter, a category, both, or a circle (of one category, or of all)."""

    quarter = QuarterReference(required=False, allow_null=True, default=None, help_text="`town/slug`.")
    category = serializers.SlugRelatedField(
        slug_field="code",
        queryset=Category.objects.offered(),
        required=False,
        allow_null=True,
        default=None,
        error_messages={
            "does_not_exist": _("Cette catégorie n’existe pas. Choisissez-en une dans la liste."),
            "invalid": _("La catégorie s’écrit par son code."),
        },
    )
    circle = CircleSerializer(required=False, allow_null=True, default=None)


def rows_of(user: Any) -> Any:
    """Return what a person follows with all that its shape shows, in one query."""
    return (
        Follow.objects.filter(user=user)
        .select_related("report", "quarter__town", "category")
        .defer("report__search", "quarter__boundary", "quarter__town__boundary")
    )


class MyFollowsView(LazySignInView):
    """What the caller follows."""

    scopes: ClassVar = {"GET": (ACCOUNT, READ), "POST": (REPORTS,)}
    parser_classes = (JsonObjectParser,)

    @extend_schema(
        operation_id="me_follows",
        summary="List what one follows",
        parameters=PAGING,
        responses={200: FollowPageSerializer, **problems(_400="`cursor`.", _401="Nobody is signed in.")},
    )
    def get(self, request: Request) -> HttpResponse:
        """Return one page, the latest first: reports and areas."""
        page = page_of_newest(rows_of(signed_in(request)), query=request.GET, path=request.path)
        results = FollowSerializer(page.rows, many=True).data
        return keep_private(Response({"next": page.following, "previous": page.preceding, "results": results}))

    @extend_schema(
        operation_id="me_follow_area",
        summary="Follow an area",
        request=NewAreaSerializer,
        responses={
            201: FollowSerializer,
            **problems(
                _400="A field cannot be understood.",
                _401="Nobody is signed in.",
                _403="`banned`: this person may not contribute until `until`; `appeal` says why.",
                _422="`bad_area`, `outside_served_area` or `too_many_follows`.",
                _429="Too often; see `Retry-After`.",
            ),
        },
    )
    def post(self, request: Request) -> HttpResponse:
        """Follow what is new there; following the same area again answers with the first follow."""
        user = signed_in(request)
        count_request(request, "support", user)
        given = NewAreaSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        facts: Mapping[str, Any] = given.validated_data
        circle = facts["circle"] or {}
        row = follow_area(
            quarter=facts["quarter"],
            category=facts["category"],
            centre=circle.get("centre"),
            radius_m=circle.get("radius_m"),
            user=user,
            language=get_language() or user.language,
        )
        place = settings.PUBLIC_URL + reverse("api:my-follow", args=[row.pk])
        return keep_private(Response(FollowSerializer(row).data, status=201, headers={"Location": place}))


@extend_schema(parameters=[OpenApiParameter("follow_id", OpenApiTypes.INT, OpenApiParameter.PATH)])
class MyFollowView(LazySignInView):
    """One thing that the caller follows."""

    scopes: ClassVar = {"DELETE": (REPORTS,)}

    @extend_schema(
        operation_id="me_unfollow",
        summary="Stop following a report or an area",
        responses={204: None, **problems(_401="Nobody is signed in.", _404="Nothing of yours; or stopped already.")},
    )
    def delete(self, request: Request, follow_id: int) -> HttpResponse:
        """Hear of it no more."""
        row = Follow.objects.filter(user=signed_in(request), pk=follow_id).first()
        if row is None:
            return problem(404)
        unfollow(row=row)
        return keep_private(Response(status=204))
