"""What a person or a client sees when something goes wrong, wherever it went wrong."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from reports.api.problems import problem

API = "/api/"


def answer(request: HttpRequest, status: int) -> HttpResponse:
    """Return the error page in our look, or a problem document to a client of the API."""
    if request.path_info.startswith(API):
        return problem(status)
    return render(request, f"{status}.html", status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return answer(request, 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 404)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """Ask to wait; called by django-allauth. Its rates count minutes, see `settings.ACCOUNT_RATE_LIMITS`."""
    response = answer(request, 429)
    response["Retry-After"] = "60"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    return answer(request, 500)
