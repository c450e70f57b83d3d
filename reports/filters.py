"""Which reports somebody wants to see: one set of filters for the list page, the feed, the API and the map."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, cast

import django_filters
from django import forms
from django.contrib.gis.db.models.functions import GeometryDistance
from django.contrib.gis.geos import Point
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from reports import workflow
from reports.geo import BadBox, Box, is_position
from reports.models import Category, Quarter, Report
from reports.models.report import REF_ALPHABET
from reports.querysets import ReportQuerySet

MAX_WORDS = 200
MAX_METRES = 50_000
FEW = 1000
YEARS = range(2000, 2101)
REF = re.compile(rf"[{REF_ALPHABET}]{{3}}-?[{REF_ALPHABET}]{{3}}", re.IGNORECASE)


def canonical_ref(text: str) -> str | None:
    """Return a report's number as it is stored (`k7m4qx` → `K7M-4QX`), or None where the text is no such number."""
    letters = text.upper().replace("-", "")
    return f"{letters[:3]}-{letters[3:]}" if REF.fullmatch(text) else None


def folded(text: str) -> str:
    """Return a text as search compares it: without case and accents, hyphens as spaces."""
    bare = (letter for letter in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(letter))
    return " ".join("".join(bare).replace("-", " ").split())


def quarters_named_in(words: str) -> tuple[list[int], str]:
    """Return the ids of the quarters whose names stand in some words, and what remains of the words without them."""
    said = f" {folded(words)} "
    rest = said
    named = []
    for pk, name in Quarter.objects.order_by().values_list("pk", "name"):
        if f" {folded(name)} " in said:
            named.append(pk)
            rest = rest.replace(f" {folded(name)} ", " ")
    return named, rest.strip()


NEWEST = "newest"
VOTES = "votes"
NEAREST = "nearest"


@dataclass(frozen=True)
class Near:
    """A place, and how far from it, in metres; None for any distance."""

    point: Point
    metres: float | None


@dataclass(frozen=True)
class Ordering:
    """The order of a list: the column that decides, which way, and the place that distances start from.

    `id` breaks ties in the same direction, so that a cursor can stand between any two rows.
    """

    column: str
    descending: bool
    origin: Point | None = None

    def apply(self, reports: ReportQuerySet) -> ReportQuerySet:
        """Put the reports in this order, by an index.

        Only distance alone comes out of an index: equally far reports are in no particular order.
        """
        return self.measured(reports).order_by(self.column) if self.origin else self.apply_strictly(reports)

    def apply_strictly(self, reports: ReportQuerySet, *, backwards: bool = False) -> ReportQuerySet:
        """Put the reports in this order with its ties broken, or in its reverse; sorts all of them by distance."""
        sign = "-" if self.descending is not backwards else ""
        return self.measured(reports).order_by(f"{sign}{self.column}", f"{sign}id")

    def measured(self, reports: ReportQuerySet) -> ReportQuerySet:
        """Annotate the distance in degrees under the column's name, where the order is by distance."""
        if self.origin is None:
            return reports
        measured: ReportQuerySet = reports.annotate(**{self.column: GeometryDistance("point", self.origin)})
        return measured


BY_DATE = Ordering("published_at", descending=True)
BY_VOTES = Ordering("votes", descending=True)


class SplitOnCommas(forms.SelectMultiple):
    """Reads `?status=open&status=resolved` and `?status=open,resolved` alike."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """Return the values, without the empty ones."""
        given: Iterable[str] = data.getlist(name) if isinstance(data, MultiValueDict) else [str(data.get(name, ""))]
        # PostgreSQL has no NUL; what nobody can have stored is an unknown choice, not a failure.
        return [part.replace("\x00", "\ufffd") for value in given for part in value.split(",") if part]


class BoxField(forms.CharField):
    """`west,south,east,north` in degrees."""

    def clean(self, value: Any) -> Box | None:
        """Return the box."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return Box.parse(text)
        except BadBox as error:
            raise ValidationError(str(error), "invalid_box") from None


