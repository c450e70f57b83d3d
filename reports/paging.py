"""Pages of a list that nobody counts: counting costs more with every report, the next page does not."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import EmptyPage, PageNotAnInteger
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

# Skipping rows costs too; who wants older ones narrows the filters.
LAST_PAGE = 200


class UncountedPage:
    """One page: its rows, its number, and whether there is another."""

    def __init__(self, rows: Sequence[Any], number: int, *, has_next: bool) -> None:
        self.object_list = rows
        self.number = number
        self._has_next = has_next

    def __iter__(self) -> Any:
        return iter(self.object_list)

    def __len__(self) -> int:
        return len(self.object_list)

    def has_next(self) -> bool:
        """Say whether older rows follow within reach."""
        return self._has_next and self.number < LAST_PAGE

    def has_previous(self) -> bool:
        """Say whether newer rows precede."""
        return self.number > 1

    def has_other_pages(self) -> bool:
        """Say whether a pager is worth showing."""
        return self.has_next() or self.has_previous()

    def next_page_number(self) -> int:
        """Return the number behind this one."""
        return self.number + 1

    def previous_page_number(self) -> int:
        """Return the number before this one."""
        return self.number - 1


class UncountedPaginator:
    """Cuts a queryset into pages by reading one row more than it shows."""

    def __init__(self, rows: QuerySet[Any], per_page: int) -> None:
        self.rows = rows
        self.per_page = per_page

    def page(self, number: int | str) -> UncountedPage:
        """Return a page.

        Raises:
            PageNotAnInteger, EmptyPage: there is no such page.
        """
        try:
            wanted = int(number)
        except ValueError:
            raise PageNotAnInteger(_("Le numéro de page doit être un nombre.")) from None
        if not 1 <= wanted <= LAST_PAGE:
            raise EmptyPage(_("Cette page n’existe pas."))
        start = (wanted - 1) * self.per_page
        found = list(self.rows[start : start + self.per_page + 1])
        if not found and wanted > 1:
            raise EmptyPage(_("Cette page n’existe pas."))
        return UncountedPage(found[: self.per_page], wanted, has_next=len(found) > self.per_page)
