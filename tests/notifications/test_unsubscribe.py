"""The way out of a mail: the token is the permission, one POST is enough, and a GET changes nothing."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from notifications.models import Channel, Delivery, Preference, Recipient, Topic
from notifications.services.dispatch import consume
from notifications.services.recipients import frequency_for, recipient_of_address, recipient_of_user
from notifications.services.stopping import stop_path
from reports import workflow
from reports.models import Category, Follow, Frequency, Quarter, Report
from tests.factories import ReportFactory
from tests.notifications.news import followed
from tests.notifications.telling import changed

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def report(quarter: Quarter) -> Report:
    return ReportFactory(quarter=quarter)


@pytest.fixture
def follow(report: Report) -> Follow:
    return followed(report)


@pytest.fixture
def recipient(follow: Follow) -> Recipient:
    return recipient_of_address(follow.email)


def one_click(recipient: Recipient, subject: str = "") -> str:
    return f"/envois/{recipient.token}/stop/" + (f"?sujet={subject}" if subject else "")


def choices(recipient: Recipient) -> str:
    return f"/envois/{recipient.token}/"


def frequency(follow: Follow) -> str:
    return Follow.objects.get(pk=follow.pk).frequency


def is_muted(recipient: Recipient) -> bool:
    return Recipient.objects.get(pk=recipient.pk).muted_at is not None


def test_one_click_stops_without_cookie_sign_in_or_csrf(recipient: Recipient) -> None:
    outside = Client(enforce_csrf_checks=True)
    answer = outside.post(one_click(recipient), ONE_CLICK, HTTP_SEC_FETCH_SITE="cross-site")
    assert (answer.status_code, answer.cookies.keys(), is_muted(recipient)) == (200, {}.keys(), True)


def test_one_click_twice_changes_nothing_more(recipient: Recipient) -> None:
    Client().post(one_click(recipient), ONE_CLICK)
    stopped = Recipient.objects.get().muted_at
    assert Client().post(one_click(recipient), ONE_CLICK).status_code == 200
    assert Recipient.objects.get().muted_at == stopped


@pytest.mark.parametrize("method", ["get", "head"])
def test_one_click_opened_by_a_scanner_changes_nothing(recipient: Recipient, follow: Follow, method: str) -> None:
    answer = getattr(Client(), method)(one_click(recipient, f"suivi-{follow.pk}"))
    assert (answer.status_code, is_muted(recipient), frequency(follow)) == (200, False, Frequency.AT_ONCE)
    assert answer["Cache-Control"] == "private, no-store"


def test_one_click_without_its_word_changes_nothing(recipient: Recipient) -> None:
    assert b'name="List-Unsubscribe"' in Client().post(one_click(recipient)).content
    assert not is_muted(recipient)


def test_one_click_about_one_follow_leaves_the_others(recipient: Recipient, follow: Follow, quarter: Quarter) -> None:
    other = followed(quarter=quarter)
    page = Client().post(one_click(recipient, f"suivi-{follow.pk}"), ONE_CLICK)
    assert (frequency(follow), frequency(other), is_muted(recipient)) == ("never", "at_once", False)
    assert "Tout arrêter" in page.content.decode()


def undo_of(answer: Any) -> dict[str, str]:
    """Return what the page's button posts to take a stop back."""
    return {"undo": answer.context["undo"]}


def test_one_click_about_areas_stops_all_of_them(
    recipient: Recipient, follow: Follow, quarter: Quarter, category: Category
) -> None:
    areas = [followed(quarter=quarter), followed(category=category)]
    page = Client().post(one_click(recipient, "nearby"), ONE_CLICK)
    assert ([frequency(area) for area in areas], frequency(follow)) == (["never", "never"], "at_once")
    assert [row.pk for row in page.context["follows"]] == [areas[1].pk, areas[0].pk]
    assert areas[0].area_name in page.content.decode()
    assert not is_muted(recipient)


def test_one_click_about_areas_is_taken_back(recipient: Recipient, quarter: Quarter, category: Category) -> None:
    areas = [followed(quarter=quarter), followed(category=category, frequency="weekly")]
    page = Client().post(one_click(recipient, "nearby"), ONE_CLICK)
    answer = Client().post(one_click(recipient), undo_of(page), follow=True)
    assert [frequency(area) for area in areas] == ["at_once", "weekly"]
    assert "vous recevez de nouveau" in answer.content.decode()


