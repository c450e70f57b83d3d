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
    everywhere: dict[str, Any] = {"town": None, "quarter": None, "organisation": None}
    membership = Membership.objects.filter(user=user, role=role, **{**everywhere, **scope}).first()
    if membership is None:
        membership = Membership(user=user, role=role, **scope)
        membership.full_clean()
        membership.save()
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
