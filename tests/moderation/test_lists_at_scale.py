"""Every list of the back office over 200,000 reports: how much it asks, and how much of the tables is read for it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import Role, User
from moderation.admin.navigation import SECTIONS
from ops.bench import fill
from reports.models import Category, Organisation, Quarter, Report
from reports.models.report import REF_ALPHABET
from tests.factories import (
    CategoryFactory,
    OrganisationFactory,
    PhotoFactory,
    QuarterFactory,
    ReportFactory,
    TownFactory,
    UserFactory,
    give,
    square,
)
from tests.moderation.conftest import signed_in

# To fill the tables takes a quarter of a minute of a processor that does nothing else.
pytestmark = [pytest.mark.django_db, pytest.mark.timeout(400)]

REPORTS = 200_000
QUERIES = 15
QUEUE = "/admin/reports/report/queue/"
QUEUE_QUERIES = 18
# So many rows of one table may one question visit. Most visit some thousands; a rare thing among what waits for its
# repair, which is a little less than a third of these reports, may take a walk through all that waits, never further.
READ = REPORTS // 3
# What grows with the years; the catalogue does not.
GROWING = (
    "reports_report",
    "reports_event",
    "reports_photo",
    "reports_comment",
    "reports_vote",
    "reports_follow",
    "moderation_decision",
    "moderation_flag",
    "accounts_user",
    "accounts_auditentry",
    "notifications_delivery",
)

# Their triggers count each report for the map and the figures, which these pages do not read.
FED = ("reports_report", "reports_event", "reports_photo", "reports_comment")

BESIDE = """
INSERT INTO accounts_user (password, is_superuser, email, name, language, is_active, is_staff, date_joined,
    erases_comments, shows_name)
SELECT '', false, 'habitant' || n || '@example.org', 'Habitant ' || n, 'fr', true, false, now(), false, false
FROM generate_series(1, 5000) AS n;
INSERT INTO accounts_auditentry (kind, about, data, door, network, at)
SELECT 'report_act', ref, '{}', '', '', received_at FROM reports_report WHERE id % 5 = 0;
INSERT INTO notifications_delivery (uid, key, channel, template, data, status, tries, next_try_at, sent_at, last_error,
    created_at, address, language)
SELECT gen_random_uuid(), 'event:' || id, 'email', 'report_news', '{}', 'sent', 1, at, at, '', at, '', ''
FROM reports_event WHERE id % 5 = 0;
INSERT INTO reports_comment (device, public_name, text, status, held_for, has_links, language, created_at,
    decision_reason, report_id)
SELECT '', '', 'Toujours là ce matin.', CASE WHEN id % 500 = 0 THEN 'held' ELSE 'visible' END, '{}', false, 'fr',
    received_at, '', id
FROM reports_report WHERE id % 5 = 0;
INSERT INTO moderation_flag (device, reason, words, created_at, settled_at, report_id)
SELECT 'téléphone ' || id, 'spam', '', received_at, CASE WHEN id % 1000 > 0 THEN now() END, id
FROM reports_report WHERE id % 50 = 0;
INSERT INTO accounts_ban (device, until, about, token, created_at)
SELECT 'téléphone ' || n, now() + n % 10 * interval '1 day' - interval '8 days', 'K7M-4QX', 'ban' || n,
    now() - interval '20 days'
FROM generate_series(1, 2000) AS n;
INSERT INTO moderation_statement (token, what, rule, facts, decided_role, language, created_at, ban_id, report_id)
SELECT 'why' || id, 'banned', 'spam', '', 'moderator', 'fr', created_at, id, (SELECT min(id) FROM reports_report)
FROM accounts_ban;
INSERT INTO moderation_appeal (words, created_at, decided_at, is_granted, answer, statement_id)
SELECT 'Ce n’était pas moi.', now(), CASE WHEN id % 9 > 0 THEN now() END, CASE WHEN id % 9 > 0 THEN false END, '', id
FROM moderation_statement;
UPDATE reports_photo SET hidden_at = created_at WHERE id % 300 = 0;
UPDATE reports_report SET organisation_id = NULL WHERE id % 700 = 0 AND status IN ('open', 'in_progress');
"""


@pytest.fixture(scope="module")
def grown_town(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A town after years, in a database of its own: a copy of the suite’s, which stays as it was."""
    with django_db_blocker.unblock():
        usual = str(connection.settings_dict["NAME"])
        grown = f"{usual}_grown"
        run(f'DROP DATABASE IF EXISTS "{grown}"', f'CREATE DATABASE "{grown}" TEMPLATE "{usual}"')
        use(grown)
        try:
            plant()
            run("SET statement_timeout = 0", *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in FED))
            fill_up()
            # With the temporary tables and the limit.
            use(grown)
            yield
        finally:
            use(usual)
            run(f'DROP DATABASE "{grown}"')


