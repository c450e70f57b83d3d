"""One change of a report's status, with whatever explains it."""

import re
from typing import Any

from django import forms
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from moderation.forms.base import PersonForm
from moderation.wording import ACTIONS, NEXT, NOT_FOUND, REASONS, TOO_LONG, UNKNOWN_STATUS
from reports import workflow
from reports.models import Photo, Report
from reports.photos import PhotoFacts
from reports.validators import MAX_NOTE, clean_note, inspected

# The column keeps this much, and the author reads it whole.
REASON_LENGTH = Report._meta.get_field("rejection_reason").max_length or 0  # noqa: SLF001  (Django's documented API)


def ref_of(typed: str) -> str:
    """Return a report's number as it is kept, however it was typed: `k7m4qx`, `K7M 4QX`, `#K7M-4QX`, its link."""
    last = re.sub(r"[?#].*", "", typed).rstrip("/").rpartition("/")[2] or typed
    letters = re.sub(r"[^0-9A-Z]", "", last.upper())
    return f"{letters[:3]}-{letters[3:]}"


class ChangeForm(PersonForm):
    """One change of status: `to`, from the status that the person saw, with whatever explains it."""

    words_field = "note"

    to = forms.ChoiceField(
        choices=Report.Status.choices, widget=forms.HiddenInput, error_messages={"invalid_choice": UNKNOWN_STATUS}
    )
    seen = forms.ChoiceField(
        choices=Report.Status.choices, widget=forms.HiddenInput, error_messages={"invalid_choice": UNKNOWN_STATUS}
    )
    reason = forms.ChoiceField(
        label=_("Motif"),
        choices=[("", _("Autre motif, dans mes mots")), *REASONS.items()],
        required=False,
    )
    original = forms.CharField(
        label=_("Numéro du signalement d’origine"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "K7M-4QX", "autocapitalize": "characters", "autocomplete": "off"}),
    )
    note = forms.CharField(
        label=_("Message public"), max_length=MAX_NOTE, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    camera = forms.FileField(
        label=_("Prendre une photo de la réparation"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/*", "capture": "environment"}),
    )
    proof = forms.FileField(
        label=_("Choisir une photo de la réparation"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/*"}),
    )
    kept = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ["to", "seen", "kept", "reason", "original", "camera", "proof", "note"]

    def __init__(self, *args: Any, report: Report, person: User, to: str, **kwargs: Any) -> None:
        self.target = to
        initial = {"to": to, "seen": report.status, **kwargs.pop("initial", {})}
        super().__init__(*args, report=report, person=person, initial=initial, **kwargs)
        self.photos: list[tuple[UploadedFile[Any], PhotoFacts]] = []
        self.kept_photos: list[Photo] = []
        self.original_report: Report | None = None
        # What to know before this report is joined to that one; see `moderation.services.duplicates`.
        self.remarks: list[str] = []
        if to != workflow.REJECTED:
            del self.fields["reason"]
        if to != workflow.DUPLICATE:
            del self.fields["original"]
        if to != workflow.RESOLVED:
            for name in ("camera", "proof", "kept"):
                del self.fields[name]

    def name_on_page(self) -> str:
        """Return the target status: the page has one form for each."""
        return f"to_{self.target}"

    @property
    def action(self) -> str:
        """What the button says."""
        return str(ACTIONS.get((self.report.status, self.target), Report.Status(self.target).label))

    @property
    def is_next(self) -> bool:
        """Whether this is the step that the report is expected to take."""
        return NEXT.get(self.report.status) == self.target

    @property
    def asks_nothing(self) -> bool:
        """Whether one tap is enough: nothing must be explained."""
        change = (self.report.status, self.target)
        return not (
            change in workflow.NEEDS_NOTE or change in workflow.NEEDS_NOTE_OR_PROOF or change in workflow.NEEDS_ORIGINAL
        )

    def clean_note(self) -> str:
        """Return the words as they will be kept."""
        return clean_note(self.cleaned_data["note"])

    def clean_original(self) -> str:
        """Find the report of which this one is said to be a duplicate, public or within the person's own reach."""
        typed: str = self.cleaned_data["original"].strip()
        if not typed:
            return typed
        found = Report.objects.filter(ref=ref_of(typed))
        reach = found.public() | found.judged_by(self.person)
        self.original_report = reach.select_related("category", "quarter", "organisation").first()
        if self.original_report is None:
            raise forms.ValidationError(NOT_FOUND, params={"ref": typed}, code="unknown")
        return typed

    def clean_camera(self) -> None:
        """Inspect the picture taken now."""
        self.inspect("camera")

    def clean_proof(self) -> None:
        """Inspect the picture chosen."""
        self.inspect("proof")

    def inspect(self, name: str) -> None:
        """Keep an upload together with what its headers say, or refuse it with the sentence that says why."""
        file: UploadedFile[Any] | None = self.cleaned_data[name]
        if file:
            self.photos += inspected([file])

    def clean_kept(self) -> str:
        """Find the proof that an earlier, refused attempt has left waiting; its token is this person's alone."""
        token: str = self.cleaned_data["kept"]
        if token:
            try:
                keys = signing.loads(token, salt=self.salt, max_age=24 * 3600)
            except signing.BadSignature:
                return ""
            self.kept_photos = list(Photo.objects.filter(key__in=keys, report=None))
        return token

    def show_again(self, report: Report) -> None:
        """Stand on the page of the report as it is now: what is sent next is about what is read there."""
        self.report = report
        self.data = {**dict(self.data.items()), "seen": report.status}

    def keep(self, photos: list[Photo]) -> None:
        """Let the next attempt use pictures that are in already."""
        token = signing.dumps([str(photo.key) for photo in photos], salt=self.salt)
        self.data = {**dict(self.data.items()), "kept": token}
        self.kept_photos = photos

    @property
    def salt(self) -> str:
        return f"moderation.proof.{self.person.pk}.{self.report.pk}"

    def clean(self) -> dict[str, Any]:
        """Join the ready reason and the person's own words into the one note that the author reads."""
        data = super().clean() or self.cleaned_data
        reason = data.get("reason")
        if reason:
            # The author reads it, so it is said in the author's language.
            with translation.override(self.report.language):
                ready = str(REASONS[reason])
            data["note"] = f"{ready} {data.get('note', '')}".strip()
        length = len(data.get("note", ""))
        if self.target == workflow.REJECTED and length > REASON_LENGTH:
            message = TOO_LONG % {"limit": REASON_LENGTH, "length": length}
            self.add_error("note", message)
        return data
