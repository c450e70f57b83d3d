"""What people alert about, and what becomes of a comment."""

from django import forms
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from moderation.models import Flag
from moderation.wording import COMMENT_REASONS
from reports.models import Report
from reports.validators import clean_text

# The column keeps this much, and the author reads it whole.
REASON_LENGTH = Report._meta.get_field("rejection_reason").max_length or 0  # noqa: SLF001  (Django's documented API)

MAX_FLAG_WORDS = Flag._meta.get_field("words").max_length or 0  # noqa: SLF001  (as above)


class FlagForm(forms.Form):
    """Why somebody alerts about a report or a comment."""

    reason = forms.ChoiceField(
        label=_("Pourquoi ?"),
        choices=Flag.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choisissez une raison."),
            "invalid_choice": _("Choisissez une raison dans la liste."),
        },
    )
    words = forms.CharField(
        label=_("Précisez"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": MAX_FLAG_WORDS}),
    )

    def clean_words(self) -> str:
        """Return the words as they will be kept."""
        return clean_text(self.cleaned_data["words"], limit=MAX_FLAG_WORDS)


class JudgementForm(forms.Form):
    """What becomes of a comment: it stands, or it goes for a reason that its author reads, chosen or written."""

    decision = forms.ChoiceField(choices=[("accept", ""), ("remove", "")], required=False)
    seen = forms.CharField(required=False)
    reason = forms.ChoiceField(choices=[("", ""), *COMMENT_REASONS.items()], required=False)
    note = forms.CharField(
        label=_("Autre motif"),
        help_text=_("L’auteur du commentaire lit ce motif."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": REASON_LENGTH}),
    )

    def clean_note(self) -> str:
        """Return the words as they will be kept."""
        return clean_text(self.cleaned_data["note"], limit=REASON_LENGTH)

    @property
    def accepts(self) -> bool:
        """Whether the comment stands."""
        return bool(self.cleaned_data["decision"] == "accept")

    def reason_in(self, language: str) -> str:
        """Return the reason in the author's language."""
        chosen = COMMENT_REASONS.get(self.cleaned_data["reason"], "")
        with translation.override(language):
            return " ".join(part for part in (str(chosen), self.cleaned_data["note"]) if part)


class PhotoJudgementForm(forms.Form):
    """What becomes of a photo that neighbours alert about."""

    decision = forms.ChoiceField(
        choices=[("keep", ""), ("hide", "")], error_messages={"required": _("Choisissez : la montrer, ou la cacher.")}
    )
    reason = forms.CharField(
        label=_("Pourquoi la cacher ?"),
        help_text=_("La personne qui l’a envoyée lit ce motif."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": REASON_LENGTH}),
    )

    def clean_reason(self) -> str:
        """Return the words as they will be kept."""
        return clean_text(self.cleaned_data["reason"], limit=REASON_LENGTH)

    @property
    def keeps(self) -> bool:
        """Whether everybody sees it."""
        return bool(self.cleaned_data["decision"] == "keep")
