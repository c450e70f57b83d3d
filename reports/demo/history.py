"""Writing the stories into the tables.

The services write what happens now, with today's dates and live hints; a past of half a year goes in at once, in the
order in which it happened, and keeps to the same rules (tests/reports/test_demo.py walks every timeline).
"""

import random
import uuid
from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.contrib.gis.geos import Point
from django.db import models

from accounts.models import User
from reports import workflow
from reports.demo.discussion import comments_of, votes_of
from reports.demo.people import OPERATOR_OF
from reports.demo.pictures import SIZES, Picture
from reports.demo.pictures.canvas import HEIGHT, WIDTH
from reports.demo.promises import clock_of
from reports.demo.story import ASSIGNED, CITIZEN_EVERY, COMMENT_CHANGED, COMMENTED, NOTE, STATUS_CHANGED, Moment, Story
from reports.models import (
    Category,
    Comment,
    ConsumerPosition,
    Event,
    Follow,
    Organisation,
    Photo,
    Quarter,
    Report,
    Town,
    Vote,
)
from reports.models.report import REF_ALPHABET
from reports.priority import score
from reports.services.routing import responsible_for

KEY_PREFIX = "demo-"
PICTURE_NAMESPACE = uuid.UUID("6d1b2d5c-2f0a-5c39-9d0e-7f4c3f1c7a10")
BATCH = 500
Dated = TypeVar("Dated", Photo, Vote, Follow)
# The comments of all stories, by the story's key and the remark's number in it.
Comments = dict[tuple[str, int], Comment]


@dataclass(slots=True)
class Cast:
    """Who and what the stories are about."""

    town: Town
    people: dict[str, User]
    categories: dict[str, Category]
    quarters: dict[str, Quarter]
    organisations: dict[str, Organisation]


def cast_of(town: Town, people: dict[str, User]) -> Cast:
    """Load what the stories refer to."""
    return Cast(
        town=town,
        people=people,
        categories={category.code: category for category in Category.objects.all()},
        quarters={quarter.slug: quarter for quarter in Quarter.objects.filter(town=town)},
        organisations={organisation.slug: organisation for organisation in Organisation.objects.all()},
    )


def picture_key(picture: Picture) -> uuid.UUID:
    """Return the key under which a picture's files are stored, the same on every machine."""
    return uuid.uuid5(PICTURE_NAMESPACE, str(picture))


def is_written() -> bool:
    """Say whether the demonstration's reports are there already."""
    return Report.objects.filter(idempotency_key__startswith=KEY_PREFIX).exists()


def write(stories: list[Story], cast: Cast) -> None:
    """Insert the reports with their events, comments, photos, votes and authors' links."""
    refs = random.Random(KEY_PREFIX)  # noqa: S311  (public numbers)
    reports = {story.key: report_of(story, cast, number, refs) for number, story in enumerate(stories)}
    Report.objects.bulk_create([reports[story.key] for story in stories if not story.original])
    for story in stories:
        if story.original:
            reports[story.key].duplicate_of = reports[story.original]
    Report.objects.bulk_create([reports[story.key] for story in stories if story.original])
    pairs = [(story, reports[story.key]) for story in stories]
    comments: Comments = {}
    for story, report in pairs:
        comments |= comments_of(story, report, cast.people)
    Comment.objects.bulk_create(sorted(comments.values(), key=lambda comment: comment.created_at))
    write_log([event for story, report in pairs for event in events_of(story, report, reports, comments, cast)])
    insert_dated(Photo.objects, [dated for story, report in pairs for dated in photos_of(story, report)])
    voters = random.Random(f"{KEY_PREFIX}votes")  # noqa: S311  (stories, not secrets)
    citizens = [user for user in cast.people.values() if not user.is_staff]
    insert_dated(
        Vote.objects, [dated for story, report in pairs for dated in votes_of(story, report, citizens, voters)]
    )
    insert_dated(
        Follow.objects,
        [
            (
                Follow(report=report, user=report.reporter, is_reporter=True, language=report.language),
                report.received_at,
            )
            for _story, report in pairs
        ],
    )


def write_log(events: list[Event]) -> None:
    """Insert the events, and have nobody told of them: whoever listens to the log already goes on behind them."""
    # The catch-up feed reads in the order of insertion: the order in which it all happened.
    written = Event.objects.bulk_create(sorted(events, key=lambda event: event.at))
    ConsumerPosition.objects.update(event_id=written[-1].pk)


def insert_dated(manager: models.Manager[Dated], rows: list[tuple[Dated, datetime]]) -> None:
    """Insert rows whose `created_at` lies in the past; inserting alone would set it to now."""
    objects = [row for row, _at in rows]
    manager.bulk_create(objects, batch_size=BATCH)
    for row, at in rows:
        row.created_at = at
    manager.bulk_update(objects, ["created_at"], batch_size=BATCH)


