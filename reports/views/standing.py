"""What somebody sees who may not contribute for a time."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from reports.errors import Banned
from reports.views.origin import wants_json

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def answers_banned(view: View[P]) -> View[P]:
    """Answer 403 where a service refuses somebody who is banned: until when, why, and how to contest it."""

    @wraps(view)
    def answered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Banned as refusal:
            return banned(request, refusal)

    return answered


def banned(request: HttpRequest, refusal: Banned) -> HttpResponse:
    """Say so on a page; to a page's script as `{"detail", "banned"}`, the address of the page that says why."""
    address = reverse("statement", args=[refusal.token])
    if wants_json(request):
        return JsonResponse({"detail": str(refusal), "banned": address}, status=403)
    response = render(request, "reports/banned.html", {"refusal": refusal, "address": address}, status=403)
    response["Referrer-Policy"] = "same-origin"
    return response
