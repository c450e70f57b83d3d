"""What a text is held for until a moderator has read it. Text comes in, codes go out; nothing is ever rejected.

Held are, from people whom nobody knows yet: addresses of the web, e-mail addresses, telephone numbers and markup; from
everybody: what nobody can read (shouting, floods of one letter, hidden characters). `WORDS` explains each code, and
those that whoever screens adds from elsewhere (`settings.REPORT_SCREENING`). `contacts` says where in a text its
e-mail addresses and telephone numbers stand, so that they can be masked.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LINK = "link"
EMAIL = "email"
PHONE = "phone"
MARKUP = "markup"
SHOUTING = "shouting"
FLOOD = "flood"
EMOJI = "emoji"
HIDDEN = "hidden"
# Not found in the text: set when enough people have alerted the moderators,
FLAGS = "flags"
# or by whoever screens: the town's blocked terms, too many reports within an hour, pictures that were seen before,
# and what comes when its category is closed.
BLOCKED = "blocked"
DEVICE = "device"
ACCOUNT = "account"
SENDER = "sender"
CROWD = "crowd"
SEEN = "seen"
ALIKE = "alike"
CLOSED = "closed"

# Those that other words would settle.
ABOUT_WORDS = frozenset({LINK, EMAIL, PHONE, MARKUP, SHOUTING, FLOOD, EMOJI, HIDDEN, BLOCKED})

WORDS: dict[str, str | Promise] = {
    LINK: _("Le texte contient un lien."),
    EMAIL: _("Le texte contient une adresse e-mail."),
    PHONE: _("Le texte contient un numéro de téléphone."),
    MARKUP: _("Le texte contient des balises de programme."),
    SHOUTING: _("Le texte est écrit presque tout en majuscules."),
    FLOOD: _("Le texte répète sans fin le même signe, le même mot ou la même ligne."),
    EMOJI: _("Le texte contient beaucoup d’émojis."),
    HIDDEN: _("Le texte contient des caractères cachés ou superposés, qui peuvent en montrer un autre."),
    FLAGS: _("Plusieurs personnes ont alerté la modération."),
    BLOCKED: _("Le texte contient un terme bloqué."),
    DEVICE: _("Beaucoup de signalements viennent de cet appareil depuis une heure."),
    ACCOUNT: _("Beaucoup de signalements viennent de ce compte depuis une heure."),
    SENDER: _("Beaucoup de signalements portent cette adresse e-mail depuis une heure."),
    CROWD: _("Beaucoup de signalements viennent de cette connexion depuis une heure."),
    SEEN: _("La même photo a déjà été envoyée."),
    ALIKE: _("Une photo presque identique a déjà été envoyée."),
    CLOSED: _("Cette catégorie n’est pas ouverte à ce moment."),
}

# Shorter texts in capitals are names and acronyms: "SODECOTON", "URGENT SVP".
SHOUT_LETTERS = 60
SHOUT_SHARE = 0.8
FEW_EMOJI = 8
SAME_WORD = 5
SAME_LINE = 3
LINE_LETTERS = 10

# Endings that spam uses and that no French or English word is mistaken for behind a full stop without a blank.
_ENDINGS = (
    "com|net|org|info|biz|cm|ci|ga|gq|tk|ml|fr|eu|io|xyz|top|site|online|shop|store|club|app|live|link|click|vip|win|"
    "ru|cn|ly|gl|cc"
)
_DOT = r"(?:\.|\s?[\[(]\s?(?:\.|dot|point)\s?[\])]\s?)"
_LINK = re.compile(
    rf"(?:\b(?:https?|hxxps?|ftp)\s?:\s?/\s?/|\bwww\s?{_DOT}\s?\w|"
    rf"\b(?:wa|t|m|fb)\.me\b|"
    rf"(?<![@\w.-])(?:[a-z0-9-]{{1,63}}{_DOT}){{1,4}}(?:{_ENDINGS})(?![\w-])|"
    rf"\b[a-z0-9-]{{3,63}}\s(?:point|dot)\s(?:com|net|org|cm|info)\b)",
    re.IGNORECASE,
)
_EMAIL = re.compile(
    rf"[a-z0-9._%+-]{{1,64}}\s?(?:@|[\[(]\s?(?:at|arobase)\s?[\])]|\sarobase\s)\s?[a-z0-9-]{{1,63}}"
    rf"(?:{_DOT}|\s(?:point|dot)\s)\s?[a-z]{{2,}}",
    re.IGNORECASE,
)
_GAP = r"[\s.\-/()]{0,2}"
# The numbers of Cameroon (mobile 6…, fixed 222, 233, 242, 243), Ivory Coast (ten digits), France, and any with + or 00.
_PHONE = re.compile(
    rf"(?<![\d.,])(?:"
    rf"(?:\+|00){_GAP}[1-9](?:{_GAP}\d){{7,13}}|"
    rf"(?:237{_GAP})?6{_GAP}[5-9](?:{_GAP}\d){{7}}|"
    rf"(?:237{_GAP})?(?:2{_GAP}2{_GAP}2|2{_GAP}3{_GAP}3|2{_GAP}4{_GAP}[23])(?:{_GAP}\d){{6}}|"
    rf"(?:225{_GAP})?(?:0{_GAP}[157]|2{_GAP}[157])(?:{_GAP}\d){{8}}|"
    rf"0{_GAP}[1-9](?:{_GAP}\d){{8}}"
    rf")(?!\d|[.,]\d|{_GAP}(?:f?cfa|xaf|xof|euros?|€|m[²2³3]?\b|km))",
    re.IGNORECASE,
)
_MARKUP = re.compile(
    r"</?\s?[a-z!][^<>]{0,200}>|<\s?(?:script|img|iframe|svg|a)\b|\[/?url\b|\bjavascript\s?:|\{\{|<%|<\?php",
    re.IGNORECASE,
)
# Rows of dots, dashes and the like draw lines and gaps.
_RUN = re.compile(r"([^\W\d_])\1{5,}|([!?…])\2{5,}|([^\w\s.\-_=*~…])\3{9,}|(\d)\4{14,}")
_EMOJI = re.compile("[\U0001f000-\U0001f3fa\U0001f400-\U0001faff\u2600-\u27bf\u2b50\u2b55]")
_MARKS = 4


def readable(text: str) -> str:
    """Return the text as a person reads it: wide and ringed letters made plain, what has no width taken out."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(letter for letter in plain if unicodedata.category(letter) != "Cf")


