"""Reads, as sentences: `Report.objects.public().in_box(box).newest()`."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.contrib.gis.db.models.functions import Area, Distance, GeometryDistance
from django.contrib.gis.geos import Point, Polygon
from django.contrib.gis.measure import D
from django.contrib.postgres.search import SearchQuery
from django.db import connection, models
from django.db.models import Case, F, OuterRef, Prefetch, Q, Subquery, Value, When
from django.db.models.functions import Substr

from accounts.encryption import fingerprints
from reports import workflow
from reports.geo import Box

if TYPE_CHECKING:
    from accounts.models import User

# The search configuration of migration 0001: French stems, accents removed.
WORDS = "reports_words"

# An original may have become a duplicate itself, and so on; longer than any chain that people make.
LONGEST_CHAIN = 20
CHAIN = """
WITH RECURSIVE chain AS (
    SELECT id, ref, status, duplicate_of_id, 1 AS links FROM reports_report WHERE id = %s
    UNION ALL
    SELECT report.id, report.ref, report.status, report.duplicate_of_id, links + 1
    FROM reports_report report JOIN chain ON report.id = chain.duplicate_of_id WHERE links < %s
)
SELECT id, ref, status FROM chain WHERE status = ANY(%s)
"""

# Where the four quarters of a perceptual hash begin, counted from 1.
PHASH_BANDS = (1, 5, 9, 13)

# The kinds of event that a timeline tells.
TOLD = (
    "created",
    "status_changed",
    "assigned",
    "reply",
    "photo_added",
    "edited",
    "confirmed",
    "merged",
    "unmerged",
    "recategorised",
    "relocated",
    "split",
    "masked",
    "asked",
    "answered",
)


def places_judged_by(user: "User", path: str) -> Q:
    """Return the condition of lying in a place that a person moderates; `path` leads to the report, e.g. `report__`."""
    scope = Q(pk=None)
    for membership in user.memberships.all():
        if membership.role == workflow.ADMINISTRATOR:
            return Q()
        if membership.role == workflow.MODERATOR and membership.town_id:
            scope |= Q(**{f"{path}quarter__town": membership.town_id})
        elif membership.role == workflow.MODERATOR:
            scope |= Q(**{f"{path}quarter": membership.quarter_id})
    return Q() if user.is_superuser else scope


def passed(column: str, now: datetime) -> Q:
    """Return the condition that a deadline is over; while its author is asked something no time passes."""
    return Q(**{f"{column}__lt": now}) & (Q(clock_stopped_at=None) | Q(clock_stopped_at__gt=F(column)))


def not_passed(column: str, now: datetime) -> Q:
    """Return the contrary, said so that the indexes of what is still to come and of standing clocks answer it."""
    stopped_in_time = Q(clock_stopped_at__isnull=False) & Q(clock_stopped_at__lte=F(column))
    return Q(**{f"{column}__gte": now}) | stopped_in_time


def timing_at(now: datetime) -> Case:
    """Return the expression of `Report.timing`."""
    return Case(
        When(~Q(status__in=workflow.UNRESOLVED) | Q(due_at=None), then=Value("")),
        When(passed("very_late_at", now), then=Value("very_late")),
        When(passed("due_at", now), then=Value("late")),
        When(passed("due_soon_at", now), then=Value("soon")),
        default=Value("due"),
    )


class CategoryQuerySet(models.QuerySet[Any]):
    """Reads of the catalogue."""

    def offered(self) -> Self:
        """Keep what a citizen may choose today, in the order of the tiles."""
        return self.filter(is_active=True).order_by("position", "code")


class QuarterQuerySet(models.QuerySet[Any]):
    """Reads of places."""

    def containing(self, point: Point) -> Self:
        """Keep the quarters that a point lies in, the smallest first: where two overlap, the more precise name wins."""
        return self.filter(boundary__covers=point).select_related("town").order_by(Area("boundary"))


class ReportQuerySet(models.QuerySet[Any]):
    """Reads of reports."""

    def public(self) -> Self:
        """Keep what everybody may see."""
        return self.filter(status__in=workflow.PUBLIC)

    def public_behind(self, duplicate: int) -> Any:
        """Return the public report that a duplicate (its id) leads to, through other ones too; None where none is.

        One query however long the chain is; only its number and status are loaded.
        """
        return next(iter(self.raw(CHAIN, [duplicate, LONGEST_CHAIN, list(workflow.PUBLIC)])), None)

    def pending(self) -> Self:
        """Keep what waits for a moderator, oldest first."""
        return self.filter(status=workflow.PENDING).order_by("received_at")

    def unresolved(self) -> Self:
        """Keep what is to be repaired."""
        return self.filter(status__in=workflow.UNRESOLVED)

    def late(self, now: datetime) -> Self:
        """Keep what was promised to be repaired before `now`."""
        return self.unresolved().filter(passed("due_at", now))

    def very_late(self, now: datetime) -> Self:
        """Keep what has waited three times as long as was promised."""
        return self.unresolved().filter(passed("very_late_at", now))

    def due_soon(self, now: datetime) -> Self:
        """Keep what has used most of the promised time, and is not late."""
        return self.unresolved().filter(passed("due_soon_at", now)).filter(not_passed("due_at", now))

    def unanswered(self, now: datetime) -> Self:
        """Keep what nobody has answered in the promised time."""
        return self.unresolved().filter(passed("answer_due_at", now), answered_at=None)

    def standing(self, timing: str, now: datetime) -> Self:
        """Keep what stands in one way against what was promised, a code of `Report.Timing`; late is also very late."""
        kept = {"soon": self.due_soon, "late": self.late, "very_late": self.very_late}
        return kept[timing](now) if timing in kept else self.unresolved().filter(not_passed("due_soon_at", now))

    def of_nobody(self) -> Self:
        """Keep what waits for its repair while nobody is responsible for it, oldest first."""
        return self.filter(status__in=workflow.UNRESOLVED, organisation=None).order_by("received_at", "id")

    def in_box(self, box: Box) -> Self:
        """Keep what lies in a box, to about 10 cm.

        By bounding boxes alone, which for points says the same: only of this the planner knows how many rows it keeps.
        """
        return self.filter(point__bboverlaps=Polygon.from_bbox(box.edges))

    def near(self, point: Point, metres: float) -> Self:
        """Keep what lies within a distance, nearest first, with `distance` in metres."""
        box = Box(point.x, point.y, point.x, point.y).around(metres)
        return (
            self.in_box(box)
            .annotate(distance=Distance("point", point))
            .filter(distance__lte=D(m=metres))
            .order_by("distance")
        )

    def nearest(self, point: Point) -> Self:
        """Order by distance through the index, nearest first."""
        return self.order_by(GeometryDistance("point", point), "id")

    def about(self, words: str) -> Self:
        """Keep what a person means who types `words`: French stems, accents ignored, quoted phrases and -exclusions."""
        return self.filter(search=SearchQuery(words, config=WORDS, search_type="websearch"))

    def in_quarters_about(self, quarters: "list[int]", words: str, rest: str) -> Self:
        """Keep what is about `words`, or lies in one of the quarters that they name and is about the `rest` of them."""
        in_named = Q(quarter__in=quarters)
        if rest:
            in_named &= Q(search=SearchQuery(rest, config=WORDS, search_type="websearch"))
        return self.filter(in_named | Q(search=SearchQuery(words, config=WORDS, search_type="websearch")))

    def published_since(self, moment: datetime) -> Self:
        """Keep what was published at or after a moment."""
        return self.filter(published_at__gte=moment)

    def newest(self) -> Self:
        """Order by publication, newest first; what was never published counts as oldest."""
        return self.order_by("-published_at", "-id")

    def most_supported(self) -> Self:
        """Order by votes."""
        return self.order_by("-votes", "-id")

    def with_card(self) -> Self:
        """Load what a card shows, in two queries however many cards there are."""
        return (
            self.select_related("category", "quarter__town", "organisation")
            # What was hidden is on no page but the moderator's own, which asks for it by itself.
            .prefetch_related(Prefetch("photos", apps.get_model("reports", "Photo").objects.shown()))
            # Boundaries weigh more than everything else on the page together; how to reach an author is on no page.
            .defer("search", "quarter__boundary", "quarter__town__boundary", "contact_email", "contact_phone")
        )

    def judged_by(self, user: "User") -> Self:
        """Keep the reports that a person may see in the back office: their towns, quarters and organisations."""
        if user.is_superuser:
            return self
        scope = Q(pk=None)
        for membership in user.memberships.all():
            if membership.role == workflow.ADMINISTRATOR:
                return self
            if membership.role == workflow.OPERATOR:
                # What nobody accepted yet is not theirs to see.
                scope |= Q(organisation=membership.organisation_id) & ~Q(status=workflow.PENDING)
            elif membership.town_id:
                scope |= Q(quarter__town=membership.town_id)
            else:
                scope |= Q(quarter=membership.quarter_id)
        return self.filter(scope)


class PhotoQuerySet(models.QuerySet[Any]):
    """Reads of photos."""

    def sharing_a_band(self, phash: str) -> Self:
        """Keep the photos whose perceptual hash has a quarter in common with this one: about one in 16,000 others.

        Two hashes that differ in up to three bits always have one; each quarter has its index.
        """
        bands = {f"band_{place}": Substr("phash", place, 4) for place in PHASH_BANDS}
        shares = Q()
        for place in PHASH_BANDS:
            shares |= Q(**{f"band_{place}": phash[place - 1 : place + 3]})
        return self.alias(**bands).exclude(phash="").filter(shares)

    def shown(self) -> Self:
        """Keep what everybody may see, now or once it is ready: neither hidden nor refused."""
        return self.filter(hidden_at=None).exclude(status="refused")

    def hidden(self) -> Self:
        """Keep what was taken out of sight, the latest first."""
        return self.filter(hidden_at__isnull=False).order_by("-hidden_at")

    def with_place(self) -> Self:
        """Load what a moderator's page shows beside a photo: the report that it belongs to, directly or not."""
        owners = ("report", "comment__report")
        return self.select_related(*(f"{owner}__{part}" for owner in owners for part in ("category", "quarter"))).defer(
            *(f"{owner}__{part}" for owner in owners for part in ("search", "quarter__boundary"))
        )

    def unfinished(self, before: datetime) -> Self:
        """Keep what no worker has finished and was sent before a moment."""
        return self.filter(status="processing", created_at__lt=before)

    def judged_by(self, user: "User") -> Self:
        """Keep what a person moderates: the photos of reports, and of comments on them, of their towns and quarters."""
        return self.filter(places_judged_by(user, "report__") | places_judged_by(user, "comment__report__"))


