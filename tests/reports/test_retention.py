"""Forgetting contact data: when, whose, in batches, by an index."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from reports import workflow
from reports.models import Event, Follow, Report, Town
from reports.permissions import actor_for, reporter_without_account
from reports.services import retention
from reports.services.community import set_address
from reports.services.handling import add_note
from reports.services.log import record
from reports.tasks import forget_old_contacts
from tests.factories import QuarterFactory, ReportFactory, TownFactory, square

EMAIL, PHONE = "mbida@example.org", "+237 6 70 00 00 00"
CLOSED = [workflow.RESOLVED, workflow.REJECTED, workflow.DUPLICATE, workflow.WITHDRAWN]
UNCLOSED = [workflow.PENDING, workflow.OPEN, workflow.IN_PROGRESS]


def closed(days: int, status: str = workflow.RESOLVED, **fields: Any) -> Report:
    """Return a report with contact data that last changed some days ago."""
    moment = timezone.now() - timedelta(days=days)
    return ReportFactory(status=status, updated_at=moment, contact_email=EMAIL, contact_phone=PHONE, **fields)


def contact(report: Report) -> tuple[str, str, list[str]]:
    report.refresh_from_db()
    return report.contact_email, report.contact_phone, [row.email for row in report.followers.all()]


def answered(report: Report, words: str = "Devant le 12, chez moi.") -> Event:
    """Return the answer of a report's author to a question of the team."""
    return record(
        kind=Event.Kind.ANSWERED,
        report=report,
        actor=reporter_without_account(),
        is_public=False,
        data={"outcome": "answered"},
        private_data={"text": words, "question": 1},
    )


def words_of(event: Event) -> dict[str, Any]:
    event.refresh_from_db()
    return event.private_data


def unconfirmed(days: int, **fields: Any) -> Follow:
    """Return a follow whose address was asked for confirmation some days ago."""
    row = Follow.objects.create(report=ReportFactory(), email=EMAIL, **fields)
    moment = timezone.now() - timedelta(days=days)
    Follow.objects.filter(pk=row.pk).update(created_at=moment, asked_at=moment)
    return row


@pytest.mark.parametrize("status", CLOSED)
def test_forget_removes_the_contact_of_a_report_closed_long_ago(db: None, status: str) -> None:
    report = closed(91, status)
    assert retention.forget_contacts() == 1
    assert contact(report) == ("", "", [""])
    assert Follow.objects.get(report=report).email_digest == ""
    assert Follow.objects.get(report=report).token


@pytest.mark.parametrize("status", UNCLOSED)
def test_forget_keeps_the_contact_of_a_report_that_waits(db: None, status: str) -> None:
    report = closed(1000, status)
    assert retention.forget_contacts() == 0
    assert contact(report) == (EMAIL, PHONE, [EMAIL])


def test_forget_waits_as_many_days_as_the_town_says(town: Town) -> None:
    TownFactory(slug="douala", name="Douala", boundary=square(9.7, 4.0), contact_retention_days=10)
    douala = QuarterFactory(town=Town.objects.get(slug="douala"), slug="akwa", name="Akwa", boundary=square(9.7, 4.0))
    here, young, there = closed(89), closed(9, quarter=douala), closed(11, quarter=douala)
    assert retention.forget_contacts() == 1
    assert [contact(report)[0] for report in (here, young, there)] == [EMAIL, EMAIL, ""]


def test_forget_keeps_other_followers(db: None) -> None:
    report = closed(91)
    Follow.objects.create(report=report, email="voisin@example.org", confirmed_at=timezone.now())
    retention.forget_contacts()
    assert sorted(row.email for row in report.followers.all()) == ["", "voisin@example.org"]


def test_forget_twice_changes_nothing_more(db: None) -> None:
    answered(closed(91))
    unconfirmed(8)
    assert retention.forget() == {"contacts": 1, "answers": 1, "addresses": 1}
    assert retention.forget() == {"contacts": 0, "answers": 0, "addresses": 0}


