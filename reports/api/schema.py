"""`schema/` and `docs/`: the API described for machines (OpenAPI 3.1) and for people."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularAPIView

SCHEMA_SECONDS = 3600


class SchemaView(SpectacularAPIView):
    """OpenAPI 3.1, as YAML or (`Accept: application/json`, `?format=json`) as JSON."""

    authentication_classes = ()


schema = cache_control(public=True, max_age=SCHEMA_SECONDS)(SchemaView.as_view())


@require_safe
@cache_control(public=True, max_age=SCHEMA_SECONDS)
def docs(request: HttpRequest) -> HttpResponse:
    """Show the schema in Swagger UI, started by a script of our own: nothing inline, no cookie."""
    return render(request, "reports/api_docs.html")
