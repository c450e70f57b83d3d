"""Bans: whom they name, how long they hold, and what is put on record."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEntry, Ban, User
from accounts.services.bans import ban, ban_of, forget_bans, lift

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def in_a_week() -> dict[str, object]:
    return {"until": timezone.now() + WEEK, "about": "K7M-4QX"}


def test_ban_of_names_the_person_or_the_device(author: User, stranger: User, moderator: User) -> None:
    person = ban(user=author, by=moderator, **in_a_week())  # type: ignore[arg-type]
    device = ban(device="d1", by=moderator, **in_a_week())  # type: ignore[arg-type]
    assert ban_of(user=author) == person
    assert ban_of(user=None, device="d1") == device
    assert ban_of(user=stranger) is None
    assert ban_of(user=None, device="d2") is None
    # A person who signs in on a banned device is not the device.
    assert ban_of(user=stranger, device="d1") is None


def test_ban_of_nobody_asks_nothing(django_assert_num_queries: DjangoAssertNumQueries, db: None) -> None:
    with django_assert_num_queries(0):
        assert ban_of(user=None) is None


def test_ban_of_gives_the_one_that_ends_last(author: User, moderator: User) -> None:
    now = timezone.now()
    long = ban(user=author, until=now + 2 * WEEK, about="K7M-4QX", by=moderator)
    ban(user=author, until=now + WEEK, about="K7M-4QX", by=moderator)
    assert ban_of(user=author) == long


def test_ban_of_what_is_over_or_lifted(author: User, moderator: User) -> None:
    row = ban(user=author, by=moderator, **in_a_week())  # type: ignore[arg-type]
    assert lift(ban=row, by=moderator)
    assert (ban_of(user=author), row.is_in_force) == (None, False)
    assert not lift(ban=row, by=moderator)
    past = timezone.now() - WEEK
    Ban.objects.create(user=author, created_at=past - WEEK, until=past)
    assert ban_of(user=author) is None


def test_ban_and_lift_are_on_record(author: User, moderator: User) -> None:
    row = ban(user=author, by=moderator, **in_a_week())  # type: ignore[arg-type]
    lift(ban=row, by=moderator)
    entries = list(AuditEntry.objects.filter(subject=author).order_by("id"))
    assert [(entry.kind, entry.actor, entry.about, entry.data["ban"]) for entry in entries] == [
        ("banned", moderator, "K7M-4QX", row.pk),
        ("unbanned", moderator, "K7M-4QX", row.pk),
    ]


def test_ban_names_one_owner_says_the_database(author: User) -> None:
    until = timezone.now() + WEEK
    for owner in ({"user": author, "device": "d"}, {}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Ban.objects.create(until=until, **owner)


def test_forget_bans_a_year_after_they_ended(author: User) -> None:
    now = timezone.now()
    for days in (10, 360, 370):
        Ban.objects.create(user=author, created_at=now - timedelta(days=400), until=now - timedelta(days=days))
    assert forget_bans() == 1
    assert Ban.objects.count() == 2
