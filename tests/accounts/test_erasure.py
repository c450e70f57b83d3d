"""The end of an account: planned, undone, done; twice, after crashes, and by whom it cannot be."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from smtplib import SMTPServerDisconnected
from threading import Barrier
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.files.storage import storages
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.errors import LastAdministrator, TokenRefused
from accounts.models import AuditEntry, DataExport, Role, User
from accounts.services import data, erasure, tokens
from accounts.tasks import send_erasure_notice
from reports import personal_data as reports_data
from reports import workflow
from reports.models import Comment, Event, Follow, Photo, Report, Vote
from reports.services.photos import remove
from tests.accounts.dump import columns_with
from tests.accounts.full_person import NAME, TRACES, add_photo, columns_about_people, full_person, rows_about
from tests.client import Client
from tests.factories import PASSWORD, PhotoFactory, ReportFactory, UserFactory, give

OnCommit = Callable[..., Any]
WORD = {"word": "EFFACER"}


def due(user: User, *, with_comments: bool = False) -> User:
    """Let the time to change one's mind be over."""
    erasure.ask_for_erasure(user=user, with_comments=with_comments)
    User.objects.filter(pk=user.pk).update(erase_after=timezone.now())
    return user


def erased(user: User, **choice: bool) -> User:
    due(user, **choice)
    assert erasure.sweep_erasures() == 1
    user.refresh_from_db()
    return user


def signed_in(client: Client, user: User) -> Client:
    """Come in by the door, a moment ago."""
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client


# --- What is left -----------------------------------------------------------------------------------------------------


def test_erase_leaves_no_trace_in_any_text_of_the_database(db: None) -> None:
    user = full_person()
    assert columns_with(NAME)
    erased(user)
    assert {words: columns_with(words) for words in TRACES} == {words: set() for words in TRACES}


def test_erase_lets_no_column_name_the_person_but_those_with_a_reason(db: None) -> None:
    user = erased(full_person())
    stays = {key: reason for module in settings.PERSONAL_DATA for key, reason in import_module(module).STAYS.items()}
    assert {column for column in columns_about_people() if rows_about(user, column)} <= stays.keys()
    assert all(stays.values())


def test_erase_closes_every_way_in(db: None) -> None:
    user = full_person()
    session_keys = list(UserSession.objects.filter(user=user).values_list("session_key", flat=True))
    erased(user)
    assert (user.email, user.name, user.is_active, user.is_staff) == (
        f"efface-{user.pk}@compte.invalid",
        "",
        False,
        False,
    )
    assert not user.has_usable_password()
    assert not Session.objects.filter(session_key__in=session_keys).exists()
    assert authenticate(email=user.email, password=PASSWORD) is None


def test_erase_keeps_public_reports_without_a_name(db: None) -> None:
    user = full_person()
    report = Report.objects.get(reporter=user, status=workflow.OPEN)
    photo = report.photos.get()
    erased(user)
    report.refresh_from_db()
    left = (report.status, report.reporter, report.public_name, report.contact_phone, report.assignee)
    assert left == ("open", None, "", "", None)
    assert report.description == "Un trou profond au milieu de la chaussée."
    assert storages["variants"].exists(photo.variant_name(320))
    assert not Follow.objects.filter(report=report).exists()


def test_erase_withdraws_what_nobody_judged_and_removes_its_words_and_photos(db: None) -> None:
    user = full_person()
    report = Report.objects.get(reporter=user, status=workflow.PENDING)
    photo = report.photos.get()
    erased(user)
    report.refresh_from_db()
    assert (report.status, report.reporter, report.description, report.address) == ("withdrawn", None, "", "")
    assert report.photos.count() == 0
    assert not Path(photo.original.path).exists()
    assert not storages["variants"].exists(photo.variant_name(320))


def test_erase_keeps_comments_without_a_name(db: None) -> None:
    user = full_person()
    comment = Comment.objects.get(author=user)
    erased(user)
    comment.refresh_from_db()
    assert (comment.author, comment.public_name, comment.text, comment.status) == (None, "", "Moi aussi.", "visible")
    assert comment.report.comments == 2


