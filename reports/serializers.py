"""The shapes of API v1. What leaves is named field by field, so that a new column never becomes public by itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.contrib.gis.geos import Point
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework_gis.fields import GeometryField
from rest_framework_gis.serializers import GeoFeatureModelSerializer

from reports import validators, workflow
from reports.filters import canonical_ref
from reports.models import Category, Event, Photo, Quarter, Report

# About 11 cm: finer than any phone.
COORDINATE_DIGITS = 6


def absolute(path: str) -> str:
    """Return an address with its origin, from the settings and never from the request's `Host`."""
    return path if path.startswith(("http://", "https://")) else f"{settings.PUBLIC_URL}{path}"


POINT_SCHEMA = {
    "type": "object",
    "description": "GeoJSON point, longitude first, WGS 84 degrees.",
    "properties": {
        "type": {"type": "string", "enum": ["Point"]},
        "coordinates": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
    },
    "required": ["type", "coordinates"],
}


@extend_schema_field(POINT_SCHEMA)
class LocationField(serializers.Field[Point, Any, dict[str, Any], Any]):
    """A GeoJSON point; a form may send `lon,lat`."""

    default_error_messages = {
        "invalid": _("Le lieu s’écrit comme un point GeoJSON, ou longitude,latitude dans un formulaire."),
    }

    def to_internal_value(self, data: Any) -> Point:
        """Return the point."""
        if isinstance(data, str):
            return Point(*validators.parse_position(data), srid=4326)
        coordinates = data.get("coordinates") if isinstance(data, Mapping) and data.get("type") == "Point" else None
        if not isinstance(coordinates, list) or len(coordinates) not in {2, 3}:
            self.fail("invalid")
        # `bool` is a number to Python, not to GeoJSON.
        if not all(type(part) in {int, float} for part in coordinates):
            self.fail("invalid")
        try:
            lon, lat = float(coordinates[0]), float(coordinates[1])
        except OverflowError:
            self.fail("invalid")
        return Point(*validators.clean_position(lon, lat), srid=4326)

    def to_representation(self, value: Point) -> dict[str, Any]:
        """Return the GeoJSON."""
        return {
            "type": "Point",
            "coordinates": [round(value.x, COORDINATE_DIGITS), round(value.y, COORDINATE_DIGITS)],
        }


class CategoryNameSerializer(serializers.Serializer[Any]):
    """A category as reports name it, in the language of `Accept-Language`."""

    code = serializers.CharField()
    name = serializers.CharField()


class CategorySerializer(CategoryNameSerializer):
    """A category that can be reported."""

    group = serializers.CharField()
    icon = serializers.CharField()
    photo_wanted = serializers.BooleanField()
    duplicate_radius_m = serializers.IntegerField(help_text="Metres within which an open report may be the same one.")
    response_days = serializers.IntegerField()
    repair_days = serializers.IntegerField()


class QuarterNameSerializer(serializers.Serializer[Any]):
    """A quarter as reports name it."""

    town = serializers.CharField(source="town.slug", help_text="The town's slug.")
    slug = serializers.CharField()
    name = serializers.CharField()


class QuarterSerializer(QuarterNameSerializer):
    """A quarter of the list."""

    town_name = serializers.CharField(source="town.name")
    approximate = serializers.BooleanField(help_text="Whether its boundary is an estimate.")


class QuarterFeatureSerializer(GeoFeatureModelSerializer):  # type: ignore[misc]  # the package ships no types
    """A quarter as a GeoJSON feature with a simplified outline."""

    town = serializers.CharField(source="town.slug")
    town_name = serializers.CharField(source="town.name")
    outline = GeometryField(precision=COORDINATE_DIGITS, read_only=True)

    class Meta:
        model = Quarter
        geo_field = "outline"
        id_field = False
        fields = ["town", "town_name", "slug", "name", "approximate"]


