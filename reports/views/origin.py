"""Who asks: our own page, another site, or a browser too old to say.

The pages that anybody may send from set no cookie, so that they carry no CSRF token either. What a token proves, the
browser's own headers prove as well: `Sec-Fetch-Site`, which no script can forge, or else `Origin`.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

JSON = "application/json"
OURS = "ours"
FOREIGN = "foreign"
UNKNOWN = "unknown"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
# `none`: typed, bookmarked or reloaded by the person.
OUR_FETCH_SITES = ("same-origin", "none")


def origin_of(request: HttpRequest) -> str:
    """Return OURS, FOREIGN, or UNKNOWN where the browser tells nothing."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return OURS if site in OUR_FETCH_SITES else FOREIGN
    origin = request.headers.get("Origin")
    if origin is None:
        return UNKNOWN
    ours = {f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS}
    return OURS if origin in ours else FOREIGN


def wants_json(request: HttpRequest) -> bool:
    """Say whether the page's own script asks."""
    return request.headers.get("Accept") == JSON


def from_our_pages(view: View[P]) -> View[P]:
    """Refuse what another site sends in somebody's name; a browser that tells nothing acts as nobody.

    Replaces the CSRF token: a request whose origin is unknown is served without ever reading who is signed in, so that
    there is nothing in it worth forging.
    """

    @csrf_exempt
    @wraps(view)
    def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method not in SAFE_METHODS:
            origin = origin_of(request)
            if origin == FOREIGN:
                sentence = _("Cette demande vient d’un autre site. Ouvrez la page sur FixMyQuarter, puis recommencez.")
                return render(request, "403.html", {"reason": sentence}, status=403)
            if origin == UNKNOWN:
                request.user = AnonymousUser()
        return view(request, *args, **kwargs)

    return checked
