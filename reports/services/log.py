"""Writing the event log: the one way in."""

from typing import Any

from django.db import transaction

from accounts.models import AuditEntry
from accounts.services.audit import record as put_on_record
from reports import live
from reports.models import Event, Report
from reports.permissions import Actor
from reports.services.deadlines import note_answer
from reports.services.dispatch import is_wanted
from reports.services.queue import after_commit
from reports.tasks import dispatch_event


def record(
    *,
    kind: str,
    report: Report,
    actor: Actor,
    is_public: bool,
    data: dict[str, Any] | None = None,
    private_data: dict[str, Any] | None = None,
) -> Event:
    """Write one event in the caller's transaction; after commit, hint it to whoever watches and queue its dispatch.

    A public event carries what moves a pin (status, location, category, votes), so that a page that was away can catch
    up from the log alone. What staff does also stands in the record of `accounts`, which nobody can change, with its
    `outcome` where it ends something.
    """
    moving = {
        "status": report.status,
        "location": [report.point.x, report.point.y],
        "category": report.category.code,
        "votes": report.votes,
    }
    event = Event.objects.create(
        kind=kind,
        report=report,
        actor=actor.user,
        actor_role=actor.role,
        actor_name=actor.public_name,
        is_public=is_public,
        data={**moving, **(data or {})},
        private_data=private_data or {},
    )
    if actor.is_staff:
        act = {"event": event.pk, "kind": kind}
        if "outcome" in event.data:
            act["outcome"] = event.data["outcome"]
        put_on_record(kind=AuditEntry.Kind.REPORT_ACT, actor=actor.user, about=report.ref, data=act)
    note_answer(report=report, kind=kind, actor=actor, data=event.data)
    if is_public:
        # Robust: a lost hint must not fail a request whose work is committed. A lambda and not a partial, because
        # Django logs the failure of a robust step by its `__qualname__`.
        transaction.on_commit(lambda: live.publish(event.pk), robust=True)
    # Votes are many and nobody is told of each: a kind that no consumer wants costs the request nothing.
    if is_wanted(kind):
        after_commit(dispatch_event, event.pk)
    return event
