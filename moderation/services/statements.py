"""Statements of reasons: whoever loses something by a decision is told what, by which rule, on what facts, by whom.

Written by following the log (`settings.EVENT_CONSUMERS`), so that no way of deciding can forget one: the queue, a
report's page, many at once, the API, or the portal itself after enough alerts. Running it twice changes nothing.
"""

import logging
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.timezone import localtime

from accounts.models import User
from moderation.models import Flag, Statement
from moderation.querysets import FlagQuerySet
from moderation.services.telling import tell
from moderation.wording import COMMENT_REASONS, DECIDED, DECIDERS, MEANS, RULE_OF_REASON, RULES
from reports import workflow
from reports.models import Comment, Event, Follow, Photo, Report
from reports.screening import FLAGS

logger = logging.getLogger(__name__)

Kind = Event.Kind
What = Statement.What
KINDS = frozenset({Kind.HELD, Kind.STATUS_CHANGED, Kind.COMMENT_CHANGED, Kind.PHOTO_CHANGED, Kind.UNDONE})
ANY_RULE = "other"
OF_REPORT = (What.REPORT_HELD, What.REPORT_REJECTED)
OF_COMMENT = (What.COMMENT_HELD, What.COMMENT_REMOVED)


@dataclass(frozen=True)
class Concerned:
    """Whose contribution it is: a person, a device without an account, or an address that was confirmed."""

    user: User | None = None
    device: str = ""
    email: str = ""
    language: str = "fr"


def consume(event_id: int) -> None:
    """State the reasons of the decision that an event tells, or note that an earlier one holds no more."""
    loaded = Event.objects.select_related("report__category", "report__quarter", "report__reporter", "actor")
    event = loaded.defer("report__search", "report__quarter__boundary").filter(pk=event_id, kind__in=KINDS).first()
    if event is None:
        logger.info("event %s is gone, or decides nothing", event_id)
        return
    FOLLOWED[Kind(event.kind)](event)


def follow_hold(event: Event) -> None:
    """Follow a report that was taken from view."""
    alerts = Flag.objects.filter(report=event.report_id)
    note = str(event.private_data.get("note", ""))
    state(event, what=What.REPORT_HELD, to=author_of(event.report), facts=note, rule=rule_of(alerts))


def follow_status(event: Event) -> None:
    """Follow a report that was judged: rejected, or seen by everybody (again)."""
    to = event.data.get("to")
    if event.data.get("from") == workflow.PENDING:
        Flag.objects.filter(report=event.report_id, settled_at=None, created_at__lte=event.at).update(
            settled_at=timezone.now()
        )
    if to in workflow.PUBLIC or to == workflow.REJECTED:
        end(Statement.objects.filter(report=event.report_id, what__in=OF_REPORT, created_at__lt=event.at))
    if to == workflow.REJECTED and event.actor_role != workflow.REPORTER:
        # The mail about the report's progress says it already, with the way to this statement.
        author = author_of(event.report)
        state(event, what=What.REPORT_REJECTED, to=author, facts=str(event.data.get("note", "")), is_mailed=False)


def follow_comment(event: Event) -> None:
    """Follow a comment that was held or removed, or is seen again."""
    change = event.data.get("change")
    comment = Comment.objects.select_related("author").filter(pk=event.data.get("comment")).first()
    if comment is None:
        return
    author = author_of_comment(comment)
    alerts = Flag.objects.filter(comment=comment)
    if change == "removed":
        facts = comment.decision_reason
        rule = rule_named(facts, comment.language) or rule_of(alerts)
        state(event, what=What.COMMENT_REMOVED, to=author, facts=facts, rule=rule, comment=comment)
    elif change == "held" and FLAGS in comment.held_for:
        state(event, what=What.COMMENT_HELD, to=author, rule=rule_of(alerts), comment=comment)
    elif change == "shown":
        end(Statement.objects.filter(comment=comment, what__in=OF_COMMENT, created_at__lt=event.at))


def follow_photo(event: Event) -> None:
    """Follow a photo that was hidden, or is seen again; the proof of a repair is no citizen's."""
    photo = photo_of(event)
    if photo is None or photo.kind == Photo.Kind.PROOF:
        return
    if event.data.get("change") == "shown":
        end(Statement.objects.filter(photo=photo, what=What.PHOTO_HIDDEN, created_at__lt=event.at))
    elif event.data.get("change") == "hidden":
        comment = Comment.objects.select_related("author").filter(photo=photo).first()
        state(
            event,
            what=What.PHOTO_HIDDEN,
            to=author_of_comment(comment) if comment else author_of(event.report),
            facts=str(event.private_data.get("note", "")),
            rule=rule_of(Flag.objects.filter(photo=photo)),
            comment=comment,
            photo=photo,
        )


