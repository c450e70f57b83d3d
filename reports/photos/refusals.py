"""Why a photo is not taken, in words that say what to do."""

from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from .limits import MAX_BYTES, MAX_PIXELS


class Refusal(StrEnum):
    """Stable codes: the API shows them, the child process sends them."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_HEAVY = "too_heavy"
    BAD_SHAPE = "bad_shape"
    UNKNOWN_FORMAT = "unknown_format"
    ANIMATED = "animated"
    TRUNCATED = "truncated"
    UNREADABLE = "unreadable"


_MESSAGES: Final[dict[Refusal, Promise]] = {
    Refusal.EMPTY: _("Ce fichier est vide. Choisissez une autre photo ou prenez-la de nouveau."),
    Refusal.TOO_LARGE: format_lazy(
        _("Cette photo pèse plus de {megabytes} Mo. Choisissez-en une plus légère, ou réduisez sa qualité."),
        megabytes=MAX_BYTES // (1024 * 1024),
    ),
    Refusal.TOO_MANY_PIXELS: format_lazy(
        _("Cette photo dépasse {megapixels} millions de pixels. Réduisez sa taille ou choisissez-en une autre."),
        megapixels=MAX_PIXELS // 1_000_000,
    ),
    Refusal.TOO_HEAVY: _(
        "Cette photo demande trop de mémoire pour être préparée. Enregistrez-la en JPEG, ou prenez-la de nouveau."
    ),
    Refusal.BAD_SHAPE: _("Cette image est trop étroite pour être montrée. Recadrez-la ou choisissez une autre photo."),
    Refusal.UNKNOWN_FORMAT: _(
        "Ce fichier n’est pas une photo que nous savons lire. Choisissez une photo JPEG, PNG, WebP ou HEIC."
    ),
    Refusal.ANIMATED: _("Les images animées ne sont pas acceptées. Choisissez une photo fixe."),
    Refusal.TRUNCATED: _("Cette photo est incomplète : la fin du fichier manque. Envoyez-la de nouveau."),
    Refusal.UNREADABLE: _("Cette photo est abîmée. Choisissez-en une autre ou prenez-la de nouveau."),
}


class PhotoRefused(ValueError):
    """The photo cannot be taken. ``code`` is for programs, ``message`` (translated when shown) for the person."""

    def __init__(self, code: Refusal) -> None:
        """Refuse for the reason ``code``."""
        super().__init__(code.value)
        self.code = code

    @property
    def message(self) -> Promise:
        """One or two sentences, lazy: shown in the reader's language."""
        return _MESSAGES[self.code]

    def __str__(self) -> str:
        """Return the sentence for the person."""
        return str(self.message)
