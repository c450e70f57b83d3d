"""Walks every address of the admin, by GET and POST, as people who have no business there.

Whatever room is added to the back office is walked too: its addresses come from Django, and an id that the walk cannot
fill in fails it.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import User
from moderation.models import Flag, ListExport, Question, Referral, SavedFilter
from reports import workflow
from reports.models import Comment, Photo, Report
from tests.factories import PhotoFactory, ReportFactory

SECRET = "Trou devant le portail bleu de la famille"
# Addresses that lead nowhere in particular, or that everybody who works here has for themselves.
OWN = {"logout", "set_language", "moderation_savedfilter_keep", "view_on_site", "password_change"}
# What a signed-in member of staff keeps about themselves.
OWN_TABLES = {"moderation.SavedFilter", "accounts.User", "usersessions.UserSession", "sessions.Session"}
REFUSED = {403, 404, 405}
APPS = ("reports", "moderation", "accounts", "notifications")
# So much of every form that whoever is let in would change something.
FIELDS = {
    "to": workflow.IN_PROGRESS,
    "seen": workflow.OPEN,
    "note": "Vu.",
    "text": "Nous passons demain.",
    "organisation": "",
    "decision": "remove",
    "reason": "Hors sujet.",
    "format": "csv",
    "name": "Filtre",
    "lon": "11.506",
    "lat": "3.866",
    "description": "Autre chose",
    "email": "tiers@example.org",
    "masks": "[]",
    "rotation": "90",
    "action": "accept",
    "confirm": "yes",
    "post": "yes",
}


def patterns(urls: list[Any], before: str = "") -> Iterator[tuple[str, str | None]]:
    """Give every address below a list of patterns, with its name."""
    for pattern in urls:
        here = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern.url_patterns, here)
        elif isinstance(pattern, URLPattern):
            yield here, pattern.name


def doors() -> list[tuple[str, str]]:
    """Return the addresses of the admin as (name, route)."""
    found = [(f"{app}_index", f"admin/{app}/") for app in APPS]
    for route, name in patterns(get_resolver().url_patterns):
        if route.startswith("admin/") and name and name not in OWN and "(?P" not in route:
            found.append((name, route))
    return sorted(found)


def ids_in(route: str) -> list[str]:
    return re.findall(r"<(?:\w+:)?(\w+)>", route)


class Ground:
    """A report of the cast's town and organisation, with one of everything that hangs on it."""

    def __init__(self, author: User) -> None:
        self.report: Report = ReportFactory(
            status=workflow.OPEN, reporter=author, description=SECRET, contact_email="temoin@example.org"
        )
        self.photo: Photo = PhotoFactory(report=self.report)
        self.comment = Comment.objects.create(report=self.report, author=author, text=SECRET, language="fr")
        Flag.objects.create(report=self.report, user=author, reason=Flag.Reason.SPAM)
        later = timezone.now() + timedelta(days=3)
        question = Question.objects.create(report=self.report, text=SECRET, expires_at=later)
        referral = Referral.objects.create(report=self.report, text=SECRET, expires_at=later)
        export = ListExport.objects.create(owner=author, subject="reports", format="csv", ids=[self.report.pk], total=1)
        kept = SavedFilter.objects.create(owner=author, name="À moi", query="status=open")
        self.ids: dict[str, Any] = {
            "report_id": self.report.pk,
            "photo_id": self.photo.pk,
            "comment_id": self.comment.pk,
            "question_id": question.pk,
            "referral_id": referral.pk,
            "filter_id": kept.pk,
            "token": export.token,
            # Rows of the catalogue and of other tables that administrators keep.
            "object_id": 1,
            "appeal_id": 1,
            "ban_id": 1,
            "pk": 1,
        }

    def address(self, route: str) -> str:
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(self.ids[found[1]]), route)


def refused(response: Any) -> bool:
    """Say whether an answer is a no; for a row that is not there Django leads to the admin's first page."""
    return response.status_code in REFUSED or response.get("Location") == reverse("admin:index")


def state() -> dict[str, str]:
    """Return a fingerprint of every table of ours."""
    models = [model for model in apps.get_models() if model._meta.app_label in APPS]
    return {
        model._meta.label: hashlib.sha256(str(rows_of(model)).encode()).hexdigest()
        for model in models
        if model._meta.label not in OWN_TABLES
    }


def rows_of(model: type[Model]) -> list[list[str]]:
    """Return a table's values in words: a geometry's own word would be its place in memory."""
    return [[str(value) for value in row] for row in model._default_manager.order_by("pk").values_list()]


@dataclass(frozen=True)
class Answer:
    """What came back from one door: its status, whether it was a no, and whether it says anything of the report."""

    door: str
    method: str
    status: int
    is_refusal: bool
    tells: bool


def walk(browser: Client, ground: Ground) -> list[Answer]:
    """Knock at every door, by GET and by POST."""
    answers = []
    fields = {**FIELDS, "_selected_action": str(ground.report.pk), "selected": str(ground.report.pk)}
    for name, route in doors():
        for method in ("get", "post"):
            response = getattr(browser, method)(ground.address(route), fields if method == "post" else {})
            body = b"" if response.streaming else response.content
            tells = ground.report.ref.encode() in body or SECRET.encode() in body
            answers.append(Answer(name, method, response.status_code, refused(response), tells))
    return answers


@pytest.mark.django_db
def test_walk_knows_every_id(author: User) -> None:
    known = set(Ground(author).ids)
    assert {key for _name, route in doors() for key in ids_in(route)} - known == set()


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["nobody", "stranger", "author"])
def test_admin_is_closed_to_everybody_else(who: str, request: pytest.FixtureRequest, author: User) -> None:
    ground, browser = Ground(author), Client()
    if who != "nobody":
        browser.force_login(request.getfixturevalue(who))
    before = state()
    answers = walk(browser, ground)
    assert [answer for answer in answers if answer.status not in {302, *REFUSED} or answer.tells] == []
    assert state() == before


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["moderator_elsewhere", "operator_elsewhere"])
def test_staff_of_elsewhere_open_guess_export_and_change_nothing(
    who: str, request: pytest.FixtureRequest, client: Client, author: User
) -> None:
    ground = Ground(author)
    client.force_login(request.getfixturevalue(who))
    before = state()
    answers = walk(client, ground)
    with_id = {name for name, route in doors() if ids_in(route)}
    assert [answer for answer in answers if answer.door in with_id and not answer.is_refusal] == []
    assert [answer for answer in answers if answer.tells or answer.status >= 500] == []
    assert {table for table, rows in state().items() if rows != before[table]} == set()


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["moderator", "operator"])
def test_tables_of_administrators_are_closed_to_other_staff(
    who: str, request: pytest.FixtureRequest, client: Client, author: User
) -> None:
    ground = Ground(author)
    client.force_login(request.getfixturevalue(who))
    kept = [
        (name, route)
        for name, route in doors()
        if name.rpartition("_")[2] in {"add", "delete", "history"} and not name.startswith("reports_report_")
    ]
    opened = [name for name, route in kept if not refused(client.get(ground.address(route)))]
    assert len(kept) > 30
    assert opened == []
