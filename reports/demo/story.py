"""Inventing reports: what happened to each, when, and who did it. No database here, and the same seed tells the same.

Categories, weekdays, hours, refusals, duplicates and the time to repair follow the proportions of real municipal
requests (data/proportions.json).
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any

from reports import workflow
from reports.demo import read_json
from reports.demo.catalogue import KINDS, Kind
from reports.demo.pictures import variants_of

SEED = "Yaoundé"
HISTORY = timedelta(days=180)
SETTLED_COUNT = 384
FRESH_COUNT = 18
LOOK_ALIKE_COUNT = 2
STILL_THERE = "Toujours là ce matin."
WITHDRAWN_COUNT = 3
REOPENED_COUNT = 5
# Of the authors of what was repaired, so many answer that it really is.
CONFIRMED_PART = 0.3
# Of the real requests that were neither repaired nor refused, 86 % had been taken up (Montréal).
TAKEN_UP_PART = 0.86
# Every so many reports one belongs to the demonstration citizen, so that the account has something to show.
CITIZEN_EVERY = 29
PICTURE_PART = 0.66
PROOF_PART = 0.65
ENGLISH_PART = 0.12
# Quicker repairs need no word in between.
SLOW_DAYS = 2
DAY_STARTS, DAY_ENDS = time(7, 30), time(16, 30)
SATURDAY, SUNDAY = 5, 6

CREATED, STATUS_CHANGED, ASSIGNED = "created", "status_changed", "assigned"
REPLY, NOTE, PHOTO_ADDED = "reply", "note", "photo_added"
COMMENTED, COMMENT_CHANGED, CONFIRMED = "commented", "comment_changed", "confirmed"


@dataclass(slots=True)
class Moment:
    """One entry of a timeline: what, when, who (a role), and what it says."""

    kind: str
    at: datetime
    role: str
    data: dict[str, Any] = field(default_factory=dict)
    private: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Remark:
    """One comment: when, its words and their language, who speaks and what became of it.

    `speaker` is the key of a person with an account; empty for an anonymous device or an organisation.
    """

    at: datetime
    text: str
    language: str
    speaker: str = ""
    is_organisation: bool = False
    is_held: bool = False
    removed_at: datetime | None = None
    removed_for: str = ""


@dataclass(slots=True)
class Story:
    """One report and all that happened to it. `original` is the key of the report that it repeats."""

    key: str
    kind: Kind
    quarter: str
    position: tuple[float, float]
    description: str
    address: str
    language: str
    received_at: datetime
    status: str = workflow.PENDING
    published_at: datetime | None = None
    clock_started_at: datetime | None = None
    resolved_at: datetime | None = None
    confirmed_at: datetime | None = None
    rejection_reason: str = ""
    original: str = ""
    picture: int | None = None
    proof: bool = False
    votes: list[datetime] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)

    @property
    def last_at(self) -> datetime:
        """When the report itself last changed; what people say about it changes nothing."""
        return next(moment.at for moment in reversed(self.moments) if moment.kind not in {COMMENTED, COMMENT_CHANGED})

    def tell(self, kind: str, at: datetime, role: str, /, **data: Any) -> None:
        """Add an entry to the timeline."""
        self.moments.append(Moment(kind, at, role, data))

    def move(self, to: str, at: datetime, role: str, note: str = "", **data: Any) -> None:
        """Change the status, as the services do."""
        change = {"from": self.status, "to": to, **({"note": note} if note else {}), **data}
        self.moments.append(Moment(STATUS_CHANGED, at, role, change))
        if to == workflow.OPEN:
            self.published_at = self.published_at or at
            self.clock_started_at = at
        self.status = to
        self.resolved_at = at if to == workflow.RESOLVED else None
        self.rejection_reason = note if to == workflow.REJECTED else ""


def working(moment: datetime) -> datetime:
    """Return the moment, or the start of the next working time: weekdays and Saturday morning."""
    while True:
        closing = time(12, 0) if moment.weekday() == SATURDAY else DAY_ENDS
        if moment.weekday() != SUNDAY and moment.time() < closing:
            return max(moment, moment.replace(hour=DAY_STARTS.hour, minute=DAY_STARTS.minute + moment.minute % 25))
        moment = (moment + timedelta(days=1)).replace(
            hour=DAY_STARTS.hour, minute=DAY_STARTS.minute + moment.minute % 25
        )


class Teller:
    """Invents stories for a town until `now` (aware, in the town's time zone)."""

    def __init__(
        self, now: datetime, somewhere_in: Callable[[random.Random], tuple[str, str, tuple[float, float]]]
    ) -> None:
        """Take the moment to tell until, and how to draw a place: a quarter's slug, its name, its position."""
        self.now = now
        self.random = random.Random(SEED)  # noqa: S311  (stories, not secrets)
        self.somewhere_in = somewhere_in
        self.shares = read_json("proportions.json")
        self.texts = read_json("texts.json")

    def stories(self) -> list[Story]:
        """Return all stories, in the order in which the reports came in."""
        told = [self.settled(number) for number in range(SETTLED_COUNT)]
        self.repeat(told)
        self.withdraw(told)
        self.reopen(told)
        fresh = [self.fresh(number) for number in range(FRESH_COUNT)]
        for story in told:
            if story.status in workflow.PUBLIC:
                self.support(story)
        self.confirm(told)
        return sorted([*told, *fresh, *self.look_alikes(told)], key=lambda story: (story.received_at, story.key))

    def chance(self, part: float) -> bool:
        """Return true in that part of all cases (0 to 1)."""
        return self.random.random() < part

    # --- What, where, when, in which words ---

    def kind(self) -> Kind:
        """Draw a category by its real share."""
        weights: dict[str, float] = self.shares["categories"]
        return self.random.choices(KINDS, [weights[kind.code] for kind in KINDS])[0]

    def moment(self) -> datetime:
        """Draw a moment of the last half year by the real weekdays and hours; yesterday is the last day."""
        midnight = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
        days = [midnight - timedelta(days=back) for back in range(1, HISTORY.days + 1)]
        day = self.random.choices(days, [self.shares["weekdays_monday_first"][day.weekday()] for day in days])[0]
        hour = self.random.choices(range(24), self.shares["hours"])[0]
        return day + timedelta(hours=hour, minutes=self.random.randrange(60), seconds=self.random.randrange(60))

    def words(self, kind: Kind) -> tuple[str, str]:
        """Return a description and its language; some people write nothing."""
        said = self.texts["problems"][kind.code]
        if self.chance(ENGLISH_PART):
            return self.random.choice(said["en"]), "en"
        parts = [self.random.choice(said["what"])]
        if self.chance(0.6):
            parts.append(self.random.choice(self.texts["since"]))
        if self.chance(0.7):
            parts.append(self.random.choice(said["harm"]))
        parts.append(self.random.choice(self.texts["closing"]))
        return ("" if self.chance(0.05) else " ".join(part for part in parts if part)), "fr"

    def begin(self, key: str, received_at: datetime) -> Story:
        """Return a report as it comes in."""
        kind = self.kind()
        slug, name, position = self.somewhere_in(self.random)
        own, general = self.texts["places"].get(slug, []), self.texts["places"][""]
        pattern = self.random.choice(own if own and self.chance(0.5) else general)
        description, language = self.words(kind)
        # Pages write the quarter behind the address anyway.
        address = pattern.format(quarter=name).removesuffix(f", {name}")
        story = Story(key, kind, slug, position, description, address, language, received_at)
        story.tell(CREATED, received_at, workflow.REPORTER)
        if kind.photo and self.chance(PICTURE_PART):
            story.picture = self.random.randrange(variants_of(kind.code))
            story.tell(PHOTO_ADDED, received_at, workflow.REPORTER, count=1, kind="problem")
        if kind.at_once:
            story.status, story.published_at = workflow.OPEN, received_at
            story.clock_started_at = received_at
        return story

    # --- What became of it ---

    def settled(self, number: int) -> Story:
        """Tell a report that a moderator has judged."""
        story = self.begin(f"demo-{number:03}", self.moment())
        judged = working(story.received_at + timedelta(minutes=self.random.uniform(12, 420)))
        if judged >= self.now:
            return story
        if self.chance(self.shares["refused"]):
            story.move(workflow.REJECTED, judged, workflow.MODERATOR, self.random.choice(self.texts["rejected"]))
            return story
        if story.status == workflow.PENDING:
            story.move(workflow.OPEN, judged, workflow.MODERATOR)
        if story.kind.code in {"noise", "other"}:
            # No rule routes these: the moderator does.
            story.tell(ASSIGNED, judged + timedelta(minutes=2), workflow.MODERATOR, organisation="voirie")
        self.repair(story, judged)
        return story

    def days_to_repair(self) -> float:
        """Draw how long a repair takes, by the real quantiles, in days."""
        drawn = self.random.random()
        quantiles = self.shares["days_to_repair_quantiles"]
        for (low, from_days), (high, to_days) in pairwise(quantiles):
            if drawn <= high:
                part = (drawn - low) / (high - low)
                return float(from_days * (to_days / from_days) ** part)
        return math.inf

    def repair(self, story: Story, judged: datetime) -> None:
        """Tell how a report is taken up and repaired, as far as it has come by now."""
        days = self.days_to_repair()
        taken_up = working(judged + timedelta(days=days * self.random.uniform(0.08, 0.3), minutes=40))
        repaired = working(taken_up + timedelta(days=days * 0.75, minutes=self.random.uniform(50, 300)))
        if repaired >= self.now and (taken_up >= self.now or not self.chance(TAKEN_UP_PART)):
            return
        story.move(workflow.IN_PROGRESS, taken_up, workflow.OPERATOR, self.random.choice(self.texts["taken_up"]))
        if days > SLOW_DAYS and self.chance(0.55):
            self.answer(story, taken_up, min(repaired, self.now))
        if repaired < self.now:
            self.resolve(story, repaired)

    def answer(self, story: Story, after: datetime, before: datetime) -> None:
        """Tell of a public reply, and sometimes of an internal note, between two moments."""
        replied = working(after + (before - after) * self.random.uniform(0.1, 0.4))
        if replied >= before:
            return
        story.tell(REPLY, replied, workflow.OPERATOR, text=self.random.choice(self.texts["replies"]))
        noted = replied + timedelta(minutes=15)
        if self.chance(0.3) and noted < before:
            note = Moment(NOTE, noted, workflow.OPERATOR, private={"text": self.random.choice(self.texts["notes"])})
            story.moments.append(note)

    def resolve(self, story: Story, at: datetime) -> None:
        """Tell of the repair, with words always and with a picture often."""
        story.move(
            workflow.RESOLVED, at, workflow.OPERATOR, self.random.choice(self.texts["repaired"][story.kind.code])
        )
        if story.picture is not None and self.chance(PROOF_PART):
            story.proof = True
            story.tell(PHOTO_ADDED, at, workflow.OPERATOR, count=1, kind="proof")

    def repeat(self, told: list[Story]) -> None:
        """Turn some stories into duplicates of a report of the same kind that was public when they came in."""
        wanted = round(len(told) * self.shares["duplicates"])
        for index in self.random.sample(range(len(told)), len(told)):
            original = told[index]
            if not wanted:
                return
            if original.status not in workflow.PUBLIC or original.published_at is None or original.kind.at_once:
                continue
            received = original.published_at + timedelta(hours=self.random.uniform(3, 60))
            judged = working(received + timedelta(minutes=self.random.uniform(12, 420)))
            if judged >= min(self.now, original.resolved_at or self.now):
                continue
            told.append(self.duplicate_of(original, received, judged))
            wanted -= 1

    def duplicate_of(self, original: Story, received: datetime, judged: datetime) -> Story:
        """Tell the same problem again, by somebody else, some metres away."""
        story = self.again(original, original.key.replace("demo", "demo-again"), received)
        story.original = original.key
        story.move(workflow.DUPLICATE, judged, workflow.MODERATOR)
        return story

    def again(self, original: Story, key: str, received: datetime) -> Story:
        """Tell a problem again as it comes in."""
        story = self.begin(key, received)
        east, north = (self.random.uniform(-0.0001, 0.0001) for _axis in range(2))
        description, language = self.words(original.kind)
        has_photo = any(moment.kind == PHOTO_ADDED for moment in story.moments)
        return replace(
            story,
            kind=original.kind,
            quarter=original.quarter,
            position=(original.position[0] + east, original.position[1] + north),
            address=original.address,
            description=description,
            language=language,
            picture=self.random.randrange(variants_of(original.kind.code)) if has_photo else None,
            status=workflow.PENDING,
            published_at=None,
            clock_started_at=None,
        )

    def look_alikes(self, told: list[Story]) -> list[Story]:
        """Tell two of the newest problems again, in much the same words: nobody has seen yet that they repeat."""
        known = [
            story
            for story in sorted(told, key=lambda story: story.received_at, reverse=True)
            if story.status in workflow.UNRESOLVED
            and story.language == "fr"
            and story.description
            and story.kind.photo
            and not story.kind.at_once
        ]
        alike = []
        for number, original in enumerate(known[:LOOK_ALIKE_COUNT]):
            story = self.again(original, f"demo-alike-{number}", self.now - timedelta(minutes=35 + 14 * number))
            alike.append(replace(story, description=f"{original.description} {STILL_THERE}", language="fr"))
        return alike

    def withdraw(self, told: list[Story]) -> None:
        """Let some people take their report back before anybody judged it."""
        for number in range(WITHDRAWN_COUNT):
            story = self.begin(f"demo-withdrawn-{number}", self.moment())
            story.move(workflow.WITHDRAWN, story.received_at + timedelta(minutes=25), workflow.REPORTER)
            told.append(story)

    def reopen(self, told: list[Story]) -> None:
        """Let some authors say that it is not repaired after all."""
        repaired = [story for story in told if story.resolved_at and not story.proof]
        for story in repaired[:: max(1, len(repaired) // REOPENED_COUNT)][:REOPENED_COUNT]:
            again = story.last_at + timedelta(days=self.random.uniform(1, 12))
            if again < self.now:
                story.move(workflow.OPEN, again, workflow.REPORTER, self.random.choice(self.texts["reopened"]))

    def confirm(self, told: list[Story]) -> None:
        """Let some authors say that it really is repaired."""
        for story in told:
            if story.resolved_at is None or not self.chance(CONFIRMED_PART):
                continue
            at = story.resolved_at + timedelta(days=self.random.uniform(0.1, 9))
            if at < self.now:
                story.confirmed_at = at
                story.tell(CONFIRMED, at, workflow.REPORTER)

    def fresh(self, number: int) -> Story:
        """Tell a report of the last hours, which waits for a moderator unless its category is published at once."""
        return self.begin(f"demo-fresh-{number:02}", self.now - timedelta(minutes=9 + number * number * 8))

    def support(self, story: Story) -> None:
        """Let neighbours support a report: most a few, some many, mostly in its first days."""
        if story.published_at is None:
            return
        until = story.resolved_at or self.now
        for _neighbour in range(
            int(self.random.expovariate(1 / 4)) + (self.chance(0.04)) * self.random.randint(20, 60)
        ):
            at = story.published_at + timedelta(days=self.random.expovariate(1 / 6), minutes=5)
            if at < until:
                story.votes.append(at)
        story.votes.sort()
