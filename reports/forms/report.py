"""What a person fills in to report a problem."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, cast

from django import forms
from django.contrib.gis.geos import Point
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reports import validators
from reports.errors import DomainError
from reports.geo import is_position
from reports.models import Category, Photo, Quarter
from reports.photos import MAX_PHOTOS, PhotoFacts
from reports.services.photos import take_in
from reports.services.reporting import quarter_at

# A photo that was sent with a refused form waits this long for the corrected one; the sweep keeps it as long.
WAITING_SECONDS = 24 * 3600
SALT = "reports.waiting-photo"


class SeveralFiles(forms.ClearableFileInput):
    """Both inputs of the picker, camera and gallery, send their files under one name."""

    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """A list of uploads; what they are is judged by the form, one by one."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        """Return the uploads without the inputs that were left empty."""
        return [file for file in data or [] if file]


@dataclass(frozen=True)
class WaitingPhoto:
    """A photo of an earlier, refused sending: its row, the name that the phone gave it, and its ticket in the form."""

    photo: Photo
    name: str
    ticket: str

    @classmethod
    def of(cls, photo: Photo, name: str) -> "WaitingPhoto":
        """Write the ticket that lets this form, and no stranger's, claim the photo."""
        return cls(photo, name, signing.dumps([photo.pk, name], salt=SALT))

    @classmethod
    def claimed(cls, tickets: list[str], key: str) -> "list[WaitingPhoto]":
        """Return the photos that valid tickets name: still waiting, or already in the report of this very sending."""
        named: dict[int, tuple[str, str]] = {}
        for ticket in tickets:
            try:
                pk, name = signing.loads(ticket, salt=SALT, max_age=WAITING_SECONDS)
            except signing.BadSignature:
                continue
            named[pk] = (name, ticket)
        theirs = Q(report=None) | (Q(report__idempotency_key=key) if key else Q(pk=None))
        return [cls(photo, *named[photo.pk]) for photo in Photo.objects.filter(theirs, pk__in=named).order_by("pk")]


def by_town(quarters: Iterable[Quarter], nothing: str) -> list[tuple[Any, Any]]:
    """Return a list's choices, grouped where there are several towns."""
    towns: dict[str, list[tuple[int, str]]] = {}
    for quarter in quarters:
        towns.setdefault(quarter.town.name, []).append((quarter.pk, quarter.name))
    several = len(towns) > 1
    return [("", nothing), *(towns.items() if several else chain.from_iterable(towns.values()))]


