"""Candidates: which reports one may repeat, how they are weighed, who is shown them, and what that costs."""

from datetime import timedelta

import pytest
from django.contrib.gis.geos import Point
from django.utils import timezone
from django.utils.html import escape
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import Role, User
from moderation.services.duplicates import MOST, candidates
from reports import workflow
from reports.models import Category, Quarter, Report
from tests.factories import CENTRE, CategoryFactory, OrganisationFactory, PhotoFactory, ReportFactory, UserFactory, give
from tests.moderation.conftest import post, signed_in, words_of
from tests.moderation.test_handling import page_of

pytestmark = pytest.mark.django_db
METRE = 1 / 111_320


def north(metres: float) -> Point:
    return Point(CENTRE[0], CENTRE[1] + metres * METRE, srid=4326)


def loaded(report: Report) -> Report:
    row: Report = Report.objects.with_card().get(pk=report.pk)
    return row


def found(report: Report, person: User | None = None) -> list[Report]:
    return [candidate.report for candidate in candidates(loaded(report), person=person)]


def test_candidates_are_the_likeliest_first() -> None:
    report = ReportFactory(status=workflow.PENDING)
    far = ReportFactory(point=north(40), description="Une fuite d’eau.")
    twin = ReportFactory(point=north(4))
    assert found(report) == [twin, far]


def test_candidates_say_why() -> None:
    report = ReportFactory(status=workflow.PENDING)
    ReportFactory(point=north(4))
    (candidate,) = candidates(loaded(report))
    words = [(str(reason["words"]), reason["is_for"]) for reason in candidate.reasons]
    assert sorted(words) == [
        ("adresse semblable à 100 %", True),
        ("mots communs : 100 %", True),
        ("même catégorie", True),
        ("à 4 m", True),
        ("à moins d’un jour d’écart", True),
    ]
    assert candidate.is_likely


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("Des ordures brûlées au carrefour", "des ordures brulees au CARREFOUR"),
        ("Les lampadaires sont cassés", "lampadaire cassé"),
    ],
)
def test_words_are_compared_without_accents_and_by_their_stems(here: str, there: str) -> None:
    report = ReportFactory(status=workflow.PENDING, description=here)
    ReportFactory(description=there)
    (candidate,) = candidates(loaded(report))
    (words,) = [reason for reason in candidate.likeness.reasons if reason.code == "words"]
    assert words.measure >= 0.8


def test_same_photo_counts_more_than_another_category() -> None:
    report = ReportFactory(status=workflow.PENDING, description="")
    others = [
        ReportFactory(point=north(20), category=CategoryFactory(code=code), description="") for code in ("leak", "lamp")
    ]
    for one, look in zip((report, *others), ("ff00ff00ff00ff00", "ff00ff00ff00ff01", "0123456789abcdef"), strict=True):
        PhotoFactory(report=one, phash=look)
    assert found(report)[0] == others[0]


@pytest.mark.parametrize(
    ("status", "days", "expected"),
    [
        (workflow.OPEN, 0, True),
        (workflow.IN_PROGRESS, 0, True),
        (workflow.RESOLVED, 3, True),
        (workflow.RESOLVED, 31, False),
        (workflow.PENDING, 0, True),
        (workflow.REJECTED, 0, False),
        (workflow.WITHDRAWN, 0, False),
        (workflow.DUPLICATE, 0, False),
    ],
)
def test_candidates_are_what_is_there_still(status: str, days: int, expected: bool) -> None:  # noqa: FBT001
    report = ReportFactory(status=workflow.PENDING)
    original = ReportFactory(status=status, point=north(2), duplicate_of=report if status == "duplicate" else None)
    Report.objects.filter(pk=original.pk, status=workflow.RESOLVED).update(
        resolved_at=timezone.now() - timedelta(days=days)
    )
    assert (found(report) == [original]) is expected


@pytest.mark.parametrize("metres", [101, 5000])
def test_candidates_lie_within_twice_the_radius(metres: int) -> None:
    ReportFactory(point=Point(CENTRE[0], CENTRE[1] - metres * METRE, srid=4326))
    assert found(ReportFactory(status=workflow.PENDING)) == []


def test_what_waits_elsewhere_is_shown_to_whoever_judges_it(
    quarter: Quarter, other_quarter: Quarter, moderator: User, operator: User, administrator: User
) -> None:
    report = ReportFactory(status=workflow.PENDING, quarter=quarter)
    waiting = ReportFactory(status=workflow.PENDING, quarter=other_quarter, point=north(2))
    of_quarter = give(UserFactory(), Role.MODERATOR, quarter=quarter)
    shown = [found(report, person) for person in (None, of_quarter, operator, moderator, administrator)]
    assert shown == [[], [], [], [waiting], [waiting]]


