"""What a digest tells, read from the log when it is written: nothing that was hidden since the digest was made.

Every read goes from what the person follows to its events, through the timeline's index: what happens elsewhere costs
nothing. Each is bounded.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse

from notifications.models import Delivery, Recipient
from notifications.services.schedule import Wanted, wanted
from notifications.wording import headline
from reports import workflow
from reports.models import Comment, Event, Follow, Report
from reports.querysets import EventQuerySet, FollowQuerySet

# What a mail shows; the rest is a number.
SHOWN = 10
# What is read of it at most: of follows, of their events, of new reports in one area.
MOST_FOLLOWS = 2000
MOST_EVENTS = 2000
MOST_AREAS = 100
MOST_IN_AREA = 200
MOST_WORDS = 300

Kind = Event.Kind
PROGRESS_KINDS = (Kind.STATUS_CHANGED, Kind.ASSIGNED, Kind.REPLY, Kind.CONFIRMED, Kind.MERGED, Kind.UNMERGED)


@dataclass(frozen=True)
class Followed:
    """What a digest needs to know of the follow of one report."""

    pk: int
    is_reporter: bool
    since: datetime

    def hears(self, event: Event, user_id: int | None) -> bool:
        """Say whether an event is news: not what one did oneself, nor what was before one followed."""
        by_author = event.actor_role == workflow.REPORTER and self.is_reporter
        if by_author or (user_id is not None and event.actor_id == user_id) or event.at < self.since:
            return False
        if event.kind in (Kind.MERGED, Kind.UNMERGED):
            # The original's own followers learn nothing new by it.
            return self.pk in event.private_data.get("followers", [])
        if event.kind == Kind.ASSIGNED:
            return bool(event.is_public and event.data.get("organisation"))
        if event.kind == Kind.STATUS_CHANGED and "original" in event.data:
            # Told by the event that brings them to the original, or parts them from it.
            return False
        return event.is_public or self.is_reporter


@dataclass
class Item:
    """One report and what happened to it: its events, oldest first, and how many comments."""

    report: Report
    own: Follow | None = None
    events: list[Event] = field(default_factory=list)
    comments: int = 0

    @property
    def lines(self) -> list[tuple[str, str]]:
        """What happened, in the active language: (a few words, what was said with it), oldest first."""
        words = [event.data.get("note") or event.data.get("text") or "" for event in self.events]
        return [
            (headline(event.kind, event.data), str(said)[:MOST_WORDS])
            for event, said in zip(self.events, words, strict=True)
        ]

    @property
    def path(self) -> str:
        """The page that shows it, in the reader's language: the public one, or the author's own; empty for neither."""
        if self.report.is_public:
            return self.report.get_absolute_url()
        return reverse("follow", args=[self.own.token]) if self.own else ""


@dataclass(frozen=True)
class Period:
    """From when (included) until when (not included) a digest tells."""

    since: datetime
    until: datetime


@dataclass
class News:
    """What there is to tell: what changed on what somebody follows, and what is new in their areas."""

    changed: list[Item]
    new: list[Item]
    changed_count: int
    new_count: int

    def __bool__(self) -> bool:
        return bool(self.changed_count or self.new_count)

    @property
    def changed_more(self) -> int:
        """How many changed reports are not shown."""
        return self.changed_count - len(self.changed)

    @property
    def new_more(self) -> int:
        """How many new reports are not shown."""
        return self.new_count - len(self.new)


def news(recipient: Recipient, frequency: str, period: Period) -> News:
    """Return what a recipient's digest of a frequency has to tell of a period."""
    scope = wanted(recipient, frequency)
    found = changes(recipient, scope, period)
    new = new_in_areas(recipient, scope.areas, period)
    cards = {
        report.pk: report for report in Report.objects.with_card().filter(pk__in=[*list(found)[:SHOWN], *new[:SHOWN]])
    }
    own = {
        follow.report_id: follow for follow in scope.progress.filter(is_reporter=True, report__in=list(found)[:SHOWN])
    }
    return News(
        changed=[
            Item(report=cards[pk], own=own.get(pk), events=events, comments=comments)
            for pk, (events, comments) in list(found.items())[:SHOWN]
        ],
        new=[Item(report=cards[pk]) for pk in new[:SHOWN]],
        changed_count=len(found),
        new_count=len(new),
    )