class EventQuerySet(models.QuerySet[Any]):
    """Reads of the log."""

    def public(self) -> Self:
        """Keep what anybody may read."""
        return self.filter(is_public=True)

    def told(self) -> Self:
        """Keep what makes the story of a report, newest first: not every vote, nor what only machines care about."""
        return self.filter(kind__in=TOLD).order_by("-at", "-id")

    def settled(self) -> Self:
        """Keep what no running transaction can still come before.

        A transaction that started earlier may commit later with a smaller id; everything below the oldest running one
        is final.
        """
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            (oldest,) = cursor.fetchone()
        return self.filter(xid__lt=oldest)

    def after(self, event_id: int) -> Self:
        """Keep what a reader who has handled `event_id` has not read yet, in the log's final order.

        An id that does not exist (0, or one that was removed with its report) counts as the last row before it.
        """
        position = self.model.objects.filter(id__lte=event_id).order_by("-id")
        if not position.exists():
            return self.order_by("xid", "id")
        last = position.values("xid", "id")[:1].get()
        # The first condition says nothing new: it gives the index a place to begin.
        return (
            self.filter(xid__gte=last["xid"])
            .filter(Q(xid__gt=last["xid"]) | Q(id__gt=last["id"]))
            .order_by("xid", "id")
        )

    def latest_public_id(self) -> int:
        """Return where a reader who starts now begins; 0 in an empty log."""
        last = self.public().settled().order_by("-xid", "-id").values_list("id", flat=True).first()
        return int(last or 0)


