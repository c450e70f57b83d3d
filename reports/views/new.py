"""Sending a report: the form, what is known about a place, and what was reported there already."""

import uuid
from typing import Any

from django.contrib.gis.geos import Point
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from reports import workflow
from reports.errors import DuplicateKey, OutsideServedArea
from reports.forms import ReportForm
from reports.geo import is_position
from reports.models import Category, Report, Town
from reports.services.photos import remove
from reports.services.reporting import Filing, create_report, quarter_at
from reports.throttles import seconds_to_wait
from reports.views.device import device_of, new_device, remember
from reports.views.flow_texts import ANSWERS, STEPS, TEXTS
from reports.views.origin import from_our_pages, wants_json
from reports.views.standing import answers_banned, suspension_of

SIMILAR = 3
TOO_OFTEN = gettext_lazy(
    "Beaucoup de signalements viennent d’arriver de votre connexion. Attendez un peu, puis envoyez de nouveau : "
    "vos réponses restent ici."
)
ALREADY_SENT = gettext_lazy(
    "Ce signalement est déjà parti, avec d’autres réponses. Relisez-les, puis envoyez de nouveau si c’en est un autre."
)


@from_our_pages
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@answers_banned
def new(request: HttpRequest) -> HttpResponse:
    """Show the form, and take a report in; the page's script asks for JSON and keeps the form on the screen."""
    if request.method != "POST":
        return show(request, ReportForm(initial={"category": request.GET.get("category", "")}))
    form = ReportForm(request.POST, request.FILES)
    if seconds_to_wait(request, "create-report"):
        form.add_error(None, TOO_OFTEN)
        return refuse(request, form, status=429, keeps_photos=False)
    if not form.is_valid():
        return refuse(request, form, status=422)
    if not form.cleaned_data["anyway"] and not is_sent(form.cleaned_data["idempotency_key"]):
        found = similar(form.cleaned_data["category"], form.cleaned_data["point"])
        if found:
            return ask(request, form, found)
    device = "" if isinstance(request.user, User) else device_of(request) or new_device()
    try:
        filing = file_report(request, form, device)
    except DuplicateKey:
        form.add_error(None, ALREADY_SENT)
        return refuse(request, form, status=409, key=str(uuid.uuid4()))
    response = thank(request, filing)
    if device:
        remember(response, device, is_secure=request.is_secure())
    return response


def is_sent(key: str) -> bool:
    """Say whether a sending with this key was filed already: its repetition must not be asked about itself."""
    return bool(key) and Report.objects.filter(idempotency_key=key).exists()


def show(request: HttpRequest, form: ReportForm, *, status: int = 200, **extra: Any) -> HttpResponse:
    """Render the page around a form."""
    taken = form.photo_time if form.is_bound else None
    context = {
        "form": form,
        "key": form["idempotency_key"].value() or str(uuid.uuid4()),
        "photo_place": words_of(form.photo_point) if form.is_bound and form.photo_point else "",
        "towns": [[town.centre.x, town.centre.y] for town in Town.objects.only("centre")],
        "time_offer": {"at": taken, "value": taken.isoformat()} if taken else None,
        "steps": STEPS,
        "answers": ANSWERS,
        "texts": TEXTS,
        "suspended": suspension_of(request),
        **extra,
    }
    return render(request, "reports/new.html", context, status=status)


def refuse(
    request: HttpRequest, form: ReportForm, *, status: int, key: str = "", keeps_photos: bool = True
) -> HttpResponse:
    """Say what to correct: as JSON to the script, which still has everything, or as the page with everything kept."""
    if wants_json(request):
        errors = [
            {"field": field.auto_id, "label": field.label, "message": message}
            for field in form
            for message in field.errors
        ]
        errors += [{"field": "", "label": "", "message": message} for message in form.non_field_errors()]
        return JsonResponse({"errors": errors, "key": key}, status=status)
    if keeps_photos:
        form.keep_photos()
    return show(request, form, status=status, **({"key": key} if key else {}))


