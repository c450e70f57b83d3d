"""A copy of everything about a person: what is in it, who gets it, for how long."""

import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.files.base import ContentFile
from django.core.mail.backends.locmem import EmailBackend
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.errors import TooManyExports
from accounts.models import AuditEntry, DataExport, User
from accounts.services import data
from accounts.tasks import make_export
from tests.accounts.full_person import EMAIL, SECRET, add_photo, columns_about_people, full_person, rows_about
from tests.client import Client
from tests.factories import ReportFactory, UserFactory

OnCommit = Callable[..., Any]


def made(user: User) -> DataExport:
    """Return a copy that is ready."""
    export = data.ask_for_export(user=user)
    data.build_export(export_id=export.pk)
    export.refresh_from_db()
    return export


def opened(export: DataExport) -> zipfile.ZipFile:
    with export.file.open("rb") as file:
        return zipfile.ZipFile(io.BytesIO(file.read()))


def read(packed: zipfile.ZipFile, path: str) -> Any:
    return json.loads(packed.read(path))


def declared(name: str) -> dict[str, str]:
    """Return what the apps declare under a name, together."""
    return {
        key: words for source in settings.PERSONAL_DATA for key, words in getattr(import_module(source), name).items()
    }


def test_export_knows_every_column_that_names_a_person() -> None:
    exported, reasons = declared("EXPORTED"), declared("NOT_EXPORTED")
    assert columns_about_people() == {*exported, *reasons}
    assert not exported.keys() & reasons.keys()
    assert all(reasons.values())


def test_export_has_rows_for_every_column_that_names_a_person(db: None) -> None:
    user = full_person()
    records = {name: rows for source in data.sources() for name, rows in source.export(user).records.items()}
    assert {column for column in declared("EXPORTED") if not rows_about(user, column)} == set()
    assert {part for part in declared("EXPORTED").values() if not records[part]} == set()


def test_export_is_a_zip_with_an_explanation_and_the_photos(db: None) -> None:
    user = full_person()
    packed = opened(made(user))
    names = packed.namelist()
    assert names[0] == "LISEZMOI.txt"
    assert [Path(name).suffix for name in names if "/photos/" in name] == [".jpg", ".webp"] * 3
    assert {name.split("/")[0] for name in names[1:]} == {"compte", "signalements", "alertes", "envois"}
    assert read(packed, "compte/profile.json")["email"] == EMAIL
    assert [report["contact_email"] for report in read(packed, "signalements/reports.json")] == ["", EMAIL]


def test_export_holds_no_key_nor_secret(db: None) -> None:
    user = full_person()
    packed = opened(made(user))
    everything = b"".join(packed.read(name) for name in packed.namelist())
    assert user.password.encode() not in everything
    assert user.exports.get().token.encode() not in everything
    assert SECRET.encode() not in everything


def test_export_holds_nothing_of_others(db: None, author: User) -> None:
    full_person()
    ReportFactory(reporter=author, description="À moi seule.")
    packed = opened(made(author))
    assert EMAIL not in b"".join(packed.read(name) for name in packed.namelist()).decode()
    assert [report["description"] for report in read(packed, "signalements/reports.json")] == ["À moi seule."]


def test_export_is_explained_in_the_language_of_the_person(db: None) -> None:
    assert opened(made(UserFactory(language="en"))).namelist()[0] == "README.txt"


def test_export_of_large_photos_needs_little_memory(author: User) -> None:
    photo = add_photo(report=ReportFactory(reporter=author))
    photo.original.save("x", ContentFile(b"\xff\xd8" + bytes(40_000_000)))
    export = data.ask_for_export(user=author)
    tracemalloc.start()
    data.build_export(export_id=export.pk)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    export.refresh_from_db()
    assert export.size > 40_000_000
    assert peak < 8_000_000


def test_export_leaves_out_a_photo_that_the_storage_lost(author: User) -> None:
    photo = add_photo(report=ReportFactory(reporter=author))
    photo.original.storage.delete(str(photo.original.name))
    names = opened(made(author)).namelist()
    assert [Path(name).name for name in names if "/photos/" in name] == ["320.webp"]


def test_ask_twice_makes_one_copy(author: User) -> None:
    assert data.ask_for_export(user=author) == data.ask_for_export(user=author)
    assert AuditEntry.objects.filter(kind="export_asked", subject=author).count() == 1


def test_ask_refuses_a_fourth_copy_in_a_day(author: User) -> None:
    for _time in range(3):
        made(author)
    with pytest.raises(TooManyExports):
        data.ask_for_export(user=author)
    DataExport.objects.update(asked_at=timezone.now() - timedelta(days=2))
    assert data.ask_for_export(user=author).status == "waiting"


def test_build_twice_keeps_one_file(author: User) -> None:
    export = made(author)
    data.build_export(export_id=export.pk)
    folder = Path(export.file.path).parent
    assert [file.name for file in folder.iterdir()] == [f"{export.token}.zip"]


def test_build_that_another_worker_finished_removes_its_own_file(author: User, monkeypatch: pytest.MonkeyPatch) -> None:
    export = data.ask_for_export(user=author)
    write = data.write_copy

    def overtaken(**given: Any) -> None:
        write(**given)
        monkeypatch.setattr(data, "write_copy", write)
        data.build_export(export_id=export.pk)

    monkeypatch.setattr(data, "write_copy", overtaken)
    data.build_export(export_id=export.pk)
    export.refresh_from_db()
    assert [file.name for file in Path(export.file.path).parent.iterdir()] == [Path(str(export.file.name)).name]


