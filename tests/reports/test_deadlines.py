"""What is promised for a report, when its clock starts, stands still and goes on."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.db import IntegrityError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from reports import workflow
from reports.models import Category, Event, Holiday, Organisation, Quarter, Report, ServiceLevel, Town, WorkingHours
from reports.permissions import Actor, actor_for, reporter_without_account
from reports.services.community import vote
from reports.services.deadlines import promise_for, set_deadlines, start_clock, stop_clock
from reports.services.handling import add_note, assign, change_status, reply_publicly
from reports.services.log import record
from reports.services.reporting import create_report
from reports.services.splitting import split_report
from tests.factories import CENTRE, CategoryFactory, OrganisationFactory, ReportFactory, UserFactory
from tests.reports.test_vote import at_once

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# A Monday, 9:00 in Yaoundé.
MONDAY = datetime(2026, 5, 18, 8, 0, tzinfo=UTC)
WORKING = ServiceLevel.Counting.WORKING


def level(answer: int = 24, repair: int = 100, **fields: Any) -> ServiceLevel:
    return ServiceLevel.objects.create(answer_hours=answer, repair_hours=repair, **fields)


def started(moment: datetime = MONDAY, **fields: Any) -> Report:
    """Return an open report whose clock counts from a moment, with the deadlines that follow."""
    report = ReportFactory(clock_started_at=moment, published_at=moment, **fields)
    set_deadlines(report)
    return report


def kept(report: Report) -> tuple[datetime | None, ...]:
    report = Report.objects.get(pk=report.pk)
    return (report.answer_due_at, report.due_soon_at, report.due_at, report.very_late_at)


# --- What is promised ---


def test_promise_without_a_level_is_the_categorys_own_days(quarter: Quarter) -> None:
    report = started(category=CategoryFactory(code="lamp", response_days=2, repair_days=10))
    assert kept(report) == (MONDAY + 2 * DAY, MONDAY + 8 * DAY, MONDAY + 10 * DAY, MONDAY + 30 * DAY)


@pytest.mark.parametrize(
    ("scopes", "wins"),
    [
        ([], 30 * 24),
        (["any"], 1),
        (["any", "organisation"], 2),
        (["any", "organisation", "category"], 3),
        (["any", "organisation", "category", "both"], 4),
        (["elsewhere"], 30 * 24),
    ],
)
def test_promise_of_the_most_specific_level(
    scopes: list[str], wins: int, quarter: Quarter, category: Category, organisation: Organisation
) -> None:
    fields: dict[str, dict[str, Any]] = {
        "any": {"repair": 1},
        "organisation": {"repair": 2, "organisation": organisation},
        "category": {"repair": 3, "category": category},
        "both": {"repair": 4, "category": category, "organisation": organisation},
        "elsewhere": {"repair": 5, "organisation": OrganisationFactory(slug="eau", name="Eau")},
    }
    for scope in scopes:
        level(**fields[scope])
    report = ReportFactory(category=category, organisation=organisation)
    assert promise_for(report).repair == wins * HOUR


def test_promise_for_a_report_of_nobody_ignores_the_levels_of_organisations(
    quarter: Quarter, organisation: Organisation
) -> None:
    level(repair=5, organisation=organisation)
    assert promise_for(ReportFactory(organisation=None)).repair == 30 * DAY


def test_level_is_one_per_category_and_organisation(db: None) -> None:
    level()
    with pytest.raises(IntegrityError):
        level()


def test_set_deadlines_in_the_towns_usual_hours(quarter: Quarter) -> None:
    level(answer=8, repair=40, counting=WORKING)
    # 9:00 to 16:00 leaves one hour for Tuesday; 40 hours are a week.
    assert kept(started()) == (
        MONDAY + DAY,
        MONDAY + 4 * DAY,
        MONDAY + 7 * DAY,
        MONDAY + 21 * DAY,
    )


def test_set_deadlines_in_the_towns_own_hours_and_holidays(quarter: Quarter, town: Town) -> None:
    level(answer=4, repair=10, counting=WORKING)
    for weekday in range(6):
        WorkingHours.objects.create(town=town, weekday=weekday, opens=time(8), closes=time(13))
    Holiday.objects.create(town=town, day=date(2026, 5, 20), name="Fête nationale")
    # Monday 9–13, Tuesday 8–13, Wednesday is a holiday: the tenth hour is Thursday's first.
    answer, _soon, due, _very_late = kept(started())
    assert (answer, due) == (MONDAY + 4 * HOUR, MONDAY + 3 * DAY)


def test_set_deadlines_knows_only_the_hours_of_its_own_town(quarter: Quarter, moderator_elsewhere: User) -> None:
    elsewhere = Town.objects.get(slug="douala")
    WorkingHours.objects.create(town=elsewhere, weekday=6, opens=time(8), closes=time(9))
    level(answer=8, repair=8, counting=WORKING)
    assert kept(started())[2] == MONDAY + DAY


def test_set_deadlines_before_publication_promises_nothing(quarter: Quarter) -> None:
    report = ReportFactory(status=workflow.PENDING)
    set_deadlines(report)
    assert kept(report) == (None, None, None, None)


def test_set_deadlines_asks_little(quarter: Quarter, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    report = started()
    level(counting=WORKING)
    # A savepoint and its release, the row, its level, the hours, the holidays, the change.
    with django_assert_num_queries(7):
        set_deadlines(report)


# --- When the clock starts ---


def test_create_report_in_a_post_moderated_category_starts_the_clock(quarter: Quarter) -> None:
    category = CategoryFactory(code="lamp", post_moderated=True, repair_days=5)
    report = create_report(category=category, point=Point(*CENTRE, srid=4326)).report
    report.refresh_from_db()
    assert report.clock_started_at == report.published_at
    assert report.due_at == (report.published_at or MONDAY) + 5 * DAY


def test_change_status_to_open_starts_the_clock(quarter: Quarter, moderator: User) -> None:
    level(answer=10, repair=100)
    report = ReportFactory(status=workflow.PENDING)
    change_status(report=report, to=workflow.OPEN, actor=actor_for(moderator, report))
    report.refresh_from_db()
    start = report.published_at or MONDAY
    assert report.clock_started_at == start
    assert kept(report) == (start + 10 * HOUR, start + 80 * HOUR, start + 100 * HOUR, start + 300 * HOUR)
    assert report.answered_at is None


def test_change_status_of_a_repair_that_did_not_hold_starts_the_clock_again(quarter: Quarter) -> None:
    level(repair=100)
    before = timezone.now() - 40 * DAY
    report = started(before, status=workflow.RESOLVED, answered_at=before + HOUR, escalated_at=before + 5 * DAY)
    answer_due_at = report.answer_due_at
    change_status(report=report, to=workflow.OPEN, actor=reporter_without_account(), note="Le trou est revenu.")
    report.refresh_from_db()
    start = report.clock_started_at or MONDAY
    assert timezone.now() - start < HOUR
    assert (report.due_at, report.escalated_at) == (start + 100 * HOUR, None)
    # Answered it was: nobody has to be quick with a first word again.
    assert (report.answer_due_at, report.answered_at) == (answer_due_at, before + HOUR)


def test_assign_promises_what_the_organisation_promises(quarter: Quarter, moderator: User) -> None:
    other = OrganisationFactory(slug="eau", name="Eau")
    level(repair=10, organisation=other)
    report = started()
    assign(report=report, organisation=other, actor=actor_for(moderator, report), note="Une fuite.")
    assert (report.due_at, kept(report)[2]) == (MONDAY + 10 * HOUR, MONDAY + 10 * HOUR)


# --- When it stands still ---


def test_start_clock_moves_every_deadline_by_the_pause(quarter: Quarter) -> None:
    level(answer=24, repair=100)
    report = started()
    assert stop_clock(report, now=MONDAY + DAY)
    assert start_clock(report, now=MONDAY + 3 * DAY)
    start = MONDAY + 2 * DAY
    assert kept(report) == (start + 24 * HOUR, start + 80 * HOUR, start + 100 * HOUR, start + 300 * HOUR)
    assert (report.clock_started_at, report.clock_stopped_at) == (start, None)


def test_start_clock_leaves_the_deadline_of_an_answer_that_was_given(quarter: Quarter) -> None:
    """An answer that came too late is not in time because the author was asked something afterwards."""
    level(answer=24, repair=100)
    report = started()
    Report.objects.update(answered_at=MONDAY + 2 * DAY)
    stop_clock(report, now=MONDAY + 2 * DAY)
    start_clock(report, now=MONDAY + 9 * DAY)
    assert kept(report)[0] == MONDAY + DAY
    assert report.due_at == MONDAY + 7 * DAY + 100 * HOUR


def test_start_clock_counts_working_hours_of_the_pause_only(quarter: Quarter) -> None:
    level(answer=8, repair=40, counting=WORKING)
    weekend, workday = started(), started()
    due = weekend.due_at or MONDAY
    friday = MONDAY + 4 * DAY
    stop_clock(weekend, now=friday + 10 * HOUR)
    start_clock(weekend, now=friday + 2 * DAY)
    stop_clock(workday, now=friday)
    start_clock(workday, now=friday + 3 * DAY)
    assert (kept(weekend)[2], kept(workday)[2]) == (due, due + DAY)


def test_start_clock_leaves_a_late_report_as_late_as_it_was(quarter: Quarter) -> None:
    level(repair=24)
    report = started()
    stop_clock(report, now=MONDAY + 3 * DAY)
    start_clock(report, now=MONDAY + 10 * DAY)
    assert report.due_at == MONDAY + 8 * DAY


def test_start_clock_counts_from_there_also_in_another_category(quarter: Quarter) -> None:
    level(repair=100)
    lamp = CategoryFactory(code="lamp")
    level(repair=200, category=lamp)
    report = started()
    stop_clock(report, now=MONDAY + DAY)
    start_clock(report, now=MONDAY + 3 * DAY)
    report.category = lamp
    report.save(update_fields=["category"])
    set_deadlines(report)
    assert report.due_at == MONDAY + 2 * DAY + 200 * HOUR


def test_stop_clock_twice_stops_once(quarter: Quarter) -> None:
    report = started()
    assert [stop_clock(report, now=MONDAY + HOUR), stop_clock(report, now=MONDAY + DAY)] == [True, False]
    assert Report.objects.get().clock_stopped_at == MONDAY + HOUR


@pytest.mark.parametrize("status", [workflow.PENDING, workflow.RESOLVED, workflow.REJECTED])
def test_stop_clock_of_what_is_not_to_be_repaired(status: str, quarter: Quarter) -> None:
    assert not stop_clock(ReportFactory(status=status))


def test_start_clock_that_runs_changes_nothing(quarter: Quarter) -> None:
    report = started()
    before = kept(report)
    assert not start_clock(report)
    assert kept(report) == before


@pytest.mark.django_db(transaction=True)
def test_start_clock_twice_at_once_moves_the_deadlines_once(quarter: Quarter) -> None:
    report = started()
    stop_clock(report, now=MONDAY + DAY)
    again = [partial(start_clock, Report.objects.get(), now=MONDAY + 3 * DAY) for _unused in range(8)]
    assert at_once(again) == []
    assert kept(report)[2] == MONDAY + 32 * DAY


@pytest.mark.django_db(transaction=True)
def test_start_clock_while_the_level_changes_hands_keeps_both_changes(quarter: Quarter) -> None:
    """The pause and the new organisation count, whichever comes first."""
    other = OrganisationFactory(slug="eau", name="Eau")
    level(repair=100, organisation=other)
    report = started()
    stop_clock(report, now=MONDAY + DAY)
    Report.objects.update(organisation=other)
    acts: list[Callable[[], object]] = [
        partial(start_clock, Report.objects.get(), now=MONDAY + 3 * DAY),
        partial(set_deadlines, Report.objects.get()),
    ]
    assert at_once(acts * 4) == []
    assert kept(report)[2] == MONDAY + 2 * DAY + 100 * HOUR


# --- The first answer ---


def answers() -> dict[str, Callable[[Report, Actor], object]]:
    return {
        "reply": lambda report, actor: reply_publicly(report=report, text="Une équipe passe.", actor=actor),
        "in_progress": lambda report, actor: change_status(report=report, to="in_progress", actor=actor),
        "resolved": lambda report, actor: change_status(report=report, to="resolved", actor=actor, note="Fait."),
        "asked": lambda report, actor: record(kind=Event.Kind.ASKED, report=report, actor=actor, is_public=False),
        "referred": lambda report, actor: record(kind=Event.Kind.REFERRED, report=report, actor=actor, is_public=True),
    }


@pytest.mark.parametrize("act", list(answers()))
def test_first_answer_by_an_act_of_staff(act: str, quarter: Quarter, operator: User) -> None:
    report = ReportFactory()
    answers()[act](report, actor_for(operator, report))
    assert Report.objects.get().answered_at is not None


def test_first_answer_is_the_first(quarter: Quarter, operator: User) -> None:
    report = ReportFactory(answered_at=MONDAY)
    reply_publicly(report=report, text="Encore un mot.", actor=actor_for(operator, report))
    stale = Report.objects.get()
    stale.answered_at = None
    reply_publicly(report=stale, text="Et un autre.", actor=actor_for(operator, stale))
    assert Report.objects.get().answered_at == MONDAY


def test_first_answer_is_neither_a_note_nor_another_organisation(quarter: Quarter, moderator: User) -> None:
    report = ReportFactory()
    actor = actor_for(moderator, report)
    add_note(report=report, text="À voir.", actor=actor)
    assign(report=report, organisation=None, actor=actor, note="Une fuite.")
    assert Report.objects.get().answered_at is None


def test_first_answer_is_never_the_authors(quarter: Quarter, author: User) -> None:
    report = ReportFactory(reporter=author)
    change_status(report=report, to=workflow.WITHDRAWN, actor=actor_for(author, report))
    assert Report.objects.get().answered_at is None


def test_split_of_a_report_whose_clock_stands_lets_the_new_one_run(quarter: Quarter, moderator: User) -> None:
    """What the author was asked is about the first of the two: nobody would ever let the second one's clock go on."""
    level(repair=100)
    report = started(timezone.now() - 3 * DAY)
    stop_clock(report, now=timezone.now() - DAY)
    part = split_report(
        report=report,
        category=CategoryFactory(code="lamp"),
        point=report.point,
        description="Et un lampadaire.",
        photos=[],
        actor=actor_for(moderator, report),
    )
    part.refresh_from_db()
    assert part.clock_stopped_at is None
    due = part.due_at or MONDAY
    assert abs(due - timezone.now() - 100 * HOUR + 2 * DAY) < HOUR


@pytest.mark.django_db(transaction=True)
def test_set_deadlines_among_supporters_locks_nobody_out(quarter: Quarter, moderator: User) -> None:
    report = started()
    people = UserFactory.create_batch(6)
    acts: list[Callable[[], object]] = [partial(vote, report=Report.objects.get(), user=person) for person in people]
    seen, actor = Report.objects.get(), actor_for(moderator, report)
    acts.append(partial(assign, report=seen, organisation=None, actor=actor, note="À trouver."))
    acts += [partial(set_deadlines, Report.objects.get()) for _unused in range(6)]
    assert at_once(acts) == []
    assert Report.objects.get().votes == 6
