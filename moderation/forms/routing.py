"""Which organisation repairs it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moderation.forms.base import PersonForm
from reports.models import Organisation, Report
from reports.validators import MAX_NOTE, clean_note


class AssignForm(PersonForm):
    """Another organisation, instead of the one that the person saw in charge (`seen`: its id, empty for none)."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    organisation = forms.ModelChoiceField(
        label=_("Organisme chargé de la réparation"),
        queryset=Organisation.objects.order_by("name"),
        required=False,
        empty_label=_("Personne pour l’instant"),
    )
    note = forms.CharField(
        label=_("Pourquoi ? (note interne)"), max_length=MAX_NOTE, required=False, widget=forms.TextInput
    )

    def __init__(self, *args: Any, report: Report, **kwargs: Any) -> None:
        here = {"organisation": report.organisation_id, "seen": report.organisation_id or ""}
        super().__init__(*args, report=report, **{"initial": here, **kwargs})

    @property
    def is_stale(self) -> bool:
        """Whether another organisation is in charge by now than the person saw."""
        return "seen" in self.data and self.cleaned_data["seen"] != str(self.report.organisation_id or "")

    def show_again(self, report: Report) -> None:
        """Stand on the page of the report as it is now: what is sent next is about what is read there."""
        super().show_again(report)
        self.data = {**dict(self.data.items()), "seen": str(report.organisation_id or "")}

    def clean_note(self) -> str:
        """Return the words as they will be kept."""
        return clean_note(self.cleaned_data["note"])
