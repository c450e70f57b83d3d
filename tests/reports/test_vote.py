"""Supporting: counted once at any concurrency, taken back, without an account, joined to one, counted as such."""

import random
import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import pytest
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts.models import User
from reports import priority, workflow
from reports.models import Event, Quarter, Report, Vote
from reports.permissions import actor_for
from reports.services.comments import add_comment
from reports.services.community import adopt_device, unvote, vote
from reports.services.handling import change_status
from reports.views.device import DEVICE_COOKIE, DEVICE_SALT
from tests.factories import ReportFactory, UserFactory

OURS: dict[str, Any] = {"headers": {"Sec-Fetch-Site": "same-origin"}}
SCRIPT: dict[str, Any] = {"headers": {"Sec-Fetch-Site": "same-origin", "Accept": "application/json"}}
CROWD = 100


@pytest.fixture(autouse=True)
def unthrottled(settings: Settings) -> None:
    settings.THROTTLE = False


def at_once(acts: Iterable[Callable[[], object]]) -> list[BaseException]:
    """Run all acts in threads that start together; return what failed."""
    acts = list(acts)
    ready = threading.Barrier(len(acts))
    failures: list[BaseException] = []

    def run(act: Callable[[], object]) -> None:
        try:
            ready.wait()
            act()
        except BaseException as failure:  # noqa: BLE001  (a thread's failure is the test's)
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def again(report: Report) -> Report:
    row: Report = Report.objects.select_related("category").get(pk=report.pk)
    return row


def support(report: Report, person: User, change: Callable[..., bool] = vote) -> None:
    change(report=again(report), user=person)


def press(client: Client, report: Report, **data: str) -> Any:
    return client.post(reverse("report-support", args=[report.ref]), data, **SCRIPT)


@pytest.mark.django_db
def test_vote_of_one_new_device_after_another_is_slowed_down(client: Client, settings: Settings) -> None:
    settings.THROTTLE = True
    rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "new-device": "2/hour"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    report, other = ReportFactory(), ReportFactory()
    known = Client()
    assert [press(Client(), report).status_code, press(known, report).status_code] == [200, 200]
    assert [press(Client(), report).status_code, press(known, report, undo="1").status_code] == [429, 200]
    assert press(Client(), other).status_code == 200


# --- Concurrency -----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_vote_by_a_hundred_people_at_once(quarter: Quarter) -> None:
    report = ReportFactory(quarter=quarter)
    people = UserFactory.create_batch(CROWD)
    assert at_once(partial(support, report, person) for person in people) == []
    assert again(report).votes == Vote.objects.count() == CROWD
    assert again(report).priority == priority.score(urgency=report.category.urgency, votes=CROWD)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("taps", [2, 10])
def test_vote_tapped_by_one_person_at_once(taps: int, quarter: Quarter, author: User) -> None:
    report = ReportFactory(quarter=quarter)
    assert at_once([partial(support, report, author)] * taps) == []
    assert again(report).votes == Vote.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_vote_and_unvote_storm_leaves_the_count_right(quarter: Quarter) -> None:
    report = ReportFactory(quarter=quarter)
    people = UserFactory.create_batch(5)
    rows = [(change, person) for person in people for change in (vote, unvote) * 4]
    random.Random(7).shuffle(rows)  # noqa: S311  (an order, no secret)
    assert at_once(partial(support, report, person, change) for change, person in rows) == []
    assert again(report).votes == Vote.objects.count()
    assert again(report).priority == priority.score(urgency=report.category.urgency, votes=again(report).votes)


@pytest.mark.django_db(transaction=True)
def test_votes_during_a_merge_are_counted_where_they_are(quarter: Quarter, moderator: User) -> None:
    original, copy = ReportFactory(quarter=quarter), ReportFactory(quarter=quarter)
    for number in range(5):
        vote(report=copy, device=f"copie{number}")
    people = UserFactory.create_batch(20)
    merge = [
        lambda: change_status(
            report=again(copy), to="duplicate", actor=actor_for(moderator, copy), original=again(original)
        )
    ]
    votes = [partial(support, original, person) for person in people]
    assert at_once([*votes, *merge]) == []
    assert again(original).votes == Vote.objects.filter(report=original).count() == 25
    assert again(copy).votes == 0


