"""What browsers ask for web push: to subscribe and to leave; the service worker and the manifest."""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from notifications.errors import BadSubscription
from notifications.services.subscriptions import browser_name, subscribe, unsubscribe
from reports.models import Follow
from reports.throttles import seconds_to_wait
from reports.views.origin import from_our_pages

Owner = dict[str, User | Follow]


def owner_of(request: HttpRequest) -> Owner | None:
    """Return whose browser it is: of the follow whose token is given (`suivi`), or of whoever is signed in."""
    token = request.POST.get("suivi", "")
    if token:
        follow = Follow.objects.filter(token=token).first()
        return {"follow": follow} if follow else None
    return {"user": request.user} if isinstance(request.user, User) else None


def refused(sentence: str, status: int) -> JsonResponse:
    """Return a refusal that the page's script shows as it is."""
    return JsonResponse({"error": sentence}, status=status)


@from_our_pages
@require_POST
def push_subscribe(request: HttpRequest) -> HttpResponse:
    """Remember a browser: `endpoint`, `p256dh`, `auth`, and `suivi` on a follower's page. Answers with JSON."""
    if seconds_to_wait(request, "support"):
        sentence = _("Beaucoup de demandes viennent d’arriver de votre connexion. Attendez un peu, puis recommencez.")
        return refused(sentence, 429)
    owner = owner_of(request)
    if owner is None:
        return refused(_("Connectez-vous de nouveau, puis recommencez."), 403)
    given = {name: request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth")}
    try:
        subscribe(**given, browser=browser_name(request.headers.get("User-Agent", "")), **owner)  # type: ignore[arg-type]
    except BadSubscription as refusal:
        return refused(str(refusal), 422)
    return JsonResponse({"subscribed": True})


@from_our_pages
@require_POST
def push_unsubscribe(request: HttpRequest) -> HttpResponse:
    """Forget a browser by its `endpoint`; answers the same whether or not it was known."""
    owner = owner_of(request)
    if owner is None:
        return refused(_("Connectez-vous de nouveau, puis recommencez."), 403)
    unsubscribe(endpoint=request.POST.get("endpoint", ""), **owner)  # type: ignore[arg-type]
    return JsonResponse({"subscribed": False})


@cache
def worker_text() -> str:
    """Return the service worker's source, read once."""
    found = finders.find("fmq/service-worker.js")
    return Path(str(found)).read_text(encoding="utf-8")


@require_safe
def service_worker(_request: HttpRequest) -> HttpResponse:
    """Serve the service worker from the root, because its address is how far it reaches; never from an old copy."""
    text = worker_text.__wrapped__() if settings.DEBUG else worker_text()
    response = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def manifest(_request: HttpRequest) -> HttpResponse:
    """Describe the portal as an app: iPhones give notifications to one that stands on the home screen only."""
    facts = {
        "name": "FixMyQuarter",
        "short_name": "FixMyQuarter",
        "lang": "fr",
        "start_url": reverse("home"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#f8f6f1",
        "theme_color": "#0b5d4b",
        "icons": [{"src": static("fmq/favicon.svg"), "type": "image/svg+xml", "sizes": "any"}],
    }
    response = JsonResponse(facts, content_type="application/manifest+json")
    response["Cache-Control"] = "public, max-age=3600"
    return response
