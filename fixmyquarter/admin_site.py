"""The admin's door, and its content policy, which is not that of the public pages."""

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

ADMIN = "/admin/"


class PolicyMiddleware(CSPMiddleware):
    """Sends `CONTENT_SECURITY_POLICY`, and under /admin/ the directives of `ADMIN_CSP` in place of the same ones there.

    The theme's pages hold no inline script, so they need neither a nonce nor hashes: scripts come from our own origin
    only. Alpine reads the expressions in the theme's attributes with `Function`, hence 'unsafe-eval'; Alpine and the
    theme's colours set styles, hence inline styles. What people typed is escaped everywhere, so that no attribute of
    theirs reaches Alpine.
    """

    def get_policy_parts(
        self,
        request: HttpRequest,
        response: HttpResponseBase,
        report_only: bool = False,  # noqa: FBT001, FBT002  (the package's signature)
    ) -> PolicyParts:
        """Return the policy for this answer."""
        parts = super().get_policy_parts(request, response, report_only=report_only)
        if request.path_info.startswith(ADMIN) and not report_only:
            parts.replace = {**settings.ADMIN_CSP, **(parts.replace or {})}
        return parts


def enter(request: HttpRequest) -> HttpResponse:
    """Lead from the admin's own sign-in address to the portal's, and on to where the person wanted to go."""
    wanted = request.GET.get(REDIRECT_FIELD_NAME, "")
    is_ours = wanted.startswith(ADMIN) and url_has_allowed_host_and_scheme(wanted, {request.get_host()})
    then = wanted if is_ours else reverse("admin:index")
    if not request.user.is_authenticated:
        return redirect_to_login(then)
    if not request.user.is_staff:
        raise PermissionDenied
    return redirect(then)
