"""From an event to deliveries: who is told at once, by mail and in the browser. Digests read the log themselves.

Safe to run twice and at the same moment: a delivery's key is its event and its recipient, so that each person gets one
message for each event, by however many ways they follow.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings

from notifications.models import Channel, Delivery, Topic
from notifications.services.audience import Listener, ask, batches, find_recipients, operators, without
from notifications.services.outbox import post
from reports import workflow
from reports.models import Comment, Event, Follow
from reports.querysets import FollowQuerySet

logger = logging.getLogger(__name__)

Kind = Event.Kind
# What the log's dispatch hands to `consume`; nothing is queued for votes.
KINDS = frozenset(
    {
        Kind.CREATED,
        Kind.STATUS_CHANGED,
        Kind.ASSIGNED,
        Kind.REPLY,
        Kind.COMMENTED,
        Kind.CONFIRMED,
        Kind.MERGED,
        Kind.UNMERGED,
        Kind.SPLIT,
        Kind.UNDONE,
    }
)


NAMES_THEM = frozenset({Kind.MERGED, Kind.UNMERGED, Kind.UNDONE})
# Sent, or in the hands of a worker who sends it just now.
GONE_OUT = (Delivery.Status.SENT, Delivery.Status.SENDING)


@dataclass
class Telling:
    """One event on its way to people: `told` are the fingerprints of those who have had their message."""

    event: Event
    told: set[str] = field(default_factory=set)

    def tell(self, listeners: list[Listener], *, topic: str, template: str) -> None:
        """Make the deliveries of one batch of people; the queries do not grow with their number."""
        people = [one for one in without(listeners, self.event) if self.told.isdisjoint(one.names)]
        ask(people, topic)
        wanting = []
        for one in people:
            if self.told.isdisjoint(one.names) and one.channels:
                wanting.append(one)
            if one.channels or topic == Topic.PROGRESS:
                # Who follows the report itself is not told again that something happened near them.
                self.told.update(one.names)
        if wanting:
            zone = self.event.report.quarter.town.time_zone
            post([row for one in find_recipients(wanting, zone) for row in self.rows(one, topic, template)])

    def rows(self, one: Listener, topic: str, template: str) -> Iterable[Delivery]:
        """Give one person's deliveries: a mail, and a notification for each browser."""
        shared = {
            "event": self.event,
            "recipient": one.recipient,
            "follow": one.follow,
            "template": template,
            "data": {"topic": topic},
            "next_try_at": sent_from(self.event),
        }
        key = f"event:{self.event.pk}"
        if Channel.EMAIL in one.channels:
            recipient = one.recipient.pk if one.recipient else 0
            yield Delivery(key=f"{key}:recipient:{recipient}:email", channel=Channel.EMAIL, **shared)
        for browser in one.subscriptions:
            yield Delivery(key=f"{key}:push:{browser.pk}", channel=Channel.PUSH, subscription=browser, **shared)

    def tell_followers(self, follows: FollowQuerySet, *, topic: str, template: str) -> None:
        """Tell everybody who followed before it happened; who comes later reads the page."""
        for batch in batches(follows.heard().filter(created_at__lte=self.event.at)):
            self.tell(batch, topic=topic, template=template)


def consume(event_id: int) -> None:
    """Store what an event sends to whom at once; running it twice changes nothing."""
    loaded = Event.objects.select_related("report__category", "report__organisation", "report__quarter__town")
    slim = loaded.defer("report__quarter__boundary", "report__quarter__town__boundary")
    event = slim.filter(pk=event_id, kind__in=KINDS).first()
    if event is None:
        logger.info("event %s is gone, or tells nobody anything", event_id)
        return
    telling = Telling(event)
    if template := work_of(event):
        tell_organisation(telling, template)
    if event.kind == Kind.COMMENTED:
        tell_of_comment(telling)
    elif event.kind != Kind.CREATED:
        telling.tell_followers(followers_of(event), topic=Topic.PROGRESS, template="report_progress")
    if is_published(event):
        around = Follow.objects.around(
            point=event.report.point, quarter_id=event.report.quarter_id, category_id=event.report.category_id
        )
        telling.tell_followers(around, topic=Topic.NEARBY, template="area_new_report")


