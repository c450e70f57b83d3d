"""`schema/` and `docs/`: the API described for machines (OpenAPI 3.1) and for people."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.views import SpectacularAPIView

from reports.api import security  # noqa: F401  (importing tells the generator how one signs in)
from reports.api.problems import problem

SCHEMA_SECONDS = 3600


class SchemaView(SpectacularAPIView):
    """OpenAPI 3.1, as YAML or (`Accept: application/json`, `?format=json`) as JSON."""

    authentication_classes = ()


schema = cache_control(public=True, max_age=SCHEMA_SECONDS)(SchemaView.as_view())


@csrf_exempt
def docs(request: HttpRequest) -> HttpResponse:
    """Show the schema in Swagger UI, started by a script of our own: nothing inline, no cookie.

    Nothing is posted here, so the check against foreign forms would only hide that the method is the mistake.
    """
    if request.method not in {"GET", "HEAD"}:
        return problem(405, headers={"Allow": "GET, HEAD"})
    return docs_page(request)


@cache_control(public=True, max_age=SCHEMA_SECONDS)
def docs_page(request: HttpRequest) -> HttpResponse:
    """Return the page."""
    return render(request, "reports/api_docs.html")
