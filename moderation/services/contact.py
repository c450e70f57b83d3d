"""How to reach the author of a report: for those whose task needs it, and each look is put on record."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import AuditEntry, User
from accounts.services.audit import record
from reports import workflow
from reports.errors import NotAllowed
from reports.models import Report
from reports.permissions import actor_for

# Who answers an author: whoever judges the place, and whoever repairs.
REACHES = frozenset({workflow.MODERATOR, workflow.OPERATOR, workflow.ADMINISTRATOR})
UNCLOSED = (workflow.PENDING, *workflow.UNRESOLVED)


@dataclass(frozen=True)
class Contact:
    """What the author left: the account's name and address if they have one, and what they typed with the report."""

    name: str = ""
    account: str = ""
    email: str = ""
    phone: str = ""


def is_needed(report: Report) -> bool:
    """Say whether there may still be a reason to write to the author: until the town's retention is over."""
    kept = timedelta(days=report.quarter.town.contact_retention_days)
    return report.status in UNCLOSED or report.updated_at > timezone.now() - kept


def may_look(*, report: Report, by: User) -> bool:
    """Say whether somebody may see how to reach the author."""
    return is_needed(report) and bool(actor_for(by, report).roles & REACHES)


@transaction.atomic
def look(*, report: Report, by: User) -> Contact:
    """Return how to reach the author, and put on record that `by` saw it.

    Raises:
        NotAllowed: it is not their task, or no longer.
    """
    if not may_look(report=report, by=by):
        raise NotAllowed
    author = report.reporter
    record(kind=AuditEntry.Kind.CONTACT_SEEN, actor=by, subject=author, about=report.ref)
    return Contact(
        name=author.name if author else "",
        account=author.email if author else "",
        email=report.contact_email,
        phone=report.contact_phone,
    )
