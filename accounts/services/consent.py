"""What people agreed to: one row per text and version, kept as long as the account."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from accounts.models import Consent, User

# The day of each text as it stands: change it here whenever the page's meaning changes, and people are asked again.
VERSIONS: dict[str, str] = {
    Consent.Document.RULES: "2026-11-21",
    Consent.Document.PRIVACY: "2026-11-21",
}


def give(*, user: User, documents: Iterable[str], at: datetime | None = None) -> list[Consent]:
    """Note that a person agreed to the current version of each document; what they had agreed to stays as it was.

    `documents` are codes of `Consent.Document`; `at` is when they agreed, now if not said.

    Raises:
        KeyError: for a text that the portal does not have.
    """
    moment = at or timezone.now()
    return [
        Consent.objects.get_or_create(
            user=user, document=document, version=VERSIONS[document], defaults={"given_at": moment}
        )[0]
        for document in documents
    ]


def missing(user: User) -> list[str]:
    """Return the codes of the texts whose current version the person has not agreed to, in the order of `VERSIONS`."""
    given = set(Consent.objects.filter(user=user).values_list("document", "version"))
    return [document for document, version in VERSIONS.items() if (document, version) not in given]
