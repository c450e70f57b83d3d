"""Digests: at the local hour, of what was followed, each person once."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from django.contrib.gis.geos import Point
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from notifications import digest
from notifications.digest import Period, events_about, news
from notifications.models import Channel, Delivery, Preference, Recipient, Topic
from notifications.services import digests
from notifications.services.deliver import deliver
from notifications.services.digests import make_digests, sweep_digests
from notifications.services.recipients import recipient_of_address
from reports import workflow
from reports.models import Category, Comment, Event, Follow, Quarter, Report
from tests.factories import CENTRE, CategoryFactory, ReportFactory, UserFactory
from tests.notifications.news import HOUR, commented, digests_of, far_away, followed, happened, make_due, repaired

DAY = 24 * HOUR


def prefer(user: User, topic: str, frequency: str) -> None:
    Preference.objects.update_or_create(
        user=user, topic=topic, channel=Channel.EMAIL, defaults={"frequency": frequency}
    )


def context(delivery: Delivery) -> Any:
    found = digest.context_of(Delivery.objects.select_related("recipient__user").get(pk=delivery.pk))
    assert found is not None
    return found["news"]


@pytest.fixture
def report(quarter: Quarter) -> Report:
    return ReportFactory(quarter=quarter, published_at=timezone.now() - 72 * HOUR)


@pytest.fixture
def reader(author: User, report: Report) -> User:
    """Hears of progress and comments once a day."""
    prefer(author, Topic.PROGRESS, "daily")
    followed(report, user=author)
    return author


def test_follow_with_defaults_makes_the_first_digest_due(author: User, report: Report) -> None:
    followed(report, user=author)
    recipient = Recipient.objects.get(user=author)
    assert recipient.next_daily_at is not None
    assert recipient.next_daily_at.astimezone(ZoneInfo(recipient.time_zone)).hour == 7
    assert recipient.next_weekly_at is None


def test_follow_of_unconfirmed_address_makes_nothing_due(report: Report) -> None:
    Follow.objects.create(report=report, email="voisine@example.org")
    assert not Recipient.objects.exists()


def test_digest_tells_what_changed_and_how_many_comments(reader: User, report: Report) -> None:
    repaired(report)
    commented(report)
    commented(report)
    (delivery,) = digests_of(reader)
    (item,) = context(delivery).changed
    assert (item.report, item.lines, item.comments) == (report, [("Problème résolu", "")], 2)


def test_digest_without_news_is_not_sent(reader: User) -> None:
    assert digests_of(reader) == []


def test_digest_leaves_out_what_the_reader_did(reader: User, report: Report) -> None:
    happened(report, actor=reader)
    commented(report, author=reader, device="")
    assert digests_of(reader) == []


def test_digest_leaves_out_what_was_before_the_follow(author: User, report: Report) -> None:
    repaired(report, ago=3 * HOUR)
    prefer(author, Topic.PROGRESS, "daily")
    Follow.objects.create(report=report, user=author)
    assert digests_of(author) == []


def test_digest_leaves_out_notes_and_votes(reader: User, report: Report) -> None:
    happened(report, "note", is_public=False)
    happened(report, "voted")
    assert digests_of(reader) == []


def test_digest_leaves_out_what_is_told_at_once(author: User, report: Report) -> None:
    followed(report, user=author)
    repaired(report)
    assert digests_of(author) == []


def test_digest_tells_an_author_alone_that_it_was_not_accepted(author: User, stranger: User, quarter: Quarter) -> None:
    report = ReportFactory(quarter=quarter, status=workflow.REJECTED, reporter=author, published_at=None)
    Follow.objects.update(created_at=timezone.now() - DAY)
    followed(report, user=stranger)
    for person in (author, stranger):
        prefer(person, Topic.PROGRESS, "daily")
    happened(report, "status_changed", is_public=False, data={"from": "pending", "to": "rejected", "note": "Privé."})
    (delivery,) = digests_of(author)
    (item,) = context(delivery).changed
    assert item.lines == [("Signalement non retenu", "Privé.")]
    assert item.path == f"/suivi/{Follow.objects.get(user=author).token}/"
    assert digests_of(stranger) == []


def test_digest_does_not_show_what_was_hidden_since(reader: User, report: Report) -> None:
    commented(report)
    (delivery,) = digests_of(reader)
    Comment.objects.update(status=Comment.Status.REMOVED)
    assert digest.context_of(delivery) is None


def test_digest_shows_ten_and_counts_the_others(reader: User, report: Report, quarter: Quarter) -> None:
    for _unused in range(12):
        other = ReportFactory(quarter=quarter)
        followed(other, user=reader)
        repaired(other)
    (delivery,) = digests_of(reader)
    found = context(delivery)
    assert (len(found.changed), found.changed_more) == (10, 2)


@pytest.mark.parametrize("area", ["quarter", "category", "both", "circle"])
def test_digest_tells_what_is_new_in_an_area(
    author: User, quarter: Quarter, other_quarter: Quarter, category: Category, area: str
) -> None:
    lamp = CategoryFactory(code="lamp", name_fr="Lampadaire")
    kinds: dict[str, dict[str, Any]] = {
        "quarter": {"quarter": quarter},
        "category": {"category": category},
        "both": {"quarter": quarter, "category": category},
        "circle": {"centre": Point(*CENTRE, srid=4326), "radius_m": 200},
    }
    followed(user=author, **kinds[area])
    inside = ReportFactory(quarter=quarter, category=category, published_at=timezone.now() - HOUR)
    ReportFactory(quarter=other_quarter, category=lamp, point=far_away(), published_at=timezone.now() - HOUR)
    ReportFactory(quarter=quarter, category=category, published_at=timezone.now() - 48 * HOUR)
    ReportFactory(quarter=quarter, category=category, status=workflow.PENDING)
    (delivery,) = digests_of(author)
    assert [item.report for item in context(delivery).new] == [inside]


def test_digest_of_overlapping_areas_tells_each_report_once(author: User, quarter: Quarter, category: Category) -> None:
    followed(user=author, quarter=quarter)
    followed(user=author, category=category)
    ReportFactory(quarter=quarter, category=category, published_at=timezone.now() - HOUR)
    own = ReportFactory(quarter=quarter, category=category, published_at=timezone.now() - HOUR, reporter=author)
    (delivery,) = digests_of(author)
    found = context(delivery)
    assert (found.new_count, own in [item.report for item in found.new]) == (1, False)


def test_digest_of_an_address_follows_its_own_frequency(report: Report) -> None:
    followed(report, frequency="weekly")
    recipient = recipient_of_address("voisine@example.org")
    repaired(report)
    assert digests_of(recipient, "daily") == []
    (delivery,) = digests_of(recipient, "weekly")
    assert context(delivery).changed_count == 1


def test_digest_of_an_address_that_hears_at_once_brings_comments_daily(report: Report) -> None:
    followed(report)
    repaired(report)
    commented(report)
    (delivery,) = digests_of(recipient_of_address("voisine@example.org"))
    (item,) = context(delivery).changed
    assert (item.events, item.comments) == ([], 1)


def test_digest_moves_on_to_the_next_local_hour(reader: User, report: Report) -> None:
    repaired(report)
    digests_of(reader)
    recipient = Recipient.objects.get(user=reader)
    assert recipient.next_daily_at is not None
    assert timezone.now() < recipient.next_daily_at <= timezone.now() + DAY
    assert timezone.now() - timedelta(minutes=5) < recipient.daily_since < timezone.now()


def test_digest_asked_for_twice_is_one(reader: User, report: Report) -> None:
    repaired(report)
    recipient = Recipient.objects.get(user=reader)
    make_due(recipient)
    assert len(make_digests(recipient_id=recipient.pk)) == 1
    assert make_digests(recipient_id=recipient.pk) == []


def test_digest_after_days_off_is_one_of_everything(reader: User, report: Report) -> None:
    happened(report, ago=70 * HOUR)
    repaired(report, ago=30 * HOUR)
    recipient = Recipient.objects.get(user=reader)
    long_ago = timezone.now() - 72 * HOUR
    Recipient.objects.update(next_daily_at=long_ago, daily_since=long_ago)
    (delivery,) = make_digests(recipient_id=recipient.pk)
    assert make_digests(recipient_id=recipient.pk) == []
    assert len(context(delivery).changed[0].events) == 2


def test_digest_that_nothing_needs_any_more_is_not_due_again(reader: User) -> None:
    Follow.objects.all().delete()
    digests_of(reader)
    assert Recipient.objects.get(user=reader).next_daily_at is None


def test_digest_of_somebody_who_stopped_everything_is_not_made(reader: User, report: Report) -> None:
    repaired(report)
    Recipient.objects.update(muted_at=timezone.now())
    assert digests_of(reader) == []


def test_digest_crashed_before_commit_is_made_by_the_next(
    reader: User, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    repaired(report)
    recipient = Recipient.objects.get(user=reader)
    due = make_due(recipient)

    def crash(**_given: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(digests, "make_delivery", crash)
        with pytest.raises(SystemExit), transaction.atomic():
            make_digests(recipient_id=recipient.pk)
    recipient.refresh_from_db()
    assert recipient.next_daily_at == due
    assert len(make_digests(recipient_id=recipient.pk)) == 1


@pytest.mark.django_db(transaction=True)
def test_digest_made_by_two_workers_at_once_is_one(author: User, report: Report) -> None:
    prefer(author, Topic.PROGRESS, "daily")
    followed(report, user=author)
    repaired(report)
    recipient = Recipient.objects.get(user=author)
    make_due(recipient)
    start = Barrier(4)

    def work() -> None:
        start.wait()
        make_digests(recipient_id=recipient.pk)
        connection.close()

    threads = [Thread(target=work) for _unused in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Delivery.objects.count() == 1


def test_sweep_queues_those_whose_hour_has_come(
    reader: User, stranger: User, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed(report, user=stranger)
    make_due(Recipient.objects.get(user=reader))
    queued: list[int] = []
    monkeypatch.setattr(digests, "enqueue", lambda _task, pk: queued.append(pk))
    assert (sweep_digests(), sweep_digests()) == (1, 1)
    assert queued == [Recipient.objects.get(user=reader).pk] * 2


def test_digest_reaches_the_reader_as_a_mail(reader: User, report: Report, quarter: Quarter) -> None:
    repaired(report)
    followed(user=reader, quarter=quarter)
    ReportFactory(quarter=quarter, published_at=timezone.now() - HOUR)
    (delivery,) = digests_of(reader)
    deliver(delivery_id=delivery.pk)
    (sent,) = mail.outbox
    token = Recipient.objects.get(user=reader).token
    assert (sent.to, sent.subject) == ([reader.email], "Du nouveau dans votre quartier")
    assert f"/envois/{token}/stop/?sujet=daily>" in sent.extra_headers["List-Unsubscribe"]
    assert f"/signalements/{report.ref}/" in str(sent.body)
    assert "Problème résolu" in str(sent.body)


def test_digest_in_english_for_who_reads_english(report: Report) -> None:
    reader = UserFactory(language="en")
    prefer(reader, Topic.PROGRESS, "daily")
    followed(report, user=reader)
    repaired(report)
    (delivery,) = digests_of(reader)
    deliver(delivery_id=delivery.pk)
    assert f"/en/signalements/{report.ref}/" in str(mail.outbox[0].body)


def test_news_of_three_reports_takes_the_queries_of_one(
    reader: User, report: Report, quarter: Quarter, django_assert_num_queries: Any
) -> None:
    period = Period(since=timezone.now() - DAY, until=timezone.now())
    for number in (1, 3):
        while Follow.objects.filter(user=reader).count() < number:
            followed(ReportFactory(quarter=quarter), user=reader)
        for follow in Follow.objects.filter(user=reader).select_related("report__category"):
            repaired(cast("Report", follow.report))
        recipient = Recipient.objects.select_related("user").get(user=reader)
        with django_assert_num_queries(9):
            assert news(recipient, "daily", period).changed_count == number


def test_news_reads_only_the_events_of_what_is_followed(report: Report, quarter: Quarter) -> None:
    for other in [ReportFactory(quarter=quarter) for _unused in range(20)]:
        Event.objects.bulk_create(
            [Event(kind="reply", report=other, is_public=True, data={}) for _unused in range(100)]
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE reports_event")
    period = Period(since=timezone.now() - DAY, until=timezone.now())
    plan = events_about([report.pk], [report.pk], period).explain()
    assert "Index Cond: (report_id" in plan
    assert "Seq Scan" not in plan
