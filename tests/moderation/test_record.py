"""The record of what staff does: everything, with old and new values and from where, and unchangeable."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from accounts.models import AuditEntry, User
from accounts.origin import Origin
from reports import workflow
from tests.factories import CategoryFactory, ReportFactory
from tests.moderation.conftest import post, signed_in

OFFICE = {"x-forwarded-for": "203.0.113.9, 154.72.150.77"}
RECORD = "/admin/accounts/auditentry/"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("154.72.150.77", "154.72.150.0/24"),
        ("2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("unknown", ""),
        ("", ""),
    ],
)
def test_network_keeps_too_little_to_find_a_household(address: str, network: str) -> None:
    assert Origin(address=address).network == network


def test_decision_of_staff_is_on_record_with_its_door_and_network(moderator: User) -> None:
    report = ReportFactory(status=workflow.PENDING)
    address = reverse("admin:reports_report_status", args=[report.pk])
    signed_in(moderator).post(address, {"to": "open", "seen": "pending", "note": ""}, headers=OFFICE)
    entry = AuditEntry.objects.get(kind="report_act")
    assert (entry.actor, entry.about, entry.network) == (moderator, report.ref, "154.72.150.0/24")
    assert entry.door == "admin/reports/report/<int:report_id>/status/"
    assert entry.data == {"event": report.events.get().pk, "kind": "status_changed"}


def test_what_citizens_do_keeps_no_network(author: User) -> None:
    signed_in(author).post(reverse("my-data-export"), headers=OFFICE)
    assert set(AuditEntry.objects.values_list("kind", "network")) == {("export_asked", "")}


def test_change_of_the_catalogue_is_on_record_with_old_and_new(administrator: User) -> None:
    category = CategoryFactory(urgency=1)
    client = signed_in(administrator)
    page = client.get(reverse("admin:reports_category_change", args=[category.pk]))
    form = page.context["adminform"].form
    values = {name: "" if form[name].value() is None else form[name].value() for name in form.fields}
    sent = {name: value for name, value in values.items() if value is not False}
    client.post(reverse("admin:reports_category_change", args=[category.pk]), {**sent, "urgency": 3})
    entry = AuditEntry.objects.get(kind="row_changed")
    assert entry.about == f"reports.category:{category.pk}"
    assert entry.data["urgency"] == ["1", "3"]


def test_record_is_found_by_report_row_network_and_person(administrator: User, moderator: User) -> None:
    report = ReportFactory(status=workflow.PENDING)
    address = reverse("admin:reports_report_status", args=[report.pk])
    signed_in(moderator).post(address, {"to": "open", "seen": "pending", "note": ""}, headers=OFFICE)
    for words, found in [(report.ref, 1), ("154.72.150.0/24", 1), ("auteur@example.org", 0), ("K7M-4QX", 0)]:
        page = signed_in(administrator).get(RECORD, {"q": words})
        assert page.context["cl"].result_count == found


def test_history_of_a_row_leads_to_the_record(administrator: User) -> None:
    category = CategoryFactory()
    page = signed_in(administrator).get(reverse("admin:reports_category_history", args=[category.pk]))
    assert page["Location"] == f"{RECORD}?q=reports.category%3A{category.pk}"


@pytest.mark.parametrize("order", ["UPDATE accounts_auditentry SET about = ''", "DELETE FROM accounts_auditentry"])
def test_database_changes_no_line(moderator: User, order: str) -> None:
    post(moderator, "note", ReportFactory(), text="Vu.")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(order)
    assert AuditEntry.objects.filter(kind="report_act").count() == 1


def test_admin_offers_no_change_of_the_record(administrator: User, moderator: User) -> None:
    post(moderator, "note", ReportFactory(), text="Vu.")
    entry = AuditEntry.objects.get(kind="report_act")
    client = signed_in(administrator)
    assert client.post(f"{RECORD}{entry.pk}/change/", {"about": ""}).status_code == 403
    assert client.post(f"{RECORD}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