def test_erase_with_comments_removes_them_and_their_photo(
    db: None, django_capture_on_commit_callbacks: OnCommit
) -> None:
    user = full_person()
    comment = Comment.objects.get(author=user)
    photo = Photo.objects.get(comment=comment)
    with django_capture_on_commit_callbacks(execute=True):
        erased(user, with_comments=True)
    comment.refresh_from_db()
    assert (comment.author, comment.text, comment.status, comment.photo) == (None, "", "deleted", None)
    assert comment.report.comments == 1
    assert not storages["variants"].exists(photo.variant_name(320))


def test_erase_keeps_votes_counted_and_unlinked(author: User) -> None:
    reports = [ReportFactory(votes=1), ReportFactory(votes=1)]
    for report in reports:
        Vote.objects.create(report=report, user=author)
    erased(author)
    votes = list(Vote.objects.values_list("user", "device"))
    assert [user for user, _device in votes] == [None, None]
    assert len({device for _user, device in votes}) == 2
    assert set(Report.objects.values_list("votes", flat=True)) == {1}


def test_erase_keeps_what_staff_decided(moderator: User, administrator: User) -> None:
    event = Event.objects.create(kind="reply", report=ReportFactory(), actor=moderator, actor_role="moderator")
    erased(moderator)
    event.refresh_from_db()
    assert (event.actor, event.actor_role) == (moderator, "moderator")
    assert AuditEntry.objects.filter(kind="role_revoked", subject=moderator).count() == 1
    assert list(moderator.memberships.all()) == []


def test_erase_removes_the_copies_of_the_data(author: User) -> None:
    export = data.ask_for_export(user=author)
    data.build_export(export_id=export.pk)
    export.refresh_from_db()
    erased(author)
    assert not Path(export.file.path).exists()
    assert DataExport.objects.count() == 0


def test_remove_keeps_files_that_another_photo_shares(db: None) -> None:
    photo = add_photo(report=ReportFactory())
    twin = PhotoFactory(key=photo.key, sizes=[320])
    remove(photo=twin)
    assert storages["variants"].exists(photo.variant_name(320))
    remove(photo=photo)
    assert not storages["variants"].exists(photo.variant_name(320))


# --- Time, crashes, and who may not -----------------------------------------------------------------------------------


def test_ask_plans_fourteen_days_and_puts_it_on_record(author: User) -> None:
    moment = erasure.ask_for_erasure(user=author, with_comments=True)
    assert timedelta(days=13, hours=23) < moment - timezone.now() < timedelta(days=14)
    assert AuditEntry.objects.get(kind="erasure_asked").data == {"comments": True}
    assert erasure.ask_for_erasure(user=author, with_comments=False) == moment
    assert (author.erases_comments, AuditEntry.objects.count()) == (False, 1)


def test_sweep_erases_nobody_before_the_time(author: User) -> None:
    erasure.ask_for_erasure(user=author, with_comments=False)
    User.objects.filter(pk=author.pk).update(erasure_mailed_at=timezone.now())
    assert erasure.sweep_erasures() == 0
    author.refresh_from_db()
    assert author.email == "auteur@example.org"


def test_undo_keeps_everything(author: User) -> None:
    due(author)
    assert erasure.undo_erasure(user=author)
    assert not erasure.undo_erasure(user=author)
    assert erasure.sweep_erasures() == 0
    assert list(AuditEntry.objects.values_list("kind", flat=True)) == ["erasure_undone", "erasure_asked"]


def test_erase_twice_changes_nothing_more(db: None) -> None:
    user = erased(full_person())
    first = User.objects.filter(pk=user.pk).values().get()
    assert not erasure.erase(user_id=user.pk)
    assert erasure.sweep_erasures() == 0
    assert User.objects.filter(pk=user.pk).values().get() == first
    assert AuditEntry.objects.filter(kind="erased", subject=user).count() == 1