# --- On the page ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_vote_without_javascript_leads_to_the_page_that_says_so(client: Client) -> None:
    report = ReportFactory()
    reply = client.post(reverse("report-support", args=[report.ref]), **OURS)
    assert (reply.status_code, reply["Location"]) == (303, f"{report.get_absolute_url()}?soutien=oui")
    page = client.get(reply["Location"]).content.decode()
    assert "Merci, votre soutien est compté." in page
    assert 'name="undo" value="1"' in page


@pytest.mark.django_db
def test_undo_without_javascript(client: Client) -> None:
    report = ReportFactory()
    client.post(reverse("report-support", args=[report.ref]), **OURS)
    reply = client.post(reverse("report-support", args=[report.ref]), {"undo": "1"}, **OURS)
    assert reply["Location"] == f"{report.get_absolute_url()}?soutien=non"
    assert again(report).votes == 0


@pytest.mark.django_db
def test_undo_by_a_device_that_never_voted_takes_nothing(client: Client) -> None:
    report = ReportFactory()
    vote(report=report, device="autre")
    assert press(client, report, undo="1").json() == {"votes": 1, "supported": False}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "cookie",
    [
        "nimporte:quoi:bidon",
        "",
        "é\x7f",
        "x" * 5000,
        signing.get_cookie_signer(salt="another.salt").sign("voleur"),
        signing.get_cookie_signer(salt=DEVICE_COOKIE + DEVICE_SALT).sign("d1")[:-2] + "zz",
    ],
    ids=["unsigned", "empty", "not-ascii", "long", "another-salt", "another-end"],
)
def test_vote_with_a_foreign_cookie_is_a_new_device(cookie: str, client: Client) -> None:
    report = ReportFactory()
    client.cookies[DEVICE_COOKIE] = cookie
    reply = press(client, report)
    assert (reply.status_code, reply.json()["votes"]) == (200, 1)
    assert not Vote.objects.filter(device__in=["voleur", "d1"]).exists()
    assert reply.cookies[DEVICE_COOKIE].value != cookie


@pytest.mark.django_db
def test_vote_with_an_expired_cookie_is_a_new_device(client: Client, old_cookie: str) -> None:
    report = ReportFactory()
    client.cookies[DEVICE_COOKIE] = old_cookie
    assert press(client, report).status_code == 200
    assert Vote.objects.exclude(device="ancien").count() == 1


@pytest.fixture
def old_cookie(monkeypatch: pytest.MonkeyPatch) -> str:
    """A cookie that was signed two years ago."""
    with monkeypatch.context() as patch:
        patch.setattr("django.core.signing.time.time", lambda: 1_600_000_000)
        return signing.get_cookie_signer(salt=DEVICE_COOKIE + DEVICE_SALT).sign("ancien")


@pytest.mark.django_db
def test_page_counts_supports_without_an_account_as_such(client: Client, author: User) -> None:
    report = ReportFactory()
    vote(report=report, user=author)
    for number in range(2):
        vote(report=report, device=f"d{number}")
    page = client.get(report.get_absolute_url()).content.decode()
    assert "<span data-votes>3</span> soutiens, dont 2 sans compte" in page


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/signalements/", "/en/signalements/"])
def test_cards_can_be_supported_and_stay_the_same_for_everybody(address: str, client: Client) -> None:
    report = ReportFactory()
    reply = client.get(address)
    assert f'data-support="{report.ref}"' in reply.content.decode()
    assert (not reply.cookies, reply.get("Vary", "")) == (True, reply.get("Vary", "").replace("Cookie", ""))


@pytest.mark.django_db
@pytest.mark.parametrize(("votes", "reached"), [(1, False), (2, True), (5, True)])
def test_page_shows_the_goal_of_the_town(votes: int, reached: bool, client: Client, quarter: Quarter) -> None:  # noqa: FBT001
    quarter.town.vote_goal = 2
    quarter.town.save()
    report = ReportFactory(quarter=quarter, votes=votes)
    page = client.get(report.get_absolute_url()).content.decode()
    assert f"<span data-votes>{votes}</span> des 2 soutiens visés" in page
    assert ('class="goal is-reached"' in page) == reached


