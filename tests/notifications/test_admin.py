"""Deliveries in the back office, and in the metrics."""

from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from prometheus_client import REGISTRY
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEntry, User
from notifications import metrics
from notifications.models import Delivery
from notifications.wording import MESSAGES
from tests.moderation.conftest import nobody, person, signed_in
from tests.notifications.telling import waiting_delivery

pytestmark = pytest.mark.django_db
Status = Delivery.Status
LIST = "admin:notifications_delivery_changelist"
CHANGE = "admin:notifications_delivery_change"
MAILS = Path(settings.BASE_DIR) / "templates" / "emails"
BUTTON = "notifications_delivery_replay_this"
__all__ = ["nobody", "person"]


def dead(reason: str = "550 unknown") -> Delivery:
    return waiting_delivery(status=Status.DEAD, tries=20, last_error=reason)


ACCESS = [
    ("nobody", 302),
    ("stranger", 403),
    ("author", 403),
    ("moderator", 403),
    ("moderator_elsewhere", 403),
    ("operator", 403),
    ("operator_elsewhere", 403),
    ("administrator", 200),
]


@pytest.mark.parametrize(("person", "expected"), ACCESS, indirect=["person"])
def test_only_administrators_see_the_deliveries(person: User | None, expected: int) -> None:
    delivery = dead()
    client = signed_in(person)
    found = [client.get(reverse(LIST)).status_code, client.get(reverse(CHANGE, args=[delivery.pk])).status_code]
    assert found == [expected, expected]


@pytest.mark.parametrize(("person", "expected"), ACCESS[:-1], indirect=["person"])
def test_nobody_else_replays(person: User | None, expected: int) -> None:
    delivery = dead()
    response = signed_in(person).post(reverse(CHANGE, args=[delivery.pk]), {BUTTON: "1"})
    delivery.refresh_from_db()
    assert (response.status_code, delivery.status) == (expected, Status.DEAD)


def test_list_says_why_and_names_no_address(administrator: User) -> None:
    dead()
    dead("bad_address")
    page = signed_in(administrator).get(reverse(LIST)).content.decode()
    assert ["550 unknown" in page, "L’adresse n’est pas une seule adresse utilisable" in page] == [True, True]
    assert "amina@example.org" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_the_same(
    count: int, administrator: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _unused in range(count):
        dead()
    client = signed_in(administrator)
    client.get(reverse(LIST))
    with django_assert_num_queries(QUERIES):
        client.get(reverse(LIST))


QUERIES = 6


def test_filter_by_status_and_channel(administrator: User) -> None:
    given_up, waiting = dead(), waiting_delivery()
    page = signed_in(administrator).get(reverse(LIST), {"status__exact": "dead", "channel__exact": "email"})
    words = page.content.decode()
    assert [reverse(CHANGE, args=[row.pk]) in words for row in (given_up, waiting)] == [True, False]


def test_button_replays_one(administrator: User) -> None:
    delivery = dead()
    address = reverse(CHANGE, args=[delivery.pk])
    client = signed_in(administrator)
    assert BUTTON in client.get(address).content.decode()
    response = client.post(address, {BUTTON: "1"}, follow=True)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.tries) == (Status.WAITING, 0)
    words = response.content.decode()
    assert ["1 envoi relancé." in words, BUTTON in words] == [True, False]
    assert AuditEntry.objects.filter(kind=AuditEntry.Kind.DELIVERY_REPLAYED, actor=administrator).count() == 1


def test_page_without_the_button_changes_nothing(administrator: User) -> None:
    delivery = dead()
    signed_in(administrator).post(reverse(CHANGE, args=[delivery.pk]), {"status": "sent", "key": "x"})
    delivery.refresh_from_db()
    assert (delivery.status, delivery.last_error) == (Status.DEAD, "550 unknown")


def test_action_replays_the_dead_among_the_chosen(administrator: User) -> None:
    rows = [dead(), dead(), waiting_delivery(status=Status.SKIPPED)]
    fields = {"action": "replay_chosen", "_selected_action": [row.pk for row in rows]}
    response = signed_in(administrator).post(reverse(LIST), fields, follow=True)
    assert "2 envois relancés." in response.content.decode()
    found = Delivery.objects.order_by("pk").values_list("status", flat=True)
    assert [*found] == [Status.WAITING, Status.WAITING, Status.SKIPPED]


def test_action_says_when_there_is_nothing_to_replay(administrator: User) -> None:
    row = waiting_delivery()
    fields = {"action": "replay_chosen", "_selected_action": [row.pk]}
    response = signed_in(administrator).post(reverse(LIST), fields, follow=True)
    assert "Rien à relancer" in response.content.decode()


@pytest.mark.parametrize("name", ["add", "delete"])
def test_deliveries_are_neither_made_nor_removed_by_hand(administrator: User, name: str) -> None:
    arguments = [dead().pk] if name == "delete" else []
    address = reverse(f"admin:notifications_delivery_{name}", args=arguments)
    assert signed_in(administrator).get(address).status_code == 403


def test_sidebar_leads_to_the_deliveries(administrator: User, moderator: User) -> None:
    pages = [signed_in(person).get(reverse("admin:index")).content.decode() for person in (administrator, moderator)]
    assert [reverse(LIST) in page for page in pages] == [True, False]


# --- Metrics ----------------------------------------------------------------------------------------------------------


def test_gauges_count_what_waits_and_what_is_dead(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    dead()
    waiting_delivery()
    waiting_delivery(status=Status.SENDING)
    waiting_delivery(status=Status.SKIPPED)
    with django_assert_num_queries(2):
        found = {family.name: family.samples[0].value for family in metrics.COLLECTOR.collect()}
    assert found == {"fmq_deliveries_waiting": 2, "fmq_deliveries_dead": 1}


def test_metrics_page_shows_the_gauges() -> None:
    dead()
    words = signed_in(None).get("/metrics").content.decode()
    assert ["fmq_deliveries_dead 1.0" in words, "fmq_deliveries_waiting 0.0" in words] == [True, True]


def test_registering_twice_counts_once() -> None:
    metrics.register()
    metrics.register()
    assert sum(family.name == "fmq_deliveries_dead" for family in REGISTRY.collect()) == 1


# --- Words ------------------------------------------------------------------------------------------------------------


def test_every_message_has_words() -> None:
    written = {path.name.removesuffix(".subject.txt") for path in MAILS.glob("*.subject.txt")}
    assert set(MESSAGES) == written


def test_delivery_is_called_by_its_number(administrator: User) -> None:
    delivery = dead()
    page = signed_in(administrator).get(reverse(CHANGE, args=[delivery.pk])).content.decode()
    assert f"Envoi n°\u00a0{delivery.pk}" in page