def test_candidates_of_empty_words_and_hostile_ones() -> None:
    ReportFactory(description="'; DROP TABLE reports_report; -- %s {} \\")
    for words in ("", "'; DROP TABLE reports_report; -- %s {} \\", "%", "日本語 🕳", "a" * 4000):
        assert len(found(ReportFactory(status=workflow.WITHDRAWN, description=words, address=words[:200]))) == 1


def test_candidates_are_few_and_cost_the_same(
    category: Category, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    report = loaded(ReportFactory(status=workflow.PENDING, category=category))
    list(report.photos.all())
    for number, expected in ((1, 1), (9, MOST)):
        ReportFactory.create_batch(number, category=category)
        # What is public and what waits, the photos of the one that has rows.
        with django_assert_num_queries(3):
            assert len(candidates(report)) == expected


# --- On a report's page ---


def test_page_joins_with_one_tap_and_parts_again(moderator: User) -> None:
    original = ReportFactory()
    report = ReportFactory(point=north(4))
    page = page_of(moderator, report)
    (candidate,) = page.context["near"]
    assert candidate.report == original
    assert f"Doublon de {original.ref}" in words_of(page)
    tap = {"to": workflow.DUPLICATE, "seen": workflow.OPEN, "original": original.ref}
    assert signed_in(moderator).post(page.context["join_url"], tap).status_code == 302
    assert f"Doublon réuni · {report.ref}" in words_of(page_of(moderator, original))
    assert post(moderator, "status", report, to="open", seen="duplicate", note="Un autre trou.").status_code == 302
    assert f"Doublon détaché · {report.ref}" in words_of(page_of(moderator, original))
    assert Report.objects.get(pk=report.pk).duplicate_of is None


@pytest.mark.parametrize(
    ("name", "status", "count", "joins"),
    [
        ("moderator", workflow.OPEN, 1, True),
        ("moderator", workflow.REJECTED, 1, False),
        ("administrator", workflow.OPEN, 1, True),
        ("operator", workflow.OPEN, 0, True),
    ],
)
def test_page_shows_candidates_to_whoever_judges(
    name: str,
    status: str,
    count: int,
    joins: bool,  # noqa: FBT001
    request: pytest.FixtureRequest,
) -> None:
    ReportFactory(point=north(4))
    page = page_of(request.getfixturevalue(name), ReportFactory(status=status))
    assert (len(page.context["near"]), bool(page.context["join_url"])) == (count, joins)


# --- Joined by hand to what lies elsewhere ----------------------------------------------------------------------------


def remarks(report: Report, original: Report, person: User, **fields: str) -> list[str]:
    """Ask for the preview of joining a report to another one; return what is remarked before the mail."""
    said = {"to": workflow.DUPLICATE, "seen": report.status, "original": original.ref, "preview": "1", **fields}
    response = post(person, "status", report, **said)
    found: list[str] = response.context["sent"].remarks
    page = words_of(response)
    assert (response.status_code, [words for words in found if escape(words) not in page]) == (200, [])
    return found


def test_preview_says_that_another_service_has_the_original_and_how_far_it_is(moderator: User) -> None:
    other = OrganisationFactory(slug="eaux", name="Eaux <Forêts>")
    report, original = ReportFactory(), ReportFactory(organisation=other, point=north(1234))
    assert remarks(report, original, moderator) == [
        f"{original.ref} est confié à un autre service\u00a0: Eaux <Forêts>.",
        f"{original.ref} se trouve à 1,2 km de celui-ci.",
    ]
    report.refresh_from_db()
    assert report.status == workflow.OPEN


@pytest.mark.parametrize(("metres", "words"), [(4, []), (640, ["à 639 m"])])
def test_preview_remarks_only_what_lies_beyond_the_distance_of_the_category(
    metres: float, words: list[str], moderator: User
) -> None:
    report, original = ReportFactory(), ReportFactory(point=north(metres))
    assert remarks(report, original, moderator) == [f"{original.ref} se trouve {far} de celui-ci." for far in words]


def test_preview_says_that_nobody_has_the_original(moderator: User) -> None:
    report, original = ReportFactory(), ReportFactory(organisation=None)
    assert remarks(report, original, moderator) == [f"{original.ref} n’est confié à aucun service."]


def test_candidate_of_another_service_says_so(moderator: User) -> None:
    report = ReportFactory()
    ReportFactory(point=north(4), organisation=OrganisationFactory(slug="eaux", name="Eaux"))
    ReportFactory(point=north(5))
    assert words_of(page_of(moderator, report)).count("Confié à un autre service\u00a0: Eaux") == 1
