"""What happens to a report after it was sent: judged, taken up, answered, repaired."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reports import workflow
from reports.errors import IllegalTransition, MissingExplanation, NotAllowed, StaleReport
from reports.models import Event, Organisation, Photo, Report
from reports.permissions import Actor
from reports.services.log import record
from reports.services.merging import hand_over
from reports.services.photos import attach

TOO_LATE = _("Les 30 jours pour rouvrir ce signalement sont passés. Si le problème est là, signalez-le de nouveau.")


def check_change(*, report: Report, current: str, to: str, actor: Actor) -> None:
    """Refuse a change that the workflow does not have, or has for others.

    Raises:
        IllegalTransition, NotAllowed
    """
    if (current, to) not in workflow.TRANSITIONS:
        raise IllegalTransition
    if not workflow.is_allowed(current, to, actor.roles):
        raise NotAllowed
    only_reporter = not actor.is_staff
    if only_reporter and current == workflow.RESOLVED and report.confirmed_at is not None:
        raise NotAllowed(_("Vous avez confirmé cette réparation. Si le problème revient, signalez-le de nouveau."))
    if only_reporter and current == workflow.RESOLVED and report.resolved_at is not None:
        deadline = report.resolved_at + timedelta(days=workflow.REOPEN_DAYS)
        if timezone.now() > deadline:
            raise NotAllowed(TOO_LATE)


def columns_of_change(*, report: Report, current: str, to: str, note: str, original: Report | None) -> dict[str, Any]:
    """Return what the row becomes."""
    now = timezone.now()
    changes: dict[str, Any] = {
        "status": to,
        "updated_at": now,
        "resolved_at": now if to == workflow.RESOLVED else None,
        "confirmed_at": None,
        "duplicate_of": original if to == workflow.DUPLICATE else None,
        "rejection_reason": note[:500] if to == workflow.REJECTED else "",
    }
    if to == workflow.OPEN and report.published_at is None:
        changes["published_at"] = now
        changes["due_at"] = now + timedelta(days=report.category.repair_days)
    if current == workflow.RESOLVED:
        changes["due_at"] = now + timedelta(days=report.category.repair_days)
    return changes


@transaction.atomic
def change_status(
    *,
    report: Report,
    to: str,
    actor: Actor,
    seen: str | None = None,
    note: str = "",
    proof: list[Photo] | None = None,
    original: Report | None = None,
) -> Event:
    """Move a report along the workflow, provided it is still in the status that the actor saw.

    `note` is what the public reads with the change; `proof` are waiting photos of the repair; `original` is the report
    that this one repeats. The given `report` is brought up to date.

    Raises:
        IllegalTransition, NotAllowed, MissingExplanation: nothing was changed.
        StaleReport: somebody else was first.
    """
    current = seen or report.status
    proof = proof or []
    note = note.strip()
    check_change(report=report, current=current, to=to, actor=actor)
    check_explanation(report=report, change=(current, to), note=note, proof=proof, original=original)
    changes = columns_of_change(report=report, current=current, to=to, note=note, original=original)
    # Whoever read "resolved" has read whether it was confirmed: an answer "yes" in between counts as another's change.
    if not Report.objects.filter(pk=report.pk, status=current, confirmed_at=report.confirmed_at).update(**changes):
        raise StaleReport
    for name, value in changes.items():
        setattr(report, name, value)
    is_public = current in workflow.PUBLIC or to in workflow.PUBLIC
    data = {"from": current, "to": to, **({"note": note} if note else {})}
    if original is not None:
        data["original"] = original.ref
    event = record(kind=Event.Kind.STATUS_CHANGED, report=report, actor=actor, is_public=is_public, data=data)
    attach(photos=proof, report=report, actor=actor, is_public=report.is_public, kind=Photo.Kind.PROOF)
    if original is not None:
        hand_over(duplicate=report, original=original, actor=actor)
    return event


def check_explanation(
    *, report: Report, change: tuple[str, str], note: str, proof: list[Photo], original: Report | None
) -> None:
    """Refuse a change that nobody would understand.

    Raises:
        MissingExplanation
    """
    if change in workflow.NEEDS_NOTE and not note:
        raise MissingExplanation(field="note")
    if change in workflow.NEEDS_NOTE_OR_PROOF and not note and not proof:
        raise MissingExplanation(
            _("Dites en quelques mots ce qui a été fait, ou joignez une photo de la réparation."), field="note"
        )
    if change in workflow.NEEDS_ORIGINAL:
        if original is None:
            raise MissingExplanation(_("Indiquez le numéro du signalement d’origine."), field="original")
        if original.pk == report.pk or original.status not in (*workflow.PUBLIC, workflow.PENDING):
            raise MissingExplanation(
                _(
                    "Choisissez comme origine un autre signalement, "
                    "qui ne soit ni retiré, ni refusé, ni lui-même un doublon."
                ),
                field="original",
            )


@transaction.atomic
def assign(*, report: Report, organisation: Organisation | None, actor: Actor, note: str = "") -> Event:
    """Give a report to an organisation, or to nobody.

    Raises:
        NotAllowed: the actor does not judge this place.
    """
    if not actor.roles & {workflow.MODERATOR, workflow.ADMINISTRATOR}:
        raise NotAllowed
    report.organisation = organisation
    report.updated_at = timezone.now()
    report.save(update_fields=["organisation", "updated_at"])
    name = organisation.name if organisation else ""
    return record(
        kind=Event.Kind.ASSIGNED,
        report=report,
        actor=actor,
        is_public=report.is_public,
        data={"organisation": name},
        private_data={"note": note} if note else {},
    )


@transaction.atomic
def reply_publicly(*, report: Report, text: str, actor: Actor) -> Event:
    """Answer where everybody reads it.

    Raises:
        NotAllowed, MissingExplanation
    """
    if not actor.is_staff:
        raise NotAllowed
    if not text.strip():
        raise MissingExplanation(field="text")
    Report.objects.filter(pk=report.pk).update(updated_at=timezone.now())
    return record(
        kind=Event.Kind.REPLY, report=report, actor=actor, is_public=report.is_public, data={"text": text.strip()}
    )


@transaction.atomic
def add_note(*, report: Report, text: str, actor: Actor) -> Event:
    """Write something that only staff reads.

    Raises:
        NotAllowed, MissingExplanation
    """
    if not actor.is_staff:
        raise NotAllowed
    if not text.strip():
        raise MissingExplanation(field="text")
    return record(
        kind=Event.Kind.NOTE, report=report, actor=actor, is_public=False, private_data={"text": text.strip()}
    )
