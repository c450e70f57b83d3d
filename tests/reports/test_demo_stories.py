"""What the demonstration tells, before it is in any table: the same on every machine, in the real proportions."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage
from django.utils import timezone

from reports import workflow
from reports.demo import read_json
from reports.demo.catalogue import KINDS
from reports.demo.loading import store_pictures
from reports.demo.pictures import PAINTERS, Picture, canvas, paint, variants
from reports.demo.story import ASSIGNED, STATUS_CHANGED, Story, Teller
from reports.demo.talk import Talk, status_at
from reports.demo.town import places

NOW = datetime(2026, 3, 18, 9, 0, tzinfo=UTC)


def somewhere(chance: random.Random) -> tuple[str, str, tuple[float, float]]:
    """Stand in for the quarters' boundaries."""
    return "bastos", "Bastos", (round(chance.uniform(11.51, 11.52), 6), 3.86)


@pytest.fixture
def stories() -> list[Story]:
    return Teller(NOW, somewhere).stories()


# --- The mix ----------------------------------------------------------------------------------------------------------


def test_stories_are_the_same_every_time(stories: list[Story]) -> None:
    assert Teller(NOW, somewhere).stories() == stories


def test_stories_follow_the_real_mix(stories: list[Story]) -> None:
    real = read_json("proportions.json")
    total = len(stories)
    kinds = Counter(story.kind.code for story in stories)
    for code, share in real["categories"].items():
        assert kinds[code] / total == pytest.approx(share, abs=0.055)
    days = Counter(story.received_at.weekday() for story in stories)
    assert sum(days[day] for day in (5, 6)) / total < 0.25
    daytime = sum(1 for story in stories if 7 <= story.received_at.hour < 19)
    assert daytime / total == pytest.approx(sum(real["hours"][7:19]), abs=0.06)


def test_staff_works_in_working_hours(stories: list[Story]) -> None:
    told = Teller(NOW.astimezone(timezone.get_fixed_timezone(60)), somewhere).stories()
    moments = [moment for story in told for moment in story.moments if moment.role != workflow.REPORTER]
    assert len(moments) > 800
    for moment in moments:
        assert moment.at.weekday() != 6
        assert (7, 30) <= (moment.at.hour, moment.at.minute) <= (16, 50)


def test_stories_end_in_every_way(stories: list[Story]) -> None:
    assert set(Counter(story.status for story in stories)) == set(workflow.STATUSES)
    assert any(moment.kind == ASSIGNED for story in stories for moment in story.moments)
    moments = [moment for story in stories for moment in story.moments if moment.kind == STATUS_CHANGED]
    changes = {(moment.data["from"], moment.data["to"]) for moment in moments}
    assert (workflow.RESOLVED, workflow.OPEN) in changes


def test_stories_are_told_in_many_words(stories: list[Story]) -> None:
    said = Counter(story.description for story in stories if story.description)
    assert len(said) > 250
    assert {story.language for story in stories} == {"fr", "en"}
    assert all("{" not in story.address for story in stories)


def test_talk_is_the_same_every_time(stories: list[Story]) -> None:
    again = Teller(NOW, somewhere).stories()
    for told in (stories, again):
        Talk(NOW).tell(told)
    assert again == stories
    assert sum(len(story.remarks) for story in stories) > 100


@pytest.mark.parametrize("days", range(0, 365, 30))
def test_talk_is_about_what_is_public_whenever_it_is_told(days: int) -> None:
    now = NOW + timedelta(days=days)
    stories = Teller(now, somewhere).stories()
    Talk(now).tell(stories)
    remarks = [(story, remark) for story in stories for remark in story.remarks]
    assert 90 <= len(remarks) <= 160
    assert {remark.language for _story, remark in remarks} == {"fr", "en"}
    assert all(remark.at < now and status_at(story, remark.at) in workflow.PUBLIC for story, remark in remarks)
    assert sum(remark.is_held for _story, remark in remarks) == 3
    assert sum(remark.removed_at is not None for _story, remark in remarks) == 1


def test_texts_and_pictures_exist_for_every_category() -> None:
    codes = {kind.code for kind in KINDS}
    texts = read_json("texts.json")
    assert set(texts["problems"]) == codes
    assert set(texts["repaired"]) == codes
    assert set(read_json("comments.json")["seen"]) == codes
    assert set(PAINTERS) == codes
    assert set(read_json("proportions.json")["categories"]) == codes
    assert set(texts["places"]) - {""} <= {place.slug for place in places()}


# --- The pictures -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("problem", sorted(PAINTERS))
def test_paint_shows_before_and_after_on_one_street(problem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canvas, "SCALE", 1)  # four times as fast, and the same picture
    before, after = (paint(Picture(problem, 0, repaired=repaired)) for repaired in (False, True))
    assert before.size == after.size == (1600, 1200)
    assert before.tobytes() != after.tobytes()
    # The sky above the roofs is the same street's.
    assert before.crop((0, 0, 300, 90)).tobytes() == after.crop((0, 0, 300, 90)).tobytes()


def test_variants_are_the_same_every_time() -> None:
    picture = Picture("pothole", 0, repaired=False)
    files = variants(picture)
    assert list(files) == [320, 960, 1600]
    assert all(content[8:12] == b"WEBP" for content in files.values())
    assert variants(picture) == files


def test_store_pictures_draws_only_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = [Picture("sign", 0, repaired=False), Picture("sign", 0, repaired=True)]
    monkeypatch.setattr("reports.demo.loading.all_pictures", lambda: chosen)
    storage = FileSystemStorage(location=tmp_path)
    assert store_pictures(storage) == 2
    files = sorted(tmp_path.rglob("*.webp"))
    assert len(files) == 6
    assert store_pictures(storage) == 0
    files[0].unlink()
    assert store_pictures(storage) == 1
    assert sorted(tmp_path.rglob("*.webp")) == files
