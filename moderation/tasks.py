"""The doors through which a worker calls moderation: one call goes out.

Services queue these tasks and tasks call services; the imports inside the functions are the one arrow that runs back.
"""

from celery import shared_task


@shared_task
def sweep_links() -> None:
    """Remind and end what people outside were asked."""
    from moderation.services import questions, referrals  # noqa: PLC0415

    questions.sweep()
    referrals.sweep()


@shared_task
def make_list(export_id: int) -> None:
    """Write the file of a list that somebody takes away."""
    from moderation.services.exports import build_list  # noqa: PLC0415

    build_list(export_id=export_id)


@shared_task
def sweep_lists() -> None:
    """Pick up lists that no worker has finished, and remove old ones."""
    from moderation.services import exports  # noqa: PLC0415

    exports.sweep()


@shared_task
def escalate_late() -> None:
    """Tell the persons named in the service levels of what has become late."""
    from moderation.services import escalation  # noqa: PLC0415

    escalation.escalate()
