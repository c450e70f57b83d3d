"""Following an area: a quarter, a category, both, or a circle, with or without an account."""

from typing import Any

from django.contrib import messages
from django.contrib.gis.geos import Point
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from reports.errors import Banned, DomainError
from reports.filters import BoxField, Near, NearField
from reports.forms import AreaForm
from reports.geo import METRES_PER_DEGREE, Box, is_position
from reports.models import Town
from reports.services.areas import follow_area as follow
from reports.throttles import seconds_to_wait
from reports.views.device import device_of
from reports.views.new import words_of
from reports.views.origin import from_our_pages
from reports.views.standing import answers_banned
from reports.views.support import person_of

DEFAULT_RADIUS_M = 500


def asked(query: QueryDict) -> dict[str, Any]:
    """Return the form's first answers from the address: the list's own filters, where they can be followed.

    What cannot be understood is left out; the form then asks.
    """
    answers: dict[str, Any] = {
        "quarter": query.get("quarter", ""),
        "category": query.get("category", "").partition(",")[0],
    }
    near = circle_of(query)
    if near is not None and not answers["quarter"]:
        answers |= {"kind": AreaForm.CIRCLE, "lon": near.point.x, "lat": near.point.y}
        wanted = near.metres or DEFAULT_RADIUS_M
        answers["radius_m"] = min(AreaForm.RADII_M, key=lambda radius: abs(radius - wanted))
    return answers


def circle_of(query: QueryDict) -> Near | None:
    """Return the circle that `near=` names, or the one that fits in the map's `bbox=`; None without either."""
    try:
        near = NearField(required=False).clean(query.get("near", ""))
        box = None if near else BoxField(required=False).clean(query.get("bbox", ""))
    except ValidationError:
        return None
    return near or (circle_in(box) if box else None)


def circle_in(box: Box) -> Near:
    """Return the circle that touches a box's upper and lower edge."""
    middle = Point((box.west + box.east) / 2, (box.south + box.north) / 2, srid=4326)
    return Near(middle, (box.north - box.south) * METRES_PER_DEGREE / 2)


@from_our_pages
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@answers_banned
def follow_area(request: HttpRequest) -> HttpResponse:
    """Ask which area, and follow it: at once with an account, else once the address is confirmed."""
    user = person_of(request)
    if request.method != "POST":
        return show(request, AreaForm(initial=asked(request.GET), needs_email=user is None))
    form = AreaForm(request.POST, needs_email=user is None)
    if seconds_to_wait(request, "support"):
        form.add_error(
            None, _("Beaucoup de demandes viennent d’arriver de votre connexion. Attendez un peu, puis recommencez.")
        )
        return show(request, form, status=429)
    if not form.is_valid():
        return show(request, form, status=422)
    area = {name: form.cleaned_data.get(name) for name in ("quarter", "category", "centre", "radius_m")}
    email = form.cleaned_data.get("email", "")
    try:
        follow(**area, user=user, email=email, device=device_of(request), language=get_language() or "fr")
    except Banned:
        raise
    except DomainError as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return show(request, form, status=422)
    if user is None:
        return show(request, form, sent_to=email)
    messages.success(request, _("C’est noté : vous suivez cette zone."))
    return redirect("my-follows")


def place_of(form: AreaForm) -> Point | None:
    """Return the circle's centre as the form shows it; None without one, or where it is no place."""
    try:
        lon, lat = float(form["lon"].value()), float(form["lat"].value())
    except (TypeError, ValueError):
        return None
    return Point(lon, lat, srid=4326) if is_position(lon, lat) else None


def show(request: HttpRequest, form: AreaForm, *, status: int = 200, sent_to: str = "") -> HttpResponse:
    """Render the page around a form, or say where the confirmation was sent."""
    place = place_of(form)
    context = {
        "form": form,
        "sent_to": sent_to,
        "has_place": place is not None,
        "place_words": words_of(place) if place else "",
        "towns": [[town.centre.x, town.centre.y] for town in Town.objects.only("centre")],
    }
    return render(request, "reports/area.html", context, status=status)
