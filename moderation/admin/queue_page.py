"""What the page of the queue shows: the report, whatever helps to judge it, and a form for each decision."""

from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.models import User
from moderation.admin.mapping import map_of
from moderation.admin.sender import history_of
from moderation.errors import Claimed
from moderation.forms import ChangeForm, MaskForm
from moderation.models import Decision
from moderation.services.decisions import last_of
from moderation.services.duplicates import candidates
from moderation.services.findings import explained
from moderation.wording import REASON_LABELS, REASONS
from reports import workflow
from reports.errors import DomainError
from reports.models import Report
from reports.querysets import ReportQuerySet

DECISIONS = (workflow.OPEN, workflow.REJECTED, workflow.DUPLICATE)
COUNTED = 100

Context = dict[str, Any]


def queue_address(after: str, wanted: str = "") -> str:
    """Return the queue's address: behind the report that was put off, or at a wanted one."""
    query = {name: value for name, value in (("after", after), ("report", wanted)) if value.isdecimal()}
    return reverse("admin:reports_report_queue") + (f"?{urlencode(query)}" if query else "")


def last_decision(person: User) -> Context:
    """Return what can be undone: the decision, and the status that it gave, if there is one."""
    decision: Decision | None = last_of(person)
    if decision is None:
        return {"last": None}
    return {"last": decision, "last_status": decision.event.data["to"]}


def empty_page(person: User, *, put_off: bool) -> Context:
    """Return what is shown when there is nothing to judge just now."""
    return {"title": _("À valider"), "put_off": put_off, **last_decision(person)}


def page_of(
    report: Report,
    person: User,
    after: str,
    *,
    rows: ReportQuerySet,
    sent: ChangeForm | None = None,
    refusal: DomainError | None = None,
) -> Context:
    """Return what the page shows; `rows` is all that waits, `sent` a form that was refused, `refusal` by the domain."""
    forms = {to: ChangeForm(report=report, person=person, to=to) for to in DECISIONS}
    if sent is not None:
        forms[sent.target] = sent
    near = candidates(report, person=person)
    count = len(rows.order_by().values_list("pk")[: COUNTED + 1])
    is_claimed = isinstance(refusal, Claimed)
    return {
        "title": _("À valider"),
        "report": report,
        "reasons": explained(report, person),
        "mask": MaskForm(report=report, person=person),
        "after": after,
        "flags": list(report.flags.open().order_by("created_at")),
        "history": history_of(report, person),
        "near": near,
        "map": map_of(report, [candidate.report for candidate in near]),
        "accept": forms[workflow.OPEN],
        "reject": forms[workflow.REJECTED],
        "ready_reasons": [(code, REASON_LABELS[code], words) for code, words in REASONS.items()],
        "duplicate": forms[workflow.DUPLICATE],
        "sent": sent,
        "is_waiting": report.status == workflow.PENDING and not is_claimed,
        "is_claimed": is_claimed,
        "count": min(count, COUNTED),
        "more": count > COUNTED,
        "next_url": queue_address(str(report.pk)),
        "decide_url": address_with("reports_report_decide", report, after),
        "claim_url": reverse("admin:reports_report_claim", args=[report.pk]),
        **last_decision(person),
    }


def address_with(name: str, report: Report, after: str) -> str:
    """Return the address of one report's form that remembers where in the queue one is."""
    query = f"?{urlencode({'after': after})}" if after.isdecimal() else ""
    return reverse(f"admin:{name}", args=[report.pk]) + query
