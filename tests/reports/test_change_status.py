"""Changing a status: who, when, with which words, and when two do it at once."""

import itertools
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from reports import workflow
from reports.errors import DomainError, IllegalTransition, MissingExplanation, NotAllowed, StaleReport
from reports.models import Event, Organisation, Photo, Quarter, Report
from reports.permissions import Actor, actor_for, reporter_without_account
from reports.services.handling import add_note, assign, change_status, reply_publicly
from tests.factories import PhotoFactory, ReportFactory

ALL_PAIRS = list(itertools.product(workflow.STATUSES, workflow.STATUSES))
CAST = ("author", "moderator", "operator", "administrator", "moderator_elsewhere", "operator_elsewhere", "stranger")
ROLE_OF = {
    "author": "reporter",
    "moderator": "moderator",
    "operator": "operator",
    "administrator": "administrator",
}


@pytest.fixture
def people(request: pytest.FixtureRequest) -> dict[str, User]:
    return {name: request.getfixturevalue(name) for name in CAST}


def make(status: str, people: dict[str, User], quarter: Quarter, organisation: Organisation) -> Report:
    report: Report = ReportFactory(status=status, reporter=people["author"], quarter=quarter, organisation=organisation)
    return report


@pytest.mark.parametrize("pair", ALL_PAIRS, ids=" → ".join)
def test_change_status_by_the_whole_cast(
    pair: tuple[str, str], people: dict[str, User], quarter: Quarter, organisation: Organisation
) -> None:
    current, to = pair
    for name, user in people.items():
        report = make(current, people, quarter, organisation)
        original = ReportFactory(quarter=quarter) if to == "duplicate" else None
        expected = ROLE_OF.get(name) in workflow.TRANSITIONS.get(pair, set())
        try:
            change_status(report=report, to=to, actor=actor_for(user, report), note="Vu sur place.", original=original)
            done = True
        except DomainError:
            done = False
        assert done == expected, f"{name}: {current} → {to}"
        report.refresh_from_db()
        assert report.status == (to if expected else current)
        assert report.events.filter(kind=Event.Kind.STATUS_CHANGED).count() == (1 if expected else 0)


def test_change_status_without_such_a_transition(quarter: Quarter, moderator: User) -> None:
    report = ReportFactory(status="withdrawn", quarter=quarter)
    with pytest.raises(IllegalTransition):
        change_status(report=report, to="open", actor=actor_for(moderator, report), note="Vu.")


@pytest.mark.parametrize("pair", sorted(workflow.NEEDS_NOTE), ids=" → ".join)
def test_change_status_without_the_words_it_needs(pair: tuple[str, str], quarter: Quarter, administrator: User) -> None:
    report = ReportFactory(status=pair[0], quarter=quarter)
    with pytest.raises(MissingExplanation):
        change_status(report=report, to=pair[1], actor=actor_for(administrator, report), note="  ")
    report.refresh_from_db()
    assert report.status == pair[0]


def test_change_status_to_resolved_with_neither_words_nor_proof(quarter: Quarter, operator: User) -> None:
    report = ReportFactory(quarter=quarter)
    with pytest.raises(MissingExplanation):
        change_status(report=report, to="resolved", actor=actor_for(operator, report))


def test_change_status_to_resolved_with_a_proof(quarter: Quarter, operator: User) -> None:
    report = ReportFactory(quarter=quarter)
    photo = PhotoFactory(report=None, status=Photo.Status.PROCESSING)
    change_status(report=report, to="resolved", actor=actor_for(operator, report), proof=[photo])
    photo.refresh_from_db()
    assert (photo.report, photo.kind) == (report, Photo.Kind.PROOF)
    assert report.resolved_at is not None


def test_change_status_to_open_publishes(quarter: Quarter, moderator: User) -> None:
    report = ReportFactory(status="pending", quarter=quarter)
    event = change_status(report=report, to="open", actor=actor_for(moderator, report))
    report.refresh_from_db()
    assert report.published_at is not None
    assert report.due_at == report.published_at + timedelta(days=report.category.repair_days)
    assert event.is_public
    assert (event.actor_role, event.actor_name) == ("moderator", "")