@pytest.mark.parametrize("step", ["forget_comments", "forget_unpublished", "remove", "follows_of"])
def test_erase_finishes_after_a_crash_in_the_middle(db: None, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    user = due(full_person())

    def crash(*_given: Any, **_named: Any) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(reports_data, step, crash)
        assert erasure.sweep_erasures() == 0
    user.refresh_from_db()
    assert (user.is_active, user.erased_at) == (False, None)
    assert erasure.sweep_erasures() == 1
    assert {words: columns_with(words) for words in TRACES} == {words: set() for words in TRACES}


def test_sweep_goes_on_after_an_account_that_fails(author: User, administrator: User) -> None:
    other = due(give(UserFactory(), Role.ADMINISTRATOR))
    due(author)
    User.objects.filter(pk=administrator.pk).update(is_active=False)
    assert erasure.sweep_erasures() == 1
    other.refresh_from_db()
    author.refresh_from_db()
    assert (other.is_active, other.erased_at, author.is_active) == (True, None, False)


def test_ask_is_refused_to_the_last_administrator(administrator: User) -> None:
    with pytest.raises(LastAdministrator, match="Donnez d’abord"):
        erasure.ask_for_erasure(user=administrator, with_comments=False)
    give(UserFactory(), Role.ADMINISTRATOR)
    erasure.ask_for_erasure(user=administrator, with_comments=False)


def test_ask_does_not_rely_on_an_administrator_who_is_leaving(administrator: User) -> None:
    other = give(UserFactory(), Role.ADMINISTRATOR)
    erasure.ask_for_erasure(user=other, with_comments=False)
    with pytest.raises(LastAdministrator):
        erasure.ask_for_erasure(user=administrator, with_comments=False)


@pytest.mark.django_db(transaction=True)
def test_ask_lets_only_one_of_two_administrators_go_at_once() -> None:
    both = [give(UserFactory(), Role.ADMINISTRATOR) for _time in range(2)]
    start = Barrier(2)

    def leave(user: User) -> bool:
        try:
            start.wait()
            erasure.ask_for_erasure(user=user, with_comments=False)
        except LastAdministrator:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(leave, both)) == [False, True]


def test_erase_ends_the_tokens_of_the_api(author: User) -> None:
    pair = tokens.open_family(user=author, has_factor=False)
    erased(author)
    for use in (lambda: tokens.rotate(refresh=pair["refresh"]), lambda: tokens.person_of(pair["access"])):
        with pytest.raises(TokenRefused):
            use()


# --- The mail ---------------------------------------------------------------------------------------------------------


def test_announce_mails_the_day_once(author: User) -> None:
    erasure.ask_for_erasure(user=author, with_comments=False)
    erasure.announce_erasure(user_id=author.pk)
    erasure.announce_erasure(user_id=author.pk)
    (sent,) = mail.outbox
    assert sent.to == [author.email]
    assert sent.subject.startswith("Votre compte sera effacé le ")
    assert "http://127.0.0.1:8000/compte/donnees/" in sent.body


def test_announce_waits_for_a_mail_server_that_is_away(author: User, monkeypatch: pytest.MonkeyPatch) -> None:
    erasure.ask_for_erasure(user=author, with_comments=False)

    def away(*_given: Any, **_named: Any) -> None:
        raise SMTPServerDisconnected

    monkeypatch.setattr("accounts.emails.send", away)
    with pytest.raises(SMTPServerDisconnected):
        erasure.announce_erasure(user_id=author.pk)
    author.refresh_from_db()
    assert author.erasure_mailed_at is None


def test_sweep_queues_a_mail_that_was_lost(author: User, monkeypatch: pytest.MonkeyPatch) -> None:
    queued: list[int] = []
    monkeypatch.setattr(send_erasure_notice, "delay", queued.append)
    moment = erasure.ask_for_erasure(user=author, with_comments=False)
    erasure.sweep_erasures()
    assert queued == []
    User.objects.filter(pk=author.pk).update(erase_after=moment - timedelta(minutes=3))
    erasure.sweep_erasures()
    assert queued == [author.pk]