class NearField(forms.CharField):
    """`lon,lat` or `lon,lat,metres`."""

    default_error_messages = {
        "invalid": _(
            "La proximité s’écrit longitude,latitude ou longitude,latitude,mètres, par exemple 11.517,3.866,500."
        ),
        "too_far": _("La distance va de 1 à 50 000 mètres."),
    }

    def clean(self, value: Any) -> Near | None:
        """Return the place and the distance."""
        text = super().clean(value)
        if not text:
            return None
        try:
            lon, lat, *rest = (float(part) for part in text.split(","))
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], "invalid_near") from None
        if len(rest) > 1 or not is_position(lon, lat):
            raise ValidationError(self.error_messages["invalid"], "invalid_near")
        # A comparison, so that NaN is refused too.
        if rest and not 1 <= rest[0] <= MAX_METRES:
            raise ValidationError(self.error_messages["too_far"], "too_far")
        return Near(Point(lon, lat, srid=4326), rest[0] if rest else None)


class MomentField(forms.CharField):
    """A day or a moment in ISO 8601; a day is the portal's, from its first second, or to its last with `whole_day`."""

    default_error_messages = {
        "invalid": _("La date s’écrit année-mois-jour, par exemple 2026-03-01, entre 2000 et 2100."),
    }
    widget = forms.DateInput(attrs={"type": "date"})

    def __init__(self, *, whole_day: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.whole_day = whole_day

    def clean(self, value: Any) -> datetime | None:
        """Return the moment, aware."""
        text = super().clean(value)
        if not text:
            return None
        try:
            day = parse_date(text)
            moment = self.edge_of(day) if day else parse_datetime(text)
        except ValueError:
            moment = None
        if moment is None or moment.year not in YEARS:
            raise ValidationError(self.error_messages["invalid"], "invalid_date")
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)

    def edge_of(self, day: date) -> datetime:
        """Return the first moment of a day, or of the day after."""
        if day.year not in YEARS:
            raise ValueError(day)
        return datetime.combine(day + timedelta(days=self.whole_day), time.min, timezone.get_current_timezone())


class QuarterField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic for type checkers only
    """A quarter as `town/slug`, or as its slug alone where only one town has it."""

    default_error_messages = {
        "invalid_choice": _("Ce quartier n’existe pas. Choisissez-en un dans la liste."),
        "several_towns": _("Plusieurs villes ont un quartier de ce nom. Écrivez ville/quartier."),
    }

    def prepare_value(self, value: Any) -> Any:
        """Return what stands in the address."""
        return f"{value.town.slug}/{value.slug}" if isinstance(value, Quarter) else value

    def to_python(self, value: Any) -> Quarter | None:
        """Find the quarter."""
        if value in self.empty_values:
            return None
        town, _slash, slug = str(value).replace("\x00", "\ufffd").rpartition("/")
        quarters = cast("QuerySet[Quarter]", self.queryset)
        found = quarters.filter(slug=slug, **({"town__slug": town} if town else {}))[:2]
        if not found:
            raise ValidationError(self.error_messages["invalid_choice"], "unknown_quarter")
        if len(found) > 1:
            raise ValidationError(self.error_messages["several_towns"], "several_towns")
        return found[0]


def filter_of(field: type[forms.Field]) -> type[django_filters.Filter]:
    """Return a filter whose value is read by a form field."""
    return type(f"{field.__name__}Filter", (django_filters.Filter,), {"field_class": field})


