"""What staff says about a report, to everybody or to each other."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moderation.forms.base import PersonForm
from reports.models import Report
from reports.validators import MAX_NOTE, clean_note


class WordsForm(PersonForm):
    """Words that are the whole point: without any there is nothing to do."""

    def clean_text(self) -> str:
        """Return the words as they will be kept."""
        return clean_note(self.cleaned_data["text"])


class ReplyForm(WordsForm):
    """An answer that everybody reads; on a report that is not public, its author alone."""

    text = forms.CharField(
        label=_("Réponse publique"),
        help_text=_("Tout le monde la lit sur la page du signalement."),
        max_length=MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, report: Report, **kwargs: Any) -> None:
        super().__init__(*args, report=report, **kwargs)
        if not report.is_public:
            self.fields["text"].label = _("Réponse à l’auteur")
            self.fields["text"].help_text = _(
                "Ce signalement n’est pas public : seul son auteur la lit, sur sa page privée."
            )


class NoteForm(WordsForm):
    text = forms.CharField(
        label=_("Note interne"),
        help_text=_("Seules les personnes qui suivent ce signalement ici la lisent."),
        max_length=MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
