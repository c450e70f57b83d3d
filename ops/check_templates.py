"""Every word that a template shows is in a translate tag.

The template is cut into tokens by Django itself; what is left of it without its tags is HTML, in which no word may
stand between elements or in an attribute that people read or hear. What is the same in every language stands in an
element with a `lang` of its own or with translate="no", which also tells a browser's translator to leave it alone.
"""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from django.template.base import Lexer, Token, TokenType

from ops.options import ROOT

FOLDERS = ("templates", "*/templates")
SPOKEN = {
    "alt",
    "aria-description",
    "aria-label",
    "aria-roledescription",
    "aria-valuetext",
    "label",
    "placeholder",
    "title",
}
SILENT = {"script", "style", "svg", "code"}
WITHOUT_END = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# The same in every language, also where no element can carry translate="no" (a title, a feed).
NAMES = re.compile(r"\b(API|FixMyQuarter|WhatsApp|OpenStreetMap)\b")
DEVELOPMENT_ONLY = {"templates/gallery.html"}
# Tags whose content is translated already, or is no page.
HIDING = {"blocktranslate": "endblocktranslate", "blocktrans": "endblocktrans", "comment": "endcomment"}
LETTERS = re.compile(r"[^\W\d_]{2,}")
ENTITY = re.compile(r"&#?\w+;")
DECLARATIONS = re.compile(r"<!doctype[^>]*>", re.IGNORECASE)


def main(root: Path = ROOT) -> None:
    """Print each bare word with its file and line and end with status 1, or end quietly."""
    found = [
        f"{file.relative_to(root)}:{line}: {text!r} is not translated"
        for file in templates(root)
        for line, text in bare_words(file)
    ]
    if found:
        sys.exit("\n".join(found))


def templates(root: Path) -> Iterator[Path]:
    """Return the templates of a checkout."""
    for folder in FOLDERS:
        for place in sorted(root.glob(folder)):
            for file in sorted(place.rglob("*")):
                if file.suffix in {".html", ".txt"} and str(file.relative_to(root)) not in DEVELOPMENT_ONLY:
                    yield file


def bare_words(file: Path) -> list[tuple[int, str]]:
    """Return line number and text of everything in a template that only one language can read."""
    reader = Reader()
    reader.feed(DECLARATIONS.sub("", without_tags(file.read_text())))
    reader.close()
    return reader.found


def without_tags(source: str) -> str:
    """Return a template's own text, with every tag replaced by as many line breaks as it had."""
    parts: list[str] = []
    hidden_until: str | None = None
    for token in Lexer(source).tokenize():
        if hidden_until is not None:
            hidden_until = None if ends(token, hidden_until) else hidden_until
            parts.append("\n" * breaks(token))
        elif token.token_type == TokenType.TEXT:
            parts.append(token.contents)
        else:
            parts.append("\n" * breaks(token))
            if token.token_type == TokenType.BLOCK:
                hidden_until = HIDING.get(token.contents.split()[0])
    return "".join(parts)


def ends(token: Token, tag: str) -> bool:
    """Tell whether a token is this closing tag."""
    return token.token_type == TokenType.BLOCK and token.contents.split()[0] == tag


def breaks(token: Token) -> int:
    """Return the number of line breaks inside a token."""
    return token.contents.count("\n")


class Reader(HTMLParser):
    """Reads HTML as a person would, and notes the words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[tuple[int, str]] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in WITHOUT_END and (self._silent or is_exempt(tag, attrs)):
            self._silent.append(tag)
        if self._silent:
            return
        for name, value in attrs:
            if value and (name in SPOKEN or is_said(tag, name, attrs)):
                self._note(value)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self._silent and tag not in WITHOUT_END:
            self._silent.pop()

    def handle_endtag(self, tag: str) -> None:
        # An end tag inside {% if %} may come twice: close only what is open.
        if tag in self._silent:
            innermost = len(self._silent) - 1 - self._silent[::-1].index(tag)
            del self._silent[innermost:]

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._note(data)

    def _note(self, text: str) -> None:
        for offset, line in enumerate(text.split("\n")):
            if LETTERS.search(NAMES.sub("", ENTITY.sub("", line))):
                self.found.append((self.getpos()[0] + offset, line.strip()))


def is_exempt(tag: str, attrs: list[tuple[str, str | None]]) -> bool:
    """Tell whether what stands in an element is no text, or one that must not be translated."""
    given = dict(attrs)
    # The admin's icons are words of an icon font.
    is_icon = "material-symbols" in (given.get("class") or "")
    return is_icon or tag in SILENT or given.get("translate") == "no" or (tag != "html" and "lang" in given)


def is_said(tag: str, name: str, attrs: list[tuple[str, str | None]]) -> bool:
    """Tell whether an attribute is a button's words or a page's description, which depends on its neighbours."""
    given = dict(attrs)
    if tag == "input" and name == "value":
        return given.get("type") in {"submit", "button", "reset"}
    return tag == "meta" and name == "content" and given.get("name") == "description"


if __name__ == "__main__":
    main()
