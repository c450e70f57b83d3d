"""Which addresses and numbers are masked."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moderation.forms.base import PersonForm
from moderation.services.masking import NOTHING, maskable_in

GONE = _("Ce qui devait être masqué n’est plus dans le texte. Relisez-le, puis recommencez si besoin.")


class MaskForm(PersonForm):
    """What stands in a report's words, all of it ticked: one tap masks everything."""

    chosen = forms.MultipleChoiceField(
        label=_("À masquer"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": NOTHING, "invalid_choice": GONE, "invalid_list": NOTHING},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer what is there now."""
        super().__init__(*args, **kwargs)
        there = [one.text for one in maskable_in(self.report)]
        self.fields["chosen"].choices = [(text, text) for text in there]  # type: ignore[attr-defined]  # a choice field
        self.fields["chosen"].initial = there

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to mask."""
        return bool(self.fields["chosen"].initial)
