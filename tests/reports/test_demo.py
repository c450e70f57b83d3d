"""The demonstration town: loaded once, unchanged the second time, and true to the rules of the domain."""

import json
import random
import shutil
import stat
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.gis.geos import Point
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command
from django.core.serializers import serialize
from django.db import transaction
from django.test import override_settings
from django.utils import timezone
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import Membership, User
from reports import workflow
from reports.demo import DATA, read_json
from reports.demo.catalogue import KINDS
from reports.demo.loading import load_demo, store_pictures
from reports.demo.pictures import PAINTERS, Picture, all_pictures, canvas, paint, variants
from reports.demo.story import ASSIGNED, STATUS_CHANGED, Story, Teller
from reports.demo.town import places
from reports.models import Category, Event, Follow, Organisation, Photo, Quarter, Report, RoutingRule, Town, Vote
from reports.services.routing import responsible_for

NOW = datetime(2026, 3, 18, 9, 0, tzinfo=UTC)
SPRITE = Path(__file__).resolve().parents[2] / "static" / "fmq" / "icons.svg"


def somewhere(chance: random.Random) -> tuple[str, str, tuple[float, float]]:
    """Stand in for the quarters' boundaries."""
    return "bastos", "Bastos", (round(chance.uniform(11.51, 11.52), 6), 3.86)


@pytest.fixture
def stories() -> list[Story]:
    return Teller(NOW, somewhere).stories()


