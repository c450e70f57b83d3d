"""What neighbours wrote, as a page shows it."""

import re

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# Only what a browser opens as a page; where a sentence ends, the address has ended before.
ADDRESS = re.compile(r"https?://[^\s<>\"'`\\^{}|\u0000-\u001f\u007f-\u00a0\u2000-\u200f\u2028-\u202f\u2066-\u2069]+")
CLOSING = ".,;:!?…»)]}”’"
LONGEST = 60


@register.filter
def linked(text: str, may_link: bool) -> SafeString:  # noqa: FBT001  (a template's filter has no keywords)
    """Return plain text for a page: escaped, and with links that search engines do not follow where `may_link`."""
    if not may_link:
        return escape(text)
    parts: list[str] = []
    end = 0
    for found in ADDRESS.finditer(text):
        address = found.group().rstrip(CLOSING)
        if not address.partition("://")[2]:
            continue
        shown = address if len(address) <= LONGEST else f"{address[:LONGEST]}…"
        parts.append(escape(text[end : found.start()]))
        parts.append(format_html('<a href="{}" rel="nofollow ugc noopener">{}</a>', address, shown))
        end = found.start() + len(address)
    parts.append(escape(text[end:]))
    # Every part is escaped above.
    return mark_safe("".join(parts))  # noqa: S308
