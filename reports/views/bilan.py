"""« Bilan »: how the town is doing, the same figures that its staff sees, with the method and the data."""

import csv
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from reports.models import Backlog, Rollup, Town
from reports.services import bilan as figures
from reports.services.bilan import COUNTED, Summary
from reports.views.bilan_tables import headline, month_rows, month_trend, span_options, tables

KEPT_SECONDS = 60
# A table's program would calculate a cell that begins so, whoever wrote it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = ("month", "town", "quarter", "category", "organisation", *COUNTED, "days_to_repair")


def span_asked(text: str, default: int = 12) -> int:
    """Return the number of whole months before this one that a query string asks for.

    Raises:
        BadRequest: it is none of those that are offered.
    """
    if text in {str(span) for span in figures.SPANS}:
        return int(text)
    if text:
        raise BadRequest
    return default


def town_asked(slug: str) -> str:
    """Return the town that a query string asks for; an empty word stands for all of them.

    Raises:
        Http404: there is no such town.
    """
    if slug and ("\x00" in slug or not Town.objects.filter(slug=slug).exists()):
        raise Http404
    return slug


def public_summary(span: int, town: str) -> Summary:
    """Return the figures of one town or of all."""
    return figures.summary(
        figures.first_month(span), Rollup.objects.all().in_town(town), Backlog.objects.all().in_town(town)
    )


def town_options(chosen: str, span: int) -> list[dict[str, Any]]:
    """Return the towns that may be chosen, as links; none where there is only one."""
    towns = list(Town.objects.values_list("slug", "name"))
    if len(towns) < 2:  # noqa: PLR2004  (one is no choice)
        return []
    named = [("", _("Toutes les villes")), *towns]
    return [
        {"label": name, "url": f"?{urlencode({'months': span, 'town': slug})}", "current": slug == chosen}
        for slug, name in named
    ]


@require_safe
@cache_control(public=True, max_age=KEPT_SECONDS)
def bilan(request: HttpRequest) -> HttpResponse:
    """Show the figures: `?months=1|3|12` whole months before this one, `?town=` one town of several."""
    span, town = span_asked(request.GET.get("months", "")), town_asked(request.GET.get("town", ""))
    found = public_summary(span, town)
    query = urlencode({"months": span, **({"town": town} if town else {})})
    context = {
        "summary": found,
        "spans": span_options(span, reverse("bilan"), f"&town={town}" if town else ""),
        "towns": town_options(town, span),
        "shown_figures": headline(found.total),
        "trend": month_trend(found),
        "months": month_rows(found),
        "tables": tables(found),
        "enough": figures.ENOUGH,
        "csv_url": f"{reverse('bilan-csv')}?{query}",
        "json_url": f"{reverse('api:stats')}?{query}",
    }
    return render(request, "reports/bilan.html", context)


@require_safe
@cache_control(public=True, max_age=KEPT_SECONDS)
def bilan_csv(request: HttpRequest) -> HttpResponse:
    """Return the sums behind the page: a line for each month, quarter, category and organisation."""
    span, town = span_asked(request.GET.get("months", "")), town_asked(request.GET.get("town", ""))
    rows = Rollup.objects.in_town(town).by_month(figures.first_month(span))
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="bilan-{town or "fixmyquarter"}-{span}.csv"'
    # Without this mark Excel takes UTF-8 for something else.
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(COLUMNS)
    named = rows.order_by("start", "quarter__town__slug", "quarter__slug", "category__code", "organisation__slug")
    for month, *names, spans in named.values_list(
        "start", "quarter__town__slug", "quarter__slug", "category__code", "organisation__slug", *COUNTED, "spans"
    ):
        writer.writerow([f"{month:%Y-%m}", *(plain(name) for name in names), told(spans)])
    return response


def plain(cell: object) -> object:
    """Return a cell that no program takes for a formula; nobody in charge is an empty one."""
    if isinstance(cell, str) and cell.startswith(FORMULA):
        return f"'{cell}"
    return "" if cell is None else cell


def told(spans: dict[str, int]) -> str:
    """Return how long repairs took as `days×repairs`, e.g. `2×3 7×1`."""
    return " ".join(f"{days}×{repairs}" for days, repairs in sorted(spans.items(), key=lambda pair: int(pair[0])))
