"""What somebody sees who may not contribute for a time."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User
from reports.errors import Banned
from reports.services.standing import check_standing
from reports.views.device import device_of
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


def suspension_of(request: HttpRequest) -> dict[str, str] | None:
    """Return what to say before whoever asks begins to type: `{"words", "url"}`; None where they may contribute.

    Without any cookie nobody is known: the answer costs nothing and says nothing of a person.
    """
    if not request.COOKIES:
        return None
    user = request.user if isinstance(request.user, User) else None
    try:
        check_standing(user=user, device=device_of(request))
    except Banned as refusal:
        return {"words": str(refusal), "url": reverse("statement", args=[refusal.token])}
    return None


def banned(request: HttpRequest, refusal: Banned) -> HttpResponse:
    """Say so on a page; to a page's script as `{"detail", "banned"}`, the address of the page that says why."""
    address = reverse("statement", args=[refusal.token])
    if wants_json(request):
        return JsonResponse({"detail": str(refusal), "banned": address}, status=403)
    response = render(request, "reports/banned.html", {"refusal": refusal, "address": address}, status=403)
    response["Referrer-Policy"] = "same-origin"
    return response
