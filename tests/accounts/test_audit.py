"""The record of who did or saw what: nobody changes it, administrators read it."""

import pytest
from django.db import InternalError, connection
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEntry, User
from accounts.services.audit import record
from tests.client import Client

LIST = "admin:accounts_auditentry_changelist"


@pytest.fixture
def entry(author: User, moderator: User) -> AuditEntry:
    return record(kind=AuditEntry.Kind.CONTACT_SEEN, actor=moderator, subject=author, about="K7M-4QX")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_auditentry SET about = 'x' WHERE id = %s",
        "DELETE FROM accounts_auditentry WHERE id = %s",
    ],
)
def test_record_refuses_to_be_changed(entry: AuditEntry, statement: str) -> None:
    with connection.cursor() as cursor, pytest.raises(InternalError, match="append-only"):
        cursor.execute(statement, [entry.pk])


def test_record_keeps_the_person_it_is_about(entry: AuditEntry, author: User) -> None:
    with pytest.raises(Exception, match="protected"):
        author.delete()


@pytest.mark.parametrize(
    ("name", "status"), [("administrator", 200), ("moderator", 403), ("operator", 403), ("author", 403), ("", 302)]
)
def test_list_is_for_administrators(
    client: Client, request: pytest.FixtureRequest, entry: AuditEntry, name: str, status: int
) -> None:
    if name:
        client.force_login(request.getfixturevalue(name))
    assert client.get(reverse(LIST)).status_code == status


@pytest.mark.parametrize("action", ["add", "change", "delete"])
def test_list_changes_nothing(client: Client, administrator: User, entry: AuditEntry, action: str) -> None:
    client.force_login(administrator)
    arguments = [] if action == "add" else [entry.pk]
    response = client.post(
        reverse(f"admin:accounts_auditentry_{action}", args=arguments), {"about": "x", "post": "yes"}
    )
    assert response.status_code == 403
    assert AuditEntry.objects.get(pk=entry.pk).about == "K7M-4QX"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=k7m-4qx", 1),
        ("?q=auteur@example.org", 1),
        ("?q=MODERATION@example.org", 2),
        ("?q=personne@example.org", 0),
        ("?kind__exact=contact_seen", 1),
        ("?kind__exact=erased", 0),
    ],
)
def test_list_finds(client: Client, administrator: User, entry: AuditEntry, query: str, found: int) -> None:
    client.force_login(administrator)
    assert len(client.get(reverse(LIST) + query).context["cl"].result_list) == found


def test_list_needs_as_many_queries_for_many_entries_as_for_one(
    client: Client, administrator: User, entry: AuditEntry, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(administrator)
    with django_assert_max_num_queries(20) as first:
        client.get(reverse(LIST))
    for _time in range(5):
        record(kind=AuditEntry.Kind.CONTACT_SEEN, actor=administrator, subject=entry.subject, about=entry.about)
    with django_assert_max_num_queries(20) as second:
        client.get(reverse(LIST))
    assert len(first) == len(second)
    assert not [
        query for query in second.captured_queries if "COUNT(*)" in query["sql"] and "auditentry" in query["sql"]
    ]
