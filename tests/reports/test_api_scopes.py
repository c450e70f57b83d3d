"""What a token of an application opens, and what it does not."""

from typing import Any

import pytest
from django.urls import get_resolver
from oauth2_provider.models import get_access_token_model
from pytest_django.fixtures import Settings

from accounts.models import User
from reports import workflow
from reports.api.scopes import READ, SAFE_METHODS, scopes_for
from reports.models import Category, Quarter, Report
from tests.client import Client
from tests.factories import ReportFactory
from tests.reports.api_client import NEW_REPORT, codes
from tests.reports.oauth_client import App, by, machine_token, register, tokens_for


def ask(access: str, path: str, body: Any = None, method: str = "get") -> Any:
    sent = {} if method == "get" else {"content_type": "application/json"}
    return getattr(Client(), method)(f"/api/v1{path}", body or {}, headers=by(access), **sent)


def reached(access: str, path: str, body: Any = None, method: str = "get") -> bool:
    """Say whether a token was let in, whatever came of it then."""
    response = ask(access, path, body, method)
    assert response.status_code != 401
    return not (response.status_code == 403 and response.json()["code"] == "insufficient_scope")


def operations(report: Report) -> dict[str, tuple[str, str]]:
    one = f"/reports/{report.ref}/"
    return {
        "read me": ("get", "/me/"),
        "change me": ("patch", "/me/"),
        "my reports": ("get", "/me/reports/"),
        "my follows": ("get", "/me/follows/"),
        "follow an area": ("post", "/me/follows/"),
        "preferences": ("get", "/me/preferences/"),
        "change preferences": ("patch", "/me/preferences/"),
        "export": ("get", "/me/export/"),
        "ask for an export": ("post", "/me/export/"),
        "report": ("post", "/reports/"),
        "correct": ("patch", one),
        "vote": ("put", f"{one}vote/"),
        "follow": ("put", f"{one}follow/"),
        "comment": ("post", f"{one}comments/"),
        "move": ("post", f"{one}transitions/"),
        "add photos": ("post", f"{one}photos/"),
    }


CITIZENS = {"report", "correct", "vote", "follow", "comment", "move", "add photos", "follow an area"}
OWN = {
    "read me",
    "change me",
    "my reports",
    "my follows",
    "preferences",
    "change preferences",
    "export",
    "ask for an export",
}


@pytest.mark.parametrize(
    ("scope", "expected"),
    [("read", {"my follows"}), ("reports", CITIZENS), ("account", OWN), ("staff", {"move", "add photos"})],
)
def test_each_scope_opens_its_operations(administrator: User, scope: str, expected: set[str]) -> None:
    report = ReportFactory()
    access = tokens_for(administrator, scope=scope)["access_token"]
    found = {name for name, (method, path) in operations(report).items() if reached(access, path, method=method)}
    assert found == expected


def test_insufficient_scope_names_what_is_missing(author: User) -> None:
    response = ask(tokens_for(author)["access_token"], "/me/")
    assert response.status_code == 403
    assert response["WWW-Authenticate"] == 'Bearer realm="api", error="insufficient_scope", scope="account"'
    assert codes(response) == []


def test_every_change_names_its_scope() -> None:
    patterns = get_resolver("reports.api.urls").url_patterns + get_resolver("notifications.api.urls").url_patterns
    views = [view for pattern in patterns if (view := getattr(pattern.callback, "cls", None)) is not None]
    for view in (view for view in views if view.authentication_classes):
        for method in {name.upper() for name in view.http_method_names if hasattr(view, name)} - SAFE_METHODS:
            assert scopes_for(view(), method), (view, method)


def test_an_unnamed_change_is_closed_to_applications() -> None:
    assert scopes_for(object(), "DELETE") == ()  # type: ignore[arg-type]  # any view at all
    assert scopes_for(object(), "GET") == (READ,)  # type: ignore[arg-type]