class OrganisationNameSerializer(serializers.Serializer[Any]):
    """Who repairs."""

    slug = serializers.CharField()
    name = serializers.CharField()


class PhotoSerializer(serializers.Serializer[Any]):
    """A photo; `sizes` maps widths in pixels to addresses and is empty while `status` is `processing`."""

    key = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=Photo.Kind.values)
    status = serializers.ChoiceField(choices=[Photo.Status.PROCESSING, Photo.Status.READY])
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    sizes = serializers.SerializerMethodField()

    def get_sizes(self, photo: Photo) -> dict[str, str]:
        """Return the variants' addresses by width."""
        return {width: absolute(url) for width, url in photo.urls.items()}


class ReportSerializer(serializers.Serializer[Any]):
    """A report as everybody may see it."""

    ref = serializers.CharField()
    url = serializers.SerializerMethodField()
    status = serializers.ChoiceField(choices=workflow.STATUSES)
    category = CategoryNameSerializer()
    description = serializers.CharField()
    location = LocationField(source="point")
    address = serializers.CharField()
    quarter = QuarterNameSerializer()
    organisation = OrganisationNameSerializer(allow_null=True)
    name = serializers.SerializerMethodField(help_text="The author’s, if they chose to show it.")
    votes = serializers.IntegerField()
    comments = serializers.IntegerField()
    photos = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField(source="received_at")
    updated_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True)
    answer_due_at = serializers.DateTimeField(allow_null=True, help_text="Until when a first answer was promised.")
    answered_at = serializers.DateTimeField(allow_null=True, help_text="When staff first answered or took it up.")
    due_at = serializers.DateTimeField(allow_null=True, help_text="Until when the repair was promised.")
    timing = serializers.ChoiceField(
        choices=Report.Timing.values,
        allow_blank=True,
        help_text="How it stands against `due_at`; empty once nothing is to be repaired.",
    )

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, report: Report) -> str:
        """Return the address of the page."""
        return absolute(report.get_absolute_url())

    def get_name(self, report: Report) -> str | None:
        """Return the name that the author chose to show; None for the others, who are nearly all."""
        return report.public_name or None

    @extend_schema_field(PhotoSerializer(many=True))
    def get_photos(self, report: Report) -> Any:
        """Return the photos that can be shown, now or soon."""
        shown = [photo for photo in report.photos.all() if photo.is_shown]
        return PhotoSerializer(shown, many=True).data


class FiledReportSerializer(ReportSerializer):
    """The answer to whoever sent the report; `follow_url` is their private link to it."""

    follow_url = serializers.URLField(read_only=True)


class ReportPageSerializer(serializers.Serializer[Any]):
    """One page of reports and the addresses of its neighbours."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ReportSerializer(many=True)


class ActorSerializer(serializers.Serializer[Any]):
    """Who did it: the role, and the name of the organisation that they speak for, never a person's."""

    role = serializers.CharField(source="actor_role")
    name = serializers.CharField(source="actor_name")


class EventSerializer(serializers.Serializer[Any]):
    """One thing that happened to a report."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Event.Kind.values)
    report = serializers.CharField(source="report.ref")
    at = serializers.DateTimeField()
    actor = serializers.SerializerMethodField()
    data = serializers.DictField()  # type: ignore[assignment]  # the contract’s name

    @extend_schema_field(ActorSerializer(allow_null=True))
    def get_actor(self, event: Event) -> dict[str, str] | None:
        """Return who did it, or None where nobody in particular did."""
        if not event.actor_role and not event.actor_name:
            return None
        return {"role": event.actor_role, "name": event.actor_name}


def optional_text() -> "serializers.CharField":
    """Return a text field that may be absent, empty or null; how long it may be is the validators' business."""
    return serializers.CharField(required=False, allow_blank=True, allow_null=True, default="", trim_whitespace=False)


