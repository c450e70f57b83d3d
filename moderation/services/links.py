"""What questions and referrals share: addresses, mails, and the row that both are about."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from moderation.services.telling import tell
from reports.models import Report


def path_of(name: str, token: str, language: str) -> str:
    """Return a link's path in its reader's language."""
    with translation.override(language):
        return reverse(name, args=[token])


def card_of(report: Report, language: str) -> dict[str, str]:
    """Return what a mail's card says of a report, in its reader's language."""
    with translation.override(language):
        return {"ref": report.ref, "title": report.title}


def locked(report_id: int) -> Report:
    """Return a report as it stands, held until the end of the transaction.

    Whatever changes a link takes this lock first, so that two of them wait for each other in one order.
    """
    rows = Report.objects.select_for_update(of=("self",)).select_related("category", "quarter__town", "organisation")
    report: Report = rows.defer("quarter__boundary", "quarter__town__boundary").get(pk=report_id)
    return report


def tell_colleague(*, key: str, user: User | None, report: Report, data: dict[str, Any]) -> None:
    """Tell whoever sent a link that it was answered; the words stay in the back office.

    Where the report went to another organisation in the meantime, its own address hears of it instead.
    """
    if user is None:
        return
    is_theirs = Report.objects.judged_by(user).filter(pk=report.pk).exists()
    language = user.language if is_theirs else settings.LANGUAGE_CODE
    elsewhere = report.organisation.email if report.organisation else ""
    path = reverse("admin:reports_report_change", args=[report.pk])
    tell(
        key=key,
        template="staff_link_answered",
        data={**card_of(report, language), "page": path, **data},
        user=user if is_theirs else None,
        email="" if is_theirs else elsewhere,
        language=language,
    )
