"""Who may enter which room of the back office.

What somebody may do to one report is the answer of `reports.permissions.actor_for` and `reports.workflow`.
"""

from django.contrib.auth.models import AnonymousUser
from django.db.models import prefetch_related_objects

from accounts.models import User
from reports import workflow

Person = User | AnonymousUser


def roles_of(person: Person) -> frozenset[str]:
    """Return the roles that somebody holds anywhere; their responsibilities are read once and stay with the object."""
    if not isinstance(person, User) or not person.is_active:
        return frozenset()
    prefetch_related_objects([person], "memberships")
    roles = {membership.role for membership in person.memberships.all()}
    return frozenset(roles | ({workflow.ADMINISTRATOR} if person.is_superuser else set()))


def works_here(person: Person) -> bool:
    """Whether they handle reports at all."""
    return bool(roles_of(person))


def judges(person: Person) -> bool:
    """Whether the queue is theirs: moderators of some place, and administrators."""
    return bool(roles_of(person) & {workflow.MODERATOR, workflow.ADMINISTRATOR})


def administers(person: Person) -> bool:
    """Whether the catalogue, the people and their responsibilities are theirs to change."""
    return workflow.ADMINISTRATOR in roles_of(person)