def new_ref(refs: random.Random) -> str:
    """Return a report number of the usual form, the same on every machine."""
    letters = "".join(refs.choices(REF_ALPHABET, k=6))
    return f"{letters[:3]}-{letters[3:]}"


def report_of(story: Story, cast: Cast, number: int, refs: random.Random) -> Report:
    """Return the row of a story as it is now."""
    category, quarter = cast.categories[story.kind.code], cast.quarters[story.quarter]
    assigned = [moment.data["organisation"] for moment in story.moments if moment.kind == ASSIGNED]
    organisation = cast.organisations[assigned[-1]] if assigned else responsible_for(category=category, quarter=quarter)
    operator = cast.people["operator"] if organisation and organisation.slug == OPERATOR_OF else None
    report = Report(
        ref=new_ref(refs),
        idempotency_key=story.key,
        reporter=cast.people["citizen"] if number % CITIZEN_EVERY == 0 else None,
        category=category,
        description=story.description,
        point=Point(*story.position, srid=4326),
        address=story.address,
        quarter=quarter,
        organisation=organisation,
        assignee=operator if story.status == workflow.IN_PROGRESS else None,
        status=story.status,
        votes=len(story.votes),
        comments=sum(not remark.is_held and remark.removed_at is None for remark in story.remarks),
        priority=score(urgency=category.urgency, votes=len(story.votes)),
        rejection_reason=story.rejection_reason,
        captured_at=story.received_at,
        received_at=story.received_at,
        published_at=story.published_at,
        updated_at=story.last_at,
        resolved_at=story.resolved_at,
        confirmed_at=story.confirmed_at,
        source=Report.Source.API if number % 9 == 0 else Report.Source.WEB,
        language=story.language,
    )
    for name, value in clock_of(story, report).items():
        setattr(report, name, value)
    return report


def events_of(story: Story, report: Report, reports: dict[str, Report], comments: Comments, cast: Cast) -> list[Event]:
    """Return the log of a story, with what `reports.services.log.record` puts into every entry."""
    at_once = report.category.post_moderated
    status = workflow.OPEN if at_once else workflow.PENDING
    events = []
    for moment in story.moments:
        was_public = status in workflow.PUBLIC
        if moment.kind == STATUS_CHANGED:
            status = moment.data["to"]
        data = {
            "status": status,
            "location": [report.point.x, report.point.y],
            "category": report.category.code,
            "votes": bisect_right(story.votes, moment.at),
            **moment.data,
        }
        if moment.data.get("to") == workflow.DUPLICATE:
            data["original"] = reports[story.original].ref
        if moment.kind == ASSIGNED:
            data["organisation"] = cast.organisations[moment.data["organisation"]].name
        actor, name = actor_of(moment, report, cast)
        if moment.kind in {COMMENTED, COMMENT_CHANGED}:
            comment = comments[story.key, data.pop("remark")]
            data["comment"] = comment.pk
            actor = comment.author if moment.kind == COMMENTED else actor
        events.append(
            Event(
                kind=moment.kind,
                report=report,
                actor=actor,
                actor_role=moment.role,
                actor_name=name,
                is_public=moment.kind != NOTE and (was_public or status in workflow.PUBLIC),
                data={} if moment.kind == NOTE else data,
                private_data=moment.private,
                at=moment.at,
            )
        )
    return events


def actor_of(moment: Moment, report: Report, cast: Cast) -> tuple[User | None, str]:
    """Return who did it and in whose name; only one organisation has a demonstration account."""
    if moment.role == workflow.MODERATOR:
        return cast.people["moderator"], ""
    if moment.role == workflow.OPERATOR and report.organisation is not None:
        user = cast.people["operator"] if report.organisation.slug == OPERATOR_OF else None
        return user, report.organisation.name
    return report.reporter, ""


def photos_of(story: Story, report: Report) -> list[tuple[Photo, datetime]]:
    """Return the photos of a story; reports with the same picture share its files."""
    if story.picture is None:
        return []
    shots = [(Photo.Kind.PROBLEM, False, story.received_at)]
    if story.proof and story.resolved_at is not None:
        shots.append((Photo.Kind.PROOF, True, story.resolved_at))
    return [
        (
            Photo(
                report=report,
                key=picture_key(Picture(story.kind.code, story.picture, repaired)),
                kind=kind,
                status=Photo.Status.READY,
                width=WIDTH,
                height=HEIGHT,
                sizes=list(SIZES),
                taken_at=at,
            ),
            at,
        )
        for kind, repaired, at in shots
    ]
