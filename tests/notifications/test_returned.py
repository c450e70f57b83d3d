"""A report that was held and is seen again: its author hears it, nobody else, and nothing counts as new."""

import pytest

from accounts.models import User
from notifications.contents import progress
from notifications.models import Delivery
from notifications.services.dispatch import consume
from notifications.targets import target_of
from notifications.wording import headline
from reports import workflow
from reports.models import Event, Organisation, Report
from reports.permissions import actor_for
from reports.services.areas import follow_area
from reports.services.handling import change_status
from reports.services.holding import hold
from tests.factories import ReportFactory
from tests.notifications.telling import address_follow, heard

pytestmark = pytest.mark.django_db


@pytest.fixture
def report(author: User, organisation: Organisation) -> Report:
    Organisation.objects.update(email="voirie@example.org")
    return ReportFactory(reporter=author, status=workflow.IN_PROGRESS)


def returned(report: Report, moderator: User) -> Event:
    hold(report=report)
    return change_status(report=report, to=workflow.OPEN, actor=actor_for(moderator, report))


def test_returned_is_told_to_its_author_alone(report: Report, author: User, moderator: User, stranger: User) -> None:
    address_follow(report, "amina@example.org")
    follow_area(category=report.category, user=stranger, language="fr")
    event = returned(report, moderator)
    consume(event.pk)
    assert len(heard(event)) == 1
    delivery = Delivery.objects.get(event=event)
    assert delivery.recipient is not None
    assert delivery.recipient.user == author
    words = progress(delivery, target_of(delivery))
    assert words["subject"] == f"{report.ref}\u00a0: le signalement paraît de nouveau"


def test_held_is_told_by_its_statement_alone(report: Report) -> None:
    event = hold(report=report)
    consume(event.pk)
    assert heard(event) == []


def test_headline_of_a_return(report: Report, moderator: User) -> None:
    event = returned(report, moderator)
    assert headline(event.kind, event.data) == "Signalement réexaminé, de nouveau visible"


def test_rejected_after_a_hold_is_told_to_all_who_follow(report: Report, moderator: User) -> None:
    address_follow(report, "amina@example.org")
    hold(report=report)
    actor = actor_for(moderator, report)
    event = change_status(report=report, to=workflow.REJECTED, actor=actor, note="Il vise une personne.")
    consume(event.pk)
    assert len(heard(event)) == 2
