"""Making a report, and withdrawing it."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import Point
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import User
from reports import priority, workflow
from reports.errors import DuplicateKey, OutsideServedArea
from reports.models import Category, Event, Follow, Photo, Quarter, Report
from reports.models.report import new_ref
from reports.permissions import Actor, actor_for, reporter_without_account
from reports.services.deadlines import new_clock
from reports.services.log import record
from reports.services.photos import attach
from reports.services.queue import after_commit
from reports.services.routing import responsible_for
from reports.services.standing import check_standing
from reports.tasks import send_confirmation

# Refs are drawn at random; with a million reports one draw in two hundred is taken.
REF_DRAWS = 5


@dataclass(frozen=True)
class Screening:
    """What whoever screens found in a draft (`settings.REPORT_SCREENING`).

    findings  `[{"code": "link", …}]`, kept with the report for its moderator
    holds     whether it waits for a moderator, even where reports are published before they are judged
    """

    findings: list[dict[str, Any]] = field(default_factory=list)
    holds: bool = False


def screened(*, draft: Report, photos: list[Photo], crowded: bool = False) -> Screening:
    """Return what screening says of a draft; nothing where none is installed."""
    if not settings.REPORT_SCREENING:
        return Screening()
    screen = import_string(settings.REPORT_SCREENING)
    found: Screening = screen(draft=draft, photos=photos, crowded=crowded)
    return found


@dataclass(frozen=True)
class Filing:
    """The outcome of sending a report: the report, its author's private link, and whether this call made it."""

    report: Report
    follow: Follow
    is_new: bool


def quarter_at(point: Point) -> Quarter:
    """Return the quarter that a point lies in, the smallest where several overlap.

    Raises:
        OutsideServedArea: none does.
    """
    quarter: Quarter | None = Quarter.objects.containing(point).first()
    if quarter is None:
        raise OutsideServedArea(field="location")
    return quarter


def digest_of(draft: Report, photos: list[Photo]) -> str:
    """Return the SHA-256 of what was sent, so that a reused key with other content is noticed."""
    sent = {
        "category": draft.category.code,
        "point": [round(draft.point.x, 6), round(draft.point.y, 6)],
        "description": draft.description,
        "address": draft.address,
        "email": draft.contact_email,
        "phone": draft.contact_phone,
        "reporter": draft.reporter_id,
        "public_name": draft.public_name,
        "photos": sorted(photo.sha256 for photo in photos),
    }
    return hashlib.sha256(json.dumps(sent, sort_keys=True).encode()).hexdigest()


def create_report(
    *,
    category: Category,
    point: Point,
    description: str = "",
    address: str = "",
    contact_email: str = "",
    contact_phone: str = "",
    captured_at: datetime | None = None,
    reporter: User | None = None,
    photos: list[Photo] | None = None,
    source: str = Report.Source.WEB,
    language: str = "fr",
    idempotency_key: str | None = None,
    public_name: str = "",
    device: str = "",
    crowded: bool = False,
) -> Filing:
    """File a report: one per idempotency key, whatever is tapped, retried or reloaded, also at the same moment.

    `public_name` is shown to everybody; without one the author stays anonymous. `device` is the token of the browser of
    somebody without an account. `crowded`: many reports have just come from the same address of the network.

    Raises:
        OutsideServedArea: the point lies in no quarter.
        DuplicateKey: the key belongs to a report with other content.
        Banned: this person or device may not contribute now.
    """
    draft = Report(
        category=category,
        point=point,
        description=description,
        address=address,
        contact_email=contact_email,
        contact_phone=contact_phone,
        captured_at=captured_at,
        reporter=reporter,
        public_name=public_name,
        source=source,
        language=language,
        idempotency_key=idempotency_key,
        device=device,
    )
    photos = photos or []
    draft.body_digest = digest_of(draft, photos)
    if earlier := filed_before(draft):
        return earlier
    check_standing(user=reporter, device=device)
    draft.quarter = quarter_at(point)
    draft.organisation = responsible_for(category=category, quarter=draft.quarter)
    return file_once(draft=draft, photos=photos, crowded=crowded)


def file_once(*, draft: Report, photos: list[Photo], crowded: bool) -> Filing:
    """Save a draft under a free number, or return what the same request has saved a moment before."""
    for _draw in range(REF_DRAWS):
        try:
            return file(draft=draft, photos=photos, crowded=crowded)
        except IntegrityError:
            # Either the twin of this request came first, or the ref is taken and the next draw will do.
            if earlier := filed_before(draft):
                return earlier
            draft.pk = None
            draft.ref = new_ref()
    message = "no free report number was drawn"
    raise RuntimeError(message)


def filed_before(draft: Report) -> Filing | None:
    """Return the report that the draft's key has made already; None without a key.

    Raises:
        DuplicateKey: with other content.
    """
    if not draft.idempotency_key:
        return None
    report = Report.objects.filter(idempotency_key=draft.idempotency_key).with_card().first()
    if report is None:
        return None
    if report.body_digest != draft.body_digest:
        raise DuplicateKey
    return Filing(report=report, follow=report.followers.get(is_reporter=True), is_new=False)


@transaction.atomic
def file(*, draft: Report, photos: list[Photo], crowded: bool) -> Filing:
    """Save a report with its photos, its author's link and its first events."""
    actor = actor_for(draft.reporter, draft) if draft.reporter else reporter_without_account()
    if actor.is_staff:
        publish(draft)
    else:
        screening = screened(draft=draft, photos=photos, crowded=crowded)
        draft.findings = screening.findings
        if draft.category.post_moderated and not screening.holds:
            publish(draft)
    draft.priority = priority.score(urgency=draft.category.urgency, votes=0)
    draft.save(force_insert=True)
    follow = Follow.objects.create(
        report=draft,
        user=draft.reporter,
        email=draft.contact_email,
        is_reporter=True,
        language=draft.language,
    )
    record(kind=Event.Kind.CREATED, report=draft, actor=anonymous(actor), is_public=draft.is_public)
    attach(photos=photos, report=draft, actor=anonymous(actor), is_public=draft.is_public)
    if draft.contact_email:
        after_commit(send_confirmation, follow.pk)
    return Filing(report=draft, follow=follow, is_new=True)


def publish(report: Report) -> None:
    """Set what a report gains when everybody may see it; the caller saves."""
    now = timezone.now()
    for name, value in {"status": workflow.OPEN, "published_at": now, **new_clock(report, now)}.items():
        setattr(report, name, value)


def anonymous(actor: Actor) -> Actor:
    """Return the actor as the log shows an author: by role, never by name."""
    return Actor(user=actor.user, roles=frozenset({workflow.REPORTER}))
