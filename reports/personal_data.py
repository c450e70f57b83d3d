"""What the portal's own subject knows about a person: what they reported, said, supported and follow."""

from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any

from allauth.account.models import EmailAddress
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import Q

from accounts.encryption import fingerprints
from accounts.models import User
from accounts.services.data import PersonalData, files_of, rows
from reports import workflow
from reports.errors import StaleReport
from reports.models import Comment, Event, Follow, Photo, Report, ServiceLevel, Vote
from reports.models.community import new_token
from reports.permissions import reporter_without_account
from reports.querysets import EventQuerySet, FollowQuerySet
from reports.services.comments import delete_comment
from reports.services.handling import change_status
from reports.services.photos import remove

EXPORTED = {
    "reports.Report.reporter": "reports",
    "reports.Report.assignee": "assigned",
    "reports.Vote.user": "votes",
    "reports.Follow.user": "follows",
    "reports.Comment.author": "comments",
    "reports.Comment.decided_by": "decisions",
    "reports.Event.actor": "events",
    "reports.ServiceLevel.escalate_to": "escalations",
}
NOT_EXPORTED: dict[str, str] = {}
STAYS = {
    "reports.Event.actor": "what somebody decided as a member of the staff; their row says no more who it was",
    "reports.Comment.decided_by": "the same, for a comment that was judged",
}

# The first bytes of what phones send, for a name that opens on a double tap.
ENDINGS = ((b"\xff\xd8", ".jpg"), (b"\x89PNG", ".png"), (b"RIFF", ".webp"), (b"\x00\x00\x00", ".heic"))


def export(user: User) -> PersonalData:
    """Return everything, with the photos as they were sent and as they are shown."""
    photos = photos_of(user)
    return PersonalData(
        name="signalements",
        records={
            "reports": [facts_of(report) for report in reports_of(user)],
            "photos": [photo_facts(photo) for photo in photos],
            "comments": rows(
                Comment.objects.filter(author=user),
                "report__ref",
                "text",
                "public_name",
                "status",
                "created_at",
                "edited_at",
                "photo__key",
            ),
            "votes": rows(Vote.objects.filter(user=user), "report__ref", "created_at"),
            "follows": [follow_facts(follow) for follow in follows_of(user)],
            "events": rows(Event.objects.filter(actor=user), "report__ref", "kind", "actor_role", "data", "at"),
            "escalations": rows(
                ServiceLevel.objects.filter(escalate_to=user), "category__code", "organisation__slug", "repair_hours"
            ),
            "answers": rows(answers_to_questions(user), "report__ref", "private_data", "at"),
            "assigned": rows(Report.objects.filter(assignee=user), "ref"),
            "decisions": rows(Comment.objects.filter(decided_by=user), "report__ref", "decided_at", "decision_reason"),
        },
        files=picture_files(photos),
    )


def answers_to_questions(user: User) -> EventQuerySet:
    """Return what the person answered, by a link, to questions about their reports."""
    found: EventQuerySet = Event.objects.filter(report__reporter=user, kind=Event.Kind.ANSWERED)
    return found


def reports_of(user: User) -> list[Report]:
    """Return the person's reports, oldest first."""
    found = Report.objects.filter(reporter=user).select_related("category", "quarter__town", "organisation")
    return list(found.defer("search", "quarter__boundary", "quarter__town__boundary").order_by("pk"))


def facts_of(report: Report) -> dict[str, Any]:
    """Return what the person said in a report and what became of it."""
    copied = (
        "ref", "status", "description", "address", "public_name", "contact_email", "contact_phone", "votes", "source",
        "language", "rejection_reason", "captured_at", "received_at", "published_at", "resolved_at", "confirmed_at",
    )  # fmt: skip
    return {
        **{name: getattr(report, name) for name in copied},
        "category": report.category.code,
        "quarter": report.quarter.name,
        "town": report.quarter.town.name,
        "organisation": report.organisation.name if report.organisation else "",
        "longitude": report.point.x,
        "latitude": report.point.y,
    }


def photos_of(user: User) -> list[Photo]:
    """Return the photos that the person sent: of the problems they reported, and with their comments."""
    mine = Q(report__reporter=user, kind=Photo.Kind.PROBLEM) | Q(comment__author=user)
    return list(Photo.objects.filter(mine).select_related("report", "comment__report").order_by("pk"))


def ref_of(photo: Photo) -> str:
    """Return the number of the report that a photo belongs to, directly or through a comment."""
    if photo.report is not None:
        return photo.report.ref
    return Comment.objects.values_list("report__ref", flat=True).get(photo=photo)


