"""Rows of what people said and supported, from the stories."""

import random
from datetime import datetime

from accounts.models import User
from reports.demo.people import OPERATOR_OF
from reports.demo.story import Remark, Story
from reports.models import Comment, Report, Vote
from reports.screening import findings

# Most neighbours support without an account.
ACCOUNT_PART = 0.2
DEVICE = "demo-"


def comments_of(story: Story, report: Report, people: dict[str, User]) -> dict[tuple[str, int], Comment]:
    """Return the comments of a story by its key and the remark's number, as the services would have written them."""
    return {
        (story.key, number): comment_of(remark, report, people, device=f"{DEVICE}{number}")
        for number, remark in enumerate(story.remarks)
    }


def comment_of(remark: Remark, report: Report, people: dict[str, User], *, device: str) -> Comment:
    """Return one comment; of the organisations only one has a demonstration account to speak through."""
    organisation = report.organisation if remark.is_organisation else None
    author = people[remark.speaker] if remark.speaker else None
    if organisation is not None and organisation.slug == OPERATOR_OF:
        author = people["operator"]
    comment = Comment(
        report=report,
        author=author,
        device="" if author or organisation else device,
        organisation=organisation,
        public_name=author.name if author and author.shows_name else "",
        text=remark.text,
        has_links=author is not None or organisation is not None,
        language=remark.language,
        created_at=remark.at,
    )
    if remark.is_held:
        comment.status = Comment.Status.HELD
        comment.held_for = findings(remark.text, is_newcomer=True)
    if remark.removed_at is not None:
        comment.status = Comment.Status.REMOVED
        comment.decided_by, comment.decided_at = people["moderator"], remark.removed_at
        comment.decision_reason = remark.removed_for
    return comment


def votes_of(story: Story, report: Report, people: list[User], chance: random.Random) -> list[tuple[Vote, datetime]]:
    """Return the supports of a story with their dates: some of `people`, not of their own reports, and devices."""
    left = [user for user in chance.sample(people, len(people)) if user != report.reporter]
    rows = []
    for number, at in enumerate(story.votes):
        user = left.pop() if left and chance.random() < ACCOUNT_PART else None
        rows.append((Vote(report=report, user=user, device="" if user else f"{DEVICE}{number}"), at))
    return rows
