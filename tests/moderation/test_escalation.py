"""Whoever a service level names hears of what is late: once, in one mail, and only of what the level is for."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from moderation.services import escalation
from moderation.services.escalation import escalate
from moderation.tasks import escalate_late
from notifications.models import Delivery
from notifications.services.deliver import deliver
from reports import workflow
from reports.models import Category, Event, Organisation, Quarter, Report, ServiceLevel
from reports.permissions import reporter_without_account
from reports.services.handling import change_status
from tests.factories import CategoryFactory, OrganisationFactory, ReportFactory
from tests.moderation.conftest import signed_in, words_of
from tests.reports.test_vote import at_once

DAY = timedelta(days=1)


def late(**fields: Any) -> Report:
    return ReportFactory(**{"due_at": timezone.now() - DAY, **fields})


def level(told: User | None, **fields: Any) -> ServiceLevel:
    return ServiceLevel.objects.create(escalate_to=told, **fields)


def told() -> list[tuple[str, int]]:
    """Return to whom a mail is stored, and of how many reports it tells."""
    rows = Delivery.objects.filter(template="escalation").order_by("pk").select_related("recipient__user")
    return [(row.recipient.user.email, row.data["count"]) for row in rows]  # type: ignore[union-attr]


def test_escalate_tells_the_named_person_once(quarter: Quarter, moderator: User) -> None:
    level(moderator)
    report = late()
    assert (escalate(), escalate()) == (1, 0)
    assert told() == [(moderator.email, 1)]
    report.refresh_from_db()
    assert report.escalated_at is not None
    (event,) = report.events.all()
    assert (event.kind, event.is_public, event.actor, event.private_data) == (
        Event.Kind.ESCALATED,
        False,
        None,
        {"person": moderator.pk},
    )


def test_escalate_is_a_task(quarter: Quarter, moderator: User) -> None:
    level(moderator)
    late()
    escalate_late()
    assert told() == [(moderator.email, 1)]


def test_escalate_leaves_alone_what_is_not_late(quarter: Quarter, moderator: User) -> None:
    now = timezone.now()
    level(moderator)
    ReportFactory()
    late(status=workflow.RESOLVED)
    late(status=workflow.PENDING)
    late(clock_stopped_at=now - 2 * DAY)
    late(escalated_at=now)
    assert (escalate(), told()) == (0, [])


def test_escalate_where_nobody_is_named(quarter: Quarter) -> None:
    level(None)
    report = late()
    assert (escalate(), told()) == (0, [])
    report.refresh_from_db()
    assert report.escalated_at is None


def test_escalate_follows_the_most_specific_level(
    quarter: Quarter, category: Category, organisation: Organisation, moderator: User, administrator: User
) -> None:
    lamp, water = CategoryFactory(code="lamp"), OrganisationFactory(slug="eau", name="Eau")
    level(moderator)
    level(administrator, category=lamp)
    level(None, organisation=water)
    for fields in ({}, {"organisation": None}, {"category": lamp}, {"category": lamp, "organisation": water}):
        late(**fields)
    silent = late(organisation=water)
    assert escalate() == 4
    assert sorted(told()) == [(administrator.email, 2), (moderator.email, 2)]
    silent.refresh_from_db()
    assert silent.escalated_at is None


def test_escalate_to_a_closed_account_waits(quarter: Quarter, moderator: User) -> None:
    level(moderator)
    late()
    User.objects.filter(pk=moderator.pk).update(is_active=False)
    assert (escalate(), told()) == (0, [])


def test_escalate_again_after_it_was_reopened(quarter: Quarter, moderator: User) -> None:
    level(moderator, repair_hours=1, answer_hours=1)
    report = late(status=workflow.RESOLVED, escalated_at=timezone.now() - DAY)
    change_status(report=report, to=workflow.OPEN, actor=reporter_without_account(), note="Toujours cassé.")
    assert escalate() == 0
    assert escalate(now=timezone.now() + timedelta(hours=2)) == 1


def test_escalate_takes_no_more_than_it_can_in_one_go(
    quarter: Quarter, moderator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(escalation, "AT_ONCE", 2)
    level(moderator)
    oldest = late(due_at=timezone.now() - 9 * DAY)
    for _number in range(2):
        late()
    assert (escalate(), escalate(), escalate()) == (2, 1, 0)
    assert Delivery.objects.order_by("pk")[0].data["ref"] == oldest.ref


@pytest.mark.parametrize("rows", [1, 3])
def test_escalate_costs_as_much_as_there_is_to_write(
    rows: int, quarter: Quarter, moderator: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    level(moderator)
    for _number in range(rows):
        late()
    escalate()
    Report.objects.update(escalated_at=None)
    # One event for each report; everything else is asked and written once.
    with django_assert_num_queries(12 + rows):
        escalate()


def test_escalation_mail_names_the_longest_late_first(quarter: Quarter, moderator: User) -> None:
    level(moderator)
    newer, older = late(), late(due_at=timezone.now() - 9 * DAY)
    escalate()
    deliver(delivery_id=Delivery.objects.get(template="escalation").pk)
    (sent,) = mail.outbox
    assert (sent.subject, sent.to) == ("2 signalements en retard", [moderator.email])
    text = str(sent.body)
    assert text.index(older.ref) < text.index(newer.ref)
    for report in (newer, older):
        assert f"/admin/reports/report/{report.pk}/change/" in text


def test_escalation_mail_in_english_says_the_category_in_english(quarter: Quarter, moderator: User) -> None:
    User.objects.filter(pk=moderator.pk).update(language="en")
    level(moderator)
    late()
    escalate()
    assert Delivery.objects.get(template="escalation").data["title"].startswith("Pothole")


def test_escalation_mail_cuts_a_long_list(quarter: Quarter, moderator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(escalation, "SHOWN", 2)
    level(moderator)
    for _number in range(4):
        late()
    escalate()
    data = Delivery.objects.get(template="escalation").data
    assert (data["count"], len(data["others"]), data["more"]) == (4, 1, 2)


def test_escalation_mail_leads_who_may_not_open_the_desk_to_the_public_page(
    quarter: Quarter, moderator_elsewhere: User
) -> None:
    level(moderator_elsewhere)
    report = late()
    escalate()
    assert Delivery.objects.get(template="escalation").data["page"] == report.get_absolute_url()


def test_escalation_stands_in_the_timeline_of_staff_only(quarter: Quarter, moderator: User) -> None:
    level(moderator)
    report = late()
    escalate()
    page = words_of(signed_in(moderator).get(f"/admin/reports/report/{report.pk}/change/"))
    assert f"Retard signalé à {moderator}" in page
    assert "Retard signalé" not in words_of(signed_in(None).get(report.get_absolute_url()))


@pytest.mark.django_db(transaction=True)
def test_escalate_twice_at_once_tells_once(quarter: Quarter, moderator: User) -> None:
    level(moderator)
    for _number in range(5):
        late()
    assert at_once([escalate] * 4) == []
    assert sum(count for _email, count in told()) == 5
    assert Event.objects.filter(kind=Event.Kind.ESCALATED).count() == 5
