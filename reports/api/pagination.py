"""Pages that stand between two rows: nothing is counted or skipped, and what arrives meanwhile moves no page."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Self, TypeGuard, TypeVar, cast
from urllib.parse import urlencode

from django.conf import settings
from django.db import models
from django.db.models import F
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan
from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError

from reports.filters import Ordering
from reports.models import Report
from reports.querysets import ReportQuerySet

PAGE_SIZE = 20
MAX_PAGE_SIZE = 100
MAX_CURSOR = 200
MAX_ID = 2**63 - 1
# Of what is paged by its number alone: "o17" is what is older than number 17, "n17" what is newer.
OLDER, NEWER = "o", "n"
# No two places are farther apart, in degrees.
ANYWHERE = 500.0


Row = TypeVar("Row", bound=models.Model)


def refusal(field: str, message: Any, code: str = "invalid") -> ValidationError:
    """Return the error for one parameter of the query string."""
    return ValidationError({field: [message]}, code=code)


def whole_number(query: QueryDict, name: str, *, default: int, first: int, last: int) -> int:
    """Read a whole number between two others from the query string.

    Raises:
        ValidationError: it is anything else.
    """
    text = query.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(last)) and first <= int(text) <= last):
        message = _("Écrivez un nombre entier de %(first)d à %(last)d.") % {"first": first, "last": last}
        raise refusal(name, message, "invalid_number")
    return int(text)


@dataclass(frozen=True)
class Cursor:
    """Between which rows a page begins: behind (or, backwards, before) the row with this value and id."""

    column: str
    value: float | datetime
    row_id: int
    backwards: bool

    def encode(self) -> str:
        """Return the cursor as it stands in an address."""
        value = self.value.isoformat() if isinstance(self.value, datetime) else self.value
        body = json.dumps([self.column, value, self.row_id, self.backwards], separators=(",", ":"))
        return urlsafe_b64encode(body.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str, ordering: Ordering) -> Self:
        """Read a cursor of this order.

        Raises:
            ValidationError: we did not write it, or for another order.
        """
        try:
            column, given, row_id, backwards = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            value = parse_datetime(given) if column == "published_at" else given
        except (ValueError, TypeError, RecursionError, binascii.Error):
            column = value = row_id = backwards = None
        if column != ordering.column or not is_place(value) or type(row_id) is not int or not 0 <= row_id <= MAX_ID:
            message = _("Ce curseur n’est pas valable ici. Reprenez depuis la première page.")
            raise refusal("cursor", message, "invalid_cursor")
        return cls(column=column, value=value, row_id=row_id, backwards=bool(backwards))


def is_place(value: Any) -> TypeGuard[float | datetime]:
    """Say whether rows can be compared with a value out of a cursor: an aware moment, or a finite number."""
    if isinstance(value, datetime):
        return is_aware(value)
    return type(value) in {int, float} and abs(value) <= MAX_ID


@dataclass(frozen=True)
class Page(Generic[Row]):
    """The rows of a page, and the addresses of its neighbours."""

    rows: list[Row]
    following: str | None
    preceding: str | None


def page_of(reports: ReportQuerySet, ordering: Ordering, *, query: QueryDict, path: str) -> Page[Report]:
    """Return the page that `cursor` and `page_size` of the query string ask for.

    One query and its prefetches; by distance one more, which finds how far the page reaches.

    Raises:
        ValidationError: one of them cannot be understood.
    """
    size = whole_number(query, "page_size", default=PAGE_SIZE, first=1, last=MAX_PAGE_SIZE)
    text = query.get("cursor", "")[:MAX_CURSOR]
    cursor = Cursor.decode(text, ordering) if text else None
    backwards = cursor is not None and cursor.backwards
    found = ordering.measured(reports)
    if cursor is not None:
        found = behind(found, ordering, cursor)
    if ordering.origin is not None:
        found = found.filter(point__dwithin=(ordering.origin, reach(found, ordering, cursor, size)))
    rows = list(ordering.apply_strictly(found, backwards=backwards)[: size + 1])
    has_more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()

    def neighbour(row: Report, *, before: bool) -> str:
        place = Cursor(ordering.column, getattr(row, ordering.column), row.pk, before)
        kept = [(name, value) for name, values in query.lists() if name != "cursor" for value in values]
        return f"{settings.PUBLIC_URL}{path}?{urlencode([*kept, ('cursor', place.encode())])}"

    has_following = backwards or has_more
    has_preceding = has_more if backwards else cursor is not None
    return Page(
        rows=rows,
        following=neighbour(rows[-1], before=False) if rows and has_following else None,
        preceding=neighbour(rows[0], before=True) if rows and has_preceding else None,
    )


def reach(found: ReportQuerySet, ordering: Ordering, cursor: Cursor | None, size: int) -> float:
    """Return the distance in degrees within which a page by distance lies: what is farther need not be sorted.

    Forwards an index counts it off; backwards it ends at the cursor.
    """
    if cursor is not None and cursor.backwards:
        return float(cast("float", cursor.value))
    farthest = ordering.apply(found).values_list(ordering.column, flat=True)[size : size + 1]
    return next(iter(farthest), ANYWHERE)


def behind(reports: ReportQuerySet, ordering: Ordering, cursor: Cursor) -> ReportQuerySet:
    """Keep what comes after the cursor in its direction: one comparison of rows, which an index answers."""
    is_later = TupleLessThan if ordering.descending is not cursor.backwards else TupleGreaterThan
    place = (F(ordering.column), F("id"))
    return reports.filter(is_later(place, (cursor.value, cursor.row_id)))


def page_of_newest(rows: "models.QuerySet[Row]", *, query: QueryDict, path: str) -> Page[Row]:
    """Return a page of rows by number, the newest first, as `cursor` and `page_size` ask; one query.

    Raises:
        ValidationError: one of them cannot be understood.
    """
    size = whole_number(query, "page_size", default=PAGE_SIZE, first=1, last=MAX_PAGE_SIZE)
    text = query.get("cursor", "")
    direction, place = text[:1], text[1:]
    if text and not (
        direction in {OLDER, NEWER} and place.isascii() and place.isdigit() and len(place) < len(str(MAX_ID))
    ):
        message = _("Ce curseur n’est pas valable ici. Reprenez depuis la première page.")
        raise refusal("cursor", message, "invalid_cursor")
    is_newer = direction == NEWER
    kept = rows.filter(**{"pk__gt" if is_newer else "pk__lt": int(place)}) if text else rows
    found = list(kept.order_by("pk" if is_newer else "-pk")[: size + 1])
    has_more = len(found) > size
    found = found[:size]
    if is_newer:
        found.reverse()
    others = [(name, value) for name, values in query.lists() if name != "cursor" for value in values]

    def neighbour(row: Row, way: str) -> str:
        return f"{settings.PUBLIC_URL}{path}?{urlencode([*others, ('cursor', f'{way}{row.pk}')])}"

    return Page(
        rows=found,
        following=neighbour(found[-1], OLDER) if found and (is_newer or has_more) else None,
        preceding=neighbour(found[0], NEWER) if found and (has_more if is_newer else bool(text)) else None,
    )
