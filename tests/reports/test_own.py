"""The personal request of a public page: what is this person's, what is this device's, and nobody else's."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from reports.models import Comment, Quarter, Report
from reports.services.community import follow, vote
from tests.factories import ReportFactory, UserFactory

NOBODY = {
    "signed_in": False,
    "name": "",
    "public_name": "",
    "staff": False,
    "suspended": None,
    "supports": [],
    "follows": [],
    "authored": {},
    "asks": [],
    "comments": [],
}
OURS: dict[str, Any] = {"headers": {"Sec-Fetch-Site": "same-origin"}}


def own(client: Client, *reports: Report) -> Any:
    return client.get("/moi/", {"refs": ",".join(report.ref for report in reports)}).json()


def test_own_of_nobody(client: Client, quarter: Quarter) -> None:
    reply = client.get("/moi/", {"refs": ReportFactory(quarter=quarter).ref})
    assert reply.json() == NOBODY
    assert {"no-store", "private"} <= set(reply["Cache-Control"].replace(",", "").split())
    assert reply.cookies == {}


def test_own_of_a_person(client: Client, quarter: Quarter) -> None:
    person = UserFactory(name="Awa N.", shows_name=True)
    supported, followed, mine = ReportFactory.create_batch(3, quarter=quarter)
    authored = ReportFactory(quarter=quarter, reporter=person, status="resolved")
    vote(report=supported, user=person)
    vote(report=mine, device="quelqu’un")
    follow(report=followed, user=person, language="fr")
    client.force_login(person)
    said = own(client, supported, followed, mine, authored)
    assert (said["signed_in"], said["name"], said["public_name"], said["staff"]) == (True, "Awa N.", "Awa N.", False)
    assert said["supports"] == [supported.ref]
    assert set(said["follows"]) == {followed.ref, authored.ref}
    assert said["authored"] == {authored.ref: f"/suivi/{authored.followers.get().token}/"}
    assert said["asks"] == [authored.ref]


def test_own_of_a_device(client: Client, quarter: Quarter) -> None:
    supported, other = ReportFactory.create_batch(2, quarter=quarter)
    client.post(f"/signalements/{supported.ref}/soutenir/", **OURS)
    vote(report=other, device="autre")
    assert own(client, supported, other) == NOBODY | {"supports": [supported.ref]}


def test_own_says_nothing_of_reports_that_were_not_asked_for(client: Client, quarter: Quarter, author: User) -> None:
    vote(report=ReportFactory(quarter=quarter), user=author)
    client.force_login(author)
    assert own(client)["supports"] == []


@pytest.mark.parametrize(("minutes", "kept"), [(5, True), (20, False)])
def test_own_lists_the_comments_that_one_may_edit(
    minutes: int,
    kept: bool,  # noqa: FBT001
    client: Client,
    quarter: Quarter,
    author: User,
    stranger: User,
) -> None:
    report = ReportFactory(quarter=quarter)
    written = timezone.now() - timedelta(minutes=minutes)
    mine, _theirs = (
        Comment.objects.create(report=report, author=person, text="Vu.", created_at=written)
        for person in (author, stranger)
    )
    client.force_login(author)
    assert own(client, report)["comments"] == [mine.pk] * kept


@pytest.mark.parametrize("refs", ["", ",,,", "AAA", "\x00", "' OR 1=1 --", "K7M-4QX," * 40, "x" * 5000])
def test_own_of_refs_that_do_not_exist(refs: str, client: Client, author: User) -> None:
    client.force_login(author)
    assert client.get("/moi/", {"refs": refs}).json()["supports"] == []


def test_own_of_too_many_refs(client: Client, author: User) -> None:
    client.force_login(author)
    assert client.get("/moi/", {"refs": "K7M-4QX," * 41}).status_code == 400


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_own_is_only_read(method: str, client: Client) -> None:
    assert getattr(client, method)("/moi/").status_code == 405


@pytest.mark.parametrize("count", [1, 40])
def test_own_costs_six_queries(count: int, client: Client, quarter: Quarter, author: User) -> None:
    reports = ReportFactory.create_batch(count, quarter=quarter)
    for report in reports:
        vote(report=report, user=author)
        follow(report=report, user=author, language="fr")
    client.force_login(author)
    with CaptureQueriesContext(connection) as asked:
        assert len(own(client, *reports)["supports"]) == count
    assert len(asked) == 6
