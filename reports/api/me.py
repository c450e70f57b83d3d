"""`me/`: who asks."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Role
from reports.api.base import LazySignInView, keep_private, person, problems


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
    roles = ResponsibilitySerializer(many=True, required=False)


class MeView(LazySignInView):
    """Whoever asks."""

    @extend_schema(
        operation_id="me_read",
        summary="Ask who is signed in",
        responses={200: MeSerializer, **problems(_401="The token is not valid.")},
    )
    def get(self, request: Request) -> HttpResponse:
        """Return the caller's own data."""
        user = person(request)
        if user is None:
            return keep_private(Response({"signed_in": False}))
        memberships = user.memberships.select_related("town", "quarter", "organisation").defer(
            "town__boundary", "quarter__boundary"
        )
        body = {
            "signed_in": True,
            "email": user.email,
            "name": user.name,
            "language": user.language,
            "roles": ResponsibilitySerializer(memberships.order_by("id"), many=True).data,
        }
        return keep_private(Response(body))