def test_one_click_about_areas_of_a_person_stops_their_mails_alone(author: User, quarter: Quarter) -> None:
    area = followed(user=author, quarter=quarter)
    page = Client().post(one_click(recipient_of_user(author), "nearby"), ONE_CLICK)
    assert frequency_for(user=author, topic=Topic.NEARBY, channel=Channel.EMAIL) == Frequency.NEVER
    assert (frequency(area), page.context["topics"]) == ("at_once", ["Nouveaux signalements dans vos zones"])


def test_one_click_about_a_digest_says_what_it_brought_and_is_taken_back(author: User) -> None:
    recipient = recipient_of_user(author)
    page = Client().post(one_click(recipient, "daily"), ONE_CLICK)
    assert page.context["topics"] == [Topic.COMMENTS.label, Topic.NEARBY.label]
    Client().post(one_click(recipient), undo_of(page))
    assert set(Preference.objects.values_list("topic", "frequency")) == {("comments", "daily"), ("nearby", "daily")}


def test_one_click_about_everything_is_taken_back(recipient: Recipient) -> None:
    page = Client().post(one_click(recipient), ONE_CLICK)
    Client().post(one_click(recipient), undo_of(page))
    assert not is_muted(recipient)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("subject", ["", "suivi-{}"])
def test_one_click_again_says_that_it_is_stopped_and_is_taken_back(
    recipient: Recipient, follow: Follow, method: str, subject: str
) -> None:
    path = one_click(recipient, subject.format(follow.pk))
    Client().post(path, ONE_CLICK)
    page = Client().generic("GET", path) if method == "get" else Client().post(path, ONE_CLICK)
    assert "<h1>C’est arrêté</h1>" in page.content.decode()
    Client().post(one_click(recipient), undo_of(page))
    assert (is_muted(recipient), frequency(follow)) == (False, "at_once")


def test_stop_page_after_everything_was_stopped_says_so_of_every_mail(recipient: Recipient, follow: Follow) -> None:
    Client().post(one_click(recipient), ONE_CLICK)
    page = Client().get(one_click(recipient, f"suivi-{follow.pk}"))
    assert (page.context["stopped"], page.context["subject"], frequency(follow)) == (True, "", "at_once")


@pytest.mark.parametrize(
    ("subject", "topics", "back"),
    [
        ("daily", ["comments", "nearby"], {("comments", "daily"), ("nearby", "daily")}),
        ("comments", ["comments"], {("comments", "daily")}),
        ("progress", ["progress"], {("progress", "at_once")}),
    ],
)
def test_stop_page_of_a_person_opened_again(author: User, subject: str, topics: list[str], back: set[Any]) -> None:
    recipient = recipient_of_user(author)
    Client().post(one_click(recipient, subject), ONE_CLICK)
    page = Client().get(one_click(recipient, subject))
    assert (page.context["stopped"], page.context["topics"]) == (True, [Topic(topic).label for topic in topics])
    Client().post(one_click(recipient), undo_of(page))
    assert set(Preference.objects.values_list("topic", "frequency")) == back


def test_stop_page_of_what_comes_no_more_for_another_reason_offers_nothing(author: User) -> None:
    page = Client().get(one_click(recipient_of_user(author), "weekly"))
    assert (page.context["stopped"], page.context["undo"]) == (True, "")


def test_stop_page_of_a_foreign_follow_does_not_say_that_it_is_stopped(recipient: Recipient, report: Report) -> None:
    foreign = followed(report, email="autre@example.org", frequency="never")
    page = Client().get(one_click(recipient, f"suivi-{foreign.pk}"))
    assert (page.context["stopped"], page.context["undo"]) == (False, "")


def test_one_click_in_english_stops_too(recipient: Recipient) -> None:
    page = Client(enforce_csrf_checks=True).post(f"/en{one_click(recipient)}", ONE_CLICK)
    assert (page.status_code, is_muted(recipient)) == (200, True)


def test_taking_back_what_somebody_else_stopped_is_refused(recipient: Recipient, report: Report) -> None:
    followed(report, email="autre@example.org")
    page = Client().post(one_click(recipient_of_address("autre@example.org")), ONE_CLICK)
    Client().post(one_click(recipient), ONE_CLICK)
    for words in (page.context["undo"], "x", ""):
        answer = Client().post(one_click(recipient), {"undo": words}, follow=True)
        assert "ne peut plus être annulé" in answer.content.decode()
    assert is_muted(recipient)