class NewReportSerializer(serializers.Serializer[Any]):
    """What a citizen sends, as JSON or as a form with up to three photos."""

    category = serializers.SlugRelatedField(
        slug_field="code",
        queryset=Category.objects.offered(),
        error_messages={
            "does_not_exist": _("Cette catégorie n’existe pas. Choisissez-en une dans la liste."),
            "invalid": _("La catégorie s’écrit par son code."),
        },
    )
    location = LocationField()
    description = optional_text()
    address = optional_text()
    email = optional_text()
    phone = optional_text()
    captured_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    name = serializers.CharField(
        required=False,
        allow_blank=True,
        allow_null=True,
        default=None,
        trim_whitespace=False,
        help_text="Shown to everybody; without it the report shows no name but what the account’s owner chose.",
    )
    photos = serializers.ListField(child=serializers.FileField(allow_empty_file=True), required=False, default=list)

    def validate_description(self, text: str | None) -> str:
        """Apply the shared rules."""
        return validators.clean_description(text or "")

    def validate_address(self, text: str | None) -> str:
        """Apply the shared rules."""
        return validators.clean_address(text or "")

    def validate_email(self, text: str | None) -> str:
        """Apply the shared rules."""
        return validators.clean_email(text or "")

    def validate_phone(self, text: str | None) -> str:
        """Apply the shared rules."""
        return validators.clean_phone(text or "")

    def validate_name(self, text: str | None) -> str | None:
        """Apply the shared rules."""
        return None if text is None else validators.clean_name(text)

    def validate_captured_at(self, moment: datetime | None) -> datetime | None:
        """Forget what a wrong clock says."""
        return validators.clean_captured_at(moment)

    def validate_photos(self, files: list[validators.Upload]) -> list[validators.Judged]:
        """Judge the photos by their headers."""
        return validators.inspected(files)


class ReportChangeSerializer(serializers.Serializer[Any]):
    """What an author may correct while nobody has judged the report."""

    description = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    address = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)

    def validate_description(self, text: str) -> str:
        """Apply the shared rules."""
        return validators.clean_description(text)

    def validate_address(self, text: str) -> str:
        """Apply the shared rules."""
        return validators.clean_address(text)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse an empty change."""
        if not attrs:
            raise ValidationError(_("Indiquez ce qui change : description ou address."), code="nothing_to_change")
        return attrs


class TransitionSerializer(serializers.Serializer[Any]):
    """A change of status; `seen` is the status that the caller looked at when deciding."""

    to = serializers.ChoiceField(choices=workflow.STATUSES)
    seen = serializers.ChoiceField(choices=workflow.STATUSES, required=False)
    note = optional_text()
    original = serializers.CharField(
        required=False, allow_blank=True, help_text="Of a duplicate: the report it repeats."
    )
    photos = serializers.ListField(child=serializers.FileField(allow_empty_file=True), required=False, default=list)

    def validate_note(self, text: str | None) -> str:
        """Apply the shared rules."""
        return validators.clean_note(text or "")

    def validate_original(self, text: str) -> Report | None:
        """Find the original."""
        if not text:
            return None
        ref = canonical_ref(text)
        original: Report | None = Report.objects.with_card().filter(ref=ref).first() if ref else None
        if original is None:
            raise ValidationError(_("Aucun signalement ne porte ce numéro."), code="unknown_report")
        return original

    def validate_photos(self, files: list[validators.Upload]) -> list[validators.Judged]:
        """Judge the photos by their headers."""
        return validators.inspected(files)


class NewPhotosSerializer(serializers.Serializer[Any]):
    """Photos for a report that exists."""

    photos = serializers.ListField(child=serializers.FileField(allow_empty_file=True), min_length=1)

    def validate_photos(self, files: list[validators.Upload]) -> list[validators.Judged]:
        """Judge the photos by their headers."""
        return validators.inspected(files)


def report_data(report: Report) -> dict[str, Any]:
    """Return a report in its public shape."""
    return cast("dict[str, Any]", ReportSerializer(report).data)
