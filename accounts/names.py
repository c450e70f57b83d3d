"""Names that people choose to show: nobody may look like the town."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

OFFICES = re.compile(
    r"\b(mairies?|maires?|communes?|communaute urbaine|municipal\w*|moderat\w+|administrat\w+|officiel\w*|prefectures?|"
    r"prefets?|ministeres?|police|gendarmerie|sapeurs?|pompiers?|fixmyquarter|"
    r"mayors?|councils?|town ?halls?|city ?halls?|officials?|ministry|fire brigade|firefighters?)\b"
)
TAKEN = _("Ce nom ferait croire que vous parlez pour un service public. Choisissez-en un autre.")


def folded(text: str) -> str:
    """Return the letters without accents and case, one space between words."""
    plain = unicodedata.normalize("NFKD", text)
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).casefold().split())


def check_name(text: str) -> None:
    """Refuse a name that speaks for an office.

    Raises:
        ValidationError
    """
    if OFFICES.search(folded(text)):
        raise ValidationError(TAKEN, code="reserved")
