"""« Commentaires retenus »: read in words, judged in one tap, by the moderators of the place and nobody else."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from moderation.admin.comments import seen_of
from reports.models import Comment, Quarter, Report
from reports.services.comments import add_comment, edit_comment
from tests.factories import ReportFactory
from tests.moderation.conftest import signed_in, words_of

pytestmark = pytest.mark.django_db
LIST = "/admin/reports/comment/"


@pytest.fixture
def report(quarter: Quarter) -> Report:
    return ReportFactory(quarter=quarter)


@pytest.fixture
def held(report: Report) -> Comment:
    return add_comment(report=report, text="Voir https://exemple.test", device="d")


def judge(person: User | None, comment: Comment, **fields: Any) -> Any:
    """Press one of a comment's buttons, as it stood when the page was read."""
    client: Client = signed_in(person)
    return client.post(
        reverse("admin:reports_comment_judge", args=[comment.pk]), {"seen": seen_of(comment), **fields}, follow=True
    )


def status_of(comment: Comment) -> str:
    return Comment.objects.values_list("status", flat=True).get(pk=comment.pk)


def test_list_says_why_in_words(held: Comment, moderator: User) -> None:
    page = words_of(signed_in(moderator).get(LIST))
    assert "Voir https://exemple.test" in page
    assert "Le texte contient un lien." in page
    assert held.report.ref in page
    assert "Sans compte" in page


def test_list_is_empty_in_words(moderator: User) -> None:
    assert "Aucun commentaire n’attend" in words_of(signed_in(moderator).get(LIST))


def test_list_shows_the_oldest_first(held: Comment, moderator: User) -> None:
    later = add_comment(report=held.report, text="Aussi https://exemple.test", device="d")
    rows = signed_in(moderator).get(LIST).context["rows"]
    assert [row["comment"] for row in rows] == [held, later]


def test_recent_comments_can_be_removed(report: Report, moderator: User) -> None:
    visible = add_comment(report=report, text="Bande d’idiots.", device="d")
    client = signed_in(moderator)
    assert "Bande d’idiots." in words_of(client.get(LIST, {"vue": "recents"}))
    response = judge(moderator, visible, reason="insult", **{"from": "recents"})
    assert response.redirect_chain == [(f"{LIST}?vue=recents", 302)]
    assert status_of(visible) == "removed"


def test_accept_in_one_tap(held: Comment, moderator: User) -> None:
    assert "Le commentaire paraît." in words_of(judge(moderator, held, decision="accept"))
    assert status_of(held) == "visible"
    assert "Voir https://exemple.test" in words_of(Client().get(f"/signalements/{held.report.ref}/"))


def test_remove_in_one_tap_says_why_in_the_language_of_the_author(report: Report, moderator: User) -> None:
    held = add_comment(report=report, text="See https://exemple.test", device="d", language="en")
    assert "Le commentaire est retiré." in words_of(judge(moderator, held, reason="spam"))
    held.refresh_from_db()
    assert (held.status, held.decided_by) == ("removed", moderator)
    assert held.decision_reason != ""


def test_remove_with_own_words(held: Comment, moderator: User) -> None:
    judge(moderator, held, decision="remove", note="Ce lien mène ailleurs.")
    held.refresh_from_db()
    assert held.decision_reason == "Ce lien mène ailleurs."


@pytest.mark.parametrize(
    "fields",
    [{"decision": "remove"}, {}, {"decision": "x"}, {"reason": "x"}, {"decision": "remove", "note": "a" * 501}],
)
def test_judge_refuses_kindly(fields: dict[str, str], held: Comment, moderator: User) -> None:
    response = judge(moderator, held, **fields)
    assert (response.status_code, status_of(held)) == (422, "held")
    assert "Rien n’a été changé" in words_of(response)


def test_judge_what_was_judged_already(held: Comment, moderator: User, administrator: User) -> None:
    judge(moderator, held, decision="accept")
    response = judge(administrator, held, reason="spam")
    assert (response.status_code, status_of(held)) == (422, "visible")
    assert "a changé entre-temps" in words_of(response)


def test_judge_words_that_changed_since_they_were_read(held: Comment, moderator: User) -> None:
    edit_comment(comment=held, text="Voir https://pire.test", device="d")
    response = judge(moderator, held, decision="accept")
    assert (response.status_code, status_of(held)) == (422, "held")
    assert "https://pire.test" in words_of(response)


@pytest.mark.parametrize(
    ("person", "opens", "judges"),
    [
        ("author", 403, 403),
        ("stranger", 403, 403),
        ("operator", 403, 403),
        ("operator_elsewhere", 403, 403),
        ("moderator_elsewhere", 200, 404),
        ("moderator", 200, 302),
        ("administrator", 200, 302),
    ],
)
def test_access(person: str, opens: int, judges: int, held: Comment, request: pytest.FixtureRequest) -> None:
    client = signed_in(request.getfixturevalue(person))
    page = client.get(LIST)
    address = reverse("admin:reports_comment_judge", args=[held.pk])
    answer = client.post(address, {"decision": "accept", "seen": seen_of(held)})
    may = person in {"moderator", "administrator"}
    assert (page.status_code, answer.status_code) == (opens, judges)
    assert ("exemple.test" in words_of(page), status_of(held) == "visible") == (may, may)


def test_access_of_nobody(held: Comment) -> None:
    assert Client().get(LIST).status_code == 302
    assert judge(None, held, decision="accept").redirect_chain[0][1] == 302
    assert status_of(held) == "held"


def test_navigation_counts_what_waits(held: Comment, moderator: User, operator: User) -> None:
    entries = signed_in(moderator).get("/admin/").context["sidebar_navigation"][0]["items"]
    assert [(str(entry["title"]), entry.get("badge")) for entry in entries][1:3] == [
        ("Commentaires retenus", "1"),
        ("Alertes", None),
    ]
    assert "Commentaires retenus" not in words_of(signed_in(operator).get("/admin/"))
    assert held.status == "held"


@pytest.mark.parametrize("rows", [1, 5])
@pytest.mark.parametrize("view", ["", "recents"])
def test_list_number_of_queries_does_not_grow(
    view: str, rows: int, quarter: Quarter, moderator: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        text = f"Numéro {number}." if view else f"https://exemple.test/{number}"
        add_comment(report=ReportFactory(quarter=quarter), text=text, device="d")
    client = signed_in(moderator)
    with django_assert_max_num_queries(11):
        assert len(client.get(LIST, {"vue": view}).context["rows"]) == rows