class ReportForm(forms.Form):
    """A report, from the page with or without JavaScript. Only the kind of problem and its place must be given.

    The place is the map's point, the photo's own point if the person says so, or a quarter and a landmark in words.
    After `is_valid()`, `cleaned_data["point"]` holds it (WGS 84).
    """

    photos = PhotosField(label=_("Photos"), required=False)
    category = forms.ModelChoiceField(
        Category.objects.none(),
        label=_("Problème"),
        to_field_name="code",
        error_messages={
            "required": _("Choisissez le problème que vous voyez."),
            "invalid_choice": _("Ce choix n’existe plus. Choisissez un autre problème."),
        },
    )
    # Never sent: the errors about the place as a whole hang here.
    place = forms.CharField(label=_("Lieu"), required=False)
    lon = forms.FloatField(required=False, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput)
    photo_place = forms.BooleanField(required=False)
    quarter = forms.ModelChoiceField(
        Quarter.objects.none(),
        label=_("Quartier"),
        required=False,
        empty_label=_("Choisissez un quartier"),
        error_messages={"invalid_choice": _("Ce quartier n’existe pas. Choisissez-le dans la liste.")},
    )
    address = forms.CharField(
        label=_("Repère ou adresse"),
        help_text=_("Par exemple : en face de la pharmacie, derrière l’école."),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": validators.MAX_ADDRESS}),
    )
    description = forms.CharField(
        label=_("Précisions"),
        help_text=_("Tout le monde les lira : n’écrivez ni nom, ni téléphone, ni autre donnée personnelle."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": validators.MAX_DESCRIPTION}),
    )
    captured_at = forms.CharField(required=False)
    email = forms.CharField(
        label=_("Adresse e-mail"),
        help_text=_("Pour savoir quand c’est réparé. Jamais publiée."),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "maxlength": validators.MAX_EMAIL}),
    )
    phone = forms.CharField(
        label=_("Téléphone"),
        help_text=_("Si l’équipe a une question. Jamais publié."),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel", "maxlength": validators.MAX_PHONE}),
    )
    public_name = forms.CharField(
        label=_("Nom à afficher"),
        help_text=_("Tout le monde le lira avec votre signalement. Vide : vous restez anonyme."),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "nickname", "maxlength": validators.MAX_NAME}),
    )
    # A trap: people do not see it, programs fill it in.
    website = forms.CharField(label=_("Ne remplissez pas ce champ"), required=False)
    idempotency_key = forms.CharField(required=False, widget=forms.HiddenInput)
    anyway = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.categories = list(Category.objects.offered())
        self._field("category").queryset = Category.objects.offered()
        quarters = Quarter.objects.select_related("town").order_by("town__name", "name")
        self._field("quarter").queryset = quarters.defer("town__boundary")
        self._field("quarter").choices = by_town(
            quarters.defer("boundary", "town__boundary"), self._field("quarter").empty_label
        )
        self.uploads: list[tuple[UploadedFile[Any], PhotoFacts]] = []
        self.waiting: list[WaitingPhoto] = []
        if self.is_bound:
            sent = cast("QueryDict", self.data)
            dropped = set(sent.getlist("drop"))
            tickets = [ticket for ticket in sent.getlist("kept") if ticket not in dropped]
            self.waiting = WaitingPhoto.claimed(tickets, sent.get("idempotency_key", ""))

    def _field(self, name: str) -> Any:
        return self.fields[name]

    def clean_photos(self) -> "list[UploadedFile[Any]]":
        """Judge each upload by itself, so that one that is refused does not lose the others."""
        files: list[UploadedFile[Any]] = self.cleaned_data["photos"]
        room = max(0, MAX_PHOTOS - len(self.waiting))
        if len(files) > room:
            self.add_error("photos", _("Trois photos au plus : les premières sont gardées."))
        for file in files[:room]:
            try:
                self.uploads += validators.inspected([file])
            except ValidationError as refusal:
                self.add_error("photos", f"{file.name} : {refusal.messages[0]}")
        return files

    def clean_description(self) -> str:
        return validators.clean_description(self.cleaned_data["description"])

    def clean_address(self) -> str:
        return validators.clean_address(self.cleaned_data["address"])

    def clean_email(self) -> str:
        return validators.clean_email(self.cleaned_data["email"])

    def clean_phone(self) -> str:
        return validators.clean_phone(self.cleaned_data["phone"])

    def clean_public_name(self) -> str:
        return validators.clean_name(self.cleaned_data["public_name"])

    def clean_idempotency_key(self) -> str:
        """Read the key of this sending; a browser that lost it sends without protection against twins."""
        key: str = self.cleaned_data["idempotency_key"]
        return validators.clean_idempotency_key(key) if key else ""

    def clean_captured_at(self) -> datetime | None:
        """Read the moment that the phone gave; one that cannot be is not the person's mistake."""
        return validators.clean_captured_at(moment(self.cleaned_data["captured_at"]))

    def clean_website(self) -> str:
        """Refuse what only a program would have written."""
        if self.cleaned_data["website"]:
            raise forms.ValidationError(_("Laissez ce champ vide : il sert à reconnaître les robots."))
        return ""

    def clean(self) -> dict[str, Any]:
        """Find the place."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        point = self._point(data)
        if point is None:
            if not self.has_error("quarter") and not self.has_error("address"):
                self.add_error("place", _("Dites où se trouve le problème : un quartier et un repère suffisent."))
            return data
        try:
            quarter_at(point)
        except DomainError as refusal:
            self.add_error("place", str(refusal))
        return {**data, "point": point}

    def _point(self, data: dict[str, Any]) -> Point | None:
        if data.get("photo_place") and (point := self.photo_point):
            return point
        lon, lat = data.get("lon"), data.get("lat")
        if lon is not None and lat is not None and is_position(lon, lat):
            return Point(lon, lat, srid=4326)
        quarter = data.get("quarter")
        if quarter is None:
            return None
        if not data.get("address"):
            self.add_error("address", _("Ajoutez un repère, pour que l’équipe trouve l’endroit."))
            return None
        inside: Point = quarter.boundary.point_on_surface
        return inside

    @property
    def photo_point(self) -> Point | None:
        """Where the first photo that knows it was taken."""
        taken = [Point(*facts.taken_point, srid=4326) for _file, facts in self.uploads if facts.taken_point]
        kept = [waiting.photo.taken_point for waiting in self.waiting if waiting.photo.taken_point]
        return next(iter([*kept, *taken]), None)

    @property
    def photo_time(self) -> datetime | None:
        """When the first photo that knows it was taken; a camera without a zone is believed to show the town's time."""
        times = [waiting.photo.taken_at for waiting in self.waiting] + [facts.taken_at for _file, facts in self.uploads]
        first = next((time for time in times if time), None)
        return timezone.make_aware(first) if first and timezone.is_naive(first) else first

    def keep_photos(self) -> list[Photo]:
        """Take the good uploads in and return all photos of the form; they wait for their report."""
        for file, facts in self.uploads:
            self.waiting.append(WaitingPhoto.of(take_in(file=file, facts=facts), file.name or ""))
        self.uploads = []
        return [waiting.photo for waiting in self.waiting]


def moment(text: str) -> datetime | None:
    """Read an ISO 8601 moment, in the town's time unless it names its zone; None for anything else."""
    try:
        read = datetime.fromisoformat(text)
        return timezone.make_aware(read) if timezone.is_naive(read) else read
    except (ValueError, OverflowError):
        return None
