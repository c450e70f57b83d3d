"""Appeals: once each, by the link; judged by another one than whoever decided; granting undoes the decision."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Ban, Role, User
from moderation.models import Appeal, Statement
from moderation.services.appeals import CannotAppeal, appeal, judge_appeal
from moderation.services.flags import judge, judge_photo
from moderation.services.holding import hold_report
from moderation.services.suspending import suspend
from notifications.models import Delivery
from reports import workflow
from reports.errors import DomainError, MissingExplanation, NotAllowed, StaleReport
from reports.models import Comment, Photo, Quarter, Report
from reports.permissions import actor_for
from reports.services.comments import add_comment
from reports.services.handling import change_status
from tests.accounts.full_person import add_photo
from tests.client import Client
from tests.factories import ReportFactory, UserFactory, give
from tests.moderation.conftest import signed_in, words_of
from tests.moderation.test_statements import follow_log

pytestmark = pytest.mark.django_db
OURS = {"sec-fetch-site": "same-origin"}
LIST = "/admin/moderation/appeal/"
HOSTILE = ["<script>alert(1)</script>", "Ω≈ç√∫µ≤≥÷", "👩‍👩‍👧", "1; DROP TABLE users", "a\x00b"]


@pytest.fixture
def report(quarter: Quarter, author: User) -> Report:
    return ReportFactory(quarter=quarter, reporter=author, status=workflow.IN_PROGRESS)


@pytest.fixture
def colleague(quarter: Quarter) -> User:
    return give(UserFactory(email="collegue@example.org"), Role.MODERATOR, quarter=quarter)


@pytest.fixture
def statement(report: Report, moderator: User) -> Statement:
    hold_report(report=report, by=moderator, note="On y lit un nom.")
    follow_log()
    return Statement.objects.get()


@pytest.fixture
def contested(statement: Statement) -> Appeal:
    return appeal(statement=statement, words="Ce nom est celui de la rue.")


def test_appeal_once(statement: Statement) -> None:
    appeal(statement=statement, words="Ce nom est celui de la rue.")
    with pytest.raises(CannotAppeal):
        appeal(statement=statement, words="J’insiste.")
    assert Appeal.objects.get().words == "Ce nom est celui de la rue."


def test_appeal_without_a_word(statement: Statement) -> None:
    with pytest.raises(MissingExplanation):
        appeal(statement=statement, words="  ")


def test_appeal_against_what_holds_no_more(statement: Statement) -> None:
    statement.lifted_at = timezone.now()
    with pytest.raises(CannotAppeal):
        appeal(statement=statement, words="Non.")


def test_appeal_too_late(statement: Statement) -> None:
    statement.created_at = timezone.now() - timedelta(days=181)
    with pytest.raises(CannotAppeal):
        appeal(statement=statement, words="Non.")


@pytest.mark.django_db(transaction=True)
def test_appeal_twice_at_once(statement: Statement) -> None:
    barrier, outcomes = threading.Barrier(2), []

    def act() -> None:
        barrier.wait()
        try:
            appeal(statement=statement, words="Ce nom est celui de la rue.")
            outcomes.append("done")
        except DomainError as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=act) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["cannot_appeal", "done"]


def test_grant_gives_a_held_report_back(contested: Appeal, report: Report, colleague: User) -> None:
    judge_appeal(appeal=contested, grant=True, answer="C’est juste.", by=colleague)
    report.refresh_from_db()
    contested.statement.refresh_from_db()
    assert (report.status, report.held_from) == (workflow.IN_PROGRESS, "")
    assert contested.statement.lifted_at is not None
    assert (contested.is_granted, contested.decided_by) == (True, colleague)
    mail = Delivery.objects.get(key=f"appeal:{contested.pk}")
    assert (mail.recipient.user, mail.data["is_granted"]) == (report.reporter, True)  # type: ignore[union-attr]


def test_refuse_leaves_everything(contested: Appeal, report: Report, colleague: User) -> None:
    judge_appeal(appeal=contested, grant=False, answer="On le lit encore.", by=colleague)
    report.refresh_from_db()
    contested.statement.refresh_from_db()
    assert (report.status, contested.statement.lifted_at) == (workflow.PENDING, None)


def test_judge_by_whoever_decided_where_there_is_another(contested: Appeal, moderator: User, colleague: User) -> None:
    with pytest.raises(NotAllowed):
        judge_appeal(appeal=contested, grant=True, answer="Bon.", by=moderator)


def test_judge_by_whoever_decided_where_there_is_no_other(contested: Appeal, moderator: User) -> None:
    give(UserFactory(is_active=False), Role.MODERATOR, quarter=contested.statement.report.quarter)
    judge_appeal(appeal=contested, grant=True, answer="Bon.", by=moderator)
    assert Appeal.objects.get().is_granted


@pytest.mark.parametrize("person", ["moderator_elsewhere", "operator", "operator_elsewhere", "author", "stranger"])
def test_judge_by_somebody_else(person: str, contested: Appeal, request: pytest.FixtureRequest) -> None:
    with pytest.raises(NotAllowed):
        judge_appeal(appeal=contested, grant=True, answer="Bon.", by=request.getfixturevalue(person))


def test_judge_without_an_answer(contested: Appeal, colleague: User) -> None:
    with pytest.raises(MissingExplanation):
        judge_appeal(appeal=contested, grant=True, answer=" ", by=colleague)


def test_judge_twice(contested: Appeal, colleague: User, administrator: User) -> None:
    judge_appeal(appeal=contested, grant=False, answer="Non.", by=colleague)
    with pytest.raises(StaleReport):
        judge_appeal(appeal=contested, grant=True, answer="Si.", by=administrator)
    assert Appeal.objects.get().is_granted is False


@pytest.mark.django_db(transaction=True)
def test_judge_by_two_at_once(contested: Appeal, colleague: User, administrator: User) -> None:
    barrier, outcomes = threading.Barrier(2), []

    def act(by: User, *, grant: bool) -> None:
        mine = Appeal.objects.select_related("statement__report__quarter").get(pk=contested.pk)
        person = User.objects.get(pk=by.pk)
        barrier.wait()
        try:
            judge_appeal(appeal=mine, grant=grant, answer="Voilà.", by=person)
            outcomes.append("done")
        except DomainError as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=act, args=(colleague,), kwargs={"grant": True}),
        threading.Thread(target=act, args=(administrator,), kwargs={"grant": False}),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "stale_report"]


def rejected(report: Report, author: User, moderator: User) -> None:
    change_status(report=report, to=workflow.REJECTED, actor=actor_for(moderator, report), note="Non.")


def comment_removed(report: Report, author: User, moderator: User) -> None:
    comment = add_comment(report=report, text="Enfin une réponse ?", author=author)
    judge(comment=comment, accept=False, reason="Non.", by=moderator)


def photo_hidden(report: Report, author: User, moderator: User) -> None:
    judge_photo(photo=add_photo(report=report), keep=False, reason="Non.", by=moderator)


def banned(report: Report, author: User, moderator: User) -> None:
    suspend(subject=report, days=7, rule="spam", facts="Dix fois la même chose.", by=moderator)


GRANTED: list[tuple[Callable[[Report, User, User], None], Callable[[Report], bool]]] = [
    (rejected, lambda report: Report.objects.get(pk=report.pk).status == workflow.OPEN),
    (comment_removed, lambda report: Comment.objects.visible().filter(report=report).exists()),
    (photo_hidden, lambda report: Photo.objects.get(report=report).hidden_at is None),
    (banned, lambda _report: not Ban.objects.in_force().exists()),
]


@pytest.mark.parametrize(("decide", "is_undone"), GRANTED, ids=[decide.__name__ for decide, _check in GRANTED])
def test_grant_undoes(
    decide: Callable[[Report, User, User], None],
    is_undone: Callable[[Report], bool],
    report: Report,
    author: User,
    moderator: User,
    colleague: User,
) -> None:
    decide(report, author, moderator)
    follow_log()
    assert not is_undone(report)
    row = appeal(statement=Statement.objects.get(), words="C’est faux.")
    judge_appeal(appeal=row, grant=True, answer="C’est juste.", by=colleague)
    follow_log()
    assert is_undone(report)
    assert not Statement.objects.standing().exists()


def send(statement: Statement, **fields: str) -> Any:
    return Client().post(f"/motifs/{statement.token}/", fields, headers=OURS)


def test_page_takes_an_appeal_and_shows_it(statement: Statement) -> None:
    response = send(statement, words="Ce nom est celui de la rue.")
    assert (response.status_code, response["Location"]) == (303, f"/motifs/{statement.token}/")
    words = words_of(Client().get(f"/motifs/{statement.token}/"))
    assert "Votre recours est arrivé" in words
    assert "Ce nom est celui de la rue." in words


def test_page_without_words_says_what_to_do(statement: Statement) -> None:
    response = send(statement, words="  ")
    assert response.status_code == 422
    assert "Dites pourquoi cette décision vous paraît fausse." in words_of(response)


@pytest.mark.parametrize("words", HOSTILE)
def test_page_takes_hostile_words_as_words(words: str, statement: Statement) -> None:
    assert send(statement, words=words).status_code in {303, 422}
    assert "<script>alert(1)" not in words_of(Client().get(f"/motifs/{statement.token}/"))


def test_page_keeps_words_that_are_too_long(statement: Statement) -> None:
    response = send(statement, words="x" * 2001)
    assert (response.status_code, "x" * 2001 in words_of(response)) == (422, True)


def test_page_refuses_a_second_appeal(contested: Appeal) -> None:
    response = send(contested.statement, words="J’insiste.")
    assert (response.status_code, Appeal.objects.count()) == (422, 1)


def test_page_refuses_another_site(statement: Statement) -> None:
    response = Client().post(f"/motifs/{statement.token}/", {"words": "x"}, headers={"sec-fetch-site": "cross-site"})
    assert (response.status_code, Appeal.objects.count()) == (403, 0)


def test_list_shows_what_waits_and_judges(contested: Appeal, colleague: User) -> None:
    browser = signed_in(colleague)
    assert "Ce nom est celui de la rue." in words_of(browser.get(LIST))
    page = reverse("admin:moderation_appeal_judge", args=[contested.pk])
    assert browser.post(page, {"decision": "grant", "answer": "C’est juste."}).status_code == 302
    assert Appeal.objects.get().is_granted
    assert "Aucun recours n’attend" in words_of(browser.get(LIST))


def test_list_tells_whoever_decided_that_another_judges(contested: Appeal, moderator: User, colleague: User) -> None:
    words = words_of(signed_in(moderator).get(LIST))
    assert "un collègue juge le recours" in words
    assert "Accepter" not in words
    page = reverse("admin:moderation_appeal_judge", args=[contested.pk])
    assert signed_in(moderator).post(page, {"decision": "grant", "answer": "Bon."}).status_code == 422


@pytest.mark.parametrize("fields", [{}, {"decision": "grant"}, {"decision": "x", "answer": "Bon."}])
def test_list_keeps_what_was_typed(fields: dict[str, str], contested: Appeal, colleague: User) -> None:
    page = reverse("admin:moderation_appeal_judge", args=[contested.pk])
    response = signed_in(colleague).post(page, fields)
    assert (response.status_code, Appeal.objects.get().decided_at) == (422, None)
    assert fields.get("answer", "") in words_of(response)


ACCESS = [
    ("colleague", 200, 302),
    ("administrator", 200, 302),
    ("moderator_elsewhere", 200, 404),
    ("operator", 403, 403),
    ("stranger", 403, 403),
    ("nobody", 302, 302),
]


@pytest.mark.parametrize(("person", "shown", "sent"), ACCESS, indirect=["person"])
def test_list_by(person: User | None, shown: int, sent: int, contested: Appeal) -> None:
    browser = signed_in(person)
    response = browser.get(LIST)
    assert response.status_code == shown
    judge_page = reverse("admin:moderation_appeal_judge", args=[contested.pk])
    answer = browser.post(judge_page, {"decision": "grant", "answer": "Bon."})
    assert answer.status_code == sent
    may = person is not None and person.email in {"collegue@example.org", "administration@example.org"}
    assert (Appeal.objects.get().is_granted is True) == may
    assert ("Ce nom est celui de la rue." in words_of(response)) == may


def test_list_needs_as_many_queries_for_three_as_for_one(
    contested: Appeal, moderator: User, colleague: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    browser = signed_in(colleague)
    browser.get(LIST)
    counts = []
    for _more in range(2):
        with django_assert_max_num_queries(15) as captured:
            browser.get(LIST)
        counts.append(len(captured))
        for _row in range(2):
            other = ReportFactory(quarter=contested.statement.report.quarter)
            hold_report(report=other, by=moderator, note="Non.")
        follow_log()
        for row in Statement.objects.filter(appeal=None):
            appeal(statement=row, words="Si.")
    assert counts[0] == counts[1]
