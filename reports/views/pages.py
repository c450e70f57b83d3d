"""The plain pages: help, rules, about, privacy, accessibility, developers."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

PAGES = {
    "aide": "help",
    "regles": "rules",
    "a-propos": "about",
    "confidentialite": "privacy",
    "accessibilite": "accessibility",
    "developpeurs": "developers",
}


@require_safe
@cache_control(public=True, max_age=300)
def page(request: HttpRequest, name: str) -> HttpResponse:
    """Show one page that only changes with a release."""
    address = next((address for address, known in PAGES.items() if known == name), None)
    if address is None:
        raise Http404
    return render(request, f"pages/{address}.html")
