"""Giving and taking back a responsibility; each is logged."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import AuditEntry, Membership, Role, User
from accounts.services.audit import record


def may_give(by: User) -> bool:
    """Say whether somebody may hand out responsibilities: nobody gives more than they have, so who has them all."""
    return by.is_active and (by.is_superuser or by.memberships.filter(role=Role.ADMINISTRATOR).exists())


def described(membership: Membership) -> dict[str, Any]:
    """Return a responsibility as the record keeps it: the role and the ids of its scope."""
    scope = {"town": membership.town_id, "quarter": membership.quarter_id, "organisation": membership.organisation_id}
    return {"role": membership.role, **{name: pk for name, pk in scope.items() if pk is not None}}


@transaction.atomic
def grant(*, user: User, role: str, by: User | None = None, **scope: Any) -> Membership:
    """Give `user` a role in a scope (`town=`, `quarter=` or `organisation=`) and open the admin to them.

    `by` is who gives it; None is the command line.

    Raises:
        PermissionDenied: `by` does not administer.
        ValidationError: the scope does not fit the role.
    """
    if by is not None and not may_give(by):
        raise PermissionDenied
    everywhere: dict[str, Any] = {"town": None, "quarter": None, "organisation": None}
    membership = Membership.objects.filter(user=user, role=role, **{**everywhere, **scope}).first()
    if membership is None:
        membership = Membership(user=user, role=role, **scope)
        membership.full_clean()
        membership.save()
        record(kind=AuditEntry.Kind.ROLE_GRANTED, actor=by, subject=user, data=described(membership))
    User.objects.filter(pk=user.pk).update(is_staff=True)
    user.is_staff = True
    return membership


@transaction.atomic
def revoke(*, membership: Membership, by: User | None = None) -> None:
    """Take a role back; the admin closes to a person without any.

    Raises:
        PermissionDenied: `by` does not administer.
    """
    if by is not None and not may_give(by):
        raise PermissionDenied
    user = membership.user
    record(kind=AuditEntry.Kind.ROLE_REVOKED, actor=by, subject=user, data=described(membership))
    membership.delete()
    if not user.is_superuser and not user.memberships.exists():
        User.objects.filter(pk=user.pk).update(is_staff=False)
        user.is_staff = False