class FollowQuerySet(models.QuerySet[Any]):
    """Reads of who follows what."""

    def of_address(self, email: str) -> Self:
        """Keep what one address follows, whatever its letters' case; nothing for an empty one."""
        return self.filter(email_digest__in=fingerprints(email)) if email else self.none()

    def heard(self) -> Self:
        """Keep those to whom news may be sent: people with an account, and addresses that were confirmed."""
        return self.filter(Q(user__isnull=False) | (Q(confirmed_at__isnull=False) & ~Q(email_digest="")))

    def of_areas(self) -> Self:
        """Keep those who follow an area, not one report."""
        return self.filter(report=None)

    def with_area(self) -> Self:
        """Load what names an area (`Follow.area_name`), the quarter around a circle's centre included."""
        around = apps.get_model("reports", "Quarter").objects.filter(boundary__covers=OuterRef("centre"))
        smallest = around.order_by(Area("boundary")).values("name")[:1]
        return (
            self.select_related("quarter__town", "category")
            .defer("quarter__boundary", "quarter__town__boundary")
            .annotate(place=Subquery(smallest))
        )

    def asked_by(self, *, confirm_token: str) -> Any:
        """Return the follow whose address a mailed link confirms, with what names it; None for an unknown link."""
        rows = self.with_area().select_related("report__category", "report__quarter")
        return rows.filter(confirm_token=confirm_token).exclude(email="").first()

    def around(self, *, point: Point, quarter_id: int, category_id: int) -> Self:
        """Keep the followers of areas that a new report at `point` belongs to."""
        return self.of_areas().filter(
            Q(category=None) | Q(category=category_id),
            Q(centre=None, quarter=None) | Q(quarter=quarter_id) | Q(circle__covers=point),
        )


class CommentQuerySet(models.QuerySet[Any]):
    """Reads of the discussion."""

    def visible(self) -> Self:
        """Keep what everybody may read, in the order it was said."""
        return self.filter(status="visible").select_related("organisation", "photo").order_by("created_at", "id")

    def newest(self) -> Self:
        """Order by time, the newest first."""
        return self.order_by("-created_at", "-id")

    def before(self, comment: Any) -> Self:
        """Keep what was said before a comment."""
        return self.filter(Q(created_at__lt=comment.created_at) | Q(created_at=comment.created_at, pk__lt=comment.pk))

    def held(self) -> Self:
        """Keep what waits for a moderator, oldest first."""
        return self.filter(status="held").order_by("created_at", "id")

    def judged_by(self, user: "User") -> Self:
        """Keep what a person moderates: the comments on reports of their towns and quarters, all for administrators."""
        return self.filter(places_judged_by(user, "report__"))