def test_change_status_of_a_pending_report_to_rejected_stays_private(quarter: Quarter, moderator: User) -> None:
    report = ReportFactory(status="pending", quarter=quarter)
    event = change_status(report=report, to="rejected", actor=actor_for(moderator, report), note="Hors sujet.")
    assert not event.is_public
    assert report.rejection_reason == "Hors sujet."


def test_change_status_that_somebody_else_did_first(quarter: Quarter, moderator: User, operator: User) -> None:
    report = ReportFactory(quarter=quarter)
    twin = Report.objects.get(pk=report.pk)
    change_status(report=report, to="in_progress", actor=actor_for(operator, report))
    with pytest.raises(StaleReport):
        change_status(report=twin, to="resolved", actor=actor_for(moderator, twin), note="Réparé.")
    twin.refresh_from_db()
    assert twin.status == "in_progress"


@pytest.mark.django_db(transaction=True)
def test_change_status_by_two_moderators_at_once(quarter: Quarter, moderator: User, administrator: User) -> None:
    report = ReportFactory(status="pending", quarter=quarter)
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def decide(user: User, to: str) -> None:
        mine = Report.objects.select_related("category", "quarter").get(pk=report.pk)
        actor = actor_for(user, mine)
        start.wait()
        try:
            change_status(report=mine, to=to, actor=actor, note="Vu.")
            outcomes.append(to)
        except StaleReport:
            outcomes.append("stale")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=decide, args=args) for args in ((moderator, "open"), (administrator, "rejected"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report.refresh_from_db()
    assert sorted(outcomes) == sorted(["stale", report.status])
    assert report.events.filter(kind=Event.Kind.STATUS_CHANGED).count() == 1


def test_reopen_by_the_author_within_thirty_days(quarter: Quarter) -> None:
    report = ReportFactory(status="resolved", quarter=quarter, resolved_at=timezone.now() - timedelta(days=29))
    change_status(report=report, to="open", actor=reporter_without_account(), note="Le trou est revenu.")
    assert report.status == "open"
    assert report.resolved_at is None


def test_reopen_by_the_author_too_late(quarter: Quarter) -> None:
    report = ReportFactory(status="resolved", quarter=quarter, resolved_at=timezone.now() - timedelta(days=31))
    with pytest.raises(NotAllowed):
        change_status(report=report, to="open", actor=reporter_without_account(), note="Le trou est revenu.")


def test_assign_by_a_moderator_is_told(quarter: Quarter, moderator: User, organisation: Organisation) -> None:
    report = ReportFactory(quarter=quarter, organisation=None)
    event = assign(report=report, organisation=organisation, actor=actor_for(moderator, report))
    assert (event.data["organisation"], event.is_public) == (organisation.name, True)


def test_assign_by_an_operator_is_refused(quarter: Quarter, operator: User) -> None:
    report = ReportFactory(quarter=quarter)
    with pytest.raises(NotAllowed):
        assign(report=report, organisation=None, actor=actor_for(operator, report))


def test_add_note_is_never_public(quarter: Quarter, operator: User) -> None:
    report = ReportFactory(quarter=quarter)
    event = add_note(report=report, text="Clé chez le gardien.", actor=actor_for(operator, report))
    assert not event.is_public
    assert "Clé chez le gardien." not in str(event.data)
    assert list(report.events.told()) == []


def test_reply_publicly_speaks_for_the_organisation(quarter: Quarter, operator: User) -> None:
    report = ReportFactory(quarter=quarter)
    event = reply_publicly(report=report, text="Nous passons jeudi.", actor=actor_for(operator, report))
    assert (event.is_public, event.actor_name) == (True, "Service de la voirie")


@pytest.mark.parametrize("service", [reply_publicly, add_note])
def test_words_of_staff_by_a_stranger(service: object, quarter: Quarter) -> None:
    report = ReportFactory(quarter=quarter)
    with pytest.raises(NotAllowed):
        service(report=report, text="Bonjour", actor=Actor())  # type: ignore[operator]
