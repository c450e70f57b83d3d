"""What screening finds in a report before anybody sees it, and whether the report waits for it."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from moderation.models import BlockedTerm, OpeningRule
from moderation.services.findings import explained
from moderation.services.screening import screen
from reports import workflow
from reports.models import Category, Comment, Event, Quarter, Report, Town
from reports.permissions import actor_for, reporter_without_account
from reports.services.comments import add_comment
from reports.services.editing import edit_report
from reports.services.handling import change_status
from reports.services.reporting import create_report
from tests.factories import CENTRE, CategoryFactory, PhotoFactory, ReportFactory, TownFactory, square

pytestmark = pytest.mark.django_db


@pytest.fixture
def open_category(quarter: Quarter) -> Category:
    """A category whose reports are published before they are judged."""
    return CategoryFactory(code="rubbish", post_moderated=True)


@pytest.fixture
def blocked(db: None) -> BlockedTerm:
    return BlockedTerm.objects.create(typed="connard")


def send(category: Category, **facts: Any) -> Report:
    return create_report(category=category, point=Point(*CENTRE, srid=4326), **facts).report


def codes(report: Report) -> list[str]:
    return [finding["code"] for finding in report.findings]


def make_trusted(person: User, moderator: User) -> None:
    for _number in range(5):
        report = ReportFactory(reporter=person, status=workflow.PENDING, received_at=timezone.now() - timedelta(days=9))
        change_status(report=report, to=workflow.OPEN, actor=actor_for(moderator, report), seen=workflow.PENDING)


def test_screen_lets_honest_words_through(open_category: Category, blocked: BlockedTerm) -> None:
    report = send(open_category, description="Le conseil a vu le cône, rien n’est fait.", device="a")
    assert (report.status, report.findings) == (workflow.OPEN, [])


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"description": "Quel c0nnard"}, "blocked"),
        ({"address": "rue du c o n n a r d"}, "blocked"),
        ({"public_name": "Connard"}, "blocked"),
        ({"description": "Voir https://exemple.test/a"}, "link"),
        ({"description": "Appelez le 670000000"}, "phone"),
        ({"address": "chez moi, a.b@example.org"}, "email"),
        ({"description": "TROP C’EST TROP " * 6}, "shouting"),
    ],
)
def test_screen_holds(facts: dict[str, str], code: str, open_category: Category, blocked: BlockedTerm) -> None:
    report = send(open_category, **facts)
    assert (report.status, codes(report)) == (workflow.PENDING, [code])


def test_screen_never_rejects(open_category: Category, blocked: BlockedTerm) -> None:
    report = send(open_category, description="connard 670000000 https://a.test a@example.org <b> " + "!" * 20)
    assert codes(report) == ["blocked", "link", "email", "phone", "markup", "flood"]
    assert report.status == workflow.PENDING


def test_screen_notes_findings_where_everything_waits(category: Category, quarter: Quarter) -> None:
    report = send(category, description="Appelez le 670000000")
    assert (report.status, report.findings) == (workflow.PENDING, [{"code": "phone"}])


def test_blocked_term_of_another_town_holds_nothing(open_category: Category, town: Town) -> None:
    douala = TownFactory(slug="douala", name="Douala", boundary=square(9.7, 4.0))
    BlockedTerm.objects.create(typed="connard", town=douala)
    assert send(open_category, description="connard").status == workflow.OPEN
    BlockedTerm.objects.create(typed="connard", town=town)
    assert send(open_category, description="connard").status == workflow.PENDING


def test_blocked_term_of_one_language(open_category: Category) -> None:
    BlockedTerm.objects.create(typed="con", language="fr")
    assert send(open_category, description="The pros and cons of this road are not clear").status == workflow.OPEN
    assert send(open_category, description="Il est con, le maire").status == workflow.PENDING


def test_blocked_terms_are_explained(open_category: Category, blocked: BlockedTerm, administrator: User) -> None:
    (finding,) = explained(send(open_category, description="C.O.N.N.A.R.D"), administrator)
    assert (finding.words, finding.more) == ("Le texte contient un terme bloqué.", "«\u00a0connard\u00a0»")


@pytest.mark.parametrize("source", ["device", "account", "sender"])
def test_too_many_from_one_source_hold(source: str, open_category: Category, author: User, settings: Settings) -> None:
    settings.SCREENING_PER_HOUR = {**settings.SCREENING_PER_HOUR, source: 2}
    every: dict[str, dict[str, Any]] = {
        "device": {"device": "one"},
        "account": {"reporter": author},
        "sender": {"contact_email": "a@example.org"},
    }
    sent = [send(open_category, **every[source]) for _number in range(3)]
    assert [report.status for report in sent] == [workflow.OPEN, workflow.OPEN, workflow.PENDING]
    assert sent[2].findings == [{"code": source, "count": 3}]


def test_reports_of_yesterday_are_not_too_many(open_category: Category) -> None:
    for _number in range(9):
        ReportFactory(device="one", received_at=timezone.now() - timedelta(hours=2))
    assert send(open_category, device="one").findings == []


def test_a_crowded_address_holds(open_category: Category) -> None:
    report = send(open_category, crowded=True)
    assert (report.status, report.findings) == (workflow.PENDING, [{"code": "crowd"}])


def test_a_photo_seen_before_holds(open_category: Category, administrator: User) -> None:
    earlier = ReportFactory()
    PhotoFactory(report=earlier, sha256="a" * 64)
    report = send(open_category, photos=[PhotoFactory(report=None, sha256="a" * 64)])
    assert (report.status, report.findings) == (workflow.PENDING, [{"code": "seen", "report": earlier.pk}])
    assert [finding.other for finding in explained(report, administrator)] == [earlier]


def test_a_photo_of_a_withdrawn_report_may_come_again(open_category: Category) -> None:
    PhotoFactory(report=ReportFactory(status=workflow.WITHDRAWN), sha256="a" * 64)
    assert send(open_category, photos=[PhotoFactory(report=None, sha256="a" * 64)]).findings == []


def test_the_earlier_report_is_hidden_from_who_may_not_see_it(
    open_category: Category, moderator: User, moderator_elsewhere: User
) -> None:
    earlier = ReportFactory()
    PhotoFactory(report=earlier, sha256="a" * 64)
    report = send(open_category, photos=[PhotoFactory(report=None, sha256="a" * 64)])
    assert [finding.other for finding in explained(report, moderator_elsewhere)] == [None]
    assert [finding.other for finding in explained(report, moderator)] == [earlier]


def test_a_closed_category_holds(open_category: Category, town: Town) -> None:
    yesterday = timezone.now().date() - timedelta(days=1)
    OpeningRule.objects.create(category=open_category, last_day=yesterday - timedelta(days=1))
    assert send(open_category).findings == [{"code": "closed"}]
    OpeningRule.objects.create(category=open_category, first_day=yesterday)
    assert send(open_category).findings == []


def test_the_rules_of_a_town_replace_those_of_all(open_category: Category, town: Town) -> None:
    OpeningRule.objects.create(category=open_category)
    OpeningRule.objects.create(category=open_category, town=town, last_day=timezone.now().date() - timedelta(days=3))
    assert send(open_category).findings == [{"code": "closed"}]


def test_what_was_seen_in_time_and_sent_later_is_in_time(open_category: Category) -> None:
    moment = timezone.now()
    now = timezone.localtime(moment)
    hour = (now - timedelta(hours=2)).time()
    OpeningRule.objects.create(category=open_category, from_time=time(hour.hour), until_time=time((hour.hour + 1) % 24))
    assert send(open_category, captured_at=moment - timedelta(hours=2)).findings == []
    assert send(open_category, captured_at=moment + timedelta(days=1)).findings == [{"code": "closed"}]


def test_trusted_people_pass_all_but_blocked_terms(
    open_category: Category, blocked: BlockedTerm, author: User, moderator: User
) -> None:
    make_trusted(author, moderator)
    report = send(open_category, reporter=author, description="Appelez le 670000000")
    assert (report.status, codes(report)) == (workflow.OPEN, ["phone"])
    assert send(open_category, reporter=author, description="connard").status == workflow.PENDING


def test_trusted_people_wait_where_everything_waits(category: Category, author: User, moderator: User) -> None:
    make_trusted(author, moderator)
    assert send(category, reporter=author).status == workflow.PENDING


def test_staff_of_the_place_is_not_screened(open_category: Category, blocked: BlockedTerm, moderator: User) -> None:
    report = send(open_category, reporter=moderator, description="« connard », dit le panneau")
    assert (report.status, report.findings) == (workflow.OPEN, [])


def test_a_correction_is_screened_again(category: Category, quarter: Quarter, blocked: BlockedTerm) -> None:
    report = send(category, description="Appelez le 670000000")
    edit_report(report=report, actor=reporter_without_account(), description="Quel connard")
    report.refresh_from_db()
    assert report.findings == [{"code": "blocked", "terms": ["connard"]}]


def test_a_comment_with_a_blocked_term_is_held(blocked: BlockedTerm) -> None:
    comment = add_comment(report=ReportFactory(), text="Quel c o n n a r d", device="a")
    assert (comment.status, comment.held_for) == (Comment.Status.HELD, ["blocked"])


def test_a_comment_of_staff_may_quote(blocked: BlockedTerm, moderator: User) -> None:
    comment = add_comment(report=ReportFactory(), text="« connard » n’est pas permis", author=moderator)
    assert comment.status == Comment.Status.VISIBLE


def test_screen_writes_no_event_of_its_own(open_category: Category) -> None:
    report = send(open_category, description="Appelez le 670000000")
    assert [event.kind for event in report.events.all()] == [Event.Kind.CREATED]


def test_screen_asks_little(
    open_category: Category, author: User, quarter: Quarter, django_assert_max_num_queries: Any
) -> None:
    draft = Report(
        category=open_category,
        quarter=quarter,
        point=Point(*CENTRE, srid=4326),
        description="Un trou, 670000000",
        reporter=author,
        contact_email="a@example.org",
        device="one",
    )
    photo = PhotoFactory(report=None)
    with django_assert_max_num_queries(8):
        screen(draft=draft, photos=[photo])
