"""Inventing what neighbours and organisations say about the reports. No database here; one seed tells the same.

The stories must be told already: who speaks knows how far a repair has come.
"""

import random
from datetime import datetime, timedelta

from reports import workflow
from reports.demo import read_json
from reports.demo.catalogue import ROUTES
from reports.demo.neighbours import NEIGHBOURS
from reports.demo.story import (
    CITIZEN_EVERY,
    COMMENT_CHANGED,
    COMMENTED,
    SEED,
    STATUS_CHANGED,
    Moment,
    Remark,
    Story,
    working,
)

TALKED_ABOUT = 38
# How many neighbours speak under a report that is talked about.
SPEAKERS = (1, 2, 2, 3, 4, 5)
ACCOUNT_PART = 0.4
ENGLISH_PART = 0.1
# What fits every problem, beside what fits one kind.
GENERAL_PART = 0.3
ANSWERED_PART = 0.2
THANKED_PART = 0.6
# A discussion begins some time after the report; what was held came in since yesterday.
OLD_ENOUGH = timedelta(days=2)
HELD_SINCE = (timedelta(minutes=50), timedelta(hours=5), timedelta(hours=19))
REMOVED_SINCE = timedelta(days=9)
NIGHT_ENDS = 6
ANSWERED_KINDS = {code for code, _quarter, _organisation in ROUTES}


def status_at(story: Story, at: datetime) -> str:
    """Return the status that a report had at a moment."""
    status = workflow.OPEN if story.kind.at_once else workflow.PENDING
    for moment in story.moments:
        if moment.kind == STATUS_CHANGED and moment.at <= at:
            status = moment.data["to"]
    return status


