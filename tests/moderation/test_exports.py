"""Lists that are taken away: the rows on screen, nobody else's, small ones at once and large ones by the worker."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import storages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEntry, Membership, User
from moderation.models import ListExport, SavedFilter
from moderation.services import exports
from moderation.services.exports import build_list, sweep
from reports import workflow
from tests.factories import OrganisationFactory, ReportFactory
from tests.moderation.conftest import signed_in, words_of

EXPORT = "/admin/reports/report/export/"
LISTS = "/admin/reports/report/lists/"
LIST = "/admin/reports/report/"
KEEP = "/admin/reports/report/filters/keep/"
RECORD = "/admin/accounts/auditentry/export/"


def take(person: User | None, query: str = "", file_format: str = "csv") -> Any:
    return signed_in(person).post(f"{EXPORT}?{query}", {"format": file_format})


def rows_of(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"), newline="")))


def refs(person: User, query: str = "") -> list[str]:
    return [row["ref"] for row in rows_of(signed_in(person).get(take(person, query)["Location"]))]


def test_file_holds_the_rows_on_screen_in_their_order(moderator: User) -> None:
    first, second = ReportFactory(votes=1), ReportFactory(votes=5)
    ReportFactory(status=workflow.RESOLVED)
    assert refs(moderator, "status=todo") == [second.ref, first.ref]
    assert refs(moderator, "status=todo&o=2") == [first.ref, second.ref]


def test_file_holds_nobody_elses_rows(operator: User, operator_elsewhere: User, moderator_elsewhere: User) -> None:
    report = ReportFactory()
    assert refs(operator) == [report.ref]
    for person in (operator_elsewhere, moderator_elsewhere):
        assert take(person)["Location"] == f"{LIST}?"
    assert ListExport.objects.count() == 1


def test_file_holds_no_contact_data(moderator: User, author: User) -> None:
    ReportFactory(reporter=author, contact_email="mbida@example.org", contact_phone="+237 6 70 00 00 00")
    answer = signed_in(moderator).get(take(moderator)["Location"])
    text = answer.getvalue().decode()
    assert [word in text for word in ("mbida", "670", "6 70", author.email)] == [False] * 4


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "geojson"])
def test_file_has_a_name_and_is_private(moderator: User, file_format: str) -> None:
    ReportFactory()
    answer = signed_in(moderator).get(take(moderator, file_format=file_format)["Location"])
    assert len(answer.getvalue()) > 100
    day = timezone.now().date()
    assert answer["Content-Disposition"] == f'attachment; filename="signalements-{day}.{file_format}"'


@pytest.mark.parametrize(("person", "status"), [("author", 403), ("nobody", 302)], indirect=["person"])
def test_export_is_for_staff(person: User | None, status: int) -> None:
    assert take(person).status_code == status
    assert signed_in(person).get(LISTS).status_code == status
    assert signed_in(person).post(KEEP).status_code == status


def test_file_is_for_whoever_asked(moderator: User, administrator: User) -> None:
    ReportFactory()
    place = take(moderator)["Location"]
    assert signed_in(administrator).get(place).status_code == 404
    assert signed_in(moderator).get(f"{LISTS}nothing/").status_code == 404


def test_export_is_on_record(moderator: User) -> None:
    ReportFactory()
    take(moderator, "status=open")
    entry = AuditEntry.objects.get(kind="list_exported")
    assert (entry.actor, entry.data) == (
        moderator,
        {"subject": "reports", "format": "csv", "rows": 1, "query": "status=open"},
    )


@pytest.mark.parametrize("file_format", ["", "pdf", "CSV", "\x00"])
def test_unknown_format_is_refused(moderator: User, file_format: str) -> None:
    ReportFactory()
    assert take(moderator, file_format=file_format).status_code == 400


def large(owner: User, many: int = 3) -> ListExport:
    rows = [report.pk for report in ReportFactory.create_batch(many)]
    return ListExport.objects.create(owner=owner, subject="reports", format="csv", ids=rows, total=many)


def test_large_list_is_the_workers(moderator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "SMALL", 2)
    ReportFactory.create_batch(3)
    assert take(moderator)["Location"] == LISTS
    export = ListExport.objects.get()
    assert (export.status, export.total) == ("waiting", 3)
    assert 'max="3"' in words_of(signed_in(moderator).get(LISTS))
    build_list(export_id=export.pk)
    export.refresh_from_db()
    assert (export.status, export.done, export.ids) == ("ready", 3, [])


def test_list_is_written_once(moderator: User) -> None:
    export = large(moderator)
    ListExport.objects.filter(pk=export.pk).update(claimed_at=timezone.now())
    build_list(export_id=export.pk)
    assert ListExport.objects.get(pk=export.pk).status == "waiting"


def test_rights_that_are_gone_leave_rows_out(moderator: User) -> None:
    export = large(moderator)
    Membership.objects.filter(user=moderator).delete()
    build_list(export_id=export.pk)
    export.refresh_from_db()
    with export.file.open("rb") as file:
        assert len(file.read().splitlines()) == 1


def test_list_costs_a_few_queries_for_a_thousand_rows(moderator: User) -> None:
    with CaptureQueriesContext(connection) as few:
        build_list(export_id=large(moderator, 1).pk)
    export = large(moderator, 30)
    with CaptureQueriesContext(connection) as many:
        build_list(export_id=export.pk)
    assert len(many) < len(few)


def test_list_that_fails_is_tried_again_and_given_up(moderator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    export = large(moderator)
    storage = storages["default"]
    monkeypatch.setattr(type(storage), "save", lambda *_args: (_ for _ in ()).throw(OSError("disk full")))
    for status in ("waiting", "waiting", "failed"):
        build_list(export_id=export.pk)
        assert ListExport.objects.get(pk=export.pk).status == status


def test_old_lists_go_with_their_files(moderator: User) -> None:
    ReportFactory()
    take(moderator)
    export = ListExport.objects.get()
    ListExport.objects.update(asked_at=timezone.now() - timedelta(days=3))
    sweep()
    assert not ListExport.objects.exists()
    assert export.file.name is not None
    assert not export.file.storage.exists(export.file.name)


def test_record_is_taken_away_by_administrators_only(administrator: User, moderator: User) -> None:
    ReportFactory()
    take(moderator)
    assert signed_in(moderator).post(RECORD, {"format": "csv"}).status_code == 403
    place = signed_in(administrator).post(RECORD, {"format": "csv"})["Location"]
    rows = rows_of(signed_in(administrator).get(place))
    assert [row["by"] for row in rows if row["kind"] == "list_exported"] == [moderator.email]


def keep(person: User, query: str, **fields: Any) -> Any:
    return signed_in(person).post(f"{KEEP}?{query}", fields)


def offered(person: User) -> list[str]:
    return [saved.name for saved in signed_in(person).get(LIST).context["saved_filters"]]


def test_filter_is_kept_under_a_name_and_replaced_by_the_same(moderator: User) -> None:
    keep(moderator, "status=open&p=3", name="Mes ouverts")
    keep(moderator, "status=todo", name="Mes ouverts")
    assert list(SavedFilter.objects.values_list("name", "query", "is_shared")) == [
        ("Mes ouverts", "status=todo", False)
    ]


def test_filter_is_private_unless_shared_with_the_team(moderator: User, administrator: User, operator: User) -> None:
    keep(moderator, "status=open", name="À moi")
    keep(moderator, "status=todo", name="À nous", is_shared="on")
    Membership.objects.create(user=operator, role="moderator", town=Membership.objects.get(user=moderator).town)
    assert (offered(moderator), offered(operator), offered(administrator)) == (["À moi", "À nous"], ["À nous"], [])


@pytest.mark.parametrize(
    ("query", "name"),
    [("", "x"), ("status=open", ""), ("status=open", "x" * 61), ("status=open", "a\x00b"), (f"q={'x' * 600}", "x")],
)
def test_filter_that_makes_no_sense_is_refused(moderator: User, query: str, name: str) -> None:
    assert keep(moderator, query, name=name).status_code == 302
    assert not SavedFilter.objects.exists()


def test_filter_is_forgotten_by_its_owner_only(moderator: User, administrator: User) -> None:
    keep(moderator, "status=open", name="À moi", is_shared="on")
    place = f"/admin/reports/report/filters/{SavedFilter.objects.get().pk}/forget/"
    assert signed_in(administrator).post(place).status_code == 404
    assert signed_in(moderator).post(place).status_code == 302
    assert not SavedFilter.objects.exists()


def test_list_without_rows_says_so(operator: User) -> None:
    ReportFactory(organisation=OrganisationFactory(slug="eau", name="Service de l’eau"))
    client = signed_in(operator)
    page = client.post(f"{EXPORT}?status=open", {"format": "csv"}, follow=True)
    assert [str(message) for message in page.context["messages"]] == [str(exports.NothingToExport.message)]
