"""Two moderators never judge the same report: who reads it, until when, and what the other one is told."""

import re
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from moderation.errors import Claimed
from moderation.models import Claim
from moderation.services import claims
from reports import workflow
from reports.models import Report, Town
from tests.factories import ReportFactory, UserFactory, give
from tests.moderation.conftest import post, signed_in, words_of
from tests.moderation.test_access import CAST, FORBIDDEN, MISSING, OPEN, SIGN_IN
from tests.reports.test_vote import at_once

QUEUE = "/admin/reports/report/queue/"
pytestmark = pytest.mark.django_db


def pending(hours: float = 1, **fields: Any) -> Report:
    return ReportFactory(status=workflow.PENDING, received_at=timezone.now() - timedelta(hours=hours), **fields)


@pytest.fixture
def colleague(town: Town) -> User:
    return give(UserFactory(email="collegue@example.org", name="Amina"), Role.MODERATOR, town=town)


def shown(person: User, **query: str | int) -> str:
    """Return which report somebody is shown, read from the page itself: contexts of parallel requests mix."""
    found = re.search(r'data-report="([^"]+)"', words_of(signed_in(person).get(QUEUE, query)))
    assert found is not None
    return found[1]


def leave_alone(report: Report, minutes: float = 4) -> None:
    """Let the claim's moderator have done nothing for some minutes."""
    Claim.objects.filter(report=report).update(seen_at=timezone.now() - timedelta(minutes=minutes))


def test_claim_sends_the_second_moderator_to_the_next_and_says_who_reads(moderator: User, colleague: User) -> None:
    first, second = pending(3), pending(2)
    assert shown(colleague) == first.ref
    response = signed_in(moderator).get(QUEUE)
    assert response.context["report"] == second
    assert f"Amina examine {first.ref} depuis moins d’une minute." in words_of(response)


def test_claim_says_since_when(moderator: User, colleague: User) -> None:
    first, _second = pending(3), pending(2)
    claims.take(report=first, by=colleague)
    Claim.objects.update(since=timezone.now() - timedelta(minutes=7))
    assert f"Amina examine {first.ref} depuis 7\u00a0minutes." in words_of(signed_in(moderator).get(QUEUE))


def test_claim_of_everything_is_said(moderator: User, colleague: User) -> None:
    report = pending()
    claims.take(report=report, by=colleague)
    text = words_of(signed_in(moderator).get(QUEUE))
    assert "D’autres personnes lisent ce qui attend" in text
    assert f"Amina examine {report.ref}" in text


def test_claim_stays_with_who_reloads(moderator: User) -> None:
    first, _second = pending(3), pending(2)
    assert [shown(moderator), shown(moderator)] == [first.ref, first.ref]


def test_claim_expires(moderator: User, colleague: User) -> None:
    report = pending()
    claims.take(report=report, by=colleague)
    leave_alone(report)
    assert shown(moderator) == report.ref
    assert Claim.objects.get().person == moderator


def test_claim_goes_when_its_moderator_goes_on(moderator: User, colleague: User) -> None:
    first, second = pending(3), pending(2)
    assert shown(colleague) == first.ref
    assert shown(colleague, after=first.pk) == second.ref
    assert list(Claim.objects.values_list("report", flat=True)) == [second.pk]
    assert shown(moderator) == first.ref


def test_claim_goes_with_the_decision(moderator: User) -> None:
    report = pending()
    shown(moderator)
    post(moderator, "decide", report, to=workflow.OPEN, seen=workflow.PENDING)
    assert not Claim.objects.exists()


def test_claim_of_another_refuses_the_decision_and_keeps_the_words(moderator: User, colleague: User) -> None:
    report = pending()
    claims.take(report=report, by=colleague)
    fields = {"to": workflow.REJECTED, "seen": workflow.PENDING, "note": "C’est la cour du lycée."}
    response = post(moderator, "decide", report, **fields)
    report.refresh_from_db()
    assert (response.status_code, report.status) == (409, workflow.PENDING)
    assert f"Amina examine {report.ref}" in words_of(response)
    assert "C’est la cour du lycée." in words_of(response)
    assert "Signalement suivant" in words_of(response)


def test_claim_is_renewed_by_the_open_page(moderator: User) -> None:
    report = pending()
    shown(moderator)
    leave_alone(report, minutes=2)
    before = Claim.objects.get()
    response = post(moderator, "claim", report)
    after = Claim.objects.get()
    assert (response.status_code, response.json()) == (200, {"held": True})
    assert after.since == before.since
    assert after.seen_at > before.seen_at