@pytest.fixture(scope="module")
def loaded(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """Load the demonstration once for this module, without drawing; return its sign-in file."""
    file = tmp_path_factory.mktemp("demo") / "demo.json"
    quick = override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, quick, transaction.atomic():
        patch.setattr("reports.demo.loading.store_pictures", lambda _storage: 0)
        load_demo(now=timezone.now(), sign_in_file=file)
        with django_db_blocker.block():
            yield file
        transaction.set_rollback(True)


@pytest.fixture
def demo(loaded: Path, db: None, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test the loaded demonstration and a sign-in file of its own."""
    monkeypatch.setattr("reports.demo.loading.store_pictures", lambda _storage: 0)
    settings.VAR = tmp_path
    return Path(shutil.copy(loaded, tmp_path))


def run() -> str:
    """Run the command and return what it printed."""
    out = StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


def everything() -> dict[str, Any]:
    """Return every row of the domain and of the people."""
    return {
        model._meta.label: serialize("json", model._default_manager.order_by("pk"))
        for app in ("accounts", "reports")
        for model in apps.get_app_config(app).get_models()
    }


# --- The town and its catalogue ---------------------------------------------------------------------------------------


def test_places_are_about_forty_and_credited() -> None:
    known = places()
    assert 40 <= len(known) <= 50
    assert len({place.slug for place in known}) == len(known)
    head = (DATA / "yaounde_quarters.csv").read_text(encoding="utf-8").splitlines()[0]
    assert "OpenStreetMap contributors" in head
    assert "ODbL" in head


def test_demo_quarters_share_out_the_town(demo: Path) -> None:
    town = Town.objects.get()
    quarters = list(Quarter.objects.all())
    assert (town.slug, town.name) == ("yaounde", "Yaoundé")
    assert "OpenStreetMap" in town.boundary_note
    assert all(quarter.approximate for quarter in quarters)
    assert {quarter.slug for quarter in quarters} == {place.slug for place in places()}
    assert sum(quarter.boundary.area for quarter in quarters) == pytest.approx(town.boundary.area, rel=1e-6)
    for place in places():
        (found,) = Quarter.objects.containing(Point(place.longitude, place.latitude, srid=4326))
        assert found.slug == place.slug


def test_demo_catalogue_speaks_both_languages(demo: Path) -> None:
    sprite = SPRITE.read_text(encoding="utf-8")
    categories = list(Category.objects.all())
    assert 12 <= len(categories) <= 16
    for category in categories:
        assert category.name_fr
        assert category.name_en
        assert category.group_fr
        assert category.group_en
        assert f'id="i-{category.icon}"' in sprite
    assert 1 <= sum(category.post_moderated for category in categories) <= 4


def test_demo_routes_the_most_specific_first(demo: Path) -> None:
    assert Organisation.objects.count() == 5
    assert all("(démonstration)" in name for name in Organisation.objects.values_list("name", flat=True))
    assert RoutingRule.objects.count() == 16
    rubbish = Category.objects.get(code="rubbish")
    found = {
        slug: responsible_for(category=rubbish, quarter=Quarter.objects.get(slug=slug)) for slug in ("mokolo", "bastos")
    }
    assert {slug: organisation and organisation.slug for slug, organisation in found.items()} == {
        "mokolo": "comite-mokolo",
        "bastos": "proprete",
    }


# --- The people and their file ----------------------------------------------------------------------------------------


def test_demo_people_can_sign_in(demo: Path) -> None:
    people = json.loads(demo.read_text(encoding="utf-8"))["people"]
    assert list(people) == ["citizen", "moderator", "operator", "administrator"]
    for key, person in people.items():
        user = User.objects.get(email=person["email"])
        assert user.check_password(person["password"])
        assert user.is_staff == (key != "citizen")
    scopes = Membership.objects.values_list("role", "town__slug", "organisation__slug").order_by("role")
    assert list(scopes) == [
        ("administrator", None, None), ("moderator", "yaounde", None), ("operator", None, "voirie"),
    ]  # fmt: skip


def test_demo_file_is_for_its_owner_only(demo: Path) -> None:
    assert stat.S_IMODE(demo.stat().st_mode) == 0o600


def test_demo_keeps_passwords_and_whatever_else_the_file_holds(demo: Path) -> None:
    before = {**json.loads(demo.read_text(encoding="utf-8")), "open311_key": "k"}
    demo.write_text(json.dumps(before), encoding="utf-8")
    run()
    assert json.loads(demo.read_text(encoding="utf-8")) == before


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"people": 3}'])
def test_demo_gives_new_passwords_when_the_file_is_lost(demo: Path, content: str | None) -> None:
    old = json.loads(demo.read_text(encoding="utf-8"))["people"]["citizen"]["password"]
    demo.unlink()
    if content is not None:
        demo.write_text(content, encoding="utf-8")
    run()
    citizen = json.loads(demo.read_text(encoding="utf-8"))["people"]["citizen"]
    assert citizen["password"] != old
    assert User.objects.get(email=citizen["email"]).check_password(citizen["password"])
    assert stat.S_IMODE(demo.stat().st_mode) == 0o600


# --- Running it again -------------------------------------------------------------------------------------------------


def test_demo_again_changes_nothing(demo: Path) -> None:
    rows, file = everything(), demo.read_bytes()
    assert "déjà chargée" in run()
    assert everything() == rows
    assert demo.read_bytes() == file


def test_demo_keeps_what_somebody_changed(demo: Path) -> None:
    Category.objects.filter(code="noise").update(name_fr="Tapage", is_active=False)
    Quarter.objects.filter(slug="bastos").update(name="Bastos-Golf", approximate=False)
    rows = everything()
    run()
    assert everything() == rows


# --- The reports ------------------------------------------------------------------------------------------------------


def test_demo_timelines_follow_the_workflow(demo: Path) -> None:
    reports = Report.objects.select_related("category", "duplicate_of").prefetch_related("events", "photos")
    assert 400 <= len(reports) <= 450
    for report in reports:
        walk(report, list(report.events.all()))


def walk(report: Report, events: list[Event]) -> None:
    """Replay one timeline by the rules and end at the report's own state."""
    status = workflow.OPEN if report.category.post_moderated else workflow.PENDING
    assert events[0].kind == Event.Kind.CREATED
    for earlier, later in pairwise(events):
        assert earlier.at <= later.at
        assert later.at <= timezone.now()
    for event in events:
        was_public = status in workflow.PUBLIC
        if event.kind == Event.Kind.STATUS_CHANGED:
            change = (event.data["from"], event.data["to"])
            assert change[0] == status
            assert workflow.is_allowed(*change, frozenset({event.actor_role}))
            assert change not in workflow.NEEDS_NOTE | workflow.NEEDS_NOTE_OR_PROOF or event.data["note"]
            if change in workflow.NEEDS_ORIGINAL:
                assert report.duplicate_of is not None
                assert event.data["original"] == report.duplicate_of.ref
            status = change[1]
        if event.kind == Event.Kind.NOTE:
            assert not event.is_public
            assert event.data == {}
        else:
            assert event.is_public == (was_public or status in workflow.PUBLIC)
            assert event.data["status"] == status
    assert status == report.status
    assert (report.published_at is None) == (not any(event.data.get("status") in workflow.PUBLIC for event in events))
    assert (report.resolved_at is not None) == (status == workflow.RESOLVED)
    assert report.updated_at == events[-1].at


def test_demo_staff_works_in_working_hours(stories: list[Story]) -> None:
    told = Teller(NOW.astimezone(timezone.get_fixed_timezone(60)), somewhere).stories()
    moments = [moment for story in told for moment in story.moments if moment.role != workflow.REPORTER]
    assert len(moments) > 800
    for moment in moments:
        assert moment.at.weekday() != 6
        assert (7, 30) <= (moment.at.hour, moment.at.minute) <= (16, 50)


def test_demo_reports_lie_in_their_quarters(demo: Path) -> None:
    for report in Report.objects.select_related("quarter"):
        assert report.quarter.boundary.covers(report.point)


def test_demo_duplicates_repeat_something_near(demo: Path) -> None:
    duplicates = Report.objects.filter(status=workflow.DUPLICATE).select_related("duplicate_of", "category")
    assert 12 <= len(duplicates) <= 25
    for report in duplicates:
        original = report.duplicate_of
        assert original is not None
        assert original.category == report.category
        assert original.status in workflow.PUBLIC
        assert original.received_at < report.received_at
        near = Report.objects.near(report.point, report.category.duplicate_radius_m)
        assert original in near


def test_demo_leaves_work_for_the_moderator(demo: Path) -> None:
    pending = Report.objects.pending()
    assert 10 <= pending.count() <= 22
    assert pending.last().received_at > timezone.now() - timedelta(minutes=60)  # type: ignore[union-attr]
    assert not pending.filter(category__post_moderated=True).exists()


def test_demo_counts_are_those_of_the_rows(demo: Path) -> None:
    for report in Report.objects.all():
        assert report.votes == Vote.objects.filter(report=report).count()
        assert Follow.objects.filter(report=report, is_reporter=True).count() == 1
    assert Report.objects.filter(reporter__email="citoyenne@demo.fixmyquarter.example").count() >= 10
    assert not Report.objects.exclude(contact_email="").exists()


def test_demo_photos_share_their_files(demo: Path) -> None:
    with_picture = Report.objects.filter(photos__kind=Photo.Kind.PROBLEM).distinct().count()
    assert 0.5 <= with_picture / Report.objects.count() <= 0.7
    proofs = Photo.objects.filter(kind=Photo.Kind.PROOF).select_related("report")
    assert proofs.count() > 80
    assert all(photo.report is not None and photo.report.status == workflow.RESOLVED for photo in proofs)
    assert set(Photo.objects.values_list("status", "width", "height")) == {("ready", 1600, 1200)}
    assert Photo.objects.values("key").distinct().count() <= len(all_pictures())


def test_demo_rows_are_dated_in_the_past(demo: Path) -> None:
    """Rows whose date is set on insertion would otherwise all be of today."""
    for manager in (Photo.objects, Vote.objects, Follow.objects):
        oldest = manager.order_by("created_at").first()
        assert oldest is not None
        assert oldest.created_at < timezone.now() - timedelta(days=100)


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


def test_texts_and_pictures_exist_for_every_category() -> None:
    codes = {kind.code for kind in KINDS}
    texts = read_json("texts.json")
    assert set(texts["problems"]) == codes
    assert set(texts["repaired"]) == codes
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
