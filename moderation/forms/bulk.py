"""What is asked before one thing is done to many reports: a form for each act."""

from django import forms
from django.utils.translation import gettext_lazy as _

from moderation.wording import REASONS
from reports.models import Category, Organisation
from reports.validators import MAX_NOTE, clean_note


class BulkForm(forms.Form):
    """Accepting asks nothing."""


class BulkNoteForm(BulkForm):
    """What asks for words, or may have some."""

    note = forms.CharField(
        label=_("Pourquoi ? (note interne)"), max_length=MAX_NOTE, required=False, widget=forms.TextInput
    )

    def clean_note(self) -> str:
        """Return the words as they will be kept."""
        return clean_note(self.cleaned_data["note"])


class BulkRejectForm(BulkNoteForm):
    reason = forms.ChoiceField(
        label=_("Motif"), choices=[("", _("Autre motif, dans mes mots")), *REASONS.items()], required=False
    )
    note = forms.CharField(
        label=_("Message aux auteurs"), max_length=MAX_NOTE, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class BulkAssignForm(BulkNoteForm):
    organisation = forms.ModelChoiceField(
        label=_("Organisme chargé de la réparation"),
        queryset=Organisation.objects.order_by("name"),
        required=False,
        empty_label=_("Personne pour l’instant"),
    )
    field_order = ["organisation", "note"]


class BulkCategoryForm(BulkNoteForm):
    category = forms.ModelChoiceField(
        label=_("Nouvelle catégorie"),
        queryset=Category.objects.offered(),
        empty_label=_("Choisissez"),
        error_messages={
            "required": _("Choisissez la nouvelle catégorie."),
            "invalid_choice": _("Choisissez une catégorie de la liste."),
        },
    )
    field_order = ["category", "note"]