def test_taking_back_work_that_is_no_more_is_refused(moderator: User) -> None:
    recipient = recipient_of_user(moderator)
    page = Client().post(one_click(recipient, "work"), ONE_CLICK)
    moderator.memberships.all().delete()
    answer = Client().post(one_click(recipient), undo_of(page), follow=True)
    assert "ne peut plus être annulé" in answer.content.decode()


def test_one_click_about_a_foreign_follow_changes_nothing(recipient: Recipient, report: Report) -> None:
    foreign = followed(report, email="autre@example.org")
    assert Client().post(one_click(recipient, f"suivi-{foreign.pk}"), ONE_CLICK).status_code == 200
    assert (frequency(foreign), is_muted(recipient)) == ("at_once", False)


def test_one_click_about_a_topic_stops_its_mails(author: User) -> None:
    recipient = recipient_of_user(author)
    Client().post(one_click(recipient, "comments"), ONE_CLICK)
    assert frequency_for(user=author, topic=Topic.COMMENTS, channel=Channel.EMAIL) == Frequency.NEVER
    assert not is_muted(recipient)


def test_one_click_about_the_daily_digest_stops_what_it_brings(author: User) -> None:
    Client().post(one_click(recipient_of_user(author), "daily"), ONE_CLICK)
    assert set(Preference.objects.values_list("topic", "frequency")) == {("comments", "never"), ("nearby", "never")}


@pytest.mark.parametrize("subject", ["work", "suivi-", "suivi-x", "%00", "../..", "progress"])
def test_one_click_about_what_means_nothing_stops_everything(recipient: Recipient, subject: str) -> None:
    assert Client().post(one_click(recipient, subject), ONE_CLICK).status_code == 200
    assert is_muted(recipient)


@pytest.mark.parametrize("path", ["/envois/{}/", "/envois/{}/stop/"])
@pytest.mark.parametrize("token", ["A" * 32, "x", "…", "A" * 200])
def test_unknown_token_is_not_found(db: None, path: str, token: str) -> None:
    assert Client().get(path.format(token)).status_code == 404
    assert Client().post(path.format(token), ONE_CLICK).status_code == 404


def test_header_of_a_delivery_stops_what_it_was_about(recipient: Recipient, follow: Follow) -> None:
    delivery = Delivery(recipient=recipient, follow=follow, template="report_progress")
    assert stop_path(delivery) == one_click(recipient, f"suivi-{follow.pk}")


def test_header_of_a_mail_about_an_area_stops_the_next_one_by_whichever_follow(
    quarter: Quarter, category: Category
) -> None:
    for area in ({"quarter": quarter}, {"category": category}):
        followed(**area)
    report = ReportFactory(quarter=quarter, category=category)
    consume(changed(report, workflow.PENDING, workflow.OPEN).pk)
    Client().post(stop_path(Delivery.objects.get()), ONE_CLICK)
    following = ReportFactory(quarter=quarter, category=category)
    consume(changed(following, workflow.PENDING, workflow.OPEN).pk)
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize("topic", ["nearby", "work"])
def test_header_of_a_mail_that_no_single_follow_brings_names_its_topic(
    recipient: Recipient, follow: Follow, topic: str
) -> None:
    delivery = Delivery(recipient=recipient, follow=follow, template="area_new_report", data={"topic": topic})
    assert stop_path(delivery) == one_click(recipient, topic)


def test_unsubscribe_shows_what_the_address_follows_but_not_the_address(
    recipient: Recipient, report: Report, quarter: Quarter
) -> None:
    followed(quarter=quarter)
    followed(report, email="autre@example.org")
    page = Client().get(choices(recipient)).content.decode()
    assert page.count('class="choice-card"><h3>') == 2
    assert (report.ref in page, "example.org" in page) == (True, False)


def test_unsubscribe_changes_one_frequency(recipient: Recipient, follow: Follow) -> None:
    asked = {"action": "follow", "follow": follow.pk, "frequency": "weekly"}
    answer = Client().post(choices(recipient), asked, headers=OURS)
    assert (answer.status_code, frequency(follow)) == (302, "weekly")
    assert Recipient.objects.get().next_weekly_at is not None


