"""Supporting and following: counted once, handed over with a duplicate, confirmed by mail."""

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from accounts.models import User
from reports.errors import IllegalTransition, NotAllowed
from reports.models import Event, Follow, Quarter, Report, Vote
from reports.permissions import actor_for
from reports.services.community import confirm_follow, follow, sweep_confirmations, unfollow, unvote, vote
from reports.services.handling import change_status
from reports.services.queue import Broker
from reports.tasks import send_confirmation
from tests.factories import ReportFactory, UserFactory


def test_vote_counts_once(quarter: Quarter, author: User) -> None:
    report = ReportFactory(quarter=quarter)
    assert [vote(report=report, user=author), vote(report=report, user=author)] == [True, False]
    assert [vote(report=report, device="d1"), vote(report=report, device="d1")] == [True, False]
    report.refresh_from_db()
    assert report.votes == 2
    assert report.events.filter(kind=Event.Kind.VOTED).count() == 2


def test_unvote_takes_back_once(quarter: Quarter, author: User) -> None:
    report = ReportFactory(quarter=quarter)
    vote(report=report, user=author)
    assert [unvote(report=report, user=author), unvote(report=report, user=author)] == [True, False]
    report.refresh_from_db()
    assert report.votes == 0


@pytest.mark.parametrize("status", ["pending", "rejected", "withdrawn"])
def test_vote_for_what_is_not_public(status: str, quarter: Quarter, author: User) -> None:
    with pytest.raises(IllegalTransition):
        vote(report=ReportFactory(status=status, quarter=quarter), user=author)


def test_vote_by_nobody(quarter: Quarter) -> None:
    with pytest.raises(NotAllowed):
        vote(report=ReportFactory(quarter=quarter))