def ask(request: HttpRequest, form: ReportForm, found: list[Report]) -> HttpResponse:
    """Show what was reported there already and let the person choose; nothing is lost meanwhile."""
    if wants_json(request):
        cards = render_to_string("reports/_nearby.html", {"reports": found}, request)
        return JsonResponse({"nearby": cards}, status=409)
    form.keep_photos()
    return show(request, form, found=found)


def thank(request: HttpRequest, filing: Filing) -> HttpResponse:
    """Lead to the author's private page."""
    page = f"{reverse('follow', args=[filing.follow.token])}?merci=1"
    if wants_json(request):
        return JsonResponse({"url": page, "ref": filing.report.ref}, status=201 if filing.is_new else 200)
    response = redirect(page)
    response.status_code = 303
    return response


def file_report(request: HttpRequest, form: ReportForm, device: str) -> Filing:
    """File what the form holds; a repeated sending gives back its photos.

    Raises:
        DuplicateKey
    """
    data = form.cleaned_data
    fresh = len(form.uploads)
    photos = form.keep_photos()
    filing = create_report(
        category=data["category"],
        point=data["point"],
        description=data["description"],
        address=data["address"],
        contact_email=data["email"],
        contact_phone=data["phone"],
        captured_at=data["captured_at"],
        reporter=request.user if isinstance(request.user, User) else None,
        photos=photos,
        language=get_language() or "fr",
        idempotency_key=data["idempotency_key"] or None,
        public_name=data["public_name"],
        device=device,
        crowded=bool(seconds_to_wait(request, "crowd")),
    )
    if not filing.is_new:
        for photo in photos[len(photos) - fresh :]:
            remove(photo=photo)
    return filing


def similar(category: Category, point: Point) -> list[Report]:
    """Return the nearest unresolved public reports of the same problem within the category's radius."""
    reports = Report.objects.filter(category=category, status__in=workflow.UNRESOLVED)
    return list(reports.near(point, category.duplicate_radius_m).with_card()[:SIMILAR])


def words_of(point: Point) -> str:
    """Return a point's quarter and town; empty outside the served area."""
    try:
        quarter = quarter_at(point)
    except OutsideServedArea:
        return ""
    return f"{quarter.name}, {quarter.town.name}"


def asked_point(request: HttpRequest) -> Point | None:
    """Read `?lon=&lat=` in degrees; None for anything that is not a place."""
    try:
        lon, lat = float(request.GET["lon"]), float(request.GET["lat"])
    except (KeyError, ValueError):
        return None
    return Point(lon, lat, srid=4326) if is_position(lon, lat) else None


@require_safe
@cache_control(public=True, max_age=60)
def place(request: HttpRequest) -> HttpResponse:
    """Say a point in words: `{"quarter", "town", "served", "message"}`; 400 for what is not a point."""
    point = asked_point(request)
    if point is None:
        return JsonResponse(
            {"quarter": "", "town": "", "served": False, "message": _("Ce n’est pas un lieu.")}, status=400
        )
    try:
        quarter = quarter_at(point)
    except OutsideServedArea as refusal:
        return JsonResponse({"quarter": "", "town": "", "served": False, "message": str(refusal)})
    words = f"{quarter.name}, {quarter.town.name}"
    return JsonResponse({"quarter": quarter.name, "town": quarter.town.name, "served": True, "message": words})


@require_safe
@cache_control(public=True, max_age=10)
def nearby(request: HttpRequest) -> HttpResponse:
    """Give the cards of "déjà signalé ?" as a piece of page; 204 where there are none, 400 for a wrong question."""
    point = asked_point(request)
    category = Category.objects.offered().filter(code=request.GET.get("category", "")).first()
    if point is None or category is None:
        return HttpResponse(status=400)
    found = similar(category, point)
    if not found:
        return HttpResponse(status=204)
    return render(request, "reports/_nearby.html", {"reports": found})