@pytest.mark.parametrize("scope", ["read reports", "read reports account"])
def test_without_the_scope_staff_are_citizens(moderator: User, scope: str) -> None:
    report = ReportFactory(status=workflow.PENDING)
    access = tokens_for(moderator, scope=scope)["access_token"]
    assert ask(access, f"/reports/{report.ref}/").status_code == 404
    assert ask(access, f"/reports/{report.ref}/transitions/", {"to": "open"}, "post").status_code == 404


def test_with_the_scope_staff_act(moderator: User) -> None:
    report = ReportFactory(status=workflow.PENDING)
    access = tokens_for(moderator, scope="read staff")["access_token"]
    assert ask(access, f"/reports/{report.ref}/").status_code == 200
    assert ask(access, f"/reports/{report.ref}/transitions/", {"to": "open"}, "post").status_code == 200


def test_with_the_scope_staff_act_only_where_they_may(moderator_elsewhere: User) -> None:
    report = ReportFactory(status=workflow.PENDING)
    access = tokens_for(moderator_elsewhere, scope="read staff")["access_token"]
    assert ask(access, f"/reports/{report.ref}/transitions/", {"to": "open"}, "post").status_code == 404


def test_a_session_without_the_second_factor_is_a_citizens(moderator: User) -> None:
    report = ReportFactory(status=workflow.PENDING)
    browser = Client()
    browser.force_login(moderator, factor=False)
    assert browser.get(f"/api/v1/reports/{report.ref}/").status_code == 404
    browser.force_login(moderator)
    assert browser.get(f"/api/v1/reports/{report.ref}/").status_code == 200


def test_a_report_of_staff_by_an_application_waits_like_any_other(
    moderator: User, quarter: Quarter, category: Category
) -> None:
    access = tokens_for(moderator, scope="reports")["access_token"]
    assert ask(access, "/reports/", NEW_REPORT, "post").json()["status"] == "pending"


def test_a_machine_reports_for_nobody(quarter: Quarter, category: Category) -> None:
    access = machine_token()
    assert ask(access, "/reports/", NEW_REPORT, "post").status_code == 201
    report = Report.objects.get()
    assert (report.reporter, report.source, report.public_name) == (None, "api", "")


@pytest.mark.parametrize("name", ["vote", "follow", "comment", "move", "add photos", "correct", "follow an area"])
def test_a_machine_is_no_person(db: None, name: str) -> None:
    method, path = operations(ReportFactory())[name]
    response = ask(machine_token(), path, method=method)
    assert (response.status_code, response.json()["code"]) == (403, "person_needed")


def test_a_token_for_another_resource(author: User) -> None:
    access = tokens_for(author, scope="account")["access_token"]
    get_access_token_model().objects.update(resource=["https://elsewhere.example/"])
    assert ask(access, "/me/").json()["code"] == "token_not_valid"


def test_a_token_in_the_address_is_not_read(author: User) -> None:
    access = tokens_for(author, scope="account")["access_token"]
    assert Client().get("/api/v1/me/", {"access_token": access}).json() == {"signed_in": False}


@pytest.mark.parametrize("path", ["/reports/", "/map/?bbox=11,3,12,4&zoom=12", "/categories/"])
def test_public_reads_look_at_no_token(db: None, path: str) -> None:
    assert ask("unknown", path).status_code == 200


def test_application_that_asks_too_often_waits_wherever_it_runs(
    author: User, stranger: User, settings: Settings
) -> None:
    rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "application": "3/min"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    browser = Client()
    browser.force_login(author)
    app = App(register(), scope="account")
    mine = app.exchange(Client(), app.code(browser)).json()["access_token"]
    browser.force_login(stranger)
    theirs = app.exchange(Client(), app.code(browser)).json()["access_token"]
    answers = [
        Client().get("/api/v1/me/", headers={**by(token), "x-forwarded-for": f"10.0.0.{number}"})
        for number, token in enumerate([mine, theirs, mine, theirs])
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[3]["Retry-After"]) <= 60
    assert ask(tokens_for(author, scope="account")["access_token"], "/me/").status_code == 200