def test_unsubscribe_refuses_a_frequency_that_is_none(recipient: Recipient, follow: Follow) -> None:
    answer = Client().post(
        choices(recipient), {"action": "follow", "follow": follow.pk, "frequency": "x"}, headers=OURS
    )
    assert (answer.status_code, frequency(follow)) == (422, "at_once")


def test_unsubscribe_leaves_a_foreign_follow_alone(recipient: Recipient, report: Report) -> None:
    foreign = followed(report, email="autre@example.org")
    Client().post(choices(recipient), {"action": "follow", "follow": foreign.pk, "frequency": "never"}, headers=OURS)
    assert frequency(foreign) == "at_once"


def test_unsubscribe_stops_everything_and_starts_again(recipient: Recipient, follow: Follow) -> None:
    Client().post(choices(recipient), {"action": "stop"}, headers=OURS)
    assert is_muted(recipient)
    Client().post(choices(recipient), {"action": "resume"}, headers=OURS)
    assert (is_muted(recipient), frequency(follow)) == (False, "at_once")


def test_unsubscribe_stores_the_hour(recipient: Recipient) -> None:
    times = {"action": "times", "hour": "18", "weekday": "4", "time_zone": "Europe/Paris"}
    assert Client().post(choices(recipient), times, headers=OURS).status_code == 302
    row = Recipient.objects.get()
    assert (row.hour, row.weekday, row.time_zone) == (18, 4, "Europe/Paris")


def test_unsubscribe_refuses_a_zone_that_is_none(recipient: Recipient) -> None:
    times = {"action": "times", "hour": "18", "weekday": "4", "time_zone": "Mars/Olympus"}
    answer = Client().post(choices(recipient), times, headers=OURS)
    assert (answer.status_code, Recipient.objects.get().hour) == (422, 7)
    assert "Il reste quelque chose à corriger" in answer.content.decode()


def test_unsubscribe_of_a_person_shows_choices_but_neither_name_nor_browsers(author: User) -> None:
    page = Client().get(choices(recipient_of_user(author))).content.decode()
    assert ("progress_email" in page, author.name in page, author.email in page) == (True, False, False)


def test_unsubscribe_of_a_person_stores_choices(author: User) -> None:
    asked = {"action": "choices", "progress_email": "weekly", "progress_push": "never"}
    rest = {"comments_email": "never", "comments_push": "never", "nearby_email": "never", "nearby_push": "never"}
    assert Client().post(choices(recipient_of_user(author)), {**asked, **rest}, headers=OURS).status_code == 302
    assert frequency_for(user=author, topic=Topic.PROGRESS, channel=Channel.EMAIL) == Frequency.WEEKLY


@pytest.mark.parametrize("action", ["", "choices", "x"])
def test_unsubscribe_asked_for_what_it_does_not_do_says_so(recipient: Recipient, action: str) -> None:
    assert Client().post(choices(recipient), {"action": action}, headers=OURS).status_code == 400


def test_unsubscribe_from_another_site_is_refused(recipient: Recipient) -> None:
    answer = Client().post(choices(recipient), {"action": "stop"}, HTTP_SEC_FETCH_SITE="cross-site")
    assert (answer.status_code, is_muted(recipient)) == (403, False)


def test_confirming_anew_after_stopping_everything_hears_of_that_alone(
    recipient: Recipient, follow: Follow, quarter: Quarter
) -> None:
    Client().post(one_click(recipient), ONE_CLICK)
    fresh = followed(quarter=quarter)
    assert (is_muted(recipient), frequency(follow), frequency(fresh)) == (False, "never", "at_once")


def test_unsubscribe_in_english(recipient: Recipient) -> None:
    assert Client().get(f"/en{choices(recipient)}").status_code == 200
    assert reverse("unsubscribe", args=[recipient.token]) == choices(recipient)


def test_unsubscribe_page_takes_the_same_queries_with_three(
    recipient: Recipient, quarter: Quarter, django_assert_num_queries: Any
) -> None:
    for size in (1, 3):
        while Follow.objects.filter(email_digest=recipient.email_digest).count() < size:
            followed(ReportFactory(quarter=quarter))
        with django_assert_num_queries(2):
            Client().get(choices(recipient))
