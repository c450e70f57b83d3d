"""Filters of the list of reports, kept under a name."""

from django.db import IntegrityError, transaction

from accounts.models import User
from moderation.models import SavedFilter

LONGEST = SavedFilter._meta.get_field("query").max_length or 0  # noqa: SLF001  (Django's documented API)


def keep_filter(*, owner: User, name: str, query: str, is_shared: bool) -> None:
    """Keep a query string of at most LONGEST letters under a name; the same name again replaces it."""
    kept = {"query": query, "is_shared": is_shared}
    try:
        with transaction.atomic():
            SavedFilter.objects.update_or_create(owner=owner, name=name, defaults=kept)
    except IntegrityError:
        # Two taps at once: the other one made it.
        SavedFilter.objects.filter(owner=owner, name=name).update(**kept)
