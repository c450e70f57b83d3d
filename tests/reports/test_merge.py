"""Joining a duplicate to its original and parting them: who moves, who comes back, who is told; all of it at once."""

from collections.abc import Callable
from functools import partial

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import User
from reports import workflow
from reports.errors import DomainError, IllegalTransition, MissingExplanation, StaleReport
from reports.models import Event, Follow, Merge, Quarter, Report, Vote
from reports.permissions import Actor, actor_for
from reports.services.community import adopt_device, follow, unvote, vote
from reports.services.handling import change_status
from reports.services.merging import unmerge
from tests.factories import ReportFactory, UserFactory
from tests.reports.test_vote import again, at_once

JUDGE = Actor(roles=frozenset({workflow.MODERATOR}))
Reports = tuple[Report, Report]


def join(copy: Report, original: Report, actor: Actor = JUDGE) -> None:
    change_status(report=again(copy), to=workflow.DUPLICATE, actor=actor, original=again(original))


def part(copy: Report, actor: Actor = JUDGE) -> None:
    change_status(report=again(copy), to=workflow.OPEN, actor=actor, note="Un autre trou.")


@pytest.fixture
def pair(quarter: Quarter, author: User) -> Reports:
    """Return an original with one support, and its copy with two, one of them by the same person."""
    original, copy = ReportFactory(quarter=quarter), ReportFactory(quarter=quarter, reporter=author)
    both = UserFactory()
    vote(report=original, user=both)
    vote(report=copy, user=both)
    vote(report=copy, device="d1")
    return original, copy


def votes_of(*reports: Report) -> list[tuple[int, int]]:
    """Return for each report the number it shows and the rows there are."""
    return [(again(report).votes, report.supporters.count()) for report in reports]


@pytest.mark.django_db
def test_merge_and_unmerge_move_each_support_once(pair: Reports) -> None:
    original, copy = pair
    join(copy, original)
    assert votes_of(original, copy) == [(2, 2), (1, 1)]
    part(copy)
    assert votes_of(original, copy) == [(1, 1), (2, 2)]


@pytest.mark.django_db
def test_merge_and_unmerge_move_each_follower_once(pair: Reports, stranger: User) -> None:
    original, copy = pair
    follow(report=copy, user=stranger, language="fr")
    follow(report=copy, email="amina@example.org", language="fr")
    follow(report=copy, email="binta@example.org", language="fr")
    follow(report=original, email="Binta@Example.org", language="fr")
    before = list(Follow.objects.order_by("pk").values_list("pk", "report", "user", "is_reporter"))
    join(copy, original)
    assert sorted(row.user.email if row.user else row.email for row in original.followers.all()) == [
        "",
        "amina@example.org",
        "auteur@example.org",
        "binta@example.org",
        "inconnu@example.org",
    ]
    assert sorted(row.user.email if row.user else row.email for row in copy.followers.all()) == [
        "auteur@example.org",
        "binta@example.org",
    ]
    part(copy)
    assert list(Follow.objects.order_by("pk").values_list("pk", "report", "user", "is_reporter")) == before


@pytest.mark.django_db
def test_unmerge_tells_everybody_once(pair: Reports, stranger: User) -> None:
    original, copy = pair
    row = follow(report=copy, user=stranger, language="fr")
    join(copy, original)
    part(copy)
    here, there = Event.objects.filter(kind=Event.Kind.UNMERGED).order_by("pk")
    mine = copy.followers.get(is_reporter=True)
    merged = Event.objects.get(kind=Event.Kind.MERGED)
    assert (here.report, here.private_data) == (
        copy,
        {"original": original.ref, "followers": [mine.pk, row.pk], "merged": merged.pk},
    )
    assert (there.report, there.private_data) == (original, {"duplicate": copy.ref, "followers": []})
    last = copy.events.filter(kind=Event.Kind.STATUS_CHANGED).latest("pk")
    assert (last.data["from"], last.data["to"], last.data["original"]) == ("duplicate", "open", original.ref)


@pytest.mark.django_db
def test_unmerge_leaves_what_people_did_since(pair: Reports, author: User, stranger: User) -> None:
    original, copy = pair
    vote(report=copy, user=stranger)
    join(copy, original)
    unvote(report=original, user=stranger)
    vote(report=original, user=author)
    part(copy)
    assert votes_of(original, copy) == [(2, 2), (2, 2)]
    assert not Vote.objects.filter(user=stranger).exists()


