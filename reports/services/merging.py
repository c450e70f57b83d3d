"""Bringing a duplicate's people to the original."""

from reports.models import Event, Follow, Report
from reports.permissions import Actor
from reports.services.community import shift_votes, tell_votes
from reports.services.log import record


def hand_over(*, duplicate: Report, original: Report, actor: Actor) -> None:
    """Move a duplicate's supporters and followers to the original, each counted once."""
    known_people = original.supporters.filter(user__isnull=False).values("user")
    known_devices = original.supporters.exclude(device="").values("device")
    strangers = duplicate.supporters.exclude(user__in=known_people).exclude(device__in=known_devices)
    moved = strangers.update(report=original)
    followers = hand_followers_over(duplicate=duplicate, original=original)
    shift_votes(report=original, by=moved)
    shift_votes(report=duplicate, by=-moved)
    if original.is_public:
        tell_votes(report=original)
    # Those who came along are told once, here; the duplicate's own change of status tells them nothing more.
    record(
        kind=Event.Kind.MERGED,
        report=original,
        actor=actor,
        is_public=False,
        private_data={"duplicate": duplicate.ref, "followers": followers},
    )


def hand_followers_over(*, duplicate: Report, original: Report) -> list[int]:
    """Make a duplicate's followers follow the original, each once; return the ids of their follows of the original."""
    followers: list[int] = []
    there = Follow.objects.filter(report=original)
    for follow in duplicate.followers.order_by("pk"):
        twins = there.filter(user=follow.user) if follow.user_id else there.of_address(follow.email)
        twin = twins.values_list("pk", flat=True).first()
        if twin is None and not follow.is_reporter:
            Follow.objects.filter(pk=follow.pk).update(report=original)
            twin = follow.pk
        elif twin is None and (follow.user_id or follow.email):
            # The author keeps the private link to what they sent, and follows the original too.
            copy = {name: getattr(follow, name) for name in ("user", "email", "confirmed_at", "frequency", "language")}
            twin = Follow.objects.create(report=original, **copy).pk
        if twin is not None:
            followers.append(twin)
    return followers
