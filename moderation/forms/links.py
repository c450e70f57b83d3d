"""Questions and referrals: what staff sends, and what people outside answer without an account."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from moderation.forms.base import PersonForm
from moderation.forms.words import WordsForm
from moderation.models import Referral
from moderation.wording import REFERRAL_ANSWERS
from reports import validators
from reports.forms.report import PhotosField, SeveralFiles
from reports.models import Photo
from reports.photos import PhotoFacts
from reports.services.photos import take_in

MAX_NAME = Referral._meta.get_field("name").max_length or 0  # noqa: SLF001  (Django's documented API)
UNREADABLE = _("Ce texte contient des caractères illisibles. Tapez-le de nouveau.")


class QuestionForm(WordsForm):
    """What the author is asked."""

    text = forms.CharField(
        label=_("Votre question"),
        help_text=_("L’auteur la reçoit par e-mail et sur sa page de suivi. Seule l’équipe lit sa réponse."),
        max_length=validators.MAX_NOTE,
        error_messages={"required": _("Écrivez votre question.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def promise_no_mail(self) -> None:
        """Leave the mail out of the help: the author left no address."""
        self.fields["text"].help_text = _("L’auteur la lit sur sa page de suivi. Seule l’équipe lit sa réponse.")


class ReferralForm(PersonForm):
    """To whom a report is passed on, and what they are to do."""

    name = forms.CharField(
        label=_("À qui ?"),
        help_text=_("Un service ou une entreprise, par exemple la compagnie des eaux."),
        max_length=MAX_NAME,
        error_messages={"required": _("Dites à qui vous transmettez ce signalement.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    address = forms.CharField(
        label=_("Son adresse e-mail"),
        error_messages={"required": _("Écrivez l’adresse e-mail du destinataire.")},
        widget=forms.EmailInput(attrs={"autocomplete": "off", "maxlength": validators.MAX_EMAIL}),
    )
    language = forms.ChoiceField(label=_("Langue du message"), choices=settings.LANGUAGES)
    text = forms.CharField(
        label=_("Votre message"),
        help_text=_("Le destinataire voit aussi les photos, la description et le lieu ; jamais l’auteur."),
        max_length=validators.MAX_NOTE,
        error_messages={"required": _("Dites ce que vous attendez du destinataire.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_name(self) -> str:
        """Return the name on one line."""
        return " ".join(validators.clean_text(self.cleaned_data["name"], limit=MAX_NAME).split())

    def clean_address(self) -> str:
        return validators.clean_email(self.cleaned_data["address"])

    def clean_text(self) -> str:
        """Return the words as they will be kept."""
        return validators.clean_note(self.cleaned_data["text"])


class AnswerForm(forms.Form):
    """What somebody answers by a link: words, photos, or both."""

    text = forms.CharField(
        label=_("Votre réponse"),
        required=False,
        error_messages={"null_characters_not_allowed": UNREADABLE},
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": validators.MAX_NOTE}),
    )
    photos = PhotosField(
        label=_("Photo"),
        required=False,
        widget=SeveralFiles(attrs={"accept": "image/*"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.uploads: list[tuple[UploadedFile[Any], PhotoFacts]] = []

    def clean_text(self) -> str:
        """Return the words as they will be kept."""
        return validators.clean_note(self.cleaned_data["text"])

    def clean_photos(self) -> "list[UploadedFile[Any]]":
        """Judge the uploads by their headers."""
        files: list[UploadedFile[Any]] = self.cleaned_data["photos"]
        self.uploads = validators.inspected(files)
        return files

    def clean(self) -> dict[str, Any]:
        """Refuse an answer that says nothing, before a photo is kept."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not data.get("text") and not self.uploads:
            self.add_error("text", _("Écrivez votre réponse, ou joignez une photo."))
        return data

    def keep_photos(self) -> list[Photo]:
        """Take the uploads in; they wait for their report."""
        return [take_in(file=file, facts=facts) for file, facts in self.uploads]


class ReferralAnswerForm(AnswerForm):
    """The same from an outside party, who also says in one word what becomes of it."""

    says = forms.ChoiceField(
        label=_("Où en est-on ?"),
        choices=list(REFERRAL_ANSWERS.items()),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choisissez l’une des réponses."),
            "invalid_choice": _("Choisissez une réponse dans la liste."),
        },
    )
    field_order = ["says", "text", "photos"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = _("Votre message à l’équipe")
        self.fields["photos"].label = _("Photo de la réparation")
