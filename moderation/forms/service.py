"""Which country's holidays of which year to propose to which town."""

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reports.models import Town

# By ISO code: where the portal is at home, and around.
COUNTRIES = [
    ("CM", _("Cameroun")),
    ("CI", _("Côte d’Ivoire")),
    ("BJ", _("Bénin")),
    ("BF", _("Burkina Faso")),
    ("CF", _("Centrafrique")),
    ("CG", _("Congo")),
    ("CD", _("Congo (République démocratique)")),
    ("FR", _("France")),
    ("GA", _("Gabon")),
    ("GH", _("Ghana")),
    ("GN", _("Guinée")),
    ("ML", _("Mali")),
    ("NE", _("Niger")),
    ("NG", _("Nigeria")),
    ("SN", _("Sénégal")),
    ("TD", _("Tchad")),
    ("TG", _("Togo")),
]
NAME_LENGTH = 120


class HolidayQuestion(forms.Form):
    """A town, a country and a year; `chosen` reads which of the proposed days were ticked, under which names."""

    town = forms.ModelChoiceField(label=_("Ville"), queryset=Town.objects.defer("boundary").order_by("name"))
    country = forms.ChoiceField(label=_("Pays"), choices=COUNTRIES)
    year = forms.IntegerField(label=_("Année"), validators=[MinValueValidator(2000), MaxValueValidator(2100)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].initial = timezone.localdate().year
        towns = Town.objects.values_list("pk", flat=True)[:2]
        if len(towns) == 1:
            self.fields["town"].initial = towns[0]

    def chosen(self, proposed: Mapping[date, str]) -> dict[date, str]:
        """Return the ticked days with the names that they were given; without one, the proposed name."""
        ticked = cast("QueryDict", self.data).getlist("day")
        names: dict[date, str] = {}
        for day in proposed:
            if day.isoformat() in ticked:
                given = str(self.data.get(f"name-{day}", "")).replace("\x00", "").strip()
                names[day] = (given or proposed[day])[:NAME_LENGTH]
        return names
