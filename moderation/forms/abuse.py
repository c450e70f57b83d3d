"""What is filled in about abuse: a hold, a ban, an appeal and its answer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moderation.forms.base import PersonForm
from moderation.models import Appeal, Statement
from moderation.wording import RULES
from reports.errors import DomainError
from reports.validators import MAX_NOTE, clean_note, clean_text

MAX_APPEAL = Appeal._meta.get_field("words").max_length or 0  # noqa: SLF001  (Django's documented API)
MAX_FACTS = Statement._meta.get_field("facts").max_length or 0  # noqa: SLF001  (as above)
DAYS: dict[str, Any] = {
    "1": _("1 jour"),
    "7": _("7 jours"),
    "30": _("30 jours"),
    "90": _("90 jours"),
    "365": _("1 an"),
}


class HoldForm(PersonForm):
    """Why a public report is taken from view."""

    note = forms.CharField(
        label=_("Pourquoi ?"),
        help_text=_("Son auteur le lit, vos collègues aussi ; pas le public."),
        max_length=MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean_note(self) -> str:
        """Return the words as they will be kept."""
        return clean_note(self.cleaned_data["note"])


class BanFields(forms.Form):
    """For how long somebody is banned, by which rule, on what facts."""

    days = forms.ChoiceField(
        label=_("Durée"),
        choices=DAYS.items(),
        initial="7",
        error_messages={"invalid_choice": _("Choisissez une durée dans la liste.")},
    )
    rule = forms.ChoiceField(
        label=_("Règle"),
        choices=RULES.items(),
        initial="insult",
        error_messages={"invalid_choice": _("Choisissez une règle dans la liste.")},
    )
    facts = forms.CharField(
        label=_("Faits"),
        help_text=_("La personne les lit : dites ce qu’elle a fait, sans nommer qui s’en est plaint."),
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": MAX_FACTS}),
    )

    def clean_facts(self) -> str:
        """Return the words as they will be kept."""
        return clean_text(self.cleaned_data["facts"], limit=MAX_FACTS)


class BanForm(BanFields, PersonForm):
    """The ban of whoever sent the report that the form stands beside."""


class CommentBanForm(BanFields):
    """The ban of whoever wrote a comment."""

    def refuse(self, error: DomainError) -> None:
        """Show what the domain refused beside the field it is about."""
        self.add_error(error.field if error.field in self.fields else None, str(error))


class AppealForm(forms.Form):
    """Why somebody contests a decision."""

    words = forms.CharField(
        label=_("Pourquoi cette décision vous paraît fausse"),
        error_messages={"required": _("Dites pourquoi cette décision vous paraît fausse.")},
        widget=forms.Textarea(attrs={"rows": 5, "maxlength": MAX_APPEAL}),
    )

    def clean_words(self) -> str:
        """Return the words as they will be kept."""
        return clean_text(self.cleaned_data["words"], limit=MAX_APPEAL)


class AppealAnswerForm(forms.Form):
    """What becomes of an appeal, and what the person reads."""

    decision = forms.ChoiceField(
        choices=[("grant", ""), ("refuse", "")],
        error_messages={"required": _("Choisissez : annuler la décision, ou la garder.")},
    )
    answer = forms.CharField(
        label=_("Réponse"),
        help_text=_("La personne la lit."),
        error_messages={"required": _("Répondez en quelques mots : la personne les lit.")},
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": MAX_FACTS}),
    )

    def clean_answer(self) -> str:
        """Return the words as they will be kept."""
        return clean_text(self.cleaned_data["answer"], limit=MAX_FACTS)

    @property
    def grants(self) -> bool:
        """Whether the decision is undone."""
        return bool(self.cleaned_data["decision"] == "grant")