class Talk:
    """Puts remarks into stories, until `now` (aware, in the town's time zone)."""

    def __init__(self, now: datetime) -> None:
        """Take the moment to tell until."""
        self.now = now
        self.random = random.Random(f"{SEED}, comments")  # noqa: S311  (stories, not secrets)
        self.texts = read_json("comments.json")
        self.decks: dict[str, list[str]] = {}

    def tell(self, stories: list[Story]) -> None:
        """Let people speak under some of the reports, mostly where there is much to say."""
        public = [story for story in stories if story.status in workflow.PUBLIC and self.is_old(story)]
        own = {story.key for story in stories[::CITIZEN_EVERY]}
        # A weighted draw without putting back: who weighs more draws the higher number.
        drawn = {story.key: self.random.random() ** (1 / self.weight(story, own)) for story in public}
        chosen = sorted(public, key=lambda story: drawn[story.key], reverse=True)[:TALKED_ABOUT]
        for story in chosen:
            self.discuss(story)
        unresolved = [story for story in chosen if story.status in workflow.UNRESOLVED]
        for story, text, since in zip(unresolved, self.texts["held"], HELD_SINCE, strict=False):
            story.remarks.append(Remark(self.now - since, text, "fr", is_held=True))
        for story in [story for story in unresolved if self.is_old(story, REMOVED_SINCE)][:1]:
            self.remove(story)
        for story in chosen:
            story.remarks.sort(key=lambda remark: remark.at)
            log(story)

    def weight(self, story: Story, own: set[str]) -> int:
        """Return how much there is to say: what many support, what is not repaired, what is somebody's `own`."""
        weight = 1 + len(story.votes)
        weight *= 3 if story.status in workflow.UNRESOLVED else 1
        return weight * 5 if story.key in own else weight

    def is_old(self, story: Story, since: timedelta = OLD_ENOUGH) -> bool:
        """Say whether a report has been public for long enough to be talked about."""
        return story.published_at is not None and story.published_at < self.now - since

    def chance(self, part: float) -> bool:
        """Return true in that part of all cases (0 to 1)."""
        return self.random.random() < part

    def discuss(self, story: Story) -> None:
        """Let some neighbours speak while the report is young, and some more once it is repaired."""
        if story.published_at is None:
            return
        for _speaker in range(self.random.choice(SPEAKERS)):
            self.speak(story, story.published_at, story.resolved_at or self.now)
        if story.resolved_at is not None and self.chance(THANKED_PART):
            self.speak(story, story.resolved_at, self.now)

    def speak(self, story: Story, after: datetime, before: datetime) -> None:
        """Let one neighbour speak some days later, if that is early enough, and sometimes the organisation answer."""
        at = after + timedelta(days=self.random.expovariate(1 / 4), minutes=self.random.uniform(20, 90))
        if at.hour < NIGHT_ENDS:
            at += timedelta(hours=NIGHT_ENDS)
        if at >= before:
            return
        text, language = self.words(story, at)
        speaker = self.random.choice([*NEIGHBOURS, "citizen"]) if self.chance(ACCOUNT_PART) else ""
        story.remarks.append(Remark(at, text, language, speaker=speaker))
        if story.kind.code in ANSWERED_KINDS and self.chance(ANSWERED_PART):
            self.answer(story, at)

    def answer(self, story: Story, after: datetime) -> None:
        """Let the organisation in charge answer in its working hours."""
        at = working(after + timedelta(hours=self.random.uniform(2, 30)))
        status = status_at(story, at)
        # Words about something that has changed in between would come too late.
        if at < self.now and status == status_at(story, after):
            text = self.draw(status, story, self.texts["answers"][status])
            story.remarks.append(Remark(at, text, "fr", is_organisation=True))

    def words(self, story: Story, at: datetime) -> tuple[str, str]:
        """Return what somebody says at a moment, and its language."""
        status = status_at(story, at)
        if status == workflow.RESOLVED:
            return self.draw("repaired", story), "fr"
        if any(moment.at <= at and moment.data.get("to") == workflow.RESOLVED for moment in story.moments):
            return self.draw("again", story), "fr"
        if self.chance(ENGLISH_PART):
            return self.draw("english", story), "en"
        if status == workflow.IN_PROGRESS and self.chance(0.5):
            return self.draw("taken_up", story), "fr"
        return self.draw("general" if self.chance(GENERAL_PART) else story.kind.code, story), "fr"

    def draw(self, pool: str, story: Story, words: list[str] | None = None) -> str:
        """Return words that nobody has said about this report; they return when all of their pool were used."""
        words = words or self.texts["seen"].get(pool) or self.texts[pool]
        said = {remark.text for remark in story.remarks}
        unsaid = [text for text in words if text not in said]
        if not unsaid:
            return self.draw("general", story)
        deck = self.decks.get(pool) or self.random.sample(words, len(words))
        text = next((text for text in deck if text not in said), unsaid[0])
        self.decks[pool] = [other for other in deck if other != text]
        return text

    def remove(self, story: Story) -> None:
        """Let somebody insult another, and a moderator take it away."""
        at = self.now - REMOVED_SINCE
        removed = self.texts["removed"]
        judged = working(at + timedelta(hours=3))
        story.remarks.append(Remark(at, removed["text"], "fr", removed_at=judged, removed_for=removed["reason"]))


def log(story: Story) -> None:
    """Write what can or could be read into the timeline, with the count as it was after each."""
    told = []
    for number, remark in enumerate(story.remarks):
        if remark.is_held:
            continue
        role = workflow.OPERATOR if remark.is_organisation else ""
        told.append((Moment(COMMENTED, remark.at, role, {"remark": number}), 1))
        if remark.removed_at is not None:
            gone = {"remark": number, "change": "removed"}
            told.append((Moment(COMMENT_CHANGED, remark.removed_at, workflow.MODERATOR, gone), -1))
    count = 0
    for moment, step in sorted(told, key=lambda pair: pair[0].at):
        count += step
        moment.data["comments"] = count
        story.moments.append(moment)
    story.moments.sort(key=lambda moment: moment.at)
