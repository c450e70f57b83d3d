"""One thing done to many reports, each through its own service; and beforehand, what would come of it."""

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from moderation.services import claims
from moderation.services.decisions import decide
from moderation.wording import REASONS, TOO_LONG
from reports import workflow
from reports.errors import DomainError, IllegalTransition, MissingExplanation, StaleReport
from reports.models import Category, Organisation, Report
from reports.permissions import actor_for
from reports.services.catalogue import asked_once
from reports.services.handling import assign
from reports.services.reclassifying import recategorise

MOST = 200
ACCEPT = "accept"
REJECT = "reject"
ASSIGN = "assign"
CATEGORY = "category"

NOT_WAITING = _("Ce signalement n’attend pas de validation.")
SAME_ORGANISATION = _("Ce signalement est déjà confié à cet organisme.")
# The column keeps this much, and the author reads it whole.
REASON_LENGTH = Report._meta.get_field("rejection_reason").max_length or 0  # noqa: SLF001  (Django's documented API)


@dataclass(frozen=True)
class Wish:
    """What is to become of each report.

    act           ACCEPT, REJECT, ASSIGN or CATEGORY
    reason        a code of `moderation.wording.REASONS`, said to each author in their language
    note          the moderator's own words: for the author of what is rejected, for colleagues otherwise
    organisation  to whom they are given; None for nobody
    category      into which they go
    """

    act: str
    reason: str = ""
    note: str = ""
    organisation: Organisation | None = None
    category: Category | None = None


@dataclass(frozen=True)
class Outcome:
    """One report, as it was; what changed, each as (before, after) in words; or why nothing did."""

    report: Report
    changes: tuple[tuple[str, str], ...] = ()
    refusal: str = ""


def foresee(*, reports: Iterable[Report], seen: dict[int, str], wish: Wish, by: User) -> list[Outcome]:
    """Return what `carry_out` would do now: each report is tried out and put back, so that nothing is guessed."""
    with asked_once():
        return [outcome(report, seen=seen, wish=wish, by=by, is_trial=True) for report in reports]


def carry_out(*, reports: Iterable[Report], seen: dict[int, str], wish: Wish, by: User) -> list[Outcome]:
    """Do it to each report in a transaction of its own: one that is refused stops no other.

    `seen` says in which status the person saw each report, by its id.
    """
    with asked_once():
        return [outcome(report, seen=seen, wish=wish, by=by, is_trial=False) for report in reports]


def outcome(report: Report, *, seen: dict[int, str], wish: Wish, by: User, is_trial: bool) -> Outcome:
    """Do it to one report, or only try; return what came of it."""
    after = copy.copy(report)
    try:
        with transaction.atomic():
            if report.status != seen.get(report.pk):
                raise StaleReport
            ACTS[wish.act](after, wish, by)
            transaction.set_rollback(is_trial)
    except DomainError as error:
        return Outcome(report, refusal=str(error))
    return Outcome(report, changes=tuple(changes_between(report, after)))


def changes_between(before: Report, after: Report) -> Iterable[tuple[str, str]]:
    """Give what differs between two states of one report, in words."""
    nobody = str(_("Personne pour l’instant"))
    words: tuple[Callable[[Report], str], ...] = (
        lambda report: str(Report.Status(report.status).label),
        lambda report: report.category.name,
        lambda report: report.organisation.name if report.organisation else nobody,
    )
    for said in words:
        if said(before) != said(after):
            yield said(before), said(after)


def accept(report: Report, _wish: Wish, by: User) -> None:
    """Publish what waits."""
    if report.status != workflow.PENDING:
        raise IllegalTransition(NOT_WAITING)
    decide(report=report, to=workflow.OPEN, by=by, seen=report.status)


def reject(report: Report, wish: Wish, by: User) -> None:
    """Turn it down, with a reason in its author's language."""
    with translation.override(report.language):
        note = " ".join(part for part in (str(REASONS.get(wish.reason, "")), wish.note) if part)
    if len(note) > REASON_LENGTH:
        raise MissingExplanation(TOO_LONG % {"limit": REASON_LENGTH, "length": len(note)})
    decide(report=report, to=workflow.REJECTED, by=by, seen=report.status, note=note)


def give(report: Report, wish: Wish, by: User) -> None:
    """Give it to an organisation, or to nobody."""
    claims.check(report=report, by=by)
    if report.organisation == wish.organisation:
        raise IllegalTransition(SAME_ORGANISATION)
    assign(report=report, organisation=wish.organisation, actor=actor_for(by, report), note=wish.note)


def classify(report: Report, wish: Wish, by: User) -> None:
    """Put it into another category."""
    claims.check(report=report, by=by)
    if wish.category is None:
        raise IllegalTransition
    recategorise(report=report, category=wish.category, actor=actor_for(by, report), note=wish.note)


ACTS: dict[str, Callable[[Report, Wish, User], None]] = {
    ACCEPT: accept,
    REJECT: reject,
    ASSIGN: give,
    CATEGORY: classify,
}
