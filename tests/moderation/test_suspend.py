"""Banning whoever sent something: by whom, whom, how long, and what they are told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEntry, Ban, User
from moderation.errors import AlreadySuspended
from moderation.models import Statement
from moderation.services.suspending import suspend, unsuspend
from notifications.models import Delivery
from reports.errors import MissingExplanation, NotAllowed, StaleReport
from reports.models import Comment, Quarter, Report
from reports.services.comments import add_comment
from tests.factories import QuarterFactory, ReportFactory
from tests.moderation.conftest import post, signed_in, words_of

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/ban/"
FORM = {"days": "7", "rule": "insult", "facts": "Trois injures en une heure."}


@pytest.fixture
def report(quarter: Quarter, author: User) -> Report:
    return ReportFactory(quarter=quarter, reporter=author)


@pytest.fixture
def comment(report: Report) -> Comment:
    return add_comment(report=report, text="Tous des incapables.", device="d1")


def suspended(subject: Report | Comment, by: User, **changes: Any) -> Ban:
    return suspend(subject=subject, **{"days": 7, "rule": "insult", "facts": "Trois injures.", "by": by, **changes})


def test_suspend_an_account_tells_it_why(report: Report, author: User, moderator: User) -> None:
    ban = suspended(report, moderator)
    statement = ban.statement
    assert (ban.user, ban.device, ban.about, ban.by) == (author, "", report.ref, moderator)
    assert ban.until - ban.created_at == pytest.approx(timedelta(days=7), abs=timedelta(seconds=5))
    assert (statement.token, statement.rule, statement.facts) == (ban.token, "insult", "Trois injures.")
    mail = Delivery.objects.get(key=f"statement:{statement.pk}")
    assert mail.recipient is not None
    assert mail.recipient.user == author
    assert AuditEntry.objects.filter(kind="banned", actor=moderator, subject=author, about=report.ref).count() == 1


def test_suspend_a_device_keeps_its_token_secret(comment: Comment, moderator: User) -> None:
    ban = suspended(comment, moderator)
    assert (ban.user, ban.device, ban.statement.comment) == (None, "d1", comment)
    assert "Tous des incapables." in words_of(signed_in(None).get(f"/motifs/{ban.token}/"))
    assert not AuditEntry.objects.filter(data__icontains="d1").exists()


def test_suspend_nobody(quarter: Quarter, moderator: User) -> None:
    with pytest.raises(NotAllowed):
        suspended(ReportFactory(), moderator)


def test_suspend_without_facts(report: Report, moderator: User) -> None:
    with pytest.raises(MissingExplanation):
        suspended(report, moderator, facts=" ")


@pytest.mark.parametrize("person", ["moderator_elsewhere", "operator", "operator_elsewhere", "author", "stranger"])
def test_suspend_by_somebody_else(person: str, report: Report, request: pytest.FixtureRequest) -> None:
    with pytest.raises(NotAllowed):
        suspended(report, request.getfixturevalue(person))
    assert not Ban.objects.exists()


ALREADY = "La participation de l’auteur est déjà suspendue jusqu’au "
FIRST = " Levez d’abord cette suspension pour en décider une autre."


def test_suspend_a_second_time_is_refused(
    report: Report, comment: Comment, moderator: User, administrator: User
) -> None:
    ban = suspended(report, moderator)
    with pytest.raises(AlreadySuspended) as refusal:
        suspended(ReportFactory(reporter=report.reporter), administrator, days=30)
    day = date_format(localtime(ban.until), "DATE_FORMAT")
    assert str(refusal.value) == f"{ALREADY}{day}.{FIRST}"
    suspended(comment, moderator)
    with pytest.raises(AlreadySuspended):
        suspended(ReportFactory(device="d1"), moderator)
    assert Ban.objects.count() == 2


def test_suspend_again_once_it_was_lifted(report: Report, moderator: User) -> None:
    unsuspend(statement=suspended(report, moderator).statement, by=moderator)
    assert suspended(report, moderator).is_in_force


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("device", ["", "d7"])
def test_suspend_by_two_at_once_makes_one_ban(
    device: str, quarter: Quarter, author: User, moderator: User, administrator: User
) -> None:
    subject = ReportFactory(quarter=quarter, reporter=None if device else author, device=device)
    start = Barrier(2)

    def act(by: User) -> str:
        start.wait()
        try:
            suspended(Report.objects.get(pk=subject.pk), by)
        except AlreadySuspended:
            return "refused"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(act, [moderator, administrator]))
    assert (outcomes, Ban.objects.count(), Statement.objects.count()) == (["done", "refused"], 1, 1)


def test_report_page_says_until_when_instead_of_the_form(report: Report, moderator: User) -> None:
    ban = suspended(report, moderator)
    day = date_format(localtime(ban.until), "DATE_FORMAT")
    page = signed_in(moderator).get(reverse("admin:reports_report_change", args=[report.pk]))
    words = words_of(page)
    assert (f"Suspendu jusqu’au {day}" in words, "Suspendre l’auteur" in words) == (True, False)
    assert f'href="{LIST}#ban-{ban.pk}"' in page.content.decode()
    assert f'id="ban-{ban.pk}"' in signed_in(moderator).get(LIST).content.decode()


def test_report_page_links_to_no_suspension_from_elsewhere(
    report: Report, moderator: User, moderator_elsewhere: User, author: User
) -> None:
    town = moderator_elsewhere.memberships.get().town
    there = ReportFactory(quarter=QuarterFactory(town=town), reporter=author)
    ban = suspended(there, moderator_elsewhere)
    page = signed_in(moderator).get(reverse("admin:reports_report_change", args=[report.pk]))
    shown = ("Suspendu jusqu’au" in words_of(page), f"#ban-{ban.pk}" in page.content.decode())
    assert shown == (True, False)


@pytest.mark.parametrize("days", [0, 7])
def test_report_page_asks_once_whether_its_author_is_suspended(days: int, report: Report, moderator: User) -> None:
    if days:
        suspended(report, moderator, days=days)
    browser = signed_in(moderator)
    with CaptureQueriesContext(connection) as asked:
        browser.get(reverse("admin:reports_report_change", args=[report.pk]))
    assert len([query for query in asked if 'FROM "accounts_ban"' in query["sql"]]) == 1


def test_report_page_refuses_a_second_ban_and_keeps_its_words(report: Report, moderator: User) -> None:
    suspended(report, moderator)
    response = post(moderator, "ban", report, **FORM)
    words = words_of(response)
    assert (response.status_code, ALREADY in words, FORM["facts"] in words) == (422, True, True)
    assert Ban.objects.count() == 1


def test_comment_page_says_until_when_instead_of_the_form(comment: Comment, moderator: User) -> None:
    ban = suspended(comment, moderator)
    page = reverse("admin:accounts_ban_comment", args=[comment.pk])
    words = words_of(signed_in(moderator).get(page))
    day = date_format(localtime(ban.until), "DATE_FORMAT")
    assert (f"Suspendu jusqu’au {day}" in words, "Durée" in words) == (True, False)
    response = signed_in(moderator).post(page, FORM)
    refused = words_of(response)
    assert (response.status_code, ALREADY in refused, FORM["facts"] in refused) == (422, True, True)


def test_unsuspend_ends_it_once(report: Report, moderator: User, administrator: User) -> None:
    ban = suspended(report, moderator)
    unsuspend(statement=ban.statement, by=administrator)
    assert not Ban.objects.in_force().exists()
    assert Statement.objects.get().lifted_at is not None
    with pytest.raises(StaleReport):
        unsuspend(statement=ban.statement, by=administrator)


def test_unsuspend_by_somebody_else(report: Report, moderator: User, moderator_elsewhere: User) -> None:
    ban = suspended(report, moderator)
    with pytest.raises(NotAllowed):
        unsuspend(statement=ban.statement, by=moderator_elsewhere)


def test_report_page_bans_its_author(report: Report, moderator: User, author: User) -> None:
    page = signed_in(moderator).get(reverse("admin:reports_report_change", args=[report.pk]))
    assert "Suspendre l’auteur" in words_of(page)
    assert post(moderator, "ban", report, **FORM).status_code == 302
    assert Ban.objects.get().user == author


@pytest.mark.parametrize("wrong", [{"days": "8000"}, {"rule": "x"}, {"facts": ""}, {"facts": "x" * 1001}])
def test_report_page_keeps_what_was_typed(wrong: dict[str, str], report: Report, moderator: User) -> None:
    response = post(moderator, "ban", report, **{**FORM, **wrong})
    assert (response.status_code, Ban.objects.count()) == (422, 0)
    assert {**FORM, **wrong}["facts"] in words_of(response)


ACCESS = [
    ("moderator", 302, "pending"),
    ("administrator", 302, "pending"),
    ("moderator_elsewhere", 404, "open"),
    ("operator", 422, "open"),
    ("operator_elsewhere", 404, "open"),
    ("author", 403, "open"),
    ("nobody", 302, "open"),
]


@pytest.mark.parametrize(("person", "sent", "status"), ACCESS, indirect=["person"])
def test_report_page_holds_and_bans_for(person: User | None, sent: int, status: str, report: Report) -> None:
    assert post(person, "ban", report, **FORM).status_code == sent
    assert Ban.objects.exists() == (status == "pending")
    assert post(person, "hold", report, note="On y lit un nom.").status_code == sent
    report.refresh_from_db()
    assert report.status == status


def test_report_page_offers_no_hold_of_what_is_not_public(quarter: Quarter, moderator: User) -> None:
    report = ReportFactory(status="rejected")
    page = words_of(signed_in(moderator).get(reverse("admin:reports_report_change", args=[report.pk])))
    assert "Retirer de la vue" not in page
    assert post(moderator, "hold", report, note="Encore.").status_code == 422


def test_comment_page_bans_its_author(comment: Comment, moderator: User) -> None:
    page = reverse("admin:accounts_ban_comment", args=[comment.pk])
    assert "Tous des incapables." in words_of(signed_in(moderator).get(page))
    assert signed_in(moderator).post(page, {**FORM, "facts": ""}).status_code == 422
    assert signed_in(moderator).post(page, FORM).status_code == 302
    assert Ban.objects.get().device == "d1"


@pytest.mark.parametrize(
    ("person", "shown", "sent"),
    [
        ("moderator_elsewhere", 404, 404),
        ("operator", 403, 403),
        ("author", 403, 403),
        ("nobody", 302, 302),
    ],
    indirect=["person"],
)
def test_comment_page_is_closed_to(person: User | None, shown: int, sent: int, comment: Comment) -> None:
    page = reverse("admin:accounts_ban_comment", args=[comment.pk])
    assert signed_in(person).get(page).status_code == shown
    assert signed_in(person).post(page, FORM).status_code == sent
    assert not Ban.objects.exists()


def test_comment_page_of_none(moderator: User) -> None:
    assert signed_in(moderator).get(reverse("admin:accounts_ban_comment", args=[2**31])).status_code == 404


def test_list_lifts(report: Report, moderator: User) -> None:
    ban = suspended(report, moderator)
    browser = signed_in(moderator)
    assert "Trois injures." in words_of(browser.get(LIST))
    assert browser.post(reverse("admin:accounts_ban_lift", args=[ban.pk])).status_code == 302
    assert not Ban.objects.in_force().exists()
    assert "Personne n’est suspendu" in words_of(browser.get(LIST))


@pytest.mark.parametrize(
    ("person", "shown", "lifted"),
    [("moderator_elsewhere", 200, 404), ("operator", 403, 403), ("author", 403, 403), ("nobody", 302, 302)],
    indirect=["person"],
)
def test_list_is_closed_to(person: User | None, shown: int, lifted: int, report: Report, moderator: User) -> None:
    ban = suspended(report, moderator)
    browser = signed_in(person)
    response = browser.get(LIST)
    assert (response.status_code, "Trois injures." in words_of(response)) == (shown, False)
    assert browser.post(reverse("admin:accounts_ban_lift", args=[ban.pk])).status_code == lifted
    assert Ban.objects.in_force().exists()


def test_list_names_no_address(report: Report, author: User, moderator: User) -> None:
    User.objects.filter(pk=author.pk).update(name="")
    suspended(report, moderator)
    assert author.email not in words_of(signed_in(moderator).get(LIST))


def test_list_needs_as_many_queries_for_three_as_for_one(
    report: Report, moderator: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    suspended(report, moderator)
    browser = signed_in(moderator)
    browser.get(LIST)
    counts = []
    for _more in range(2):
        with django_assert_max_num_queries(15) as captured:
            browser.get(LIST)
        counts.append(len(captured))
        for number in range(2):
            suspended(ReportFactory(device=f"d{len(counts)}{number}"), moderator)
    assert counts[0] == counts[1]


def test_ban_of_a_person_ends_by_itself(report: Report, moderator: User) -> None:
    ban = suspended(report, moderator)
    start = timezone.now() - timedelta(days=9)
    Ban.objects.filter(pk=ban.pk).update(created_at=start, until=start + timedelta(days=7))
    assert not Ban.objects.in_force().exists()
    assert "Personne n’est suspendu" in words_of(signed_in(moderator).get(LIST))