@pytest.mark.django_db
def test_unmerge_of_somebody_who_is_on_both_sides_now(pair: Reports) -> None:
    original, copy = pair
    both = original.supporters.get().user
    assert both is not None
    join(copy, original)
    unvote(report=original, user=both)
    adopt_device(user=both, device="d1")
    part(copy)
    assert votes_of(original, copy) == [(1, 1), (1, 1)]


@pytest.mark.django_db
def test_merge_of_an_original_takes_its_duplicates_people_along_and_back(pair: Reports, quarter: Quarter) -> None:
    original, copy = pair
    top = ReportFactory(quarter=quarter)
    join(copy, original)
    join(original, top)
    assert votes_of(top, original, copy) == [(2, 2), (0, 0), (1, 1)]
    part(copy)
    assert votes_of(top, original, copy) == [(1, 1), (0, 0), (2, 2)]
    part(original)
    assert votes_of(top, original, copy) == [(0, 0), (1, 1), (2, 2)]


@pytest.mark.django_db
def test_unmerge_twice_is_refused(pair: Reports) -> None:
    original, copy = pair
    join(copy, original)
    seen = again(copy)
    part(copy)
    with pytest.raises(StaleReport):
        change_status(report=seen, to=workflow.OPEN, actor=JUDGE, note="Encore.")
    assert votes_of(original, copy) == [(1, 1), (2, 2)]


@pytest.mark.django_db
def test_unmerge_of_a_report_that_was_joined_before_merges_were_kept() -> None:
    report = ReportFactory(status=workflow.DUPLICATE)
    assert unmerge(report=report, actor=JUDGE) is None
    part(report)
    assert again(report).status == workflow.OPEN


@pytest.mark.django_db
def test_merge_again_with_another_original(pair: Reports, quarter: Quarter) -> None:
    original, copy = pair
    other = ReportFactory(quarter=quarter)
    join(copy, original)
    part(copy)
    join(copy, other)
    assert votes_of(original, copy, other) == [(1, 1), (0, 0), (2, 2)]
    assert [(merge.original_id, merge.undone_at is None) for merge in Merge.objects.order_by("pk")] == [
        (original.pk, False),
        (other.pk, True),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("moderator", True),
        ("administrator", True),
        ("moderator_elsewhere", False),
        ("operator", False),
        ("operator_elsewhere", False),
        ("author", False),
        ("stranger", False),
    ],
)
def test_unmerge_is_for_whoever_judges_the_place(
    name: str,
    parts: bool,  # noqa: FBT001
    pair: Reports,
    request: pytest.FixtureRequest,
) -> None:
    original, copy = pair
    person = request.getfixturevalue(name)
    join(copy, original)
    if parts:
        part(copy, actor_for(person, copy))
    else:
        with pytest.raises(DomainError):
            part(copy, actor_for(person, copy))
    assert again(copy).status == (workflow.OPEN if parts else workflow.DUPLICATE)