def shouts(text: str) -> bool:
    """Say whether a longer text stands in capitals."""
    letters = [letter for letter in text if letter.isalpha() and letter.upper() != letter.lower()]
    return len(letters) >= SHOUT_LETTERS and sum(map(str.isupper, letters)) >= SHOUT_SHARE * len(letters)


def floods(text: str) -> bool:
    """Say whether one sign, one word or one line is repeated over and over."""
    words = re.findall(r"\w{2,}", text.lower())
    in_a_row = any(len(set(words[start : start + SAME_WORD])) == 1 for start in range(len(words) - SAME_WORD + 1))
    lines = [line.strip().lower() for line in text.splitlines() if len(line.strip()) >= LINE_LETTERS]
    return bool(_RUN.search(text)) or in_a_row or any(lines.count(line) >= SAME_LINE for line in set(lines))


def hides(text: str) -> bool:
    """Say whether letters are turned round, put on top of each other or made invisible to mislead a reader."""
    marks = 0
    for letter in text:
        # Arabic and Hebrew need no override to be read from right to left.
        if letter in "\u202d\u202e" or "\U000e0000" <= letter <= "\U000e007f" or unicodedata.category(letter) == "Co":
            return True
        marks = marks + 1 if unicodedata.category(letter) in {"Mn", "Me"} and letter not in "\ufe0e\ufe0f" else 0
        if marks >= _MARKS:
            return True
    return False


# In the order in which a moderator reads them; those of the first group are found in texts of newcomers only.
FOR_NEWCOMERS: dict[str, Callable[[str], bool]] = {
    LINK: lambda text: bool(_LINK.search(text)),
    EMAIL: lambda text: bool(_EMAIL.search(text)),
    PHONE: lambda text: bool(_PHONE.search(text)),
    MARKUP: lambda text: bool(_MARKUP.search(text)),
}
FOR_EVERYBODY: dict[str, Callable[[str], bool]] = {
    SHOUTING: shouts,
    FLOOD: floods,
    EMOJI: lambda text: len(_EMOJI.findall(text)) > FEW_EMOJI,
}


def findings(text: str, *, is_newcomer: bool) -> list[str]:
    """Return the codes of what a moderator should look at first; nothing for nearly every honest text."""
    plain = readable(text)
    checks = {**FOR_NEWCOMERS, **FOR_EVERYBODY} if is_newcomer else FOR_EVERYBODY
    found = [code for code, holds in checks.items() if holds(plain)]
    # What is hidden is gone from the plain text.
    return [*found, HIDDEN] if hides(text) else found


@dataclass(frozen=True)
class Contact:
    """An e-mail address or a telephone number in a text: its code, its letters, and from where to where they stand."""

    code: str
    text: str
    start: int
    end: int


def contacts(text: str) -> list[Contact]:
    """Return the e-mail addresses and telephone numbers of a text, in order, as they can be cut out of it."""
    letters: list[str] = []
    places: list[int] = []
    # Letter by letter, because what a person reads may be longer or shorter than what was typed.
    for place, letter in enumerate(text):
        for plain in readable(letter):
            letters.append(plain)
            places.append(place)
    plain = "".join(letters)
    found: list[Contact] = []
    for code, pattern in ((EMAIL, _EMAIL), (PHONE, _PHONE)):
        for match in pattern.finditer(plain):
            start, end = places[match.start()], places[match.end() - 1] + 1
            if not any(start < other.end and other.start < end for other in found):
                found.append(Contact(code, text[start:end], start, end))
    return sorted(found, key=lambda contact: contact.start)
