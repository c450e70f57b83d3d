"""What a moderator types about one photo: the parts to paint over, and why it is hidden."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from reports.errors import DomainError
from reports.photos import MAX_MASKS, Rectangle
from reports.services.photo_changes import BAD_MASKS
from reports.validators import clean_text

MAX_REASON = 500
MAX_REVISION = 32767
SPARE_ROWS = 3
SIDES = {"x": _("Depuis la gauche (%)"), "y": _("Depuis le haut (%)"), "w": _("Largeur (%)"), "h": _("Hauteur (%)")}
INCOMPLETE = _("Donnez les quatre nombres de cette zone, ou laissez-les tous vides.")


class HideForm(forms.Form):
    """Why a photo goes out of sight."""

    reason = forms.CharField(
        label=_("Pourquoi la cacher ?"),
        help_text=_("La personne qui l’a envoyée et vos collègues lisent ce motif, pas le public."),
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": MAX_REASON}),
        error_messages={"required": _("Dites en quelques mots pourquoi cette photo est cachée.")},
    )

    def clean_reason(self) -> str:
        """Return the words as they will be kept."""
        return clean_text(self.cleaned_data["reason"], limit=MAX_REASON)


class TurnForm(forms.Form):
    """A quarter turn of the photo that was on screen."""

    seen = forms.IntegerField(min_value=0, max_value=MAX_REVISION)
    to = forms.ChoiceField(choices=[("left", ""), ("right", "")])

    @property
    def degrees(self) -> int:
        """The turn, clockwise."""
        return 270 if self.cleaned_data["to"] == "left" else 90


@dataclass(frozen=True)
class Row:
    """One rectangle on the form: its number from 1, its four bound fields, and the one that leaves it out.

    `is_extra`: empty, behind as many empty ones as somebody without a script needs at a time.
    """

    number: int
    sides: list[forms.BoundField]
    leave: forms.BoundField
    is_extra: bool

    @property
    def errors(self) -> list[str]:
        """What is wrong with it."""
        return [str(error) for side in self.sides for error in side.errors]


class MaskForm(forms.Form):
    """The parts of a photo that are painted over, in percent of the picture as it is seen.

    A row without numbers counts for nothing, as does one that is ticked to be left out. `seen` is the revision of the
    photo that was on screen.
    """

    seen = forms.IntegerField(min_value=0, max_value=MAX_REVISION, widget=forms.HiddenInput)

    def __init__(
        self, data: QueryDict | None = None, *, masks: Iterable[Rectangle] = (), seen: int | None = None
    ) -> None:
        initial: dict[str, Any] = {"seen": seen}
        for number, mask in enumerate(masks):
            initial |= {f"{side}{number}": round(getattr(mask, side) * 100, 3) for side in SIDES}
        super().__init__(data, initial=initial)
        for number in range(MAX_MASKS):
            for side, label in SIDES.items():
                self.fields[f"{side}{number}"] = forms.FloatField(
                    label=label,
                    required=False,
                    min_value=0,
                    max_value=100,
                    widget=forms.NumberInput(
                        attrs={"step": "any", "min": 0, "max": 100, "inputmode": "decimal", "data-side": side}
                    ),
                )
            self.fields[f"leave{number}"] = forms.BooleanField(
                label=_("Retirer cette zone"), required=False, widget=forms.CheckboxInput(attrs={"data-leave": ""})
            )

    def rows(self) -> Iterator[Row]:
        """Return the rows to draw."""
        spare = 0
        for number in range(MAX_MASKS):
            sides = [self[f"{side}{number}"] for side in SIDES]
            is_spare = all(side.value() in {None, ""} for side in sides)
            spare += is_spare
            yield Row(number + 1, sides, self[f"leave{number}"], is_extra=is_spare and spare > SPARE_ROWS)

    def clean(self) -> dict[str, Any]:
        """Read the rectangles."""
        cleaned: dict[str, Any] = super().clean() or {}
        self.masks: list[Rectangle] = []
        for number in range(MAX_MASKS):
            if not cleaned.get(f"leave{number}"):
                self.read(number, cleaned)
        return cleaned

    def read(self, number: int, cleaned: dict[str, Any]) -> None:
        """Read one row, or say what is wrong with it."""
        names = [f"{side}{number}" for side in SIDES]
        if any(name in self.errors for name in names):
            return
        values = [cleaned[name] for name in names]
        if all(value is None for value in values):
            return
        if any(value is None for value in values):
            self.add_error(next(name for name in names if cleaned[name] is None), INCOMPLETE)
            return
        mask = Rectangle(*(value / 100 for value in values))
        if mask.is_sound:
            self.masks.append(mask)
        else:
            self.add_error(names[2], BAD_MASKS)

    def refuse(self, error: DomainError) -> None:
        """Show what the domain refused."""
        self.add_error(None, str(error))
