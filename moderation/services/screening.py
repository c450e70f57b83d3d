"""What is looked at in a report before anybody sees it (`settings.REPORT_SCREENING`), and in a comment's words.

It holds or lets through; nothing is ever rejected here. Each finding names its code (`reports.screening.WORDS`) and
what explains it: `{"code": "blocked", "terms": ["…"]}`, `{"code": "device", "count": 5}`,
`{"code": "seen", "report": 12}`.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from moderation.folding import Matcher, Term, language_of
from moderation.models import BlockedTerm, OpeningRule
from moderation.services.trust import is_trusted
from reports import workflow
from reports.models import Follow, Photo, Report
from reports.screening import (
    ACCOUNT,
    BLOCKED,
    CLOSED,
    CROWD,
    DEVICE,
    EMAIL,
    LINK,
    MARKUP,
    PHONE,
    SEEN,
    SENDER,
    findings,
)
from reports.services.reporting import Screening

Finding = dict[str, Any]

WINDOW = timedelta(hours=1)
# In a place and a name, only what nobody should read there: they are short, and a street may well be in capitals.
IN_SHORT_WORDS = frozenset({LINK, EMAIL, PHONE, MARKUP})


def screen(*, draft: Report, photos: list[Photo], crowded: bool = False) -> Screening:
    """Return what a moderator should look at first, and whether the report waits for one.

    Of a trusted person nothing holds it but a blocked term; it is noted all the same.
    """
    found = [
        *in_words(draft),
        *too_many(draft, crowded=crowded),
        *seen_before(draft, photos),
        *closed(draft),
    ]
    holds = any(finding["code"] == BLOCKED for finding in found) or (bool(found) and not is_trusted(draft.reporter))
    return Screening(findings=found, holds=holds)


def screen_words(*, text: str, report: Report) -> list[str]:
    """Return the further codes for which the words of a comment are held."""
    return [BLOCKED] if blocked_terms(text, town_id=report.quarter.town_id, language=report.language) else []


def blocked_terms(text: str, *, town_id: int | None, language: str) -> list[str]:
    """Return the blocked terms that a text holds, as they were typed: the town's, and those of every town.

    A term of one language is looked for in texts of that language; `language` is the text's where it does not show.
    """
    spoken = language_of(text, language)
    rows = BlockedTerm.objects.of_town(town_id).filter(language__in=("", spoken)).values_list("typed", "language")
    return [term.typed for term in Matcher(Term(*row) for row in rows).found(text)]


def findings_of_text(text: str, *, short: str = "", town_id: int | None, language: str) -> list[Finding]:
    """Return what is found in a text, and in the `short` words that stand beside it."""
    if not text and not short:
        return []
    terms = blocked_terms(f"{text}\n{short}", town_id=town_id, language=language)
    codes = findings(text, is_newcomer=True)
    codes += [code for code in findings(short, is_newcomer=True) if code in IN_SHORT_WORDS and code not in codes]
    return [*([{"code": BLOCKED, "terms": terms}] if terms else []), *({"code": code} for code in codes)]


def in_words(draft: Report) -> list[Finding]:
    """Look at what everybody would read: the description, the place in words, the author's name."""
    return findings_of_text(
        draft.description,
        short=f"{draft.address}\n{draft.public_name}".strip(),
        town_id=draft.quarter.town_id,
        language=draft.language,
    )


def too_many(draft: Report, *, crowded: bool) -> Iterator[Finding]:
    """Look at how much came from the same device, account, e-mail address or address of the network within an hour."""
    since = timezone.now() - WINDOW
    earlier = Report.objects.filter(received_at__gte=since).exclude(pk=draft.pk).order_by()
    sources: list[tuple[str, QuerySet[Any]]] = []
    if draft.device:
        sources.append((DEVICE, earlier.filter(device=draft.device)))
    if draft.reporter_id:
        sources.append((ACCOUNT, earlier.filter(reporter=draft.reporter_id)))
    if draft.contact_email:
        written = Follow.objects.of_address(draft.contact_email).filter(is_reporter=True, created_at__gte=since)
        sources.append((SENDER, written.exclude(report=draft.pk).order_by()))
    for code, rows in sources:
        allowed = settings.SCREENING_PER_HOUR[code]
        # Counted no further than a little beyond the limit, and with the one on hand.
        count = len(rows.values_list("pk")[: 2 * allowed]) + 1
        if count > allowed:
            yield {"code": code, "count": count}
    if crowded:
        yield {"code": CROWD}


def seen_before(draft: Report, photos: list[Photo]) -> Iterator[Finding]:
    """Look for the very same photos on other reports and their comments; the first one found is enough."""
    hashes = {photo.sha256 for photo in photos} - {""}
    if not hashes:
        return
    own = Q(pk__in=[photo.pk for photo in photos]) | Q(report__isnull=False, report=draft.pk)
    rows = Photo.objects.filter(sha256__in=hashes).exclude(own)
    used = rows.filter(Q(report__isnull=False) | Q(comment__isnull=False)).exclude(report__status=workflow.WITHDRAWN)
    found = used.order_by("pk").values_list("report", "comment__report").first()
    if found:
        yield {"code": SEEN, "report": found[0] or found[1]}


def closed(draft: Report) -> Iterator[Finding]:
    """Look at whether the category takes reports at the moment at which the problem was seen."""
    town = draft.quarter.town
    rules = list(OpeningRule.objects.of(category_id=draft.category_id, town_id=town.pk))
    own = [rule for rule in rules if rule.town_id] or rules
    moment = min(draft.captured_at or draft.received_at, draft.received_at).astimezone(ZoneInfo(town.time_zone))
    if own and not any(rule.opening.covers(moment) for rule in own):
        yield {"code": CLOSED}
