"""Who may open and do what in the admin, for every member of the cast, by direct address too."""

import pytest
from django.urls import reverse

from accounts.models import Membership, Role, User
from reports import workflow
from reports.models import Category, Organisation, Quarter, Report, RoutingRule, Town
from tests.factories import CategoryFactory, ReportFactory, RoutingRuleFactory, UserFactory, give
from tests.moderation.conftest import post, signed_in

# What a page answers: open, "sign in first", "not yours", "no such thing for you".
OPEN, SIGN_IN, FORBIDDEN, MISSING = 200, 302, 403, 404

CAST = [
    "moderator",
    "operator",
    "administrator",
    "superuser",
    "moderator_elsewhere",
    "operator_elsewhere",
    "author",
    "stranger",
    "nobody",
]

pytestmark = pytest.mark.django_db


@pytest.fixture
def superuser() -> User:
    return User.objects.create_superuser("racine@example.org", "correct horse battery")


def answers(**given: int) -> list[tuple[str, int]]:
    """Return the expected answer for each of the cast; who is not named has no business there, or must sign in."""
    return [(name, given.get(name, SIGN_IN if name == "nobody" else FORBIDDEN)) for name in CAST]


@pytest.mark.parametrize(
    ("person", "answer"),
    answers(
        moderator=OPEN,
        operator=OPEN,
        administrator=OPEN,
        superuser=OPEN,
        moderator_elsewhere=OPEN,
        operator_elsewhere=OPEN,
    ),
    indirect=["person"],
)
@pytest.mark.parametrize("page", ["index", "reports_report_changelist"])
def test_first_pages(page: str, person: User | None, answer: int) -> None:
    assert signed_in(person).get(reverse(f"admin:{page}")).status_code == answer


@pytest.mark.parametrize(
    ("person", "answer"),
    answers(
        moderator=OPEN,
        operator=FORBIDDEN,
        administrator=OPEN,
        superuser=OPEN,
        moderator_elsewhere=OPEN,
        operator_elsewhere=FORBIDDEN,
    ),
    indirect=["person"],
)
def test_queue(person: User | None, answer: int) -> None:
    assert signed_in(person).get(reverse("admin:reports_report_queue")).status_code == answer


@pytest.mark.parametrize(
    ("person", "answer"),
    answers(
        moderator=OPEN,
        operator=OPEN,
        administrator=OPEN,
        superuser=OPEN,
        moderator_elsewhere=MISSING,
        operator_elsewhere=MISSING,
    ),
    indirect=["person"],
)
def test_page_of_an_open_report(person: User | None, answer: int, author: User) -> None:
    report = ReportFactory(status=workflow.OPEN, reporter=author)
    assert signed_in(person).get(reverse("admin:reports_report_change", args=[report.pk])).status_code == answer


@pytest.mark.parametrize(
    ("person", "answer"),
    answers(
        moderator=OPEN,
        operator=MISSING,
        administrator=OPEN,
        superuser=OPEN,
        moderator_elsewhere=MISSING,
        operator_elsewhere=MISSING,
    ),
    indirect=["person"],
)
def test_page_of_a_pending_report(person: User | None, answer: int) -> None:
    report = ReportFactory(status=workflow.PENDING)
    assert signed_in(person).get(reverse("admin:reports_report_change", args=[report.pk])).status_code == answer


# After a change that is done, the browser is sent back (302), as nobody is sent to the sign-in page: the report
# tells the two apart.
DONE = 302


@pytest.mark.parametrize(
    ("person", "answer"),
    answers(
        moderator=DONE,
        operator=DONE,
        administrator=DONE,
        superuser=DONE,
        moderator_elsewhere=MISSING,
        operator_elsewhere=MISSING,
    ),
    indirect=["person"],
)
def test_taking_up_an_open_report(person: User | None, answer: int) -> None:
    report = ReportFactory(status=workflow.OPEN)
    response = post(person, "status", report, to=workflow.IN_PROGRESS, seen=workflow.OPEN)
    report.refresh_from_db()
    allowed = person is not None and person.is_staff and answer == DONE
    assert response.status_code == answer
    assert report.status == (workflow.IN_PROGRESS if allowed else workflow.OPEN)
    assert report.events.filter(kind="status_changed").count() == int(allowed)


@pytest.mark.parametrize(
    ("person", "answer"),
    answers(
        moderator=DONE,
        operator=MISSING,
        administrator=DONE,
        superuser=DONE,
        moderator_elsewhere=MISSING,
        operator_elsewhere=MISSING,
    ),
    indirect=["person"],
)
def test_judging_a_pending_report(person: User | None, answer: int) -> None:
    report = ReportFactory(status=workflow.PENDING)
    response = post(person, "decide", report, to=workflow.OPEN, seen=workflow.PENDING)
    report.refresh_from_db()
    allowed = person is not None and person.is_staff and answer == DONE
    assert response.status_code == answer
    assert report.status == (workflow.OPEN if allowed else workflow.PENDING)


