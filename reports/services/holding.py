"""Taking a public report from view until a moderator has looked again.

Back to view it comes by `handling.change_status`, as any report that waits: accepted, it gets back the status it had.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reports import workflow
from reports.errors import IllegalTransition, MissingExplanation, NotAllowed, StaleReport
from reports.models import Event, Report
from reports.permissions import NOBODY, Actor
from reports.services.log import record

NOT_PUBLIC = _("Ce signalement n’est pas public : il n’y a rien à retirer de la vue.")


@transaction.atomic
def hold(*, report: Report, actor: Actor = NOBODY, note: str = "", seen: str | None = None) -> Event:
    """Let a public report wait for a moderator again; the given `report` is brought up to date.

    `actor` is the moderator who takes it from view, `note` why, which only staff and its author read; NOBODY is the
    portal itself, after enough alerts. Its dates stay, and with them what was promised.

    Raises:
        IllegalTransition: it is not public.
        NotAllowed, MissingExplanation: nothing was changed.
        StaleReport: somebody else was first.
    """
    current = seen or report.status
    if (current, workflow.PENDING) not in workflow.HOLDS:
        raise IllegalTransition(NOT_PUBLIC)
    if actor is not NOBODY:
        if not workflow.HOLDS[current, workflow.PENDING] & actor.roles:
            raise NotAllowed
        if not note.strip():
            raise MissingExplanation(field="note")
    changes = {"status": workflow.PENDING, "held_from": current, "updated_at": timezone.now()}
    if not Report.objects.filter(pk=report.pk, status=current).update(**changes):
        raise StaleReport
    for name, value in changes.items():
        setattr(report, name, value)
    # Public, so that open maps let go of it; why, and by whose alerts, is not.
    return record(
        kind=Event.Kind.HELD,
        report=report,
        actor=actor,
        is_public=True,
        data={"from": current},
        private_data={"note": note.strip()} if note.strip() else {},
    )
