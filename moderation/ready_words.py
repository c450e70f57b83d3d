"""Fields in ready words, as in `Le signalement {ref} est confié à {organisation}`."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# What a report fills in: its number, its category, where it lies, who repairs it, until when.
FIELDS = ("ref", "category", "quarter", "organisation", "due")
_FIELD = re.compile(r"\{(\w*)\}")


def check_words(text: str) -> None:
    """Refuse a field that no report has, and braces that are none.

    Raises:
        ValidationError
    """
    for name in _FIELD.findall(text):
        if name not in FIELDS:
            raise ValidationError(
                _("Le champ {%(name)s} n’existe pas. Les champs sont : %(fields)s."),
                "unknown_field",
                {"name": name, "fields": " ".join(f"{{{field}}}" for field in FIELDS)},
            )
    if re.search(r"[{}]", _FIELD.sub("", text)):
        raise ValidationError(_("Une accolade est seule. Un champ s’écrit comme {ref}."), "lone_brace")


def fill(text: str, values: dict[str, str]) -> str:
    """Return the text with its fields filled in; nothing where one has no value: half a sentence helps nobody."""
    if not all(values.get(name) for name in _FIELD.findall(text)):
        return ""
    # In one pass: what a value holds is never read as a field.
    return _FIELD.sub(lambda found: values[found[1]], text)
