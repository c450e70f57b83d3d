"""A judgement is told a minute later; one that was taken back in time is never told, one that was told is corrected."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import User
from moderation.models import Decision
from moderation.services.decisions import decide, undo
from notifications.errors import Reason
from notifications.models import Delivery
from notifications.services.deliver import deliver, sweep
from notifications.services.dispatch import consume
from reports import workflow
from reports.models import Event, Organisation, Report
from tests.factories import ReportFactory
from tests.notifications.news import digests_of
from tests.notifications.telling import MODERATION, changed, heard, user_follow

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def judged(by: User, to: str = workflow.OPEN, original: Report | None = None, **fields: object) -> Decision:
    report = ReportFactory(status=workflow.PENDING, **fields)
    note = "Terrain privé." if to == workflow.REJECTED else ""
    return decide(report=report, to=to, by=by, seen=workflow.PENDING, note=note, original=original)


def told_of(event: Event) -> list[Delivery]:
    consume(event.pk)
    return list(Delivery.objects.filter(event=event).order_by("pk"))


def a_minute_passes() -> None:
    Delivery.objects.update(next_try_at=timezone.now() - timedelta(seconds=1))


def send_all() -> None:
    a_minute_passes()
    for row in Delivery.objects.filter(status="waiting"):
        deliver(delivery_id=row.pk)


@pytest.mark.parametrize("to", [workflow.OPEN, workflow.REJECTED])
def test_judgement_waits_a_minute(to: str, moderator: User, author: User) -> None:
    decision = judged(moderator, to, reporter=author)
    (row,) = told_of(decision.event)
    assert row.next_try_at == decision.event.at + MINUTE
    deliver(delivery_id=row.pk)
    row.refresh_from_db()
    assert (row.status, row.claimed_at, mail.outbox) == ("waiting", None, [])


def test_judgement_is_sent_by_the_sweep_when_its_minute_is_over(moderator: User, author: User) -> None:
    (row,) = told_of(judged(moderator, reporter=author).event)
    sweep()
    row.refresh_from_db()
    assert row.claimed_at is None
    a_minute_passes()
    sweep()
    row.refresh_from_db()
    assert row.claimed_at is not None


def test_progress_does_not_wait(author: User) -> None:
    report = ReportFactory(status=workflow.IN_PROGRESS, reporter=author)
    event = changed(report, workflow.OPEN, workflow.IN_PROGRESS, actor=MODERATION)
    (row,) = told_of(event)
    assert row.next_try_at == event.at


@pytest.mark.parametrize("to", [workflow.OPEN, workflow.REJECTED])
def test_judgement_undone_in_time_is_never_told(
    to: str, moderator: User, author: User, organisation: Organisation
) -> None:
    organisation.email = "voirie@example.org"
    organisation.save()
    decision = judged(moderator, to, reporter=author, organisation=organisation)
    rows = told_of(decision.event)
    assert rows
    undo(decision=decision, by=moderator)
    send_all()
    assert mail.outbox == []
    assert {(row.status, row.last_error) for row in Delivery.objects.all()} == {("skipped", Reason.UNDONE)}
    assert told_of(Event.objects.get(kind=Event.Kind.UNDONE)) == []


def test_duplicate_undone_in_time_is_never_told(moderator: User, author: User) -> None:
    original = ReportFactory()
    decision = judged(moderator, workflow.DUPLICATE, original=original, reporter=author)
    for event in Event.objects.order_by("pk"):
        consume(event.pk)
    assert Delivery.objects.count() == 1
    undo(decision=decision, by=moderator)
    send_all()
    for event in Event.objects.order_by("pk"):
        consume(event.pk)
    assert mail.outbox == []
    assert [(row.status, row.last_error) for row in Delivery.objects.all()] == [("skipped", Reason.UNDONE)]


def test_judgement_told_and_undone_is_corrected_for_who_heard_it(moderator: User, author: User) -> None:
    decision = judged(moderator, reporter=author)
    told_of(decision.event)
    send_all()
    user_follow(decision.report)
    undo(decision=decision, by=moderator)
    event = Event.objects.get(kind=Event.Kind.UNDONE)
    told_of(event)
    assert heard(event) == [(author.email, "report_progress")]
    send_all()
    assert [sent.subject for sent in mail.outbox][-1] == f"{decision.report.ref}\u00a0: la décision est annulée"


def test_digest_is_silent_about_what_was_taken_back(moderator: User, author: User) -> None:
    follow_wish(author)
    decision = judged(moderator, workflow.REJECTED, reporter=author)
    undo(decision=decision, by=moderator)
    Event.objects.update(at=timezone.now() - timedelta(hours=1))
    assert [row for row in digests_of(author) if row.template == "digest" and sends(row)] == []


def follow_wish(person: User) -> None:
    from notifications.models import Channel, Topic  # noqa: PLC0415
    from notifications.services.recipients import recipient_of_user  # noqa: PLC0415
    from tests.notifications.telling import wish  # noqa: PLC0415

    recipient_of_user(person)
    wish(person, Topic.PROGRESS, "daily", Channel.EMAIL)


def sends(row: Delivery) -> bool:
    deliver(delivery_id=row.pk)
    row.refresh_from_db()
    return bool(row.status == "sent")
