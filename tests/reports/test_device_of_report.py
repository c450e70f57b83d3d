"""The device of a report: a cookie set by sending one, never by looking; none with an account or a token."""

import uuid
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import User
from reports import workflow
from reports.models import Category, Quarter, Report
from reports.views.device import DEVICE_COOKIE
from tests.factories import CENTRE
from tests.reports.api_client import NEW_REPORT, send

pytestmark = pytest.mark.django_db

NEW = "/signaler/"
OURS: dict[str, Any] = {"headers": {"Sec-Fetch-Site": "same-origin"}}


def answers(category: Category) -> dict[str, str]:
    lon, lat = CENTRE
    key = str(uuid.uuid4())
    return {"category": category.code, "lon": str(lon), "lat": str(lat), "idempotency_key": key, "anyway": "1"}


def test_looking_at_the_form_sets_nothing(client: Client, category: Category) -> None:
    assert DEVICE_COOKIE not in client.get(NEW).cookies


def test_sending_remembers_the_device(client: Client, category: Category, quarter: Quarter) -> None:
    response = client.post(NEW, answers(category), **OURS)
    cookie = response.cookies[DEVICE_COOKIE]
    assert (response.status_code, bool(cookie["httponly"]), cookie["samesite"]) == (303, True, "Lax")
    client.post(NEW, answers(category), **OURS)
    devices = list(Report.objects.values_list("device", flat=True))
    assert (len(devices), len(set(devices)), devices[0] == "") == (2, 1, False)


def test_a_refused_sending_sets_nothing(client: Client, category: Category) -> None:
    response = client.post(NEW, {**answers(category), "lat": "95"}, **OURS)
    assert (response.status_code, DEVICE_COOKIE in response.cookies) == (422, False)


def test_an_account_is_no_device(client: Client, category: Category, quarter: Quarter, author: User) -> None:
    client.force_login(author)
    response = client.post(NEW, answers(category), **OURS)
    assert DEVICE_COOKIE not in response.cookies
    assert Report.objects.values_list("reporter", "device").get() == (author.pk, "")


def test_sending_by_the_api_remembers_the_device(client: Client, category: Category, quarter: Quarter) -> None:
    response = send(client, "/reports/", NEW_REPORT)
    assert (response.status_code, DEVICE_COOKIE in response.cookies) == (201, True)
    send(client, "/reports/", {**NEW_REPORT, "description": "Un autre trou."})
    assert len(set(Report.objects.values_list("device", flat=True))) == 1


def test_a_token_is_no_device(client: Client, category: Category, quarter: Quarter, author: User) -> None:
    response = send(client, "/reports/", NEW_REPORT, user=author)
    assert DEVICE_COOKIE not in response.cookies
    assert Report.objects.values_list("device", flat=True).get() == ""


def test_many_from_one_address_wait_for_a_moderator(
    client: Client, category: Category, quarter: Quarter, settings: Settings
) -> None:
    rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "crowd": "2/hour"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    Category.objects.update(post_moderated=True)
    for _number in range(3):
        Client().post(NEW, answers(category), **OURS)
    statuses = Report.objects.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == [workflow.OPEN, workflow.OPEN, workflow.PENDING]
