"""A person's own pages: their reports in every status, what they follow, and nobody else's."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from reports import workflow
from reports.models import Category, Follow, Quarter
from reports.services.areas import follow_area
from reports.services.community import follow
from tests.factories import ReportFactory

REPORTS, FOLLOWS = "/compte/signalements/", "/compte/suivis/"


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


@pytest.mark.parametrize("address", [REPORTS, FOLLOWS])
@pytest.mark.django_db
def test_page_of_nobody_asks_to_sign_in(address: str, client: Client) -> None:
    reply = client.get(address)
    assert reply.status_code == 302
    assert f"next={address}" in reply["Location"]


@pytest.mark.parametrize("address", [REPORTS, FOLLOWS])
def test_page_is_private(address: str, client: Client, author: User) -> None:
    client.force_login(author)
    reply = client.get(address)
    assert (reply.status_code, "no-store" in reply["Cache-Control"]) == (200, True)


@pytest.mark.parametrize("status", workflow.STATUSES)
def test_reports_show_every_status_with_its_private_page(
    status: str, client: Client, quarter: Quarter, author: User
) -> None:
    report = ReportFactory(status=status, reporter=author, quarter=quarter)
    client.force_login(author)
    page = client.get(REPORTS).content.decode()
    assert f'data-status="{status}"' in page
    assert reverse("follow", args=[report.followers.get().token]) in page


def test_reports_of_others_are_not_shown(client: Client, quarter: Quarter, author: User, stranger: User) -> None:
    report = ReportFactory(reporter=stranger, quarter=quarter)
    client.force_login(author)
    assert report.ref not in client.get(REPORTS).content.decode()


def test_reports_ask_whether_a_repair_is_one(client: Client, quarter: Quarter, author: User) -> None:
    ReportFactory(status=workflow.RESOLVED, reporter=author, quarter=quarter)
    client.force_login(author)
    assert "#regle" in client.get(REPORTS).content.decode()


def test_reports_come_in_pages_that_nobody_counts(client: Client, quarter: Quarter, author: User) -> None:
    ReportFactory.create_batch(21, reporter=author, quarter=quarter)
    client.force_login(author)
    assert '?page=2"' in client.get(REPORTS).content.decode()
    assert [client.get(REPORTS, {"page": page}).status_code for page in (2, 3, "x", -1)] == [200, 404, 404, 404]


@pytest.mark.parametrize("address", [REPORTS, FOLLOWS])
def test_page_costs_the_same_with_one_and_with_three(
    address: str, client: Client, quarter: Quarter, author: User
) -> None:
    client.force_login(author)
    ReportFactory(reporter=author, quarter=quarter)
    counted = queries_of(client, address)
    ReportFactory.create_batch(2, reporter=author, quarter=quarter)
    assert queries_of(client, address) == counted


def test_follows_show_reports_and_areas(client: Client, quarter: Quarter, category: Category, author: User) -> None:
    report = ReportFactory(quarter=quarter)
    follow(report=report, user=author, language="fr")
    follow_area(quarter=quarter, category=category, user=author, language="fr")
    follow_area(centre=report.point, radius_m=1000, user=author, language="fr")
    client.force_login(author)
    page = client.get(FOLLOWS).content.decode()
    for words in (report.ref, "Nid-de-poule, Mokolo", "à moins de 1 km d’un lieu de Mokolo"):
        assert words in page


def test_follows_stop_one(client: Client, quarter: Quarter, author: User) -> None:
    row = follow_area(quarter=quarter, user=author, language="fr")
    client.force_login(author)
    assert client.post(FOLLOWS, {"follow": row.pk}).status_code == 302
    assert not Follow.objects.filter(user=author).exists()


def test_follows_of_own_report_stop_without_losing_it(client: Client, quarter: Quarter, author: User) -> None:
    report = ReportFactory(quarter=quarter, reporter=author)
    client.force_login(author)
    client.post(FOLLOWS, {"follow": report.followers.get().pk})
    assert report.ref not in client.get(FOLLOWS).content.decode()
    assert report.title.split(",")[0] in client.get(REPORTS).content.decode()


@pytest.mark.parametrize("number", ["", "abc", "\x00", "-1", "9" * 30, "٣"])
def test_follows_stop_what_does_not_exist(number: str, client: Client, author: User) -> None:
    client.force_login(author)
    assert client.post(FOLLOWS, {"follow": number}).status_code == 404


def test_follows_of_others_cannot_be_stopped(client: Client, quarter: Quarter, author: User, stranger: User) -> None:
    row: Any = follow_area(quarter=quarter, user=stranger, language="fr")
    client.force_login(author)
    assert client.post(FOLLOWS, {"follow": row.pk}).status_code == 404
    assert Follow.objects.filter(pk=row.pk).exists()