def changes(recipient: Recipient, scope: Wanted, period: Period) -> dict[int, tuple[list[Event], int]]:
    """Return {report id: (events oldest first, number of comments)}, what changed last first."""
    followed = reports_of(scope.progress)
    talked = reports_of(scope.comments)
    if not followed and not talked:
        return {}
    events = list(events_about(list(followed), list(talked), period))
    known = {**talked, **followed}
    # What was decided and taken back is no news, nor is the taking back.
    undone = {event.data.get("event") for event in events if event.kind == Kind.UNDONE}
    events = [event for event in events if event.kind != Kind.UNDONE and event.pk not in undone]
    return grouped([event for event in events if known[event.report_id].hears(event, recipient.user_id)], recipient)


def events_about(followed: list[int], talked: list[int], period: Period) -> EventQuerySet:
    """Return the progress of some reports and the comments on others (by id), newest first."""
    told = Q(kind__in=(*PROGRESS_KINDS, Kind.UNDONE), report__in=followed)
    said = Q(kind=Kind.COMMENTED, is_public=True, report__in=talked)
    # The first condition says nothing new: it gives the timeline's index its first column.
    about: EventQuerySet = Event.objects.filter(report__in=[*followed, *talked])
    return about.filter(told | said, at__gte=period.since, at__lt=period.until).order_by("-at", "-id")[:MOST_EVENTS]


def reports_of(follows: FollowQuerySet) -> dict[int, Followed]:
    """Return {followed report's id: its follow}, the latest follows first."""
    rows = follows.order_by("-id").values_list("report_id", "pk", "is_reporter", "created_at")[:MOST_FOLLOWS]
    return {report: Followed(pk, is_reporter, since) for report, pk, is_reporter, since in rows}


def grouped(events: list[Event], recipient: Recipient) -> dict[int, tuple[list[Event], int]]:
    """Group events (newest first) by report; comments that are hidden by now, or the recipient's own, do not count."""
    ids = [event.data.get("comment") for event in events if event.kind == Kind.COMMENTED]
    visible = Comment.objects.visible().filter(pk__in=[pk for pk in ids if pk], report__status__in=workflow.PUBLIC)
    if recipient.user_id is not None:
        visible = visible.exclude(author=recipient.user_id)
    shown = set(visible.values_list("pk", flat=True))
    found: dict[int, tuple[list[Event], set[int]]] = {}
    for event in events:
        is_comment = event.kind == Kind.COMMENTED
        if is_comment and event.data.get("comment") not in shown:
            continue
        of_report = found.setdefault(event.report_id, ([], set()))
        if is_comment:
            of_report[1].add(event.data["comment"])
        else:
            of_report[0].insert(0, event)
    return {pk: (told, len(comments)) for pk, (told, comments) in found.items()}


def new_in_areas(recipient: Recipient, areas: FollowQuerySet, period: Period) -> list[int]:
    """Return the reports published in somebody's areas, newest first, without those that they follow anyway."""
    published = Report.objects.public().filter(published_at__lt=period.until)
    parts = [
        in_area(published.filter(published_at__gte=max(period.since, area.created_at)), area)
        .order_by("-published_at", "-id")
        .values_list("pk", "published_at")[:MOST_IN_AREA]
        for area in areas.select_related(None).order_by("-id")[:MOST_AREAS]
    ]
    if not parts:
        return []
    found = parts[0].union(*parts[1:]) if len(parts) > 1 else parts[0]
    ordered = sorted(found, key=lambda row: (row[1], row[0]), reverse=True)
    ids = [pk for pk, _at in ordered]
    followed = set(follows_among(recipient, ids))
    return [pk for pk in ids if pk not in followed]


def in_area(reports: Any, area: Follow) -> Any:
    """Keep the reports that lie in a followed area."""
    if area.category_id:
        reports = reports.filter(category=area.category_id)
    if area.circle is not None:
        return reports.filter(point__coveredby=area.circle)
    return reports.filter(quarter=area.quarter_id) if area.quarter_id else reports


def follows_among(recipient: Recipient, ids: list[int]) -> Any:
    """Return which of some reports the recipient follows themselves, heard or not."""
    owner = {"user": recipient.user_id} if recipient.user_id else {"email_digest": recipient.email_digest}
    return Follow.objects.filter(report__in=ids, **owner).values_list("report_id", flat=True)


def period_of(delivery: Delivery) -> Period:
    """Return the period that was written into a delivery when it was made."""
    return Period(
        since=datetime.fromisoformat(delivery.data["since"]), until=datetime.fromisoformat(delivery.data["until"])
    )


def context_of(delivery: Delivery) -> dict[str, Any] | None:
    """Return what `emails/digest.*` shows: `news`, `frequency`, `period`; None where nothing is left to tell."""
    if delivery.recipient is None:
        return None
    period = period_of(delivery)
    found = news(delivery.recipient, delivery.data["frequency"], period)
    return {"news": found, "frequency": delivery.data["frequency"], "period": period} if found else None
