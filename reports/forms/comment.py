"""The form of a comment, which differs with who fills it in."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from reports import validators
from reports.models import Organisation
from reports.photos import PhotoFacts


class CommentForm(forms.Form):
    """What somebody says about a report. Who has an account may show their name.

    After `is_valid()`, `upload` holds the photo with its facts, if any, and `voice` the organisation that is
    spoken for by somebody who works for it.
    """

    text = forms.CharField(
        label=_("Votre commentaire"),
        help_text=_("Tout le monde le lira : n’écrivez ni nom, ni téléphone, ni autre donnée personnelle."),
        error_messages={
            "required": _("Écrivez votre commentaire."),
            "null_characters_not_allowed": _("Ce texte contient des caractères illisibles. Tapez-le de nouveau."),
        },
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": validators.MAX_COMMENT}),
    )
    photo = forms.FileField(
        label=_("Photo"),
        help_text=_("Évitez les visages et les plaques."),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "image/*"}),
    )
    show_name = forms.BooleanField(label=_("Afficher mon nom"), required=False)
    speaks = forms.BooleanField(required=False)
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=_("Vous parlez au nom de"),
        required=False,
        empty_label=_("Vous-même"),
        error_messages={"invalid_choice": _("Vous ne parlez pas au nom de cet organisme.")},
    )
    # A trap: people do not see it, programs fill it in.
    website = forms.CharField(label=_("Ne remplissez pas ce champ"), required=False)

    def __init__(
        self, *args: Any, user: User | None = None, voices: Sequence[Organisation] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **{"auto_id": "commentaire_%s", **kwargs})
        self.voices = voices
        self.upload: tuple[UploadedFile[Any], PhotoFacts] | None = None
        if user is None or not user.name:
            del self.fields["show_name"]
        else:
            self.fields["show_name"].initial = user.shows_name
            self.fields["show_name"].help_text = user.name
        if len(voices) == 1:
            self.fields["speaks"].label = _("Au nom de %(name)s") % {"name": voices[0].name}
        else:
            del self.fields["speaks"]
        if len(voices) > 1:
            mine = Organisation.objects.filter(pk__in=[voice.pk for voice in voices]).order_by("name")
            cast("forms.ModelChoiceField[Organisation]", self.fields["organisation"]).queryset = mine
        else:
            del self.fields["organisation"]

    @property
    def voice(self) -> Organisation | None:
        """The organisation that the words are said for."""
        chosen: Organisation | None = self.cleaned_data.get("organisation")
        return self.voices[0] if self.cleaned_data.get("speaks") else chosen

    def clean_text(self) -> str:
        return validators.clean_comment(self.cleaned_data["text"])

    def clean_photo(self) -> "UploadedFile[Any] | None":
        """Judge the photo by its header."""
        file: UploadedFile[Any] | None = self.cleaned_data["photo"]
        if file:
            (self.upload,) = validators.inspected([file])
        return file

    def clean_website(self) -> str:
        """Refuse what only a program would have written."""
        if self.cleaned_data["website"]:
            raise forms.ValidationError(_("Laissez ce champ vide : il sert à reconnaître les robots."))
        return ""