class FilterForm(forms.Form):
    """The filters as the list page shows them."""

    def clean(self) -> dict[str, Any]:
        """Refuse an order that lacks its starting point, and a period that ends before it begins."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("sort") == NEAREST and not cleaned.get("near") and "near" not in self.errors:
            self.add_error(
                "sort", ValidationError(_("Pour trier par distance, indiquez un lieu (near)."), "place_needed")
            )
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until <= since:
            self.add_error("until", ValidationError(_("La fin de la période précède son début."), "empty_period"))
        return cleaned


class ReportFilter(django_filters.FilterSet):  # type: ignore[misc]  # the package ships no types
    """Filters of public reports, and their order.

    A page shows what remains of the filters that it understood, with the errors beside the others; the API refuses.
    """

    status = django_filters.MultipleChoiceFilter(
        label=_("Statut"),
        choices=[(status, Report.Status(status).label) for status in workflow.PUBLIC],
        widget=SplitOnCommas,
        method="keep_statuses",
        error_messages={"invalid_choice": _("Ce statut n’existe pas : choisissez open, in_progress ou resolved.")},
    )
    category = django_filters.ModelMultipleChoiceFilter(
        label=_("Catégorie"),
        queryset=Category.objects.order_by("position", "code"),
        to_field_name="code",
        widget=SplitOnCommas,
        method="keep_categories",
        error_messages={
            "invalid_choice": _("Cette catégorie n’existe pas. Choisissez-en une dans la liste."),
            "invalid_pk_value": _("Cette catégorie n’existe pas. Choisissez-en une dans la liste."),
        },
    )
    quarter = filter_of(QuarterField)(
        label=_("Quartier"),
        queryset=Quarter.objects.select_related("town")
        .defer("boundary", "town__boundary")
        .order_by("town__name", "name"),
        empty_label=_("Tous les quartiers"),
    )
    q = django_filters.CharFilter(label=_("Rechercher"), method="keep_words", max_length=MAX_WORDS, strip=True)
    bbox = filter_of(BoxField)(label=_("Zone"), method="keep_in_box", max_length=MAX_WORDS)
    near = filter_of(NearField)(label=_("Proximité"), method="keep_near", max_length=MAX_WORDS)
    since = filter_of(MomentField)(label=_("Depuis"), field_name="published_at", lookup_expr="gte", max_length=40)
    until = filter_of(MomentField)(
        label=_("Jusqu’au"), field_name="published_at", lookup_expr="lt", max_length=40, whole_day=True
    )
    timing = django_filters.ChoiceFilter(
        label=_("Délai"),
        choices=[(timing, Report.Timing(timing).label) for timing in ("soon", "late", "very_late")],
        empty_label=_("Peu importe"),
        method="keep_timing",
        error_messages={"invalid_choice": _("Ce délai n’existe pas : choisissez soon, late ou very_late.")},
    )
    sort = django_filters.ChoiceFilter(
        label=_("Tri"),
        choices=[
            (NEWEST, pgettext_lazy("tri", "Les plus récents")),
            (VOTES, pgettext_lazy("tri", "Les plus soutenus")),
            (NEAREST, pgettext_lazy("tri", "Les plus proches")),
        ],
        empty_label=None,
        method="leave",
        error_messages={"invalid_choice": _("Ce tri n’existe pas : choisissez newest, votes ou nearest.")},
    )

    class Meta:
        model = Report
        fields: list[str] = []
        form = FilterForm

    @property
    def ordering(self) -> Ordering:
        """The order asked for; nearest first where a place is given and no other order."""
        values = self.form.cleaned_data if self.is_bound and hasattr(self.form, "cleaned_data") else {}
        near, sort = values.get("near"), values.get("sort")
        if near and sort in {NEAREST, "", None}:
            return Ordering("far", descending=False, origin=near.point)
        return BY_VOTES if sort == VOTES else BY_DATE

    def filter_queryset(self, queryset: QuerySet[Report]) -> ReportQuerySet:
        """Keep what passes every understood filter, in order."""
        return self.ordering.apply(super().filter_queryset(queryset))

    def keep_statuses(self, reports: ReportQuerySet, _name: str, statuses: list[str]) -> ReportQuerySet:
        """Keep some public statuses."""
        return reports.filter(status__in=statuses) if statuses else reports

    def keep_timing(self, reports: ReportQuerySet, _name: str, timing: str) -> ReportQuerySet:
        """Keep what is soon due, late (also very late), or very late."""
        return reports.standing(timing, timezone.now())

    def keep_categories(self, reports: ReportQuerySet, _name: str, categories: QuerySet[Category]) -> ReportQuerySet:
        """Keep some categories."""
        return reports.filter(category__in=[category.pk for category in categories]) if categories else reports

    def keep_words(self, reports: ReportQuerySet, _name: str, words: str) -> ReportQuerySet:
        """Keep what is about some words, or the one report whose number was typed."""
        if ref := canonical_ref(words):
            return reports.filter(ref=ref)
        quarters, rest = quarters_named_in(words)
        if quarters:
            return reports.in_quarters_about(quarters, words, rest)
        # How often a word occurs the planner only guesses: for a rare one it would leaf through every report, newest
        # first. Reading up to FEW numbers from the index of words costs little, and tells.
        few = list(Report.objects.about(words).order_by().values_list("pk", flat=True)[: FEW + 1])
        return reports.filter(pk__in=few) if len(few) <= FEW else reports.about(words)

    def keep_in_box(self, reports: ReportQuerySet, _name: str, box: Box) -> ReportQuerySet:
        """Keep what lies in a box."""
        return reports.in_box(box)

    def keep_near(self, reports: ReportQuerySet, _name: str, near: Near) -> ReportQuerySet:
        """Keep what lies within the distance, if one was given."""
        return reports.near(near.point, near.metres) if near.metres else reports

    def leave(self, reports: ReportQuerySet, _name: str, _value: str) -> ReportQuerySet:
        """Keep all: the order is applied at the end."""
        return reports
