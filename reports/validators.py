"""What a citizen may send, checked the same way by the form and by the API.

Each function returns the cleaned value or raises `django.core.exceptions.ValidationError` with a stable `code` and a
sentence that says what to do. Text is plain text: HTML is kept as it was typed and escaped where it is shown.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.names import check_name
from reports.geo import is_position
from reports.photos import MAX_PHOTOS, PhotoFacts, PhotoRefused, inspect

# The class takes its parameter for type checkers only.
Upload: TypeAlias = "UploadedFile[Any]"
Judged: TypeAlias = "tuple[UploadedFile[Any], PhotoFacts]"

MAX_DESCRIPTION = 4000
MAX_ADDRESS = 200
MAX_EMAIL = 254
MAX_NOTE = 2000
MAX_NAME = 80
MAX_COMMENT = 2000
MAX_PHONE = 30
MAX_KEY = 80
# ITU-T E.164 allows 15 digits; the shortest numbers that people are reached at have 6.
PHONE_DIGITS = range(6, 16)
# A phone's clock may be ahead; a day covers the wrong time zone.
CLOCK_SLACK = timedelta(days=1)
OLDEST_CAPTURE = timedelta(days=366)

_KEPT_CONTROLS = frozenset("\n\t")
_PHONE = re.compile(r"\+?[0-9][0-9 ().\-/]*")
_KEY = re.compile(r"[\x21-\x7e]{1,80}")


def clean_text(text: str, *, limit: int) -> str:
    """Return text as it will be kept: composed letters, Unix line ends, no other control characters, no outer blanks.

    Raises:
        ValidationError: it holds a NUL or half a character (`null_characters`), or is longer than `limit`
            (`max_length`).
    """
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValidationError(_("Ce texte contient des caractères illisibles. Tapez-le de nouveau."), "null_characters")
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(
        letter for letter in composed if letter in _KEPT_CONTROLS or unicodedata.category(letter) != "Cc"
    ).strip()
    if len(kept) > limit:
        raise ValidationError(
            ngettext_lazy(
                "Ce texte est trop long : %(limit)d caractère au plus.",
                "Ce texte est trop long : %(limit)d caractères au plus.",
                "limit",
            ),
            "max_length",
            {"limit": limit},
        )
    return kept


def clean_description(text: str) -> str:
    """Return what is broken, in the citizen's words; may be empty."""
    return clean_text(text, limit=MAX_DESCRIPTION)


def clean_address(text: str) -> str:
    """Return the place in words, on one line; may be empty."""
    return " ".join(clean_text(text, limit=MAX_ADDRESS).split())


def clean_note(text: str) -> str:
    """Return the words that go with a change of status; may be empty."""
    return clean_text(text, limit=MAX_NOTE)


def clean_comment(text: str) -> str:
    """Return what somebody says about a report.

    Raises:
        ValidationError: as `clean_text`, or nothing in it can be seen (`required`).
    """
    kept = clean_text(text, limit=MAX_COMMENT)
    # Marks, blanks and control characters alone are no words.
    if all(unicodedata.category(letter)[0] in "CMZ" for letter in kept):
        raise ValidationError(_("Écrivez votre commentaire."), "required")
    return kept


def clean_name(text: str) -> str:
    """Return a name as everybody will read it, on one line and no office's; may be empty."""
    name = " ".join(clean_text(text, limit=MAX_NAME).split())
    check_name(name)
    return name


def clean_email(text: str) -> str:
    """Return an address to answer to, in lower case; may be empty."""
    address = clean_text(text, limit=MAX_EMAIL).lower()
    if address:
        try:
            validate_email(address)
        except ValidationError:
            raise ValidationError(
                _("Cette adresse e-mail est incomplète. Écrivez-la comme nom@exemple.cm."), "invalid_email"
            ) from None
    return address


def clean_phone(text: str) -> str:
    """Return a telephone number with single blanks, as people write it; may be empty."""
    number = " ".join(clean_text(text, limit=4 * MAX_PHONE).split())
    if not number:
        return ""
    digits = sum(letter.isdigit() for letter in number)
    if len(number) > MAX_PHONE or digits not in PHONE_DIGITS or not _PHONE.fullmatch(number):
        raise ValidationError(
            _("Ce numéro de téléphone n’est pas complet. Écrivez-le comme +237 6 70 00 00 00."), "invalid_phone"
        )
    return number


def clean_position(lon: float, lat: float) -> tuple[float, float]:
    """Return a longitude and a latitude in degrees that can be a place.

    Raises:
        ValidationError: not finite, out of range, or 0,0 (`invalid_location`).
    """
    if not is_position(lon, lat):
        raise ValidationError(
            _("Ce lieu n’existe pas. Écrivez longitude puis latitude, en degrés."), "invalid_location"
        )
    return lon, lat


def parse_position(text: str) -> tuple[float, float]:
    """Read `"lon,lat"` in degrees.

    Raises:
        ValidationError: it is anything else (`invalid_location`).
    """
    try:
        lon, lat = (float(part) for part in text.split(","))
    except (ValueError, OverflowError):
        raise ValidationError(
            _("Le lieu s’écrit longitude,latitude en degrés, par exemple 11.517,3.866."), "invalid_location"
        ) from None
    return clean_position(lon, lat)


def clean_captured_at(moment: datetime | None) -> datetime | None:
    """Return when the phone saw it, or None where its clock cannot be right: a wrong clock must not lose a report."""
    now = timezone.now()
    if moment is None or not (now - OLDEST_CAPTURE <= moment <= now + CLOCK_SLACK):
        return None
    return moment


def clean_idempotency_key(text: str) -> str:
    """Return the client's key for one sending, 1 to 80 printable ASCII characters.

    Raises:
        ValidationError: it is anything else (`invalid_key`).
    """
    if not _KEY.fullmatch(text):
        raise ValidationError(
            _("La clé d’envoi s’écrit avec 1 à 80 caractères ASCII visibles, par exemple un UUID."), "invalid_key"
        )
    return text


def inspected(files: Sequence[Upload]) -> list[Judged]:
    """Judge the photos of one sending by their headers; nothing is decoded or kept yet.

    Raises:
        ValidationError: too many (`too_many_photos`), or one is refused, with the refusal's code and sentence.
    """
    if len(files) > MAX_PHOTOS:
        raise ValidationError(
            ngettext_lazy("Joignez %(limit)d photo au plus.", "Joignez %(limit)d photos au plus.", "limit"),
            "too_many_photos",
            {"limit": MAX_PHOTOS},
        )
    judged: list[Judged] = []
    for file in files:
        try:
            judged.append((file, inspect(file, file.size or 0)))  # type: ignore[arg-type]  # an UploadedFile reads and seeks
        except PhotoRefused as refusal:
            raise ValidationError(str(refusal), refusal.code) from None
    return judged