def photo_facts(photo: Photo) -> dict[str, Any]:
    """Return what a photo's file said, and what became of it."""
    place = photo.taken_point
    return {
        "key": photo.key,
        "report": ref_of(photo),
        "kind": photo.kind,
        "status": photo.status,
        "taken_at": photo.taken_at,
        "taken_longitude": place.x if place else None,
        "taken_latitude": place.y if place else None,
        "sent_at": photo.created_at,
    }


def picture_files(photos: list[Photo]) -> Iterator[tuple[str, IO[bytes]]]:
    """Open one after the other the originals and the variants that are shown."""
    for photo in photos:
        folder = f"photos/{ref_of(photo)}/{photo.key}"
        if photo.original:
            for path, file in files_of([(f"{folder}/original", (storages["originals"], photo.original.name))]):
                yield path + ending_of(file), file
        names = [(f"{folder}/{width}.webp", photo.variant_name(width)) for width in sorted(photo.sizes)]
        yield from files_of((path, (storages["variants"], name)) for path, name in names)


def ending_of(file: IO[bytes]) -> str:
    """Return the usual end of the name of such a picture; the file is left at its beginning."""
    head = file.read(4)
    file.seek(0)
    return next((ending for start, ending in ENDINGS if head.startswith(start)), "")


def follow_facts(follow: Follow) -> dict[str, Any]:
    """Return what somebody follows and how."""
    return {
        "report": follow.report.ref if follow.report else "",
        "quarter": follow.quarter.name if follow.quarter else "",
        "category": follow.category.code if follow.category else "",
        "longitude": follow.centre.x if follow.centre else None,
        "latitude": follow.centre.y if follow.centre else None,
        "radius_m": follow.radius_m,
        "email": follow.email,
        "is_reporter": follow.is_reporter,
        "frequency": follow.frequency,
        "language": follow.language,
        "since": follow.created_at,
    }


def follows_of(user: User) -> FollowQuerySet:
    """Return what the person follows, also by a confirmed address of theirs without having signed in."""
    confirmed = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    prints = [print_ for address in confirmed for print_ in fingerprints(address)]
    found = Follow.objects.filter(Q(user=user) | Q(user=None, email_digest__in=prints, confirmed_at__isnull=False))
    return found.select_related("report", "quarter", "category").defer("quarter__boundary").order_by("pk")


def erase(user: User) -> None:
    """Take the person out of everything; what is public stays, without a name, for those who live with the problem."""
    for report in Report.objects.filter(reporter=user, status=workflow.PENDING).select_related("category"):
        # Judged this very moment: then it is like the others below.
        with suppress(StaleReport):
            change_status(report=report, to=workflow.WITHDRAWN, actor=reporter_without_account())
    forget_comments(user)
    for vote_id in Vote.objects.filter(user=user).values_list("pk", flat=True):
        # Still counted, and no two of them can be told to be one person's.
        Vote.objects.filter(pk=vote_id).update(user=None, device=new_token())
    forget_unpublished(user)
    with transaction.atomic():
        mine = list(Report.objects.filter(reporter=user).values_list("pk", flat=True))
        Follow.objects.filter(Q(pk__in=follows_of(user).values("pk")) | Q(report__in=mine, is_reporter=True)).delete()
        # Staff's decisions stay their own; what citizens did is nobody's.
        Event.objects.filter(actor=user, actor_role__in=("", workflow.REPORTER)).update(actor=None)
        # What they answered to the team's questions by a link.
        Event.objects.filter(report__in=mine, kind=Event.Kind.ANSWERED).update(private_data={})
        Report.objects.filter(assignee=user).update(assignee=None)
        ServiceLevel.objects.filter(escalate_to=user).update(escalate_to=None)
        Report.objects.filter(pk__in=mine).update(reporter=None, public_name="", contact_email="", contact_phone="")


def forget_comments(user: User) -> None:
    """Take the name off the person's comments, or the comments away, as they chose."""
    mine = Comment.objects.filter(author=user)
    if user.erases_comments:
        shown = mine.exclude(status__in=(Comment.Status.DELETED, Comment.Status.REMOVED))
        for comment in shown.select_related("report__category"):
            delete_comment(comment=comment, author=user)
        mine.update(text="")
    mine.update(author=None, public_name="", device="")


def forget_unpublished(user: User) -> None:
    """Remove the words and the photos of what was never public."""
    unseen = Report.objects.filter(reporter=user, published_at=None).exclude(status=workflow.PENDING)
    for photo in Photo.objects.filter(report__in=unseen):
        remove(photo=photo)
    Event.objects.filter(report__in=unseen, kind=Event.Kind.EDITED).update(private_data={})
    unseen.update(description="", address="")
