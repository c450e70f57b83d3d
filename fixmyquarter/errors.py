"""What a person or a client sees when something goes wrong, wherever it went wrong."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

API = "/api/"


def answer(request: HttpRequest, status: int, title: str) -> HttpResponse:
    """Return the error page in our look, or a problem document to a client of the API."""
    if request.path_info.startswith(API):
        problem = {"type": "about:blank", "title": title, "status": status, "detail": title}
        return JsonResponse(problem, status=status, content_type="application/problem+json")
    return render(request, f"{status}.html", status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 400, _("La demande est mal formée."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 403, _("Vous n’avez pas accès à cette page."))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 404, _("Cette page n’existe pas."))


def server_error(request: HttpRequest) -> HttpResponse:
    return answer(request, 500, _("Une erreur est survenue de notre côté."))
