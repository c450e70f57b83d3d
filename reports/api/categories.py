"""`categories/`: what can be reported."""

from typing import Any

from django.http import HttpResponse
from django.utils.cache import patch_cache_control
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from reports.api.base import PublicView
from reports.models import Category
from reports.serializers import CategorySerializer

CATALOGUE_SECONDS = 300


class CategoryListSerializer(serializers.Serializer[Any]):
    """The whole catalogue: it is short."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = CategorySerializer(many=True)


class CategoriesView(PublicView):
    """The catalogue."""

    @extend_schema(
        operation_id="categories_list", summary="List the categories", responses={200: CategoryListSerializer}
    )
    def get(self, request: Request) -> HttpResponse:
        """Return what can be reported today, named in the language of `Accept-Language`."""
        results = CategorySerializer(Category.objects.offered(), many=True).data
        response = Response({"next": None, "previous": None, "results": results})
        patch_cache_control(response, public=True, max_age=CATALOGUE_SECONDS)
        return response
