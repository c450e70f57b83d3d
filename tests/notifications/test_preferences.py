"""/compte/notifications/: what a person with an account hears of, how and when."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from notifications.errors import UnknownChoice
from notifications.models import Channel, PushSubscription, Recipient, Topic
from notifications.services.preferences import choose_times, mute, set_preference, unmute
from notifications.services.recipients import frequency_for, recipient_of_user
from reports.models import Frequency, Quarter
from tests.client import Client
from tests.factories import ReportFactory
from tests.notifications.news import followed

PAGE = "/compte/notifications/"
CHOICES = {
    "progress_email": "weekly",
    "progress_push": "never",
    "comments_email": "daily",
    "comments_push": "never",
    "nearby_email": "never",
    "nearby_push": "never",
    "hour": "18",
    "weekday": "4",
    "time_zone": "Europe/Paris",
}


@pytest.fixture
def follower(author: User, quarter: Quarter) -> User:
    followed(ReportFactory(quarter=quarter), user=author)
    return author


@pytest.fixture
def signed_in(client: Client, follower: User) -> Client:
    client.force_login(follower)
    return client


def browser_of(user: User, number: int = 1) -> PushSubscription:
    return PushSubscription.objects.create(
        user=user, endpoint=f"https://fcm.googleapis.com/{number}", p256dh="x", auth="y", browser="Firefox, Android"
    )


def test_preferences_of_nobody_lead_to_sign_in(client: Client, db: None) -> None:
    answer = client.get(PAGE)
    assert (answer.status_code, answer["Location"]) == (302, f"/compte/connexion/?next={PAGE}")


def test_preferences_show_what_holds_now(signed_in: Client, follower: User) -> None:
    set_preference(user=follower, topic="nearby", channel="email", frequency="weekly")
    form = signed_in.get(PAGE).context["choices"]
    held = {name: form[name].value() for name in ("progress_email", "nearby_email", "comments_push")}
    assert held == {"progress_email": "at_once", "nearby_email": "weekly", "comments_push": "never"}


def test_preferences_are_stored_and_the_digests_due_anew(signed_in: Client, follower: User) -> None:
    assert signed_in.post(PAGE, CHOICES)["Location"] == PAGE
    row = Recipient.objects.get(user=follower)
    assert frequency_for(user=follower, topic=Topic.PROGRESS, channel=Channel.EMAIL) == Frequency.WEEKLY
    assert (row.hour, row.weekday, row.time_zone) == (18, 4, "Europe/Paris")
    assert row.next_weekly_at is not None
    assert row.next_daily_at is not None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("progress_push", "daily"),
        ("progress_email", "hourly"),
        ("hour", "24"),
        ("weekday", "7"),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "\x00"),
    ],
)
def test_preferences_that_nobody_offered_store_nothing(
    signed_in: Client, follower: User, name: str, value: str
) -> None:
    answer = signed_in.post(PAGE, {**CHOICES, name: value})
    page = answer.content.decode()
    assert (answer.status_code, Recipient.objects.get().hour) == (422, 7)
    assert "Il reste quelque chose à corriger" in page
    assert answer.context["choices"]["nearby_email"].value() == "never"
    assert "<title>Erreur" in page


def test_preferences_offer_work_to_the_team_alone(client: Client, moderator: User, stranger: User) -> None:
    client.force_login(moderator)
    assert "work_email" in client.get(PAGE).context["choices"].fields
    client.force_login(stranger)
    assert "work_email" not in client.get(PAGE).context["choices"].fields


def test_preferences_need_the_csrf_token(follower: User) -> None:
    outside = Client(enforce_csrf_checks=True)
    outside.force_login(follower)
    assert outside.post(PAGE, CHOICES).status_code == 403


def test_silence_stops_everything_and_keeps_the_choices(signed_in: Client, follower: User) -> None:
    signed_in.post(f"{PAGE}silence/")
    row = Recipient.objects.get()
    assert (row.muted_at is not None, row.next_daily_at) == (True, None)
    assert "Recevoir de nouveau" in signed_in.get(PAGE).content.decode()
    signed_in.post(f"{PAGE}silence/", {"resume": ""})
    row = Recipient.objects.get()
    assert (row.muted_at, row.next_daily_at is not None) == (None, True)


def test_browser_is_listed_and_removed(signed_in: Client, follower: User) -> None:
    row = browser_of(follower)
    assert "Firefox, Android" in signed_in.get(PAGE).content.decode()
    assert signed_in.post(f"{PAGE}appareils/{row.pk}/")["Location"] == PAGE
    assert not PushSubscription.objects.exists()


def test_browser_of_another_is_not_found(signed_in: Client, stranger: User) -> None:
    row = browser_of(stranger)
    assert signed_in.post(f"{PAGE}appareils/{row.pk}/").status_code == 404
    assert PushSubscription.objects.count() == 1


def test_preferences_page_takes_the_same_queries_with_three_browsers(
    signed_in: Client, follower: User, django_assert_num_queries: Any
) -> None:
    signed_in.get(PAGE)
    for number in (1, 2, 3):
        browser_of(follower, number)
        with django_assert_num_queries(6):
            signed_in.get(PAGE)


@pytest.mark.parametrize(
    ("topic", "channel", "frequency"),
    [
        ("x", "email", "daily"),
        ("progress", "pigeon", "daily"),
        ("progress", "push", "weekly"),
        ("work", "push", "at_once"),
        ("work", "email", "weekly"),
        ("work", "email", "daily"),
    ],
)
def test_set_preference_refuses_what_is_not_offered(author: User, topic: str, channel: str, frequency: str) -> None:
    with pytest.raises(UnknownChoice):
        set_preference(user=author, topic=topic, channel=channel, frequency=frequency)


def test_set_preference_twice_is_one_row(author: User) -> None:
    for frequency in ("daily", "never"):
        row = set_preference(user=author, topic="progress", channel="email", frequency=frequency)
    assert (author.notification_preferences.get(), row.frequency) == (row, "never")


def test_set_preference_that_needs_no_digest_clears_it(follower: User) -> None:
    set_preference(user=follower, topic="comments", channel="email", frequency="never")
    assert Recipient.objects.get(user=follower).next_daily_at is None


def test_choose_times_moves_what_is_due(follower: User) -> None:
    recipient = recipient_of_user(follower)
    choose_times(recipient=recipient, hour=18, weekday=0, time_zone="Africa/Douala")
    assert recipient.next_daily_at is not None
    assert recipient.next_daily_at.hour == 17
    assert recipient.next_daily_at > timezone.now()


@pytest.mark.parametrize("times", [(24, 0, "Africa/Douala"), (7, 7, "Africa/Douala"), (7, 0, "x"), (-1, 0, "x")])
def test_choose_times_refuses_what_no_clock_shows(author: User, times: tuple[int, int, str]) -> None:
    hour, weekday, zone = times
    with pytest.raises(UnknownChoice):
        choose_times(recipient=recipient_of_user(author), hour=hour, weekday=weekday, time_zone=zone)


def test_mute_twice_keeps_the_first_moment(author: User) -> None:
    recipient = recipient_of_user(author)
    first = mute(recipient=recipient).muted_at
    assert mute(recipient=recipient).muted_at == first
    assert unmute(recipient=recipient).muted_at is None
