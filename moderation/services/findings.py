"""What screening found, as a moderator reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from reports.models import Report
from reports.screening import ALIKE, BLOCKED, SEEN, WORDS


@dataclass(frozen=True)
class Explained:
    """One finding.

    words  a sentence
    more   what exactly: the terms, how many
    other  the earlier report with the same picture, where this person may open it
    """

    code: str
    words: str
    more: str = ""
    other: Report | None = None


def explained(report: Report, by: User) -> list[Explained]:
    """Return the findings about a report in words; one query, and only where pictures were seen before.

    Findings of a code that is not known any more are left out.
    """
    named = {finding["report"] for finding in report.findings if finding.get("code") in {SEEN, ALIKE}}
    rows = Report.objects.judged_by(by).filter(pk__in=named).only("pk", "ref", "status") if named else []
    others = {other.pk: other for other in rows}
    return in_words(report.findings, others)


def in_words(findings: list[dict[str, Any]], others: Mapping[int, Report] = MappingProxyType({})) -> list[Explained]:
    """Return findings in words; `others` are the reports, by id, that they may name."""
    return [
        Explained(
            code=finding["code"],
            words=str(WORDS[finding["code"]]),
            more=more_of(finding),
            other=others.get(finding.get("report", 0)),
        )
        for finding in findings
        if finding.get("code") in WORDS
    ]


def more_of(finding: dict[str, Any]) -> str:
    """Return what exactly was found."""
    if finding["code"] == BLOCKED:
        return ", ".join(_("« %(term)s »") % {"term": term} for term in finding.get("terms", []))
    if "count" in finding:
        return _("%(count)d avec celui-ci") % {"count": finding["count"]}
    return ""
