"""The demonstration town: loaded once, unchanged the second time, and true to the rules of the domain."""

import json
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
from django.conf import settings
from django.contrib.gis.geos import Point
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.core.serializers import serialize
from django.db import transaction
from django.db.models import F
from django.test import override_settings
from django.utils import timezone
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import Ban, Membership, User
from accounts.services import consent
from moderation.models import Appeal, Flag, Question, Referral, SavedFilter, Statement
from moderation.services.duplicates import candidates
from moderation.wording import COMMENT_REASONS
from notifications.models import Delivery
from reports import workflow
from reports.demo import DATA
from reports.demo.history import write_log
from reports.demo.loading import load_demo
from reports.demo.pictures import all_pictures
from reports.demo.town import places
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
    RoutingRule,
    Town,
    Vote,
)
from reports.screening import findings
from reports.services.dispatch import sweep_events
from reports.services.routing import responsible_for

NOW = datetime(2026, 3, 18, 9, 0, tzinfo=UTC)
SAID = (Event.Kind.COMMENTED, Event.Kind.COMMENT_CHANGED)
LINKED = (Event.Kind.ASKED, Event.Kind.ANSWERED, Event.Kind.REFERRED, Event.Kind.REFERRAL_ANSWERED)
SPRITE = Path(__file__).resolve().parents[2] / "static" / "fmq" / "icons.svg"


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
    """Return every row of the portal's own apps."""
    return {
        model._meta.label: serialize("json", model._default_manager.order_by("pk"))
        for app in ("accounts", "reports", "moderation", "notifications")
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
        if event.kind == Event.Kind.HELD:
            assert event.data["from"] == status == report.held_from
            status = workflow.PENDING
        if event.kind == Event.Kind.CONFIRMED:
            assert (status, event.actor_role) == (workflow.RESOLVED, workflow.REPORTER)
        if event.kind == Event.Kind.NOTE:
            assert not event.is_public
            assert event.data == {}
        else:
            is_inside = event.kind in LINKED or "person" in event.private_data
            assert event.is_public == (not is_inside and (was_public or status in workflow.PUBLIC))
            assert event.data["status"] == status
    assert status == report.status
    assert (report.published_at is None) == (not any(event.data.get("status") in workflow.PUBLIC for event in events))
    assert (report.resolved_at is not None) == (status == workflow.RESOLVED)
    # What people say about a report, and what is asked about it, does not change it.
    assert report.updated_at == [event.at for event in events if event.kind not in SAID + LINKED][-1]


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


# --- What people say and do about them --------------------------------------------------------------------------------


def test_demo_comments_are_spread_over_public_reports(demo: Path) -> None:
    comments = list(Comment.objects.select_related("report", "organisation", "author"))
    assert 90 <= len(comments) <= 160
    assert 30 <= len({comment.report_id for comment in comments}) <= 45
    for comment in comments:
        assert comment.report.status in workflow.PUBLIC
        assert comment.report.published_at is not None
        assert comment.report.published_at < comment.created_at < timezone.now()
        assert bool(comment.device) == (comment.author is None and comment.organisation is None)
        assert comment.organisation in (None, comment.report.organisation)
    said = [(comment.report_id, comment.text) for comment in comments]
    assert len(set(said)) == len(said)


def test_demo_comments_come_from_all_kinds_of_people(demo: Path) -> None:
    visible = Comment.objects.visible()
    assert visible.exclude(device="").count() >= 30
    assert visible.filter(organisation=None, author__isnull=False).count() >= 15
    assert visible.filter(organisation__isnull=False).count() >= 5
    names = set(visible.exclude(public_name="").values_list("public_name", flat=True))
    assert names
    assert names <= {"Aïcha", "Estelle", "Hamidou"}


def test_demo_comments_are_held_and_removed_for_reasons(demo: Path) -> None:
    held = Comment.objects.held()
    assert sorted(comment.held_for for comment in held) == [["link"], ["phone"], ["shouting"]]
    assert all(findings(comment.text, is_newcomer=True) == comment.held_for for comment in held)
    assert not any(findings(comment.text, is_newcomer=True) for comment in Comment.objects.visible())
    removed = Comment.objects.get(status=Comment.Status.REMOVED)
    assert removed.decided_by == User.objects.get(email="moderation@demo.fixmyquarter.example")
    assert removed.decided_at is not None
    assert removed.created_at < removed.decided_at < timezone.now()
    assert removed.decision_reason in COMMENT_REASONS.values()


def test_demo_comments_are_counted_and_told_in_the_log(demo: Path) -> None:
    comments = {comment.pk: comment for comment in Comment.objects.select_related("organisation")}
    counts = dict.fromkeys(Report.objects.values_list("pk", flat=True), 0)
    told = set()
    for event in Event.objects.filter(kind__in=SAID).order_by("at", "id"):
        comment = comments[event.data["comment"]]
        counts[event.report_id] += 1 if event.kind == Event.Kind.COMMENTED else -1
        assert event.data["comments"] == counts[event.report_id]
        if event.kind == Event.Kind.COMMENTED:
            told.add(comment.pk)
            assert (event.at, event.report_id) == (comment.created_at, comment.report_id)
            assert (event.actor_id, event.actor_name) == (comment.author_id, str(comment.organisation or ""))
        else:
            assert (event.at, event.data["change"]) == (comment.decided_at, "removed")
    assert told == {pk for pk, comment in comments.items() if comment.status != Comment.Status.HELD}
    assert dict(Report.objects.values_list("pk", "comments")) == counts
    assert Counter(Comment.objects.visible().values_list("report", flat=True)) == Counter(counts)


def test_demo_supports_come_from_devices_and_accounts(demo: Path) -> None:
    by_account = Vote.objects.filter(user__isnull=False)
    assert 0.05 <= by_account.count() / Vote.objects.count() <= 0.3
    assert not by_account.filter(user=F("report__reporter")).exists()
    assert by_account.filter(user__email="citoyenne@demo.fixmyquarter.example").count() >= 5


def test_demo_repairs_are_confirmed_and_disputed(demo: Path) -> None:
    confirmed = Report.objects.filter(confirmed_at__isnull=False)
    assert confirmed.count() >= 20
    assert set(confirmed.values_list("status", flat=True)) == {workflow.RESOLVED}
    events = Event.objects.filter(kind=Event.Kind.CONFIRMED, is_public=True)
    assert dict(events.values_list("report", "at")) == dict(confirmed.values_list("pk", "confirmed_at"))
    disputed = Event.objects.filter(data__contains={"from": "resolved", "to": "open"}, actor_role=workflow.REPORTER)
    assert disputed.count() >= 2
    assert all(event.data["note"] for event in disputed)


def test_demo_people_agreed_to_the_texts(demo: Path) -> None:
    users = list(User.objects.all())
    assert len(users) == 12
    assert [consent.missing(user) for user in users] == [[]] * 12


def test_demo_neighbours_cannot_sign_in(demo: Path) -> None:
    neighbours = User.objects.filter(email__startswith="neighbour-")
    assert neighbours.count() == 8
    assert not any(user.has_usable_password() or user.is_staff for user in neighbours)


def test_demo_citizen_follows_a_quarter_and_a_circle(demo: Path) -> None:
    areas = Follow.objects.of_areas().select_related("quarter")
    assert {follow.user.email for follow in areas if follow.user} == {"citoyenne@demo.fixmyquarter.example"}
    found = sorted((follow.quarter.slug if follow.quarter else "", follow.radius_m or 0) for follow in areas)
    assert found == [("", 1000), ("mokolo", 0)]


def test_demo_alerts_hold_one_report_and_hide_nothing_else(demo: Path) -> None:
    flags = Flag.objects.open().select_related("comment", "report")
    (held,) = Report.objects.exclude(held_from="")
    assert flags.filter(report=held).count() == settings.FLAG_THRESHOLDS["report"]
    others = flags.exclude(report=held)
    assert sorted(bool(flag.comment) for flag in others) == [False, True, True]
    assert all(flag.comment is None or flag.comment.status == Comment.Status.VISIBLE for flag in others)
    assert all(flag.report is None or flag.report.is_public for flag in others)


def test_demo_shows_the_back_office_at_work(demo: Path) -> None:
    what = Counter(Statement.objects.values_list("what", flat=True))
    assert what == {"banned": 2, "comment_removed": 1, "report_held": 1}
    assert Appeal.objects.get().statement.what == Statement.What.COMMENT_REMOVED
    assert [bool(ban.device) for ban in Ban.objects.in_force()] == [True]
    assert [bool(ban.device) for ban in Ban.objects.order_by("created_at")] == [False, True]
    assert [bool(question.answered_at) for question in Question.objects.order_by("asked_at")] == [True, False]
    assert Report.objects.filter(clock_stopped_at__isnull=False).get().questions.get().is_open
    assert Referral.objects.get().answers == 1
    assert SavedFilter.objects.get().is_shared


def test_demo_operator_has_tasks(demo: Path) -> None:
    operator = User.objects.get(email="voirie@demo.fixmyquarter.example")
    found = Counter(operator.assigned_reports.filter(status__in=workflow.UNRESOLVED).values_list("status", flat=True))
    assert found == {workflow.OPEN: 4, workflow.IN_PROGRESS: 4}


def test_demo_queue_holds_likely_duplicates(demo: Path) -> None:
    likely = [
        report
        for report in Report.objects.pending().select_related("category", "quarter").prefetch_related("photos")
        if any(candidate.is_likely and candidate.report.is_public for candidate in candidates(report))
    ]
    assert len(likely) >= 2


def test_demo_tells_nobody(demo: Path, mailoutbox: list[EmailMessage]) -> None:
    sweep_events()
    assert not Delivery.objects.exists()
    assert mailoutbox == []


def test_write_log_moves_who_listens_behind_the_past(demo: Path) -> None:
    """On a portal that runs already, the sweep has begun to read before the demonstration came."""
    position = ConsumerPosition.objects.create(consumer="somebody", event_id=0)
    report = Report.objects.public()[0]
    write_log([Event(kind=Event.Kind.VOTED, report=report, at=report.received_at)])
    position.refresh_from_db()
    assert position.event_id == Event.objects.order_by("-pk")[0].pk


def test_demo_leaves_an_older_town_without_comments_alone(demo: Path) -> None:
    """Somebody keeps a demonstration from before there were comments: it stays as it is."""
    Comment.objects.all().delete()
    Event.objects.filter(kind__in=SAID).delete()
    Follow.objects.of_areas().delete()
    rows = everything()
    assert "déjà chargée" in run()
    assert everything() == rows
