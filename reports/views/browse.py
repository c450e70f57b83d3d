"""Looking at reports: the list that is also a map, one report, the quarters."""

from collections.abc import Iterable
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.core.paginator import InvalidPage
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from reports import workflow
from reports.filters import NEAREST, ReportFilter
from reports.forms import CommentForm
from reports.models import Photo, Quarter, Report
from reports.paging import UncountedPage, UncountedPaginator
from reports.services import figures
from reports.views.comments import discussion_of
from reports.views.home import shown
from reports.views.promise import promise_of
from reports.views.support import told

PER_PAGE = 20
IN_QUARTER = 6
# Parameters of the list that are no filter to take away one by one.
NOT_FILTERS = {"page", "view", "bbox", "sort", "status"}
# Carried along by the form without a field of their own: links and scripts set them.
CARRIED = ("view", "bbox", "near", "status")

# What a reader may expect next.
NEXT_STEPS = {
    workflow.OPEN: gettext_lazy("L’intervention est attendue. Vous verrez ici quand elle commence."),
    workflow.IN_PROGRESS: gettext_lazy("L’intervention est en cours. Vous verrez ici la réparation et sa preuve."),
    workflow.RESOLVED: gettext_lazy("Le problème est réglé. S’il revient, signalez-le de nouveau."),
}
FRAGMENTS = {
    "chronologie": "reports/_timeline.html",
    "photos": "reports/_photos.html",
    "commentaires": "reports/_comments.html",
}


def with_query(query: QueryDict, **changes: object) -> str:
    """Return the list's address with some parameters changed; None removes one."""
    kept = query.copy()
    for name, value in changes.items():
        kept.pop(name, None)
        if value is not None:
            kept[name] = str(value)
    return f"{reverse('report-list')}?{kept.urlencode()}" if kept else reverse("report-list")


def chosen_filters(found: ReportFilter, query: QueryDict) -> list[dict[str, str]]:
    """Return the filters in use with the words of each and the address without it."""
    chosen = []
    for name, field in found.form.fields.items():
        for value in query.getlist(name):
            if name in NOT_FILTERS or not value:
                continue
            chosen.append(
                {"label": words_of(name, field, value), "url": with_query(query, **{name: None, "page": None})}
            )
    return chosen


def words_of(name: str, field: forms.Field, value: str) -> str:
    """Return a filter in use as people say it."""
    if name == "near":
        return _("Près de vous")
    choices: dict[str, object] = {str(key): words for key, words in getattr(field, "choices", [])}
    return _("%(filter)s : %(value)s") % {"filter": field.label, "value": choices.get(value, value)}


def status_options(query: QueryDict) -> list[dict[str, object]]:
    """Return the quick filters: all, each status, and what is late."""
    now, timing = query.get("status", ""), query.get("timing", "")
    everything = with_query(query, status=None, timing=None, page=None)
    options: list[dict[str, object]] = [
        {"label": _("Tous"), "url": everything, "current": not now and not timing, "status": ""}
    ]
    for status in workflow.PUBLIC:
        label = Report.Status(status).label
        url = with_query(query, status=status, timing=None, page=None)
        options.append({"label": label, "url": url, "current": now == status, "status": status})
    late = timing == Report.Timing.LATE
    options.append(
        {
            "label": Report.Timing.LATE.label,
            "url": with_query(query, status=None, timing=None if late else "late", page=None),
            "current": late,
            "icon": "clock",
        }
    )
    return options


def choices_of(form: forms.Form, name: str) -> Iterable[tuple[Any, Any]]:
    """Return what a field of the filters lets one choose, each with its words."""
    choices: Iterable[tuple[Any, Any]] = getattr(form.fields[name], "choices", [])
    return choices


def as_fields(form: forms.Form, query: QueryDict) -> forms.Form:
    """Return the filters as a page asks for them: one category at a time, the nearest only from a known place."""
    # A chain, because a list asks such choices for their length first, and they ask the database.
    form.fields["category"].widget = forms.Select(
        choices=chain([("", _("Toutes les catégories"))], choices_of(form, "category"))
    )
    if not query.get("near"):
        orders = [(key, words) for key, words in choices_of(form, "sort") if key != NEAREST]
        form.fields["sort"].widget = forms.Select(choices=orders)
    for name in ("status", "bbox", "near"):
        form.fields[name].widget = forms.MultipleHiddenInput()
    return form


def neighbours(page: UncountedPage, query: QueryDict) -> dict[str, str]:
    """Return the addresses of the previous and the next page, empty at the ends."""
    return {
        "previous_url": with_query(query, page=page.number - 1) if page.has_previous() else "",
        "next_url": with_query(query, page=page.number + 1) if page.has_next() else "",
    }


@require_safe
@cache_control(public=True, max_age=1)
def report_list(request: HttpRequest) -> HttpResponse:
    """Show public reports as a list or a map (`?view=map`), both with the same filters."""
    query = request.GET
    as_map = query.get("view") == "map"
    found = ReportFilter(query, queryset=Report.objects.public())
    rows = found.qs.with_card() if found.is_valid() else Report.objects.none()
    try:
        page = UncountedPaginator(rows, PER_PAGE).page(query.get("page", 1))
    except InvalidPage as error:
        raise Http404 from error
    chosen = chosen_filters(found, query)
    context = {
        "form": as_fields(found.form, query),
        "statuses": status_options(query),
        "page": page,
        "as_map": as_map,
        "now": "map" if as_map else "list",
        "list_url": with_query(query, view=None, page=None),
        "map_url": with_query(query, view="map", page=None),
        "keep": {name: ",".join(query.getlist(name)) for name in CARRIED if query.get(name)},
        "kept_query": urlencode(
            [(name, value) for name in query for value in query.getlist(name) if name not in {"page", "view"}]
        ),
        "chosen": chosen,
        "clear_url": reverse("report-list") + ("?view=map" if as_map else ""),
        "map_label": _("Carte des signalements"),
        **neighbours(page, query),
    }
    return render(request, "reports/list.html", context)


