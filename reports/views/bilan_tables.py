"""What the pages with figures show of a summary: headline figures, the trend as a chart, and a table for each view."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.dates import MONTHS_3
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from reports.charts import Columns, Group, columns_of, part_of
from reports.models import Category, Organisation, Quarter
from reports.services.bilan import SPANS, Summary, Tally, first_month

NONE = "–"


@dataclass(frozen=True)
class Row:
    """One line of a table; `bar` is its median in percent of the longest one's."""

    name: str
    tally: Tally
    bar: int
    url: str = ""


def known(number: int | None) -> int | str:
    """Return a number, a dash for none."""
    return NONE if number is None else number


def grouped(number: int) -> str:
    """Return a number with its thousands apart, as the reader's language writes it."""
    return number_format(number, force_grouping=True)


def percent_of(number: int | None) -> str:
    """Return a percentage, a dash for none."""
    return NONE if number is None else _("%(number)s %%") % {"number": number}


def headline(total: Tally) -> list[dict[str, Any]]:
    """Return the figures at the top of a page."""
    return [
        {"value": grouped(total.published), "label": _("signalements publiés")},
        {"value": grouped(total.resolved), "label": _("réparations")},
        {"value": known(total.days), "label": _("jours au plus, pour une réparation sur deux")},
        {"value": known(total.most_days), "label": _("jours au plus, pour neuf réparations sur dix")},
        {"value": percent_of(total.in_time_share), "label": _("réparés dans le délai promis")},
        {"value": grouped(total.unresolved), "label": _("pas encore réparés aujourd’hui")},
        {"value": grouped(total.late), "label": _("dont en retard")},
        {"value": percent_of(total.satisfaction), "label": _("de réparations confirmées par leur auteur")},
    ]


def trend(numbers: list[tuple[str, str, int, int]]) -> Columns:
    """Return the chart of arrivals and repairs: (name under the columns, whole name, arrivals, repairs) by time."""
    return columns_of(
        [
            Group(
                name,
                [arrived, repaired],
                [
                    _("%(period)s : %(number)s publiés") % {"period": whole, "number": arrived},
                    _("%(period)s : %(number)s réparés") % {"period": whole, "number": repaired},
                ],
            )
            for name, whole, arrived, repaired in numbers
        ]
    )


def month_trend(found: Summary) -> Columns:
    """Return the chart of a summary's months."""
    return trend(
        [
            (str(MONTHS_3[month.month]), month_name(month), tally.published, tally.resolved)
            for month, tally in shown_months(found)
        ]
    )


def shown_months(found: Summary) -> list[tuple[date, Tally]]:
    """Return the months in their order, without those before anything was reported."""
    months = sorted(found.months.items())
    first = next((place for place, (_month, tally) in enumerate(months) if tally.received or tally.resolved), 0)
    return months[first:]


def month_name(month: date) -> str:
    """Return a month with its year."""
    return date_format(month, "YEAR_MONTH_FORMAT")


def rows_of(named: list[tuple[str, str, Tally | None]]) -> list[Row]:
    """Return the lines of a table from (name, address, sums), without those where nothing happened."""
    shown = [(name, url, tally) for name, url, tally in named if tally and (tally.published or tally.unresolved)]
    longest = max((tally.days or 0 for _name, _url, tally in shown), default=0)
    return [Row(name, tally, part_of(tally.days, longest), url) for name, url, tally in shown]


def month_rows(found: Summary) -> list[Row]:
    """Return a line for each month, the newest first."""
    longest = max((tally.days or 0 for tally in found.months.values()), default=0)
    return [
        Row(month_name(month), tally, part_of(tally.days, longest)) for month, tally in reversed(shown_months(found))
    ]


def quarter_rows(found: Summary) -> list[Row]:
    """Return a line for each quarter, by name; with its town where the figures are of several."""
    quarters = Quarter.objects.filter(pk__in=found.quarters).select_related("town")
    places = list(quarters.defer("boundary", "town__boundary").order_by("town__name", "name"))
    several = len({place.town_id for place in places}) > 1
    return rows_of(
        [
            (
                f"{place.name}, {place.town.name}" if several else place.name,
                reverse("quarter-detail", args=[place.town.slug, place.slug]),
                found.quarters[place.pk],
            )
            for place in places
        ]
    )


def category_rows(found: Summary) -> list[Row]:
    """Return a line for each category, in the order of the catalogue."""
    kinds = Category.objects.filter(pk__in=found.categories)
    return rows_of([(kind.name, "", found.categories[kind.pk]) for kind in kinds])


def organisation_rows(found: Summary) -> list[Row]:
    """Return a line for each organisation, and a last one for what nobody is in charge of."""
    known = Organisation.objects.filter(pk__in=[pk for pk in found.organisations if pk is not None])
    return rows_of(
        [
            *((one.name, "", found.organisations[one.pk]) for one in known),
            (_("Sans responsable"), "", found.organisations.get(None)),
        ]
    )


def tables(found: Summary) -> list[dict[str, Any]]:
    """Return what a page shows in tables, each with the id of its heading, its title and what its lines are."""
    since = month_name(found.since)
    shown = [
        ("quartiers", _("Par quartier"), _("Quartier"), quarter_rows(found)),
        ("categories", _("Par catégorie"), _("Catégorie"), category_rows(found)),
        ("organismes", _("Par organisme"), _("Organisme"), organisation_rows(found)),
    ]
    return [
        {
            "id": key,
            "title": title,
            "first": first,
            "rows": rows,
            "caption": _("%(table)s, depuis %(month)s ; pas réparés et en retard : aujourd’hui")
            % {"table": title, "month": since},
        }
        for key, title, first, rows in shown
    ]


def span_options(chosen: int, address: str, more: str = "") -> list[dict[str, Any]]:
    """Return the spans that may be chosen, as links for `parts/chips.html`; `more` is added to each query string."""
    return [
        {
            "label": _("Depuis %(month)s") % {"month": month_name(first_month(span))},
            "url": f"{address}?months={span}{more}",
            "current": span == chosen,
        }
        for span in SPANS
    ]