@pytest.mark.django_db
def test_page_of_a_repaired_report_shows_no_goal(client: Client, quarter: Quarter) -> None:
    quarter.town.vote_goal = 2
    quarter.town.save(update_fields=["vote_goal"])
    report = ReportFactory(quarter=quarter, status=workflow.RESOLVED)
    assert 'class="goal' not in client.get(report.get_absolute_url()).content.decode()


@pytest.mark.django_db
def test_page_of_a_town_without_a_goal_shows_none(client: Client) -> None:
    assert "<progress" not in client.get(ReportFactory(votes=3).get_absolute_url()).content.decode()


@pytest.mark.django_db
def test_list_costs_the_same_with_one_card_and_with_three(client: Client, quarter: Quarter) -> None:
    ReportFactory(quarter=quarter)
    counted = queries_of(client, "/signalements/")
    ReportFactory.create_batch(2, quarter=quarter)
    assert queries_of(client, "/signalements/") == counted


@pytest.mark.django_db
def test_page_costs_the_same_with_one_support_and_with_three(client: Client, quarter: Quarter) -> None:
    report = ReportFactory(quarter=quarter)
    vote(report=report, device="d1")
    counted = queries_of(client, report.get_absolute_url())
    vote(report=report, device="d2")
    vote(report=report, device="d3")
    assert queries_of(client, report.get_absolute_url()) == counted


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


# --- A device that signs in ------------------------------------------------------------------------


@pytest.mark.django_db
def test_adopt_device_gives_its_supports_to_the_person(author: User) -> None:
    report = ReportFactory()
    vote(report=report, device="d1")
    assert adopt_device(user=author, device="d1") == 1
    assert again(report).votes == 1
    assert list(Vote.objects.values_list("user", "device")) == [(author.pk, "")]


@pytest.mark.django_db
def test_adopt_device_gives_its_comments_to_the_person(author: User) -> None:
    comment = add_comment(report=ReportFactory(), text="Toujours là.", device="d1")
    adopt_device(user=author, device="d1")
    comment.refresh_from_db()
    assert (comment.author, comment.device) == (author, "")


@pytest.mark.django_db
def test_adopt_device_counts_once_what_both_support(author: User) -> None:
    both, only_device = ReportFactory(), ReportFactory()
    vote(report=both, user=author)
    for report in (both, only_device):
        vote(report=report, device="d1")
    vote(report=both, device="d2")
    assert adopt_device(user=author, device="d1") == 1
    assert (again(both).votes, again(only_device).votes) == (2, 1)
    assert both.events.filter(kind=Event.Kind.VOTED).count() == 4


@pytest.mark.django_db
@pytest.mark.parametrize("device", ["", "inconnu"])
def test_adopt_device_of_nobody_changes_nothing(device: str, author: User) -> None:
    report = ReportFactory()
    vote(report=report, device="d1")
    assert adopt_device(user=author, device=device) == 0
    assert again(report).votes == 1


@pytest.mark.django_db(transaction=True)
def test_adopt_device_while_the_person_votes(quarter: Quarter, author: User) -> None:
    reports = ReportFactory.create_batch(8, quarter=quarter)
    for report in reports:
        vote(report=report, device="d1")
    adopt = [partial(adopt_device, user=author, device="d1")] * 2
    votes = [partial(support, report, author) for report in reports]
    assert at_once([*adopt, *votes]) == []
    assert [again(report).votes for report in reports] == [1] * 8
    assert not Vote.objects.exclude(device="").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("status", [workflow.PENDING, workflow.REJECTED, workflow.WITHDRAWN])
def test_vote_for_what_is_not_public_does_not_exist(status: str, client: Client, author: User) -> None:
    report = ReportFactory(status=status)
    client.force_login(author)
    assert press(client, report).status_code == 404
    assert Vote.objects.count() == 0


@pytest.mark.django_db
def test_vote_costs_the_same_however_many_support(
    client: Client, author: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    report = ReportFactory()
    with django_assert_num_queries(11):
        vote(report=again(report), user=author)
    assert again(report).votes == 1
