"""What a follower fills in: an address, how soon to hear, an area, and what a repair has not repaired."""

from typing import Any

from django import forms
from django.contrib.gis.geos import Point
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from reports import validators
from reports.filters import QuarterField
from reports.forms.report import PhotosField, SeveralFiles
from reports.geo import is_position
from reports.models import Category, Frequency, Photo, Quarter
from reports.photos import PhotoFacts
from reports.services.photos import take_in


class AddressForm(forms.Form):
    """An address to be written to about one report."""

    email = forms.CharField(
        label=_("Votre adresse e-mail"),
        help_text=_(
            "Elle sert à ce suivi seulement. Vous la confirmez par un lien, et vous arrêtez quand vous voulez."
        ),
        error_messages={"required": _("Écrivez votre adresse e-mail.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "maxlength": validators.MAX_EMAIL}),
    )

    def clean_email(self) -> str:
        return validators.clean_email(self.cleaned_data["email"])


class ReopenForm(forms.Form):
    """Why a repair is not one."""

    note = forms.CharField(
        label=_("Qu’est-ce qui ne va toujours pas ?"),
        error_messages={"required": _("Dites en quelques mots ce qui ne va toujours pas.")},
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": validators.MAX_NOTE}),
    )

    photos = PhotosField(
        label=_("Une photo de ce qui reste cassé"),
        required=False,
        widget=SeveralFiles(attrs={"accept": "image/*"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.uploads: list[tuple[UploadedFile[Any], PhotoFacts]] = []

    def clean_note(self) -> str:
        return validators.clean_note(self.cleaned_data["note"])

    def clean_photos(self) -> "list[UploadedFile[Any]]":
        """Judge the uploads by their headers."""
        files: list[UploadedFile[Any]] = self.cleaned_data["photos"]
        self.uploads = validators.inspected(files)
        return files

    def keep_photos(self) -> list[Photo]:
        """Take the uploads in; they wait for their report."""
        return [take_in(file=file, facts=facts) for file, facts in self.uploads]


class FrequencyForm(forms.Form):
    """How soon a follower without an account wants to hear."""

    frequency = forms.ChoiceField(
        label=_("Quand vous écrire ?"),
        choices=Frequency.choices,
        error_messages={
            "required": _("Choisissez quand nous pouvons vous écrire."),
            "invalid_choice": _("Choisissez l’une des fréquences proposées."),
        },
    )


class AreaForm(forms.Form):
    """An area to follow: a quarter, a category, both, or a circle around a point.

    `needs_email`: whoever has no account also gives an address.
    """

    QUARTER = "quarter"
    CIRCLE = "circle"
    RADII_M = (200, 500, 1000, 2000, 5000)

    kind = forms.ChoiceField(
        label=_("Où ?"),
        choices=[(QUARTER, _("Un quartier, ou toute la ville")), (CIRCLE, _("Autour d’un lieu"))],
        initial=QUARTER,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choisissez un quartier, ou un cercle autour d’un lieu."),
            "invalid_choice": _("Choisissez un quartier, ou un cercle autour d’un lieu."),
        },
    )
    quarter = QuarterField(
        Quarter.objects.none(), label=_("Quartier"), required=False, empty_label=_("Tous les quartiers")
    )
    # Never sent: the errors about the circle's place hang here.
    place = forms.CharField(label=_("Lieu"), required=False)
    lon = forms.FloatField(required=False, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput)
    radius_m = forms.TypedChoiceField(
        label=_("Distance"),
        choices=[(200, _("200 m")), (500, _("500 m")), (1000, _("1 km")), (2000, _("2 km")), (5000, _("5 km"))],
        coerce=int,
        initial=500,
        required=False,
        empty_value=None,
        error_messages={"invalid_choice": _("Le rayon va de 200 m à 5 km. Choisissez-en un dans la liste.")},
    )
    category = forms.ModelChoiceField(
        Category.objects.none(),
        label=_("Catégorie"),
        to_field_name="code",
        required=False,
        empty_label=_("Toutes les catégories"),
        error_messages={"invalid_choice": _("Cette catégorie n’est plus proposée. Choisissez-en une autre.")},
    )
    email = forms.CharField(
        label=_("Votre adresse e-mail"),
        help_text=_(
            "Elle sert à ce suivi seulement. Vous la confirmez par un lien, et vous arrêtez quand vous voulez."
        ),
        error_messages={"required": _("Écrivez votre adresse e-mail.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "maxlength": validators.MAX_EMAIL}),
    )

    def __init__(self, *args: Any, needs_email: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        quarters = Quarter.objects.select_related("town").defer("boundary", "town__boundary")
        fields["quarter"].queryset = quarters.order_by("town__name", "name")
        fields["category"].queryset = Category.objects.offered()
        if not needs_email:
            del self.fields["email"]

    def clean_email(self) -> str:
        return validators.clean_email(self.cleaned_data["email"])

    def clean(self) -> dict[str, Any]:
        """Return what `follow_area` is to be given: `quarter` or `centre` and `radius_m`, and `category`."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("kind") != self.CIRCLE:
            return {**data, "centre": None, "radius_m": None}
        lon, lat = data.get("lon"), data.get("lat")
        if lon is None or lat is None or not is_position(lon, lat):
            self.add_error("place", _("Montrez sur la carte le lieu autour duquel vous voulez être prévenu."))
            return data
        if data.get("radius_m") is None and not self.has_error("radius_m"):
            self.add_error("radius_m", _("Choisissez une distance."))
        return {**data, "quarter": None, "centre": Point(lon, lat, srid=4326)}