def test_claim_that_ran_out_tells_who_has_it_now(moderator: User, colleague: User) -> None:
    report = pending()
    shown(moderator)
    leave_alone(report)
    shown(colleague)
    response = post(moderator, "claim", report)
    assert response.status_code == 409
    assert response.json() == {"held": False, "sentence": f"Amina examine {report.ref} depuis moins d’une minute."}


def test_claim_of_what_is_judged_says_so(moderator: User) -> None:
    report = ReportFactory(status=workflow.OPEN)
    response = post(moderator, "claim", report)
    assert response.status_code == 409
    assert response.json()["sentence"] == f"{report.ref} est déjà jugé\u00a0: quelqu’un d’autre a décidé."
    assert not Claim.objects.exists()


def test_claim_is_not_renewed_by_a_look(moderator: User) -> None:
    address = reverse("admin:reports_report_claim", args=[pending().pk])
    assert signed_in(moderator).get(address).status_code == 405


@pytest.mark.parametrize("person", CAST, indirect=True)
def test_claim_is_for_who_judges_the_place(person: User | None, request: pytest.FixtureRequest) -> None:
    name = request.node.callspec.params["person"]
    expected = {
        "nobody": SIGN_IN, "moderator": OPEN, "administrator": OPEN, "superuser": OPEN, "moderator_elsewhere": MISSING,
        "operator": MISSING, "operator_elsewhere": MISSING,
    }  # fmt: skip
    report = pending()
    assert post(person, "claim", report).status_code == expected.get(name, FORBIDDEN)
    assert Claim.objects.count() == int(expected.get(name) == OPEN)


@pytest.fixture
def superuser() -> User:
    return User.objects.create_superuser("racine@example.org", "correct horse battery")


def test_wanted_report_is_shown_first(moderator: User, colleague: User) -> None:
    first, second = pending(3), pending(2)
    assert shown(moderator, report=second.pk) == second.ref
    assert shown(colleague, report=second.pk) == first.ref


@pytest.mark.parametrize("wanted", ["", "x", "-1", "9" * 40, "0x1", "\x00", "\uff11", "'"])
def test_wanted_report_that_is_none_is_ignored(wanted: str, moderator: User) -> None:
    report = pending()
    assert shown(moderator, report=wanted) == report.ref


def test_queue_shows_the_most_urgent_first_then_the_oldest(moderator: User) -> None:
    waits = [pending(5, priority=100), pending(3, priority=300), pending(9, priority=0), pending(4, priority=100)]
    passed: list[str] = []
    after = ""
    for _turn in waits:
        report = signed_in(moderator).get(QUEUE, {"after": after}).context["report"]
        passed.append(report.ref)
        after = str(report.pk)
    assert passed == [waits[1].ref, waits[0].ref, waits[3].ref, waits[2].ref]


def test_queue_costs_the_same_however_many_wait_and_read(moderator: User, colleague: User, administrator: User) -> None:
    def cost() -> int:
        client = signed_in(moderator)
        client.get(QUEUE)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(QUEUE)
        return len(queries)

    for hours in (1, 2):
        pending(hours)
    alone = cost()
    claims.take(report=pending(9), by=colleague)
    claims.take(report=pending(8), by=administrator)
    pending(3)
    assert cost() == alone
    assert alone <= 18


@pytest.mark.django_db(transaction=True)
def test_claim_at_the_same_moment_is_one_persons(town: Town) -> None:
    people = [give(UserFactory(), Role.MODERATOR, town=town) for _number in range(6)]
    report = pending()
    refused = at_once(partial(claims.take, report=report, by=person) for person in people)
    assert [type(failure) for failure in refused] == [Claimed] * 5
    assert Claim.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_claim_that_ran_out_goes_to_one_of_many(town: Town) -> None:
    people = [give(UserFactory(), Role.MODERATOR, town=town) for _number in range(6)]
    report = pending()
    claims.take(report=report, by=UserFactory())
    leave_alone(report)
    refused = at_once(partial(claims.take, report=report, by=person) for person in people)
    assert [type(failure) for failure in refused] == [Claimed] * 5


@pytest.mark.django_db(transaction=True)
def test_queue_opened_at_the_same_moment_shows_each_another_report(town: Town) -> None:
    people = [give(UserFactory(), Role.MODERATOR, town=town) for _number in range(4)]
    for hours in range(4):
        pending(hours)
    seen: list[str] = []

    def look(person: User) -> None:
        seen.append(shown(person))

    assert at_once(partial(look, person) for person in people) == []
    assert len(set(seen)) == 4