def facts_of(report: Report) -> list[dict[str, str]]:
    """Return what a page tells of a report in rows."""
    rows = [{"term": _("Numéro"), "words": report.ref}]
    if report.published_at:
        rows.append({"term": _("Publié"), "words": date_format(localtime(report.published_at), "DATE_FORMAT")})
    rows.append({"term": _("Responsable"), "words": str(report.organisation or _("Pas encore attribué"))})
    return rows + promise_of(report)


def pair_of(photos: list[Photo]) -> tuple[Photo, Photo] | None:
    """Return the problem as it was first shown and the latest proof of its repair.

    None without a proof, or where the problem was only shown after it: such a picture says that the repair is none.
    """
    by_time = sorted(photos, key=lambda photo: photo.created_at)
    after = next((photo for photo in reversed(by_time) if photo.kind == Photo.Kind.PROOF), None)
    if after is None:
        return None
    earlier = (photo for photo in by_time if photo.kind == Photo.Kind.PROBLEM and photo.created_at <= after.created_at)
    before = next(earlier, None)
    return (before, after) if before else None


def picture_context(photos: list[Photo]) -> dict[str, object]:
    """Return a report's photos as a page shows them: before and after first, what nobody shall see left out."""
    photos = [photo for photo in photos if photo.is_shown]
    before, after = pair_of(photos) or (None, None)
    return {
        "photos": photos,
        "before": before,
        "after": after,
        "more_photos": [photo for photo in photos if photo not in {before, after}],
    }


def shared_photo(photos: list[Photo]) -> str:
    """Return the address of the picture that goes along when the page is shared; empty while there is none."""
    ready = next((photo for photo in photos if photo.is_ready), None)
    return absolute(ready.url(960)) if ready else ""


def absolute(address: str) -> str:
    """Return an address that works outside the page; one in a bucket is whole already."""
    return address if "://" in address else settings.PUBLIC_URL + address


@require_safe
@cache_control(public=True, max_age=1)
def report_detail(request: HttpRequest, ref: str) -> HttpResponse:
    """Show one report; `?fragment=chronologie|photos|commentaires` gives only that part, to an open page."""
    report = get_object_or_404(Report.objects.with_card().select_related("duplicate_of"), ref=ref.upper())
    if original := report.find_original():
        return redirect(original)
    if report.is_gone:
        return render(request, "410.html", {"report": report}, status=410)
    if report.held_from:
        return render(request, "reports/held.html", status=404)
    if not report.is_public:
        raise Http404
    quarter = report.quarter
    quarter_url = reverse("quarter-detail", args=[quarter.town.slug, quarter.slug])
    context = {
        "report": report,
        "events": report.events.public().told(),
        "next_step": NEXT_STEPS[report.status],
        "crumbs": [
            {"label": _("Signalements"), "url": reverse("report-list")},
            {"label": quarter.name, "url": quarter_url},
        ],
        "facts": facts_of(report),
        "without_account": report.supporters.exclude(device="").count() if report.votes else 0,
        "goal": quarter.town.vote_goal if report.status in workflow.UNRESOLVED else None,
        "told": told(request),
        "undo": request.GET.get("soutien") == "oui",
        "share_url": settings.PUBLIC_URL + reverse("report-short", args=[report.ref]),
        "map_label": _("Lieu du signalement"),
        "form": CommentForm(),
        **discussion_of(report),
        **picture_context(list(report.photos.all())),
        "shared_photo": shared_photo(list(report.photos.all())),
    }
    fragment = FRAGMENTS.get(request.GET.get("fragment", ""))
    return render(request, fragment or "reports/detail.html", context)


@require_safe
@cache_control(public=True, max_age=300)
def short_link(_request: HttpRequest, ref: str) -> HttpResponse:
    """Send a short address, as printed or spoken, to the page."""
    return redirect("report-detail", ref=ref.upper())


@require_safe
@cache_control(public=True, max_age=60)
def quarter_list(request: HttpRequest) -> HttpResponse:
    """Show every quarter by town, with what is open there."""
    counted = figures.current()["quarters"]
    quarters = list(
        Quarter.objects.select_related("town").defer("boundary", "town__boundary").order_by("town__name", "name")
    )
    for quarter in quarters:
        mine = counted.get(quarter.pk, figures.NOTHING)
        quarter.open_reports = mine["open"] + mine["in_progress"]
    return render(request, "reports/quarter_list.html", {"quarters": quarters})


@require_safe
@cache_control(public=True, max_age=1)
def quarter_detail(request: HttpRequest, town: str, slug: str) -> HttpResponse:
    """Show one quarter: its figures, its map, its latest reports."""
    quarter = get_object_or_404(Quarter.objects.select_related("town"), town__slug=town, slug=slug)
    context = {
        "quarter": quarter,
        "crumbs": [{"label": _("Quartiers"), "url": reverse("quarter-list")}],
        "shown_figures": shown(figures.current()["quarters"].get(quarter.pk, figures.NOTHING)),
        "follow_query": urlencode({"quarter": f"{quarter.town.slug}/{quarter.slug}"}),
        "box": ",".join(f"{edge:.5f}" for edge in quarter.boundary.extent),
        "latest": Report.objects.public().filter(quarter=quarter).newest().with_card()[:IN_QUARTER],
    }
    return render(request, "reports/quarter_detail.html", context)