def use(name: str) -> None:
    """Work with another database of the cluster from now on."""
    connection.close()
    connection.settings_dict["NAME"] = name


def run(*statements: str) -> None:
    """Run statements one by one, each in a transaction of its own."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def plant() -> None:
    """Make what the reports are about: two towns with their quarters, categories, organisations, words and a photo."""
    for slug, west, south in (("yaounde", 11.5, 3.86), ("douala", 9.7, 4.0)):
        town = TownFactory(slug=slug, name=slug.capitalize(), boundary=square(west, south, 0.2))
        for number in range(12):
            place = "mokolo" if number == 0 else f"quartier-{number}"
            QuarterFactory(town=town, slug=place, name=place, boundary=square(west + number * 0.01, south))
    for number in range(12):
        CategoryFactory(code=f"problem-{number}", name_fr=f"Problème {number}", name_en=f"Problem {number}")
    organisations = [OrganisationFactory(slug=slug, name=slug) for slug in ("voirie", "eau", "lumiere", "proprete")]
    for number, organisation in enumerate(organisations):
        words = f"Le lampadaire {number} ne s’allume plus depuis des semaines."
        PhotoFactory(report=ReportFactory(description=words, organisation=organisation))


def fill_up() -> None:
    """Fill the tables as the benchmark does, and those beside that only the back office reads."""
    with connection.cursor() as cursor:
        cursor.execute("SET work_mem = '64MB'; SET maintenance_work_mem = '256MB'; SELECT setseed(0.42)")
        cursor.execute(fill.PREPARE)
        span: dict[str, Any] = {"first": 1, "last": REPORTS, "stride": fill.STRIDE, "alphabet": REF_ALPHABET}
        with transaction.atomic(), fill.set_aside(cursor):
            cursor.execute(fill.REPORTS, span)
        cursor.execute(BESIDE)
        # The planner learns from every row, not from a sample: each run has the same plans.
        cursor.execute("SET default_statistics_target = 1000")
        cursor.execute("VACUUM ANALYZE")


@dataclass(frozen=True)
class Cost:
    """What one page asks: how many questions, which of them count, and the rows of one table read for the dearest."""

    queries: int
    counts: list[str]
    read: int
    dearest: str


def cost_of(person: User, address: str) -> Cost | None:
    """Open a page and measure it: each question is asked again, with the database’s own tally of the rows it visits.

    None for a page that this person may not open.
    """
    client = signed_in(person)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    if response.status_code != HTTPStatus.OK:
        assert response.status_code == HTTPStatus.FORBIDDEN
        return None
    asked = [query["sql"] for query in captured if not re.match(r"(RELEASE )?SAVEPOINT", query["sql"])]
    tallies = [(rows_read(sql), sql) for sql in asked if sql.lstrip("(").startswith("SELECT")]
    read, dearest = max(tallies)
    counts = [sql for sql in asked if "COUNT(" in sql.upper() and any(table in sql for table in GROWING)]
    return Cost(len(asked), counts, read, dearest)


def rows_read(sql: str) -> int:
    """Return the rows that a question visits in the growing table of which it visits most."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}")
        (found,) = cursor.fetchone()
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return max((visited(node) for node in nodes(plan) if node.get("Relation Name") in GROWING), default=0)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give a plan’s step and all below it."""
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


def visited(step: dict[str, Any]) -> int:
    """Return the rows that one step looks at, those that it leaves out included."""
    left_out = step.get("Rows Removed by Filter", 0) + step.get("Rows Removed by Index Recheck", 0)
    return int((step["Actual Rows"] + left_out) * step["Actual Loops"])


PEOPLE = ["administrator", "moderator", "moderator_of_a_quarter", "operator", "operator_without_work"]


@pytest.fixture
def moderator_of_a_quarter(quarter: Quarter) -> User:
    return give(UserFactory(), Role.MODERATOR, quarter=quarter)


@pytest.fixture
def operator_without_work(db: None) -> User:
    return give(UserFactory(), Role.OPERATOR, organisation=OrganisationFactory(slug="rien", name="rien"))


def report_lists() -> list[str]:
    """Return the list of reports in every narrowing that the page offers, some of them together."""
    category = Category.objects.get(code="problem-11").pk
    quarter = Quarter.objects.get(town__slug="yaounde", slug="mokolo").pk
    organisation = Organisation.objects.get(slug="voirie").pk
    ref = Report.objects.order_by("pk").values_list("ref", flat=True)[5000]
    queries = ["", "p=2", "p=20", "q=lampadaire", "q=lampadaire&p=2", "q=baobab", f"q={ref}", "o=-1", "o=-2"]
    queries += [f"status={status}" for status in ("todo", *Report.Status.values)]
    queries += [f"quarter={quarter}", f"category={category}", f"organisation={organisation}", "organisation=none"]
    queries += [f"timing={timing}" for timing in (*Report.Timing.values, "unanswered", "stopped")]
    queries += [f"age={age}" for age in ("day", "week", "repaired")]
    queries += [f"status=rejected&category={category}&quarter={quarter}", "status=duplicate&q=lampadaire"]
    queries += [f"timing=late&category={category}&o=-2", "status=rejected&o=-2", "status=resolved&o=-1&p=3"]
    return [f"/admin/reports/report/?{query}" for query in queries]


def other_lists() -> list[str]:
    """Return what the sidebar leads to, but the queue, and these lists narrowed, searched and turned over."""
    known = {entry.link for _title, entries in SECTIONS for entry in entries} - {QUEUE}
    ref = Report.objects.order_by("pk").values_list("ref", flat=True)[5000]
    record, sent, people = (
        f"/admin/{table}/" for table in ("accounts/auditentry", "notifications/delivery", "accounts/user")
    )
    return [
        reverse("admin:index"),
        *sorted(known),
        "/admin/reports/report/tasks/?qui=equipe",
        "/admin/reports/report/tasks/?qui=equipe&ordre=chemin",
        "/admin/reports/comment/?vue=recents",
        *(f"{record}?{query}" for query in ("p=2", f"q={ref}", "kind__exact=banned", "kind__exact=report_act")),
        *(f"{sent}?{query}" for query in ("p=2", "q=event:81", "status__exact=dead", "status__exact=waiting")),
        *(f"{people}?{query}" for query in ("p=2", "is_staff__exact=1")),
    ]


def too_dear(person: User, addresses: list[str], queries: int = QUERIES) -> list[tuple[str, Cost]]:
    """Return the pages that cost more than they may; those that the person may not open are left out."""
    found = [(address, cost_of(person, address)) for address in addresses]
    return [
        (address, cost)
        for address, cost in found
        if cost is not None and (cost.queries > queries or cost.counts or cost.read > READ)
    ]


@pytest.mark.parametrize("person", PEOPLE, indirect=True)
def test_list_of_reports_costs_little_however_many(person: User, grown_town: None) -> None:
    assert too_dear(person, report_lists()) == []


@pytest.mark.parametrize("person", PEOPLE, indirect=True)
def test_every_other_list_costs_little_however_many(person: User, grown_town: None) -> None:
    assert too_dear(person, other_lists()) == []


@pytest.mark.parametrize("person", ["administrator", "moderator", "moderator_of_a_quarter"], indirect=True)
def test_queue_costs_little_however_many(person: User, grown_town: None) -> None:
    """One report with all that helps to judge it: no list, and so a little more."""
    signed_in(person).get(QUEUE)
    assert too_dear(person, [QUEUE], QUEUE_QUERIES) == []
