"""What signing in means for every request: the mark for scripts, and the second factor before the admin opens."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.models.audit import DOOR_LENGTH
from accounts.origin import acting_from, through
from accounts.throttles import address_of

GetResponse = Callable[[HttpRequest], HttpResponse]

# Tells our scripts that asking who is there is worth a request. No secret, and no proof of anything.
MARKER = "fmq_here"
ADDRESS_HEADERS = ("REMOTE_ADDR", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED")


class MarkerMiddleware:
    """Keeps the cookie `fmq_here=1` where somebody is signed in, and only there.

    A page that did not look at the session is left alone: it may be cached, and says nothing about who reads it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.session.accessed:
            return response
        forget_addresses(request)
        is_here, is_marked = request.user.is_authenticated, MARKER in request.COOKIES
        if is_here and not is_marked:
            response.set_cookie(
                MARKER,
                "1",
                max_age=settings.SESSION_COOKIE_AGE,
                secure=bool(settings.SESSION_COOKIE_SECURE),
                samesite="Lax",
            )
        elif is_marked and not is_here:
            response.delete_cookie(MARKER, samesite="Lax")
        return response


def forget_addresses(request: HttpRequest) -> None:
    """Take the network address out of a request that waits in the session until the person has proved who they are."""
    waiting = request.session.get(STATE_SESSION_KEY)
    if not request.session.modified or not waiting or "request" not in waiting:
        return
    kept = json.loads(waiting["request"])
    kept["META"] = {name: value for name, value in kept["META"].items() if name not in ADDRESS_HEADERS}
    request.session[STATE_SESSION_KEY] = {"request": json.dumps(kept)}


def has_shown_second_factor(request: HttpRequest) -> bool:
    """Say whether this session gave a code of the second factor, at sign-in or later."""
    records: list[dict[str, Any]] = get_authentication_records(request, request.user)
    return any(record["method"] == "mfa" for record in records)


class SecondFactorMiddleware:
    """Opens the admin to staff who have given a second factor in this session, whatever way they came in.

    Asked before any view of the admin, for every method, so that no address leads around it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Return where the person must go first, or None when the view may answer."""
        match = request.resolver_match
        if match is None or "admin" not in match.app_names:
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not request.user.is_staff:
            raise PermissionDenied
        if has_shown_second_factor(request):
            return None
        has_factor = is_mfa_enabled(request.user, [Authenticator.Type.TOTP])
        page = reverse("mfa_reauthenticate" if has_factor else "mfa_activate_totp")
        here = request.get_full_path() if request.method == "GET" else reverse("admin:index")
        return HttpResponseRedirect(f"{page}?{urlencode({'next': here})}")


class OriginMiddleware:
    """Tells the record from where a request acts; the network is written down for staff only."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with acting_from(address_of(request)):
            return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Note the door that Django has found."""
        if request.resolver_match is not None:
            through(request.resolver_match.route[:DOOR_LENGTH])
