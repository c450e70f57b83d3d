"""Pages with a token in their address."""

from django.http import HttpResponse


def private(response: HttpResponse) -> HttpResponse:
    """Keep a page out of caches, out of search engines and out of other sites' logs."""
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "same-origin"
    return response
