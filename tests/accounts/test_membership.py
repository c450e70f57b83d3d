"""Giving and taking back a responsibility."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Membership, Role, User
from accounts.services import grant, revoke
from reports.models import Organisation, Quarter, Town


def test_grant_opens_the_admin(stranger: User, town: Town) -> None:
    grant(user=stranger, role=Role.MODERATOR, town=town)
    stranger.refresh_from_db()
    assert stranger.is_staff


def test_grant_twice_is_once(stranger: User, town: Town) -> None:
    assert grant(user=stranger, role=Role.MODERATOR, town=town) == grant(user=stranger, role=Role.MODERATOR, town=town)


@pytest.mark.parametrize(
    ("role", "scope"),
    [
        (Role.MODERATOR, []),
        (Role.MODERATOR, ["organisation"]),
        (Role.MODERATOR, ["town", "quarter"]),
        (Role.OPERATOR, []),
        (Role.OPERATOR, ["town"]),
        (Role.ADMINISTRATOR, ["town"]),
    ],
)
def test_grant_with_a_scope_that_does_not_fit(
    role: Role, scope: list[str], stranger: User, town: Town, quarter: Quarter, organisation: Organisation
) -> None:
    places: dict[str, Any] = {"town": town, "quarter": quarter, "organisation": organisation}
    with pytest.raises(ValidationError):
        grant(user=stranger, role=role, **{name: places[name] for name in scope})
    assert Membership.objects.count() == 0
    assert not stranger.is_staff


def test_revoke_of_the_last_one_closes_the_admin(stranger: User, town: Town, organisation: Organisation) -> None:
    first = grant(user=stranger, role=Role.MODERATOR, town=town)
    second = grant(user=stranger, role=Role.OPERATOR, organisation=organisation)
    revoke(membership=first)
    stranger.refresh_from_db()
    assert stranger.is_staff
    revoke(membership=second)
    stranger.refresh_from_db()
    assert not stranger.is_staff