@pytest.mark.django_db(transaction=True)
def test_vote_by_twenty_at_once(quarter: Quarter) -> None:
    report = ReportFactory(quarter=quarter)

    def support(number: int) -> None:
        try:
            # Ten devices, two taps each.
            vote(report=Report.objects.get(pk=report.pk), device=f"d{number % 10}")
        finally:
            connection.close()

    threads = [threading.Thread(target=support, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report.refresh_from_db()
    assert (report.votes, Vote.objects.count()) == (10, 10)


def test_follow_twice_is_one(quarter: Quarter) -> None:
    report = ReportFactory(quarter=quarter)
    first = follow(report=report, email="Voisine@example.org", language="fr")
    again = follow(report=report, email="voisine@example.org", language="fr")
    assert first == again


def test_follow_what_is_not_public(quarter: Quarter) -> None:
    with pytest.raises(IllegalTransition):
        follow(report=ReportFactory(status="pending", quarter=quarter), email="v@example.org", language="fr")


def test_confirm_follow_by_the_mailed_token_only(quarter: Quarter) -> None:
    row = follow(report=ReportFactory(quarter=quarter), email="v@example.org", language="fr")
    assert confirm_follow(confirm_token=row.token) is None
    confirmed = confirm_follow(confirm_token=row.confirm_token)
    assert confirmed == row
    assert confirmed.confirmed_at is not None


def test_confirm_follow_again_keeps_the_date(quarter: Quarter) -> None:
    row = follow(report=ReportFactory(quarter=quarter), email="v@example.org", language="fr")
    first = confirm_follow(confirm_token=row.confirm_token)
    again = confirm_follow(confirm_token=row.confirm_token)
    assert first is not None
    assert again is not None
    assert first.confirmed_at == again.confirmed_at


def test_unfollow_of_an_author_keeps_the_page_and_forgets_the_address(quarter: Quarter) -> None:
    report = ReportFactory(quarter=quarter, contact_email="a@example.org")
    row = report.followers.get()
    unfollow(row=row)
    row.refresh_from_db()
    report.refresh_from_db()
    assert (row.email, report.contact_email) == ("", "")


@pytest.mark.parametrize(("language", "word"), [("fr", "signalement"), ("en", "report")])
def test_send_confirmation_speaks_the_person_s_language(language: str, word: str, quarter: Quarter) -> None:
    row = follow(report=ReportFactory(quarter=quarter), email="v@example.org", language=language)
    send_confirmation(row.pk)
    (sent,) = mail.outbox
    assert sent.to == ["v@example.org"]
    assert row.confirm_token in sent.body
    assert word in sent.body
    assert isinstance(sent, mail.EmailMultiAlternatives)
    assert len(sent.alternatives) == 1


def test_send_confirmation_only_while_it_is_needed(quarter: Quarter) -> None:
    row = follow(report=ReportFactory(quarter=quarter), email="v@example.org", language="fr")
    confirm_follow(confirm_token=row.confirm_token)
    send_confirmation(row.pk)
    send_confirmation(0)
    assert mail.outbox == []


def test_duplicate_hands_over_supporters_and_followers_once_each(quarter: Quarter, moderator: User) -> None:
    original, copy = ReportFactory(quarter=quarter), ReportFactory(quarter=quarter, contact_email="auteur@example.org")
    both, only_copy = UserFactory(), UserFactory()
    for report, user in ((original, both), (copy, both), (copy, only_copy)):
        vote(report=report, user=user)
    vote(report=copy, device="d1")
    for report in (original, copy):
        follow(report=report, email="voisine@example.org", language="fr")
    follow(report=copy, email="voisin@example.org", language="fr")
    Follow.objects.filter(report=copy, is_reporter=True).update(email="auteur@example.org")

    change_status(report=copy, to="duplicate", actor=actor_for(moderator, copy), original=original)

    original.refresh_from_db()
    assert original.votes == 3
    assert set(original.followers.exclude(email="").values_list("email", flat=True)) == {
        "voisine@example.org",
        "voisin@example.org",
        "auteur@example.org",
    }
    assert copy.followers.filter(is_reporter=True).count() == 1


def test_send_confirmation_remembers_that_it_asked(quarter: Quarter) -> None:
    row = follow(report=ReportFactory(quarter=quarter), email="v@example.org", language="fr")
    send_confirmation(row.pk)
    row.refresh_from_db()
    assert row.asked_at is not None


def test_sweep_confirmations_queues_what_was_never_sent(quarter: Quarter, monkeypatch: pytest.MonkeyPatch) -> None:
    queued: list[int] = []
    monkeypatch.setattr(send_confirmation, "delay", queued.append)
    report = ReportFactory(quarter=quarter)
    lost, asked, fresh = (follow(report=report, email=f"{n}@example.org", language="fr") for n in range(3))
    Follow.objects.filter(pk__in=[lost.pk, asked.pk]).update(created_at=timezone.now() - timedelta(minutes=5))
    Follow.objects.filter(pk=asked.pk).update(asked_at=timezone.now())
    sweep_confirmations()
    assert queued == [lost.pk]
    assert fresh.asked_at is None


@pytest.mark.django_db(transaction=True)
def test_follow_while_the_broker_is_away_is_kept(quarter: Quarter, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(Broker, "away_until", 0.0)
    monkeypatch.setattr(send_confirmation, "delay", away)
    row = follow(report=ReportFactory(quarter=quarter), email="v@example.org", language="fr")
    assert Follow.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(("minutes", "mails"), [(5, 1), (15, 2)])
@pytest.mark.django_db(transaction=True)
def test_follow_again_asks_again_only_after_a_while(
    minutes: int, mails: int, quarter: Quarter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send_confirmation, "delay", send_confirmation)
    report = ReportFactory(quarter=quarter)
    row = follow(report=report, email="v@example.org", language="fr")
    Follow.objects.filter(pk=row.pk).update(asked_at=timezone.now() - timedelta(minutes=minutes))
    follow(report=report, email="v@example.org", language="fr")
    assert len(mail.outbox) == mails


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_is_asked_once(quarter: Quarter, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def away(row_id: int) -> None:
        asked.append(row_id)
        raise ConnectionError

    monkeypatch.setattr(Broker, "away_until", 0.0)
    monkeypatch.setattr(send_confirmation, "delay", away)
    report = ReportFactory(quarter=quarter)
    for number in range(3):
        follow(report=report, email=f"{number}@example.org", language="fr")
    assert len(asked) == 1
    assert report.followers.exclude(email="").count() == 3


@pytest.mark.django_db
def test_send_confirmation_leaves_an_address_in_peace_that_does_not_answer(quarter: Quarter) -> None:
    rows = [follow(report=ReportFactory(quarter=quarter), email="cible@example.org", language="fr") for _ in range(7)]
    for row in rows:
        send_confirmation(row.pk)
    assert len(mail.outbox) == 5
    confirm_follow(confirm_token=rows[0].confirm_token)
    send_confirmation(rows[5].pk)
    assert len(mail.outbox) == 6
