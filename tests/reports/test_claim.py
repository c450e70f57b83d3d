"""Joining an account what was done before it: only with a proven address, each thing once."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed, user_logged_in, user_signed_up
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from reports.models import Follow, Quarter, Report, Vote
from reports.receivers import claim_all
from reports.services.areas import follow_area
from reports.services.community import claim, follow, vote
from reports.views.device import DEVICE_COOKIE, remember
from tests.factories import PASSWORD, ReportFactory, UserFactory

MINE = "auteur@example.org"


def reported(quarter: Quarter, email: str = MINE) -> Report:
    return ReportFactory(quarter=quarter, contact_email=email)


def followed(quarter: Quarter, email: str = MINE) -> Follow:
    row = follow(report=ReportFactory(quarter=quarter), email=email, language="fr")
    row.confirmed_at = timezone.now()
    row.save()
    return row


def address_of(user: User, *, verified: bool) -> EmailAddress:
    row: EmailAddress = EmailAddress.objects.create(user=user, email=user.email, verified=verified, primary=True)
    return row


def request_of(device: str, user: User) -> Any:
    """Return what allauth's own listeners need too: a session and whose it is."""
    request: Any = RequestFactory().get("/")
    request.user, request.session = user, SessionStore()
    response = HttpResponse()
    remember(response, device, is_secure=False)
    request.COOKIES[DEVICE_COOKIE] = response.cookies[DEVICE_COOKIE].value
    return request


# --- The service -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("email", [MINE, MINE.upper()])
def test_claim_joins_reports_and_follows(email: str, quarter: Quarter, author: User) -> None:
    report, row = reported(quarter), followed(quarter)
    area = follow_area(quarter=quarter, email=MINE, language="fr")
    Follow.objects.filter(pk=area.pk).update(confirmed_at=timezone.now())
    assert claim(user=author, email=email) == 3
    report.refresh_from_db()
    assert report.reporter == author
    assert set(Follow.objects.values_list("pk", flat=True)) >= {row.pk, area.pk}
    assert set(Follow.objects.filter(user=author).values_list("email_digest", flat=True)) == {""}


def test_claim_takes_nothing_of_others(quarter: Quarter, author: User, stranger: User) -> None:
    theirs = reported(quarter, "autre@example.org")
    other = ReportFactory(quarter=quarter, reporter=stranger, contact_email=MINE)
    assert claim(user=author, email=MINE) == 0
    assert [Report.objects.get(pk=row.pk).reporter for row in (theirs, other)] == [None, stranger]
    assert claim(user=author, email="") == 0


def test_claim_leaves_a_follow_that_nobody_confirmed(quarter: Quarter, author: User) -> None:
    row = follow(report=ReportFactory(quarter=quarter), email=MINE, language="fr")
    assert claim(user=author, email=MINE) == 0
    row.refresh_from_db()
    assert row.user is None


def test_claim_twice_changes_nothing(quarter: Quarter, author: User) -> None:
    reported(quarter)
    assert [claim(user=author, email=MINE), claim(user=author, email=MINE)] == [1, 0]


def test_claim_merges_with_what_the_person_follows_already(quarter: Quarter, author: User) -> None:
    followed(quarter)
    report = reported(quarter)
    for known in Report.objects.all():
        follow(report=known, user=author, language="fr")
    follow_area(quarter=quarter, user=author, language="fr")
    area = follow_area(quarter=quarter, email=MINE, language="fr")
    Follow.objects.filter(pk=area.pk).update(confirmed_at=timezone.now())
    assert claim(user=author, email=MINE) == 1
    assert Follow.objects.filter(user=author).count() == 3
    assert report.followers.get().is_reporter
    assert not Follow.objects.of_address(MINE).exists()


# --- What allauth tells -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("verified", "joined"), [(True, True), (False, False)])
def test_confirmed_address_joins(verified: bool, joined: bool, quarter: Quarter, author: User) -> None:  # noqa: FBT001
    report = reported(quarter)
    email_confirmed.send(EmailAddress, request=None, email_address=address_of(author, verified=verified))
    report.refresh_from_db()
    assert (report.reporter == author) == joined


@pytest.mark.parametrize("signal", [user_signed_up, user_logged_in])
@pytest.mark.parametrize(("verified", "joined"), [(True, True), (False, False)])
def test_signing_up_or_in_joins_only_with_a_proven_address(
    signal: Any,
    verified: bool,  # noqa: FBT001
    joined: bool,  # noqa: FBT001
    quarter: Quarter,
    author: User,
) -> None:
    report = reported(quarter)
    vote(report=report, device="d1")
    address_of(author, verified=verified)
    signal.send(User, request=request_of("d1", author), user=author)
    report.refresh_from_db()
    assert (report.reporter == author, Vote.objects.filter(user=author).exists()) == (joined, joined)
    assert report.votes == 1


def test_signing_up_with_somebody_else_s_address_gains_nothing(quarter: Quarter) -> None:
    report, row = reported(quarter, "victime@example.org"), followed(quarter, "victime@example.org")
    thief = UserFactory(email="victime@example.org")
    address_of(thief, verified=False)
    EmailAddress.objects.create(user=thief, email="voleur@example.org", verified=True)
    for signal in (user_signed_up, user_logged_in):
        signal.send(User, request=request_of("d1", thief), user=thief)
    report.refresh_from_db()
    row.refresh_from_db()
    assert (report.reporter, row.user) == (None, None)


def test_claim_all_without_a_request(quarter: Quarter, author: User) -> None:
    report = reported(quarter)
    address_of(author, verified=True)
    claim_all(request=None, user=author)
    report.refresh_from_db()
    assert report.reporter == author


def test_device_s_votes_join_at_a_real_sign_in(
    client: Client, quarter: Quarter, author: User, settings: Settings
) -> None:
    settings.THROTTLE = False
    report, both = ReportFactory(quarter=quarter), ReportFactory(quarter=quarter)
    vote(report=both, user=author)
    for voted in (report, both):
        client.post(reverse("report-support", args=[voted.ref]), headers={"Sec-Fetch-Site": "same-origin"})
    address_of(author, verified=True)
    client.post(reverse("account_login"), {"login": author.email, "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(author.pk)
    assert set(Vote.objects.values_list("user", "device")) == {(author.pk, "")}
    assert [Report.objects.get(pk=row.pk).votes for row in (report, both)] == [1, 1]