@pytest.mark.django_db
def test_merge_costs_the_same_with_one_follower_and_with_many(
    quarter: Quarter, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in (1, 12):
        original, copy = ReportFactory(quarter=quarter), again(ReportFactory(quarter=quarter))
        for person in UserFactory.create_batch(number):
            follow(report=copy, user=person, language="fr")
            vote(report=copy, user=person)
        with django_assert_num_queries(QUERIES):
            change_status(report=copy, to=workflow.DUPLICATE, actor=JUDGE, original=again(original))


QUERIES = 30


# --- At the same moment --------------------------------------------------------------------------------------------


def refusals(acts: list[Callable[[], object]]) -> list[str]:
    """Run the acts at once; return the codes of what was refused. Anything else that failed is a failure."""
    failures = at_once(acts)
    assert [failure for failure in failures if not isinstance(failure, DomainError)] == []
    return [failure.code for failure in failures if isinstance(failure, DomainError)]


@pytest.mark.django_db(transaction=True)
def test_two_reports_named_each_others_duplicate_at_once(quarter: Quarter) -> None:
    for _round in range(5):
        one, other = ReportFactory(quarter=quarter), ReportFactory(quarter=quarter)
        vote(report=one, device="d1")
        vote(report=other, device="d2")
        assert refusals([partial(join, one, other), partial(join, other, one)]) in (
            ["stale_report"],
            ["explanation_needed"],
        )
        assert sorted(again(report).status for report in (one, other)) == [workflow.DUPLICATE, workflow.OPEN]
        assert sorted(votes_of(one, other)) == [(0, 0), (2, 2)]


@pytest.mark.django_db(transaction=True)
def test_many_duplicates_of_one_original_at_once(quarter: Quarter) -> None:
    original = ReportFactory(quarter=quarter)
    people = UserFactory.create_batch(3)
    copies = ReportFactory.create_batch(8, quarter=quarter)
    for copy in copies:
        for person in people:
            vote(report=copy, user=person)
            follow(report=copy, user=person, language="fr")
    assert at_once(partial(join, copy, original) for copy in copies) == []
    assert votes_of(original) == [(3, 3)]
    assert original.followers.exclude(user=None).count() == 3
    assert at_once(partial(part, copy) for copy in copies) == []
    assert votes_of(original, *copies) == [(0, 0)] + [(3, 3)] * 8


@pytest.mark.django_db(transaction=True)
def test_one_report_joined_to_two_originals_at_once(quarter: Quarter) -> None:
    first, second, copy = ReportFactory.create_batch(3, quarter=quarter)
    vote(report=copy, device="d1")
    assert refusals([partial(join, copy, first), partial(join, copy, second)]) == ["stale_report"]
    assert sorted(votes_of(first, second)) == [(0, 0), (1, 1)]
    assert Merge.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_merge_and_unmerge_storm_with_votes(quarter: Quarter) -> None:
    original, copy = ReportFactory(quarter=quarter), ReportFactory(quarter=quarter)
    people = UserFactory.create_batch(10)
    for person in people:
        vote(report=copy, user=person)
        follow(report=copy, user=person, language="fr")
    changes: list[Callable[[], object]] = [partial(join, copy, original), partial(part, copy)]
    for change in changes:
        acts = [change]
        for person in people:
            acts.append(lambda person=person: vote(report=again(original), user=person))  # type: ignore[misc]
            acts.append(lambda person=person: unvote(report=again(copy), user=person))  # type: ignore[misc]
            acts.append(lambda person=person: follow(report=again(original), user=person, language="fr"))  # type: ignore[misc]
        assert at_once(acts) == []
        assert [shown == there for shown, there in votes_of(original, copy)] == [True, True]
    assert Vote.objects.filter(report=original).count() == 10


@pytest.mark.django_db(transaction=True)
def test_unmerge_twice_at_once(quarter: Quarter) -> None:
    original, copy = ReportFactory(quarter=quarter), ReportFactory(quarter=quarter)
    vote(report=copy, device="d1")
    join(copy, original)
    assert refusals([partial(part, copy), partial(part, copy)]) in (["stale_report"], ["illegal_transition"])
    assert votes_of(original, copy) == [(0, 0), (1, 1)]
    assert Event.objects.filter(kind=Event.Kind.UNMERGED, report=copy).count() == 1


@pytest.mark.django_db
def test_original_is_not_rejected_while_others_are_joined_to_it(pair: Reports) -> None:
    original, copy = pair
    join(copy, original)
    with pytest.raises(IllegalTransition, match=copy.ref):
        change_status(report=again(original), to=workflow.REJECTED, actor=JUDGE, note="Hors sujet.")
    part(copy)
    change_status(report=again(original), to=workflow.REJECTED, actor=JUDGE, note="Hors sujet.")
    assert again(original).status == workflow.REJECTED


@pytest.mark.django_db
def test_public_report_is_not_joined_to_what_nobody_sees_yet(quarter: Quarter) -> None:
    shown, hidden, other = (ReportFactory(status=status) for status in (workflow.OPEN, *[workflow.PENDING] * 2))
    with pytest.raises(MissingExplanation):
        join(shown, hidden)
    join(other, hidden)
    assert (again(shown).status, again(other).status) == (workflow.OPEN, workflow.DUPLICATE)
