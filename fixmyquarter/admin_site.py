"""The content policy of the admin, which is not that of the public pages."""

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

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
