"""Who does it, what it is about and where it is: what those who handle a report may put right."""

from typing import Any

from django import forms
from django.contrib.gis.geos import Point
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from moderation.forms.base import PersonForm
from reports.models import Category, Photo, Report
from reports.services.assignment import colleagues
from reports.validators import MAX_NOTE, clean_address, clean_description, clean_note, clean_position

WHY = _("Pourquoi ? (note interne)")


class PlaceForm(PersonForm):
    """A point, by the map that fills in the two numbers, or by the numbers themselves."""

    lon = forms.FloatField(label=_("Longitude (degrés)"), widget=forms.NumberInput(attrs={"step": "any"}))
    lat = forms.FloatField(label=_("Latitude (degrés)"), widget=forms.NumberInput(attrs={"step": "any"}))

    def __init__(self, *args: Any, report: Report, initial: dict[str, Any] | None = None, **kwargs: Any) -> None:
        here = {"lon": round(report.point.x, 6), "lat": round(report.point.y, 6)}
        super().__init__(*args, report=report, initial={**here, **(initial or {})}, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Join the two numbers into `point`."""
        data = super().clean() or self.cleaned_data
        if {"lon", "lat"} <= data.keys():
            data["point"] = Point(*clean_position(data["lon"], data["lat"]), srid=4326)
        return data


class PersonTaskForm(PersonForm):
    """Who of the organisation does it."""

    colleague = forms.ChoiceField(label=_("Qui s’en occupe ?"), required=False)

    def __init__(self, *args: Any, report: Report, **kwargs: Any) -> None:
        super().__init__(*args, report=report, initial={"colleague": report.assignee_id or ""}, **kwargs)
        self.people = {str(person.pk): person for person in colleagues(report)}
        nobody = ("", _("Personne en particulier"))
        choice: Any = self.fields["colleague"]
        choice.choices = [nobody, *((key, str(person)) for key, person in self.people.items())]

    @property
    def chosen(self) -> User | None:
        """The person, or None for nobody in particular."""
        return self.people.get(self.cleaned_data["colleague"])


class CategoryForm(PersonForm):
    category = forms.ModelChoiceField(
        label=_("Nouvelle catégorie"), queryset=Category.objects.offered(), empty_label=_("Choisissez")
    )
    note = forms.CharField(label=WHY, max_length=MAX_NOTE, required=False, widget=forms.TextInput)

    def __init__(self, *args: Any, report: Report, **kwargs: Any) -> None:
        super().__init__(*args, report=report, **kwargs)
        choice: Any = self.fields["category"]
        choice.queryset = Category.objects.offered().exclude(pk=report.category_id)

    def clean_note(self) -> str:
        """Return the words as they will be kept."""
        return clean_note(self.cleaned_data["note"])


class RelocateForm(PlaceForm):
    address = forms.CharField(label=_("Lieu en mots"), required=False)
    note = forms.CharField(label=WHY, max_length=MAX_NOTE, required=False, widget=forms.TextInput)
    field_order = ["lon", "lat", "address", "note"]

    def __init__(self, *args: Any, report: Report, **kwargs: Any) -> None:
        super().__init__(*args, report=report, initial={"address": report.address}, **kwargs)

    def clean_address(self) -> str:
        """Return the words as they will be kept."""
        return clean_address(self.cleaned_data["address"])

    def clean_note(self) -> str:
        """Return the words as they will be kept."""
        return clean_note(self.cleaned_data["note"])


class SplitForm(PlaceForm):
    category = forms.ModelChoiceField(
        label=_("Catégorie du second problème"), queryset=Category.objects.offered(), empty_label=_("Choisissez")
    )
    description = forms.CharField(
        label=_("Le second problème, en mots"),
        help_text=_("Tout le monde les lit : écrivez-les comme l’auteur l’aurait fait."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    photos = forms.MultipleChoiceField(
        label=_("Photos qui le montrent"), required=False, widget=forms.CheckboxSelectMultiple
    )
    field_order = ["category", "description", "photos", "lon", "lat"]

    def __init__(self, *args: Any, report: Report, **kwargs: Any) -> None:
        super().__init__(*args, report=report, **kwargs)
        shown = [photo for photo in report.photos.all() if photo.kind == Photo.Kind.PROBLEM]
        self.pictures = {str(photo.pk): photo for photo in shown}
        choice: Any = self.fields["photos"]
        numbered = enumerate(self.pictures, start=1)
        choice.choices = [(key, _("Photo %(number)d") % {"number": number}) for number, key in numbered]

    def clean_description(self) -> str:
        """Return the words as they will be kept."""
        return clean_description(self.cleaned_data["description"])

    @property
    def chosen_photos(self) -> list[Photo]:
        """The photos that move to the second report."""
        return [self.pictures[key] for key in self.cleaned_data["photos"]]