def followers_of(event: Event) -> FollowQuerySet:
    """Return who hears how a report gets on: its followers; of what is not public, its author alone.

    A duplicate's followers hear of it once, by the event that brought them to the original or parted them from it,
    which names their follows.
    """
    follows: FollowQuerySet = Follow.objects.filter(report=event.report_id)
    if event.kind in NAMES_THEM:
        return follows.filter(pk__in=named_by(event))
    joined_or_parted = event.kind == Kind.STATUS_CHANGED and "original" in event.data
    if joined_or_parted or (event.kind == Kind.ASSIGNED and not event.data.get("organisation")):
        return follows.none()
    # Only the author follows both parts of what is split, and was told when a report was held.
    only_author = event.kind == Kind.SPLIT or is_returned(event) or not event.is_public
    return follows.filter(is_reporter=True) if only_author else follows


def named_by(event: Event) -> list[int]:
    """Return the follows that an event itself names, directly or by those who heard of what it takes back."""
    if event.kind == Kind.UNDONE:
        # Who has not heard of the decision yet never will.
        heard = Delivery.objects.filter(event=event.data.get("event"), status__in=GONE_OUT, follow__isnull=False)
        return list(heard.values_list("follow", flat=True))
    if event.kind == Kind.UNMERGED and not was_told_merged(event):
        return []
    return [int(follow) for follow in event.private_data.get("followers", [])]


def was_told_merged(event: Event) -> bool:
    """Whether anybody has heard of the merge that an event undoes: what was undone at once is no news."""
    merged = event.private_data.get("merged")
    return Delivery.objects.filter(event=merged, status=Delivery.Status.SENT).exists()


def sent_from(event: Event) -> datetime:
    """Return from when an event may be told: a judgement waits a little, for whoever made it to take it back."""
    judged = event.kind == Kind.STATUS_CHANGED and (
        event.data.get("from") == workflow.PENDING or event.data.get("to") in {workflow.REJECTED, workflow.DUPLICATE}
    )
    waits = judged or event.kind == Kind.MERGED
    return event.at + timedelta(seconds=settings.DECISION_GRACE_SECONDS) if waits else event.at


def is_returned(event: Event) -> bool:
    """Whether a report that was taken from view for a moderator is seen again."""
    return bool(event.data.get("held_from")) and event.data.get("to") in workflow.PUBLIC


def is_published(event: Event) -> bool:
    """Whether everybody sees the report for the first time by this event, and still does."""
    if not event.report.is_public:
        return False
    if event.kind == Kind.CREATED:
        return event.is_public
    judged = (workflow.PENDING, workflow.OPEN)
    change = (event.data.get("from"), event.data.get("to"))
    return event.kind == Kind.STATUS_CHANGED and change == judged and not is_returned(event)


def work_of(event: Event) -> str:
    """Return the mail that an organisation gets: something new to repair, or repaired in vain; empty for none."""
    organisation = event.report.organisation
    if organisation is None or not event.report.is_public:
        return ""
    given = event.kind == Kind.ASSIGNED and event.data.get("organisation") == organisation.name
    if given or is_published(event):
        return "staff_assigned"
    change = (event.data.get("from"), event.data.get("to"))
    again = event.kind == Kind.STATUS_CHANGED and change == (workflow.RESOLVED, workflow.OPEN)
    return "staff_reopened" if again and event.actor_role == workflow.REPORTER else ""


def tell_organisation(telling: Telling, template: str) -> None:
    """Tell an organisation by its own address, and those who work there as they wish."""
    event, organisation = telling.event, telling.event.report.organisation
    if organisation is None:
        return
    if organisation.email:
        post(
            [
                Delivery(
                    key=f"event:{event.pk}:organisation:{organisation.pk}:email",
                    channel=Channel.EMAIL,
                    template=template,
                    event=event,
                    organisation=organisation,
                    data={"topic": Topic.WORK},
                    next_try_at=sent_from(event),
                )
            ]
        )
    telling.tell(operators(organisation.pk), topic=Topic.WORK, template=template)


def tell_of_comment(telling: Telling) -> None:
    """Tell the followers of a comment that everybody can read."""
    event = telling.event
    shown = Comment.objects.visible().filter(pk=event.data.get("comment")).exists()
    if shown and event.report.is_public:
        follows: FollowQuerySet = Follow.objects.filter(report=event.report_id)
        telling.tell_followers(follows, topic=Topic.COMMENTS, template="report_comment")
