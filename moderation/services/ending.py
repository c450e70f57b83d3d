"""What waits for an answer about a report ends with it: questions to its author, and referrals to outside parties.

Asked by `reports` inside the transaction that changes the report (`settings.REPORT_CLOSED`, `settings.CLOSING_UNDONE`),
which holds its row: whoever answers at this moment was first, or finds the link over.
"""

from moderation.models import Question, Referral
from moderation.services import questions, referrals
from reports.models import Event, Report
from reports.permissions import Actor

# Beside "withdrawn", "expired" and "answered": the report was closed first.
CLOSED = "closed"


def end_open(*, report: Report, actor: Actor) -> None:
    """End the open question and the open referrals of a report that has just been closed; its clock goes on."""
    question = Question.objects.unclosed().unanswered().filter(report=report).first()
    if question is not None:
        questions.close(question, report, actor=actor, outcome=CLOSED)
    for referral in Referral.objects.unclosed().filter(report=report):
        referrals.close(referral, report, actor=actor, outcome=CLOSED)


def open_again(*, report: Report, event: Event) -> None:
    """Let what ended with the change of status that `event` tells be answered again: that change was taken back."""
    ended = Event.objects.filter(report=report, xid=event.xid, data__outcome=CLOSED)
    asked = ended.filter(kind=Event.Kind.ANSWERED).values_list("private_data__question", flat=True)
    passed_on = ended.filter(kind=Event.Kind.REFERRED).values_list("private_data__referral", flat=True)
    Question.objects.filter(pk__in=list(asked)).update(closed_at=None)
    # Where it was sent is forgotten; whoever has the link uses it as before.
    Referral.objects.filter(pk__in=list(passed_on)).update(closed_at=None)
