"""Writes about people: giving and taking back a responsibility."""

from typing import Any

from django.db import transaction

from accounts.models import Membership, User


@transaction.atomic
def grant(*, user: User, role: str, **scope: Any) -> Membership:
    """Give `user` a role in a scope (`town=`, `quarter=` or `organisation=`) and open the admin to them.

    Raises:
        ValidationError: the scope does not fit the role.
    """
    membership, created = Membership.objects.get_or_create(user=user, role=role, **scope)
    if created:
        membership.full_clean(exclude=["user"], validate_unique=False)
        User.objects.filter(pk=user.pk).update(is_staff=True)
        user.is_staff = True
    return membership


@transaction.atomic
def revoke(*, membership: Membership) -> None:
    """Take a role back; the admin closes to a person without any."""
    user = membership.user
    membership.delete()
    if not user.is_superuser and not user.memberships.exists():
        User.objects.filter(pk=user.pk).update(is_staff=False)
        user.is_staff = False