@pytest.mark.parametrize(
    ("person", "answer"),
    answers(
        moderator=DONE,
        operator=DONE,
        administrator=DONE,
        superuser=DONE,
        moderator_elsewhere=MISSING,
        operator_elsewhere=MISSING,
    ),
    indirect=["person"],
)
@pytest.mark.parametrize("name", ["reply", "note"])
def test_writing(name: str, person: User | None, answer: int) -> None:
    report = ReportFactory(status=workflow.OPEN)
    response = post(person, name, report, text="Une équipe passe demain.")
    allowed = person is not None and person.is_staff and answer == DONE
    assert response.status_code == answer
    assert list(report.events.values_list("kind", "is_public")) == ([(name, name == "reply")] if allowed else [])


@pytest.mark.parametrize(
    ("person", "answer"),
    answers(
        moderator=DONE,
        operator=422,
        administrator=DONE,
        superuser=DONE,
        moderator_elsewhere=MISSING,
        operator_elsewhere=MISSING,
    ),
    indirect=["person"],
)
def test_assigning(person: User | None, answer: int) -> None:
    report = ReportFactory(status=workflow.OPEN)
    other = Organisation.objects.create(slug="parcs", name="Parcs et jardins", kind=Organisation.Kind.TOWN_HALL)
    response = post(person, "assign", report, organisation=other.pk, note="Un espace vert.")
    before = report.organisation
    report.refresh_from_db()
    allowed = person is not None and person.is_staff and answer == DONE
    assert response.status_code == answer
    assert report.organisation == (other if allowed else before)


@pytest.mark.parametrize(
    "table",
    [Category, Organisation, RoutingRule, Town, Quarter, User, Membership],
    ids=lambda model: model.__name__,
)
@pytest.mark.parametrize(
    ("person", "answer"),
    answers(
        moderator=FORBIDDEN,
        operator=FORBIDDEN,
        administrator=OPEN,
        superuser=OPEN,
        moderator_elsewhere=FORBIDDEN,
        operator_elsewhere=FORBIDDEN,
    ),
    indirect=["person"],
)
def test_tables_of_administrators(table: type, person: User | None, answer: int, quarter: Quarter) -> None:
    CategoryFactory()
    RoutingRuleFactory()
    give(UserFactory(email="collegue@example.org"), Role.MODERATOR, quarter=quarter)
    row = table.objects.first()  # type: ignore[attr-defined]
    name = f"admin:{table._meta.label_lower.replace('.', '_')}"  # type: ignore[attr-defined]
    client = signed_in(person)
    assert client.get(reverse(f"{name}_changelist")).status_code == answer
    assert client.get(reverse(f"{name}_change", args=[row.pk])).status_code == answer


@pytest.mark.parametrize("address", ["add/", "{pk}/delete/", "{pk}/history/", "{pk}/"])
def test_reports_are_neither_added_nor_deleted(address: str, administrator: User) -> None:
    report = ReportFactory()
    client = signed_in(administrator)
    path = reverse("admin:reports_report_changelist") + address.format(pk=report.pk)
    assert client.get(path).status_code == MISSING
    assert client.post(path, {"post": "yes"}).status_code == MISSING
    assert Report.objects.filter(pk=report.pk).exists()


def test_event_log_votes_and_follows_have_no_page(administrator: User) -> None:
    client = signed_in(administrator)
    for table in ["event", "vote", "follow"]:
        assert client.get(f"/admin/reports/{table}/").status_code == MISSING


def test_secrets_of_libraries_have_no_page() -> None:
    client = signed_in(User.objects.create_superuser("racine@example.org", "correct horse battery"))
    for table in ["token_blacklist/outstandingtoken", "django_celery_beat/periodictask", "auth/group"]:
        assert client.get(f"/admin/{table}/").status_code == MISSING


def test_admin_has_the_door_of_the_portal(db: None) -> None:
    response = signed_in(None).get(reverse("admin:index"))
    assert response["Location"] == "/compte/connexion/?next=/admin/"
    assert signed_in(None).get("/admin/login/?next=/admin/auth/")["Location"] == "/compte/connexion/?next=/admin/auth/"
    assert signed_in(None).get("/admin/login/?next=//elsewhere.example/")["Location"] == (
        "/compte/connexion/?next=/admin/"
    )


def test_door_of_the_admin_sends_citizens_away_and_lets_staff_on(author: User, moderator: User) -> None:
    assert signed_in(author).get("/admin/login/").status_code == FORBIDDEN
    assert signed_in(moderator).get("/admin/login/?next=/admin/reports/report/")["Location"] == "/admin/reports/report/"


def test_policy_of_the_admin_has_no_inline_script(administrator: User) -> None:
    policy = signed_in(administrator).get(reverse("admin:index"))["Content-Security-Policy"]
    scripts = next(part.strip() for part in policy.split(";") if "script-src" in part)
    assert scripts == "script-src 'self' 'unsafe-eval'"
