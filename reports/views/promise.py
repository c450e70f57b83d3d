"""What was promised for a report, in the words of whoever waits for it."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from reports import workflow
from reports.models import Report

Fact = dict[str, str]


def day(moment: datetime) -> str:
    """Return a moment's day in words: nobody waits for a minute."""
    return date_format(localtime(moment), "DATE_FORMAT")


def promise_of(report: Report) -> list[Fact]:
    """Return what can be expected, as rows of facts; once it is repaired, whether that was in time."""
    if report.status == workflow.RESOLVED and report.resolved_at:
        return [{"term": _("Résolu"), "words": kept_or_not(report, report.resolved_at)}]
    if report.status not in workflow.UNRESOLVED:
        return []
    rows = [*answer_of(report), *repair_of(report)]
    if rows and report.clock_stopped_at:
        words = _("suspendu depuis le %s, le temps d’obtenir une précision") % day(report.clock_stopped_at)
        rows.append({"term": _("Délai"), "words": words})
    return rows


def kept_or_not(report: Report, resolved_at: datetime) -> str:
    """Say when it was repaired, and honestly whether that was as promised."""
    if report.due_at is None:
        return day(resolved_at)
    if resolved_at <= report.due_at:
        return _("%s, dans le délai promis") % day(resolved_at)
    return _("%(day)s, après le délai promis (%(due)s)") % {"day": day(resolved_at), "due": day(report.due_at)}


def answer_of(report: Report) -> list[Fact]:
    """Return the row about the first answer."""
    if report.answered_at:
        words = _("donnée le %s") % day(report.answered_at)
    elif report.answer_due_at is None:
        return []
    elif report.answer_is_late:
        words = _("en retard : elle était prévue au plus tard le %s") % day(report.answer_due_at)
    else:
        words = _("prévue au plus tard le %s") % day(report.answer_due_at)
    return [{"term": _("Première réponse"), "words": words}]


def repair_of(report: Report) -> list[Fact]:
    """Return the row about the repair."""
    if report.due_at is None:
        return []
    sentences = {
        Report.Timing.DUE: _("prévue au plus tard le %s"),
        Report.Timing.SOON: _("prévue bientôt, au plus tard le %s"),
        Report.Timing.LATE: _("en retard : elle était prévue au plus tard le %s"),
        Report.Timing.VERY_LATE: _("très en retard, plus de trois fois le temps promis : elle était prévue le %s"),
    }
    return [{"term": _("Réparation"), "words": sentences[Report.Timing(report.timing)] % day(report.due_at)}]