def test_forget_works_in_batches(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for _time in range(5):
        answered(closed(91))
        unconfirmed(8)
    with CaptureQueriesContext(connection) as queries:
        assert retention.forget() == {"contacts": 5, "answers": 5, "addresses": 5}
    limits = [query["sql"] for query in queries if "LIMIT 2" in query["sql"]]
    assert len(limits) == 12


def test_forget_logs_counts_and_nobody(db: None, caplog: pytest.LogCaptureFixture) -> None:
    closed(91)
    with caplog.at_level("INFO"):
        forget_old_contacts()
    assert "retention: {'contacts': 1, 'answers': 0, 'addresses': 0}" in caplog.text
    assert "mbida" not in caplog.text


@pytest.mark.parametrize(
    ("index", "work"),
    [
        ("reports_with_contact", "forget_contacts"),
        ("answers_kept", "forget_answers"),
        ("follows_unconfirmed", "forget_unconfirmed"),
    ],
)
def test_forget_reads_an_index(db: None, index: str, work: str) -> None:
    # Few rows are read faster whole: the index must be usable, not cheapest.
    answered(closed(91))
    unconfirmed(8)
    with CaptureQueriesContext(connection) as queries:
        getattr(retention, work)()
    (sql, *_more) = [query["sql"] for query in queries if " UPDATE OF " in query["sql"] or "FOR UPDATE" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {sql}")
        assert index in "\n".join(line for (line,) in cursor.fetchall())


# --- What else says who it was ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "device"), [(91, ""), (89, "d1")])
def test_forget_removes_the_device_of_a_report_without_contact(db: None, days: int, device: str) -> None:
    report = closed(days)
    Report.objects.filter(pk=report.pk).update(contact_email="", contact_phone="", device="d1")
    retention.forget_contacts()
    report.refresh_from_db()
    assert report.device == device


@pytest.mark.parametrize("status", UNCLOSED)
def test_forget_keeps_the_device_and_the_answers_of_a_report_that_waits(db: None, status: str) -> None:
    report = closed(1000, status, device="d1")
    answer = answered(report)
    assert (retention.forget_contacts(), retention.forget_answers()) == (0, 0)
    report.refresh_from_db()
    assert (report.device, words_of(answer) == {}) == ("d1", False)


@pytest.mark.parametrize("status", CLOSED)
def test_forget_removes_the_answers_of_a_report_closed_long_ago(db: None, author: User, status: str) -> None:
    by_account, young = answered(closed(91, status, reporter=author)), answered(closed(89, status))
    assert retention.forget_answers() == 1
    assert (words_of(by_account), words_of(young) == {}) == ({}, False)
    by_account.refresh_from_db()
    assert by_account.data["outcome"] == "answered"


def test_forget_keeps_what_staff_wrote(db: None, operator: User) -> None:
    report = closed(91)
    note = add_note(report=report, text="Vu avec le chantier.", actor=actor_for(operator, report))
    asked = record(
        kind=Event.Kind.ASKED,
        report=report,
        actor=actor_for(operator, report),
        is_public=False,
        private_data={"text": "Où ?"},
    )
    retention.forget()
    assert (words_of(note), words_of(asked)) == ({"text": "Vu avec le chantier."}, {"text": "Où ?"})


# --- Addresses that nobody confirmed ----------------------------------------------------------------------------------


def test_forget_removes_a_follower_who_did_not_confirm_for_a_week(db: None) -> None:
    old, young = unconfirmed(8), unconfirmed(6)
    assert retention.forget_unconfirmed() == 1
    assert not Follow.objects.filter(pk=old.pk).exists()
    assert Follow.objects.get(pk=young.pk).email == EMAIL


def test_forget_keeps_an_address_that_was_confirmed(db: None) -> None:
    row = unconfirmed(1000, confirmed_at=timezone.now())
    assert retention.forget_unconfirmed() == 0
    assert Follow.objects.get(pk=row.pk).email == EMAIL


def test_forget_leaves_an_author_the_private_page_and_the_telephone(db: None) -> None:
    report = closed(1, workflow.OPEN)
    Follow.objects.update(created_at=timezone.now() - timedelta(days=8))
    token = report.followers.get().token
    assert retention.forget_unconfirmed() == 1
    assert contact(report) == ("", PHONE, [""])
    assert report.followers.get().token == token


def test_forget_gives_a_new_address_its_own_week(db: None) -> None:
    row = unconfirmed(100)
    set_address(row=row, email="autre@example.org")
    assert retention.forget_unconfirmed() == 0
    assert Follow.objects.get(pk=row.pk).email == "autre@example.org"


def test_forget_waits_for_an_answer_to_a_second_question(db: None) -> None:
    row = unconfirmed(100)
    Follow.objects.filter(pk=row.pk).update(asked_at=timezone.now())
    assert retention.forget_unconfirmed() == 0


def test_forget_keeps_a_follow_by_account(author: User) -> None:
    row = unconfirmed(100, user=author)
    assert retention.forget_unconfirmed() == 1
    row.refresh_from_db()
    assert (row.user, row.email, row.email_digest) == (author, "", "")