# --- The page ---------------------------------------------------------------------------------------------------------


def test_page_plans_the_erasure_and_offers_to_undo(client: Client, author: User) -> None:
    signed_in(client, author)
    assert client.get(reverse("my-data-erase")).status_code == 200
    response = client.post(reverse("my-data-erase"), {"word": " effacer ", "with_comments": "on"})
    assert response["Location"] == "/compte/donnees/"
    author.refresh_from_db()
    assert (author.erase_after is not None, author.erases_comments) == (True, True)
    assert "Votre compte va être effacé" in client.get(reverse("account")).content.decode()
    client.post(reverse("my-data-keep"))
    author.refresh_from_db()
    assert author.erase_after is None
    assert "Votre compte va être effacé" not in client.get(reverse("account")).content.decode()


@pytest.mark.parametrize("typed", ["", "oui", "EFFACE", "x" * 5000, "\x00"])
def test_page_refuses_another_word(client: Client, author: User, typed: str) -> None:
    response = signed_in(client, author).post(reverse("my-data-erase"), {"word": typed, "with_comments": "on"})
    assert response.status_code == 422
    assert "checked" in response.content.decode()
    author.refresh_from_db()
    assert author.erase_after is None


def test_page_asks_for_the_password_when_the_sign_in_is_old(client: Client, author: User) -> None:
    client.force_login(author)
    for response in (client.get(reverse("my-data-erase")), client.post(reverse("my-data-erase"), WORD)):
        assert response["Location"].startswith("/compte/verification/?next=")
    author.refresh_from_db()
    assert author.erase_after is None


def test_page_asks_for_a_code_when_there_is_no_password(client: Client, author: User) -> None:
    author.set_unusable_password()
    author.save()
    client.force_login(author)
    response = client.post(reverse("my-data-erase"), WORD)
    assert response["Location"] == "/compte/connexion/code/?next=%2Fcompte%2Fdonnees%2Feffacement%2F"
    assert client.get(reverse("my-data")).status_code == 302
    author.refresh_from_db()
    assert author.erase_after is None


def test_page_tells_the_last_administrator_what_to_do_first(client: Client, administrator: User) -> None:
    client.force_login(administrator)
    response = client.post(reverse("my-data-erase"), WORD)
    assert response.status_code == 422
    assert "Donnez d’abord l’administration" in response.content.decode()


@pytest.mark.parametrize("name", ["my-data-erase", "my-data-keep"])
def test_page_is_for_people_who_are_signed_in(client: Client, db: None, name: str) -> None:
    response = client.post(reverse(name), WORD)
    assert response["Location"].startswith("/compte/connexion/?next=")


# --- Accounts that nobody confirmed -----------------------------------------------------------------------------------


def unconfirmed(*, days: int, **fields: Any) -> User:
    user = UserFactory(date_joined=timezone.now() - timedelta(days=days), **fields)
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": False, "primary": True})
    return user


def test_forget_removes_accounts_that_nobody_confirmed_for_a_month(db: None) -> None:
    old, young = unconfirmed(days=31), unconfirmed(days=29)
    assert erasure.forget_unconfirmed() == 1
    assert erasure.forget_unconfirmed() == 0
    assert set(User.objects.values_list("pk", flat=True)) == {young.pk}
    assert not EmailAddress.objects.filter(email=old.email).exists()


def test_forget_keeps_whoever_confirmed_came_in_works_here_or_is_on_record(db: None) -> None:
    confirmed = unconfirmed(days=40)
    EmailAddress.objects.filter(user=confirmed).update(verified=True)
    unconfirmed(days=40, last_login=timezone.now())
    give(unconfirmed(days=40), Role.ADMINISTRATOR)
    # Made by a colleague: without any address to confirm.
    made = unconfirmed(days=40)
    EmailAddress.objects.filter(user=made).delete()
    assert erasure.forget_unconfirmed() == 0
    assert User.objects.count() == 4