def test_announce_mails_the_link_once(author: User, django_capture_on_commit_callbacks: OnCommit) -> None:
    export = made(author)
    data.announce_export(export_id=export.pk)
    data.announce_export(export_id=export.pk)
    (sent,) = mail.outbox
    assert sent.to == [author.email]
    assert f"http://127.0.0.1:8000/compte/donnees/{export.token}/" in sent.body


def test_announce_waits_for_a_mail_server_that_is_away(author: User, monkeypatch: pytest.MonkeyPatch) -> None:
    export = made(author)

    def away(_self: Any, _messages: Any) -> int:
        raise SMTPServerDisconnected

    send = EmailBackend.send_messages
    monkeypatch.setattr(EmailBackend, "send_messages", away)
    with pytest.raises(SMTPServerDisconnected):
        data.announce_export(export_id=export.pk)
    export.refresh_from_db()
    assert export.mailed_at is None
    monkeypatch.setattr(EmailBackend, "send_messages", send)
    data.announce_export(export_id=export.pk)
    assert len(mail.outbox) == 1


def test_ask_queues_the_work_after_the_commit(
    author: User, django_capture_on_commit_callbacks: OnCommit, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued: list[int] = []
    monkeypatch.setattr(make_export, "delay", queued.append)
    with django_capture_on_commit_callbacks(execute=True):
        export = data.ask_for_export(user=author)
        assert queued == []
    assert queued == [export.pk]


def test_sweep_queues_what_was_lost_and_gives_up_what_fails(author: User, monkeypatch: pytest.MonkeyPatch) -> None:
    export = data.ask_for_export(user=author)
    queued: list[int] = []
    monkeypatch.setattr(make_export, "delay", queued.append)
    assert data.sweep_exports()["made_again"] == 0
    DataExport.objects.update(asked_at=timezone.now() - timedelta(minutes=11))
    assert data.sweep_exports()["made_again"] == 1
    DataExport.objects.update(tries=5)
    assert data.sweep_exports()["failed"] == 1
    export.refresh_from_db()
    assert (queued, export.status) == ([export.pk], "failed")


def test_sweep_removes_the_file_of_an_expired_copy(author: User) -> None:
    export = made(author)
    path = Path(export.file.path)
    DataExport.objects.update(mailed_at=timezone.now(), expires_at=timezone.now())
    assert path.exists()
    assert data.sweep_exports()["expired"] == 1
    assert data.sweep_exports()["expired"] == 0
    export.refresh_from_db()
    assert (path.exists(), export.status, export.file.name) == (False, "expired", "")


def test_fetch_gives_the_copy_to_its_owner_and_logs_it(client: Client, author: User) -> None:
    export = made(author)
    client.force_login(author)
    response = client.get(reverse("my-data-copy", args=[export.token]))
    assert response["Content-Disposition"] == 'attachment; filename="fixmyquarter.zip"'
    assert response["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert zipfile.is_zipfile(io.BytesIO(response.getvalue()))
    entry = AuditEntry.objects.get(kind="export_fetched")
    assert (entry.actor, entry.subject, entry.data) == (author, author, {"export": export.pk})


def test_fetch_sends_somebody_who_is_not_signed_in_to_the_door(client: Client, author: User) -> None:
    address = reverse("my-data-copy", args=[made(author).token])
    assert client.get(address)["Location"] == f"/compte/connexion/?next={address}"


@pytest.mark.parametrize("token", ["own", "A" * 32, "x", "../../etc/passwd"])
def test_fetch_refuses_a_token_that_is_not_ones_own(client: Client, author: User, stranger: User, token: str) -> None:
    export = made(author)
    client.force_login(stranger)
    response = client.get(f"/compte/donnees/{export.token if token == 'own' else token}/")
    assert response.status_code == 404
    if token != "../../etc/passwd":
        assert "Ce lien n’est pas le vôtre" in response.content.decode()
    assert AuditEntry.objects.filter(kind="export_fetched").count() == 0


def test_fetch_of_an_expired_copy_says_so_and_removes_it(client: Client, author: User) -> None:
    export = made(author)
    path = Path(export.file.path)
    DataExport.objects.update(expires_at=timezone.now())
    client.force_login(author)
    response = client.get(reverse("my-data-copy", args=[export.token]))
    assert response.status_code == 410
    assert "Cette copie n’existe plus" in response.content.decode()
    assert not path.exists()


def test_fetch_of_a_copy_in_the_making_leads_back(client: Client, author: User) -> None:
    export = data.ask_for_export(user=author)
    client.force_login(author)
    assert client.get(reverse("my-data-copy", args=[export.token]))["Location"] == "/compte/donnees/"


def test_page_asks_for_a_copy_and_refuses_too_many(client: Client, author: User) -> None:
    client.force_login(author)
    assert client.post(reverse("my-data-export"))["Location"] == "/compte/donnees/"
    data.build_export(export_id=author.exports.get().pk)
    for _time in range(2):
        made(author)
    response = client.post(reverse("my-data-export"))
    assert response.status_code == 429
    assert "trois copies" in response.content.decode()


def test_page_needs_as_many_queries_for_three_copies_as_for_one(
    client: Client, author: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(author)
    made(author)
    with django_assert_num_queries(5):
        client.get(reverse("my-data"))
    made(author)
    made(author)
    with django_assert_num_queries(5):
        client.get(reverse("my-data"))
