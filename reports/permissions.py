"""Who somebody is for one report. The workflow then says what that allows."""

from dataclasses import dataclass, field

from accounts.models import User
from reports import workflow
from reports.models import Report


@dataclass(frozen=True)
class Actor:
    """Somebody acting on one report: the person if known, the roles held for it, and the name shown to the public.

    Only organisations speak by name; pages call everybody else by role, in the reader’s language.
    """

    user: User | None = None
    roles: frozenset[str] = field(default_factory=frozenset)
    public_name: str = ""

    @property
    def role(self) -> str:
        """The weightiest role, for the log; empty for a stranger."""
        weight = (workflow.ADMINISTRATOR, workflow.MODERATOR, workflow.OPERATOR, workflow.REPORTER)
        return next((role for role in weight if role in self.roles), "")

    @property
    def is_staff(self) -> bool:
        """Whether they see what is private about the report."""
        return bool(self.roles - {workflow.REPORTER})

    def may_read(self, report: Report) -> bool:
        """Whether they may see a report: everybody what is public, an operator only what a moderator has accepted."""
        judged = self.roles if report.status != workflow.PENDING else self.roles - {workflow.OPERATOR}
        return report.is_public or bool(judged)


NOBODY = Actor()


def reporter_without_account() -> Actor:
    """Return whoever holds the private link of a report's author."""
    return Actor(roles=frozenset({workflow.REPORTER}))


def actor_for(user: User | None, report: Report) -> Actor:
    """Return what a signed-in person (or nobody) is for a report; one query for their responsibilities."""
    if user is None or not user.is_active:
        return NOBODY
    roles: set[str] = {workflow.REPORTER} if report.reporter_id == user.pk else set()
    name = ""
    if user.acts_as_citizen:
        return Actor(user=user, roles=frozenset(roles))
    if user.is_superuser:
        roles.add(workflow.ADMINISTRATOR)
    for membership in user.memberships.all():
        if membership.role == workflow.ADMINISTRATOR:
            roles.add(workflow.ADMINISTRATOR)
        elif membership.role == workflow.OPERATOR and membership.organisation_id == report.organisation_id:
            roles.add(workflow.OPERATOR)
        elif membership.role == workflow.MODERATOR and (
            membership.quarter_id == report.quarter_id or membership.town_id == report.quarter.town_id
        ):
            roles.add(workflow.MODERATOR)
    if workflow.OPERATOR in roles and report.organisation:
        name = report.organisation.name
    return Actor(user=user, roles=frozenset(roles), public_name=name)
