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
from reports.services.closing import end_open
from reports.services.deadlines import new_clock, set_deadlines
from reports.services.log import record
from reports.services.merging import hand_over, lock, unmerge
from reports.services.photos import attach
from reports.services.succession import hold_joined, pass_on

OTHER_HAS_IT = _("%(name)s est déjà chargé de ce signalement. Dites en quelques mots pourquoi cela change.")
HAS_DUPLICATES = _("D’autres signalements y sont rattachés comme doublons (%(refs)s). Rouvrez-les d’abord.")
NOT_YET_PUBLIC = _("Le signalement d’origine attend encore d’être vérifié : acceptez-le d’abord, ou gardez celui-ci.")
# The same words from the same person within this time are one form, sent twice.
TWIN = timedelta(minutes=1)
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
    """Return what the row becomes; a held report that is accepted gets back its status, and keeps its dates."""
    now = timezone.now()
    if to == workflow.OPEN and report.held_from:
        return {"status": report.held_from, "updated_at": now, "held_from": ""}
    changes: dict[str, Any] = {
        "status": to,
        "updated_at": now,
        "resolved_at": now if to == workflow.RESOLVED else None,
        "confirmed_at": None,
        "duplicate_of": original if to == workflow.DUPLICATE else None,
        "rejection_reason": note[:500] if to == workflow.REJECTED else "",
        "held_from": "",
    }
    if to == workflow.OPEN and report.published_at is None:
        changes |= {"published_at": now, **new_clock(report, now)}
    if current == workflow.RESOLVED:
        changes |= new_clock(report, now)
    return changes


def check(
    *, report: Report, current: str, to: str, actor: Actor, note: str, proof: list[Photo], original: Report | None
) -> None:
    """Refuse a change of status that may not be made as it is asked for; nothing is changed.

    Raises:
        IllegalTransition, NotAllowed, MissingExplanation
    """
    check_change(report=report, current=current, to=to, actor=actor)
    check_explanation(report=report, change=(current, to), note=note, proof=proof, original=original)
    check_duplicates(report=report, to=to)


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
    check(report=report, current=current, to=to, actor=actor, note=note, proof=proof, original=original)
    changes = columns_of_change(report=report, current=current, to=to, note=note, original=original)
    if original is not None:
        lock(duplicate=report, others=[original.pk])
    joined = hold_joined(report) if to == workflow.WITHDRAWN else []
    parted = unmerge(report=report, actor=actor) if current == workflow.DUPLICATE else None
    # Whoever read "resolved" has read whether it was confirmed: an answer "yes" in between counts as another's change.
    held_from = report.held_from
    as_seen = Report.objects.filter(pk=report.pk, status=current, confirmed_at=report.confirmed_at, held_from=held_from)
    if not as_seen.update(**changes):
        raise StaleReport
    for name, value in changes.items():
        setattr(report, name, value)
    # Whoever followed a report that was held hears what becomes of it.
    is_public = current in workflow.PUBLIC or to in workflow.PUBLIC or bool(held_from)
    data = {"from": current, "to": report.status, **({"note": note} if note else {})}
    if held_from:
        data["held_from"] = held_from
    if other := original or (parted.original if parted else None):
        data["original"] = other.ref
    end_open(report=report, actor=actor)
    event = record(kind=Event.Kind.STATUS_CHANGED, report=report, actor=actor, is_public=is_public, data=data)
    attach(photos=proof, report=report, actor=actor, is_public=report.is_public, kind=Photo.Kind.PROOF)
    if original is not None:
        hand_over(duplicate=report, original=original, actor=actor)
    if joined:
        pass_on(original=report, joined=joined)
    return event


def check_duplicates(*, report: Report, to: str) -> None:
    """Refuse to reject what others were joined to: they would be gone with it, and nobody would hear why.

    Raises:
        IllegalTransition
    """
    if to != workflow.REJECTED:
        return
    joined = list(report.duplicates.filter(status=workflow.DUPLICATE).order_by("pk").values_list("ref", flat=True)[:3])
    if joined:
        raise IllegalTransition(HAS_DUPLICATES % {"refs": ", ".join(joined)})


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
        if change[0] in workflow.PUBLIC and original.status == workflow.PENDING:
            # What everybody sees must not vanish behind what nobody sees yet.
            raise MissingExplanation(NOT_YET_PUBLIC, field="original")


@transaction.atomic
def assign(*, report: Report, organisation: Organisation | None, actor: Actor, note: str = "") -> Event:
    """Give a report to an organisation, or to nobody; who takes it from another one says why.

    The given `report` is as the actor saw it, and is brought up to date.

    Raises:
        NotAllowed: the actor does not judge this place.
        MissingExplanation: another organisation has it, and `note` is empty.
        StaleReport: somebody else has given it away in the meantime.
    """
    if not actor.roles & {workflow.MODERATOR, workflow.ADMINISTRATOR}:
        raise NotAllowed
    changes: dict[str, Any] = {"organisation": organisation, "updated_at": timezone.now()}
    if organisation != report.organisation:
        if report.organisation is not None and not note.strip():
            raise MissingExplanation(OTHER_HAS_IT % {"name": report.organisation.name}, field="note")
        # A colleague of the one before.
        changes["assignee"] = None
    if not Report.objects.filter(pk=report.pk, organisation=report.organisation_id).update(**changes):
        raise StaleReport
    for column, value in changes.items():
        setattr(report, column, value)
    set_deadlines(report)
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
    """Answer where everybody reads it; on a report that is not public, its author alone, on their private page.

    Raises:
        NotAllowed, MissingExplanation
    """
    if not actor.is_staff:
        raise NotAllowed
    if not text.strip():
        raise MissingExplanation(field="text")
    if twin := said_before(report=report, actor=actor, kind=Event.Kind.REPLY, data__text=text.strip()):
        return twin
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
    if twin := said_before(report=report, actor=actor, kind=Event.Kind.NOTE, private_data__text=text.strip()):
        return twin
    return record(
        kind=Event.Kind.NOTE, report=report, actor=actor, is_public=False, private_data={"text": text.strip()}
    )


def said_before(*, report: Report, actor: Actor, kind: str, **words: str) -> Event | None:
    """Return the same words of the same person a moment ago: a form that was sent twice. Locks the report."""
    Report.objects.select_for_update(no_key=True).only("pk").get(pk=report.pk)
    lately = timezone.now() - TWIN
    twins = Event.objects.filter(report=report, kind=kind, actor=actor.user, at__gte=lately, **words)
    return twins.first()
