"""Who is written to, how soon, and at what local hour."""

from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from accounts.encryption import fingerprint
from accounts.models import User
from notifications.models import Channel, Preference, Recipient, Topic
from notifications.services.outbox import make_delivery
from notifications.services.recipients import (
    frequencies,
    frequency_for,
    frequency_of_follow,
    recipient_of_address,
    recipient_of_user,
    retire_address,
)
from notifications.zones import next_hour, zone_names
from reports.models import Follow, Frequency, Quarter
from tests.factories import QuarterFactory, ReportFactory, TownFactory, UserFactory

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))  # noqa: DTZ001


def test_recipient_of_user_is_made_once(author: User) -> None:
    assert recipient_of_user(author) == recipient_of_user(author)
    assert Recipient.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_recipient_of_user_asked_by_two_at_once_is_one() -> None:
    author = UserFactory()

    def ask() -> None:
        recipient_of_user(User.objects.get(pk=author.pk))
        connection.close()

    threads = [Thread(target=ask) for _unused in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Recipient.objects.count() == 1


def test_recipient_of_address_ignores_case_and_keeps_no_address(db: None) -> None:
    first = recipient_of_address("Voisine@Example.org")
    assert recipient_of_address("voisine@example.org") == first
    assert "example" not in str(vars(first))


def test_recipient_of_address_without_address_is_refused(db: None) -> None:
    with pytest.raises(ValueError, match="needs an address"):
        recipient_of_address("")


def test_recipient_lives_where_they_follow(author: User) -> None:
    town = TownFactory(slug="paris", name="Paris", time_zone="Europe/Paris")
    report = ReportFactory(quarter=QuarterFactory(town=town))
    Follow.objects.create(report=report, user=author)
    assert Recipient.objects.get(user=author).time_zone == "Europe/Paris"


def test_recipient_of_moderator_lives_in_their_town(moderator: User) -> None:
    assert recipient_of_user(moderator).time_zone == "Africa/Douala"


def test_frequency_for_is_the_default_until_chosen(author: User) -> None:
    asked: dict[str, Any] = {"user": author, "topic": Topic.COMMENTS, "channel": Channel.EMAIL}
    assert frequency_for(**asked) == Frequency.DAILY
    Preference.objects.create(**asked, frequency=Frequency.NEVER)
    assert frequency_for(**asked) == Frequency.NEVER


def test_frequencies_of_many_take_one_query(author: User, stranger: User, django_assert_num_queries: Any) -> None:
    Preference.objects.create(user=author, topic=Topic.PROGRESS, channel=Channel.EMAIL, frequency=Frequency.WEEKLY)
    with django_assert_num_queries(1):
        found = frequencies([author.pk, stranger.pk], Topic.PROGRESS, Channel.EMAIL)
    assert found == {author.pk: Frequency.WEEKLY, stranger.pk: Frequency.AT_ONCE}


@pytest.mark.parametrize(
    ("chosen", "topic", "expected"),
    [
        (Frequency.AT_ONCE, Topic.PROGRESS, Frequency.AT_ONCE),
        (Frequency.AT_ONCE, Topic.COMMENTS, Frequency.DAILY),
        (Frequency.WEEKLY, Topic.COMMENTS, Frequency.WEEKLY),
        (Frequency.NEVER, Topic.COMMENTS, Frequency.NEVER),
    ],
)
def test_frequency_of_follow_brings_comments_once_a_day(chosen: str, topic: str, expected: str) -> None:
    assert frequency_of_follow(follow=Follow(frequency=chosen), topic=topic) == expected


@given(MOMENTS, st.integers(0, 23), st.sampled_from(zone_names()))
def test_next_hour_is_within_a_day_and_shows_the_hour(after: datetime, hour: int, zone: str) -> None:
    found = next_hour(after, hour=hour, zone=zone)
    local = found.astimezone(ZoneInfo(zone))
    # Clocks that are put forward over the hour show the one they are put to.
    assert (local.hour - hour) % 24 in {0, 1}
    assert timedelta(0) < found - after <= timedelta(hours=49)


@given(MOMENTS, st.integers(0, 23), st.integers(0, 6), st.sampled_from(zone_names()))
def test_next_hour_of_a_weekday_is_within_a_week(after: datetime, hour: int, weekday: int, zone: str) -> None:
    found = next_hour(after, hour=hour, zone=zone, weekday=weekday)
    assert timedelta(0) < found - after <= timedelta(days=15)


@given(MOMENTS, st.integers(0, 23))
def test_next_hour_where_clocks_never_change_is_on_the_hour(after: datetime, hour: int) -> None:
    found = next_hour(after, hour=hour, zone="Africa/Douala")
    assert (found.astimezone(ZoneInfo("Africa/Douala")).hour, found.minute) == (hour, 0)
    assert found - after <= timedelta(days=1)


def test_next_hour_over_a_change_of_clocks_keeps_the_local_hour() -> None:
    # In Paris, 7 o'clock is 6 UTC in winter and 5 UTC from 29 March 2026 on.
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert next_hour(before, hour=7, zone="Europe/Paris") == datetime(2026, 3, 29, 5, tzinfo=UTC)
    assert next_hour(before, hour=2, zone="Europe/Paris") == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_quarter_is_where_its_town_is(quarter: Quarter) -> None:
    follow = Follow.objects.create(quarter=quarter, email="voisine@example.org")
    assert not follow.is_heard
    assert not Recipient.objects.exists()


def test_address_that_joined_an_account_is_retired(author: User) -> None:
    recipient_of_address("awa@example.org")
    recipient_of_address("eva@example.org")
    Follow.objects.create(report=ReportFactory(), email="eva@example.org")
    for email in ("awa@example.org", "eva@example.org"):
        retire_address(email=email)
    assert [row.email_digest for row in Recipient.objects.exclude(email_digest="")] == [fingerprint("eva@example.org")]


def test_address_that_something_waits_for_is_kept(db: None) -> None:
    recipient = recipient_of_address("awa@example.org")
    make_delivery(key="one", channel=Channel.EMAIL, template="digest", recipient=recipient)
    retire_address(email="awa@example.org")
    assert Recipient.objects.filter(pk=recipient.pk).exists()
