"""`stats/`: the figures of `/bilan/` for programs."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from reports.api.base import PublicView, problems
from reports.models import Backlog, Category, Organisation, Quarter, Rollup, Town
from reports.services.bilan import COUNTED, SPANS, WAITING, Summary, Tally, first_month, summary

KEPT_SECONDS = 60


class TallySerializer(serializers.Serializer[Any]):
    """Sums; the definitions stand on `/bilan/`."""

    received = serializers.IntegerField(help_text="Reports sent in the period, whatever became of them.")
    published = serializers.IntegerField(help_text="Of these: public now.")
    rejected = serializers.IntegerField(help_text="Of these: refused by a moderator.")
    duplicates = serializers.IntegerField(help_text="Of these: joined to an earlier report.")
    resolved = serializers.IntegerField(help_text="Repairs of the period that still stand.")
    in_time = serializers.IntegerField(help_text="Of these: before the promised day.")
    confirmed = serializers.IntegerField(help_text="Authors who said that it really is repaired.")
    disputed = serializers.IntegerField(help_text="Authors who said that it is not.")
    open = serializers.IntegerField(help_text="Not taken up yet, now.")
    in_progress = serializers.IntegerField(help_text="Being repaired, now.")
    late = serializers.IntegerField(help_text="Of these two: past the promised day.")
    median_days = serializers.IntegerField(allow_null=True, help_text="Half of the repairs took at most so long.")
    p90_days = serializers.IntegerField(allow_null=True, help_text="Nine in ten of the repairs took at most so long.")
    days_to_repair = serializers.DictField(
        child=serializers.IntegerField(), help_text="Repairs by the days they took: begun days, steps of 30 above 60."
    )


class MonthTallySerializer(TallySerializer):
    """One month."""

    month = serializers.CharField(help_text="As `2026-11`.")


class QuarterTallySerializer(TallySerializer):
    """One quarter."""

    town = serializers.SlugField()
    slug = serializers.SlugField()
    name = serializers.CharField()


class CategoryTallySerializer(TallySerializer):
    """One category."""

    code = serializers.SlugField()
    name = serializers.CharField()


class OrganisationTallySerializer(TallySerializer):
    """One organisation."""

    slug = serializers.SlugField(allow_null=True, help_text="Null for what nobody is in charge of.")
    name = serializers.CharField(allow_null=True)


class StatsSerializer(serializers.Serializer[Any]):
    """The figures of one town or of all."""

    since = serializers.DateField()
    as_of = serializers.DateTimeField(help_text="The sums are at most a minute older.")
    total = TallySerializer()
    months = MonthTallySerializer(many=True)
    quarters = QuarterTallySerializer(many=True)
    categories = CategoryTallySerializer(many=True)
    organisations = OrganisationTallySerializer(many=True)


def shape(tally: Tally) -> dict[str, Any]:
    """Return sums as the API shows them."""
    return {
        **{name: getattr(tally, name) for name in (*COUNTED, *WAITING)},
        "median_days": tally.days,
        "p90_days": tally.most_days,
        "days_to_repair": {str(days): tally.spans[days] for days in sorted(tally.spans)},
    }


def body_of(found: Summary) -> dict[str, Any]:
    """Return a summary as the API shows it."""
    quarters = Quarter.objects.filter(pk__in=found.quarters).values_list("pk", "town__slug", "slug", "name")
    organisations = Organisation.objects.filter(pk__in=[pk for pk in found.organisations if pk is not None])
    nobody = found.organisations.get(None)
    return {
        "since": found.since,
        "as_of": timezone.now(),
        "total": shape(found.total),
        "months": [{"month": f"{month:%Y-%m}", **shape(tally)} for month, tally in sorted(found.months.items())],
        "quarters": [
            {"town": town, "slug": slug, "name": name, **shape(found.quarters[pk])}
            for pk, town, slug, name in quarters.order_by("town__slug", "name")
        ],
        "categories": [
            {"code": kind.code, "name": kind.name, **shape(found.categories[kind.pk])}
            for kind in Category.objects.filter(pk__in=found.categories)
        ],
        "organisations": [
            *({"slug": one.slug, "name": one.name, **shape(found.organisations[one.pk])} for one in organisations),
            *([{"slug": None, "name": None, **shape(nobody)}] if nobody else []),
        ],
    }


class StatsView(PublicView):
    """The figures."""

    @extend_schema(
        operation_id="stats",
        summary="Read how many reports came in and how soon they were repaired",
        parameters=[
            OpenApiParameter(
                "months", OpenApiTypes.INT, enum=SPANS, description="Whole months before this one; 12 if not given."
            ),
            OpenApiParameter("town", OpenApiTypes.STR, description="Only of the town with this slug."),
        ],
        responses={200: StatsSerializer, **problems(_400="Another number of months.", _404="An unknown town.")},
    )
    def get(self, request: Request) -> HttpResponse:
        """Return the sums by month, quarter, category and organisation, in the language of `Accept-Language`."""
        months, town = request.GET.get("months", "12"), request.GET.get("town", "")
        if months not in {str(span) for span in SPANS}:
            raise ValidationError({"months": _("Choisissez 1, 3 ou 12.")})
        if town and ("\x00" in town or not Town.objects.filter(slug=town).exists()):
            raise NotFound
        happened, waiting = Rollup.objects.all().in_town(town), Backlog.objects.all().in_town(town)
        response = Response(body_of(summary(first_month(int(months)), happened, waiting)))
        patch_cache_control(response, public=True, max_age=KEPT_SECONDS)
        return response
