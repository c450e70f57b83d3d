"""Forgetting contact data: when, whose, in batches, by an index."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from reports import workflow
from reports.models import Follow, Report, Town
from reports.services import retention
from reports.services.community import set_address
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
    closed(91)
    unconfirmed(8)
    assert retention.forget() == {"contacts": 1, "addresses": 1}
    assert retention.forget() == {"contacts": 0, "addresses": 0}


def test_forget_works_in_batches(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for _time in range(5):
        closed(91)
        unconfirmed(8)
    with CaptureQueriesContext(connection) as queries:
        assert retention.forget() == {"contacts": 5, "addresses": 5}
    limits = [query["sql"] for query in queries if "LIMIT 2" in query["sql"]]
    assert len(limits) == 8


def test_forget_logs_counts_and_nobody(db: None, caplog: pytest.LogCaptureFixture) -> None:
    closed(91)
    with caplog.at_level("INFO"):
        forget_old_contacts()
    assert "retention: {'contacts': 1, 'addresses': 0}" in caplog.text
    assert "mbida" not in caplog.text


@pytest.mark.parametrize(
    ("index", "work"), [("reports_with_contact", "forget_contacts"), ("follows_unconfirmed", "forget_unconfirmed")]
)
def test_forget_reads_an_index(db: None, index: str, work: str) -> None:
    # Few rows are read faster whole: the index must be usable, not cheapest.
    closed(91)
    unconfirmed(8)
    with CaptureQueriesContext(connection) as queries:
        getattr(retention, work)()
    (sql, *_more) = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {sql}")
        assert index in "\n".join(line for (line,) in cursor.fetchall())


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