def follow_undo(event: Event) -> None:
    """Follow a decision that was taken back."""
    end(Statement.objects.filter(event=event.data.get("event")))


FOLLOWED = {
    Kind.HELD: follow_hold,
    Kind.STATUS_CHANGED: follow_status,
    Kind.COMMENT_CHANGED: follow_comment,
    Kind.PHOTO_CHANGED: follow_photo,
    Kind.UNDONE: follow_undo,
}


def photo_of(event: Event) -> Photo | None:
    """Return the photo that an event tells of; rows may share a picture and its key."""
    photos = Photo.objects.filter(key=event.data["photo"])
    own = photos.filter(report=event.report_id) | photos.filter(comment__report=event.report_id)
    return own.order_by("pk").first()


def author_of(report: Report) -> Concerned:
    """Return who sent a report."""
    if report.reporter is not None:
        return Concerned(user=report.reporter, language=report.reporter.language)
    follow = Follow.objects.filter(report=report, is_reporter=True).first()
    address = follow.email if follow is not None and follow.confirmed_at is not None else ""
    return Concerned(device=report.device, email=address, language=report.language)


def author_of_comment(comment: Comment) -> Concerned:
    """Return who wrote a comment."""
    if comment.author is not None:
        return Concerned(user=comment.author, language=comment.author.language)
    return Concerned(device=comment.device, language=comment.language)


def rule_of(alerts: FlagQuerySet) -> str:
    """Return the rule that most neighbours named; the rules as a whole where none did."""
    counted = alerts.values("reason").annotate(number=Count("pk")).order_by("-number", "reason")
    return str(counted.values_list("reason", flat=True).first() or ANY_RULE)


def rule_named(words: str, language: str) -> str:
    """Return the rule of the reason that a moderator chose, which begins these words; empty for words of their own."""
    with translation.override(language):
        chosen = [code for code, sentence in COMMENT_REASONS.items() if words.startswith(str(sentence))]
    return RULE_OF_REASON[chosen[0]] if chosen else ""


@transaction.atomic
def state(
    event: Event,
    *,
    what: str,
    to: Concerned,
    facts: str = "",
    rule: str = ANY_RULE,
    is_mailed: bool = True,
    **about: Any,
) -> None:
    """Write the statement of what an event decided, once, and tell whom it concerns."""
    statement, is_new = Statement.objects.get_or_create(
        event=event,
        defaults={
            "what": what,
            "report": event.report,
            "user": to.user,
            "rule": rule,
            "facts": facts[:1000],
            "decided_by": event.actor if event.actor_role else None,
            "decided_role": event.actor_role,
            "language": to.language,
            "created_at": event.at,
            **about,
        },
    )
    if is_new and is_mailed:
        mail(statement, email=to.email)


def mail(statement: Statement, *, email: str = "") -> None:
    """Send a statement to whom it concerns: to their account, or to the address that they confirmed."""
    with translation.override(statement.language):
        data = {
            **words_of(statement),
            "ref": statement.report.ref,
            "page": reverse("statement", args=[statement.token]),
        }
    tell(
        key=f"statement:{statement.pk}",
        template="statement",
        data=data,
        language=statement.language,
        user=statement.user,
        email=email,
    )


def end(statements: Any) -> None:
    """Note that decisions hold no more."""
    statements.filter(lifted_at=None).update(lifted_at=timezone.now())


def words_of(statement: Statement) -> dict[str, str]:
    """Return a statement in words of the active language: title, means, rule, facts, decider, and until when."""
    until = date_format(localtime(statement.ban.until), "DATETIME_FORMAT") if statement.ban else ""
    return {
        "title": str(DECIDED[statement.what]),
        "means": str(MEANS[statement.what]),
        "rule": str(RULES.get(statement.rule, RULES[ANY_RULE])),
        "facts": statement.facts,
        "decider": str(DECIDERS.get(statement.decided_role, DECIDERS[workflow.MODERATOR])),
        "until": until,
    }
