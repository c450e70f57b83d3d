"""The private page, the confirmed address, and the support of neighbours."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from reports import workflow
from reports.models import Event, Follow, Organisation, Quarter, Report, Vote
from reports.permissions import Actor, reporter_without_account
from reports.services.log import record
from tests.factories import PhotoFactory, ReportFactory

OURS: dict[str, Any] = {"headers": {"Sec-Fetch-Site": "same-origin"}}
SCRIPT: dict[str, Any] = {"headers": {"Sec-Fetch-Site": "same-origin", "Accept": "application/json"}}
ELSEWHERE: dict[str, Any] = {"headers": {"Sec-Fetch-Site": "cross-site"}}
NOT_PUBLIC = [workflow.PENDING, workflow.REJECTED, workflow.DUPLICATE, workflow.WITHDRAWN]


@pytest.fixture(autouse=True)
def unthrottled(settings: Settings) -> None:
    settings.THROTTLE = False


def author_row(report: Report) -> Follow:
    return report.followers.get(is_reporter=True)


def page_of(row: Follow) -> str:
    return reverse("follow", args=[row.token])


def support_of(report: Report) -> str:
    return reverse("report-support", args=[report.ref])


def act(client: Client, row: Follow, action: str, **data: str) -> Any:
    return client.post(page_of(row), {"action": action, **data}, **OURS)


def follower(report: Report, **changes: Any) -> Follow:
    return Follow.objects.create(report=report, **{"email": "voisine@example.org", **changes})


# --- The private page -----------------------------------------------------------------------------


@pytest.mark.django_db
def test_words_and_photos_of_what_was_taken_back_are_its_authors_alone(client: Client) -> None:
    report = ReportFactory(status=workflow.WITHDRAWN, address="Devant chez moi")
    PhotoFactory(report=report, status="ready")
    again = {"from": workflow.RESOLVED, "to": workflow.OPEN, "note": "Toujours cassé."}
    kind = Event.Kind.STATUS_CHANGED
    record(kind=kind, report=report, actor=reporter_without_account(), is_public=True, data=again)
    shown = []
    for row in (author_row(report), follower(report)):
        page = client.get(page_of(row))
        words = page.content.decode()
        told = "Son auteur l’a retiré" in words
        said = [text in words for text in (report.description, report.address, "Toujours cassé.")]
        shown.append((said, len(page.context["photos"]), told))
    assert shown == [([True] * 3, 1, False), ([False] * 3, 0, True)]


@pytest.mark.django_db
@pytest.mark.parametrize("status", workflow.STATUSES)
def test_author_sees_the_report_in_every_status(client: Client, status: str) -> None:
    report = ReportFactory(status=status)

    reply = client.get(page_of(author_row(report)))

    assert reply.status_code == 200
    assert report.ref in reply.content.decode()


@pytest.mark.django_db
def test_page_is_neither_stored_nor_indexed_nor_told_to_others(client: Client) -> None:
    reply = client.get(page_of(author_row(ReportFactory())))

    assert "no-store" in reply["Cache-Control"]
    assert reply["X-Robots-Tag"] == "noindex"
    assert reply["Referrer-Policy"] == "same-origin"
    assert not reply.cookies


@pytest.mark.django_db
def test_page_of_an_unknown_token_does_not_exist(client: Client) -> None:
    assert client.get("/suivi/inconnu/").status_code == 404


@pytest.mark.django_db
def test_page_says_thanks_with_the_number(client: Client) -> None:
    report = ReportFactory(status=workflow.PENDING)

    page = client.get(page_of(author_row(report)) + "?merci=1").content.decode()

    assert "Merci, c’est envoyé" in page
    assert report.ref in page
    assert "wa.me" not in page


@pytest.mark.django_db
def test_public_report_can_be_shared(client: Client, settings: Settings) -> None:
    report = ReportFactory(status=workflow.OPEN)

    page = client.get(page_of(author_row(report)) + "?merci=1").content.decode()

    assert "https://wa.me/" in page
    assert author_row(report).token not in page.split("wa.me/")[1].split('"')[0]


@pytest.mark.django_db
def test_author_reads_why_it_was_rejected(client: Client) -> None:
    report = ReportFactory(status=workflow.REJECTED, rejection_reason="Terrain privé.")

    assert "Terrain privé." in client.get(page_of(author_row(report))).content.decode()


@pytest.mark.django_db
def test_author_reads_the_first_events_but_no_note_of_staff(client: Client) -> None:
    report = ReportFactory(status=workflow.PENDING)
    record(kind=Event.Kind.CREATED, report=report, actor=reporter_without_account(), is_public=False)
    record(kind=Event.Kind.NOTE, report=report, actor=Actor(), is_public=False, private_data={"text": "suspect"})
    assigned = {"organisation": "Service secret"}
    record(kind=Event.Kind.ASSIGNED, report=report, actor=Actor(), is_public=False, data=assigned)

    page = client.get(page_of(author_row(report))).content.decode()

    assert "Signalement reçu" in page
    assert "suspect" not in page
    assert "Service secret" not in page


@pytest.mark.django_db
def test_follower_reads_only_what_is_public(client: Client) -> None:
    report = ReportFactory(status=workflow.OPEN)
    record(kind=Event.Kind.CREATED, report=report, actor=reporter_without_account(), is_public=False)

    page = client.get(page_of(follower(report))).content.decode()

    assert "Signalement reçu" not in page
    assert "Retirer ce signalement" not in page


@pytest.mark.django_db
def test_page_number_of_queries_does_not_grow(client: Client, django_assert_num_queries: Any) -> None:
    report = ReportFactory(status=workflow.OPEN)
    for _number in range(3):
        PhotoFactory(report=report)
        record(kind=Event.Kind.EDITED, report=report, actor=reporter_without_account(), is_public=True)

    page = page_of(author_row(report))

    with django_assert_num_queries(5):
        client.get(page)


# --- Withdrawing and reopening --------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("status", [workflow.PENDING, workflow.OPEN])
def test_author_withdraws(client: Client, status: str) -> None:
    report = ReportFactory(status=status)

    reply = act(client, author_row(report), "withdraw")

    report.refresh_from_db()
    assert report.status == workflow.WITHDRAWN
    assert "Votre signalement est retiré." in client.get(reply["Location"]).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("status", [workflow.IN_PROGRESS, workflow.RESOLVED, workflow.REJECTED])
def test_author_cannot_withdraw_later(client: Client, status: str) -> None:
    report = ReportFactory(status=status)

    reply = act(client, author_row(report), "withdraw")

    report.refresh_from_db()
    assert report.status == status
    assert "message-error" in client.get(reply["Location"]).content.decode()


@pytest.mark.django_db
def test_follower_cannot_withdraw(client: Client) -> None:
    report = ReportFactory(status=workflow.OPEN)

    act(client, follower(report), "withdraw")

    report.refresh_from_db()
    assert report.status == workflow.OPEN


@pytest.mark.django_db
def test_author_reopens_within_thirty_days(client: Client) -> None:
    report = ReportFactory(status=workflow.RESOLVED, resolved_at=timezone.now() - timedelta(days=29))

    act(client, author_row(report), "reopen", note="Le trou est revenu.")

    report.refresh_from_db()
    assert report.status == workflow.OPEN
    assert report.events.get(kind=Event.Kind.STATUS_CHANGED).data["note"] == "Le trou est revenu."


@pytest.mark.django_db
def test_author_cannot_reopen_after_thirty_days(client: Client) -> None:
    report = ReportFactory(status=workflow.RESOLVED, resolved_at=timezone.now() - timedelta(days=31))
    row = author_row(report)

    act(client, row, "reopen", note="Le trou est revenu.")

    report.refresh_from_db()
    assert report.status == workflow.RESOLVED
    assert 'value="reopen"' not in client.get(page_of(row)).content.decode()


@pytest.mark.django_db
def test_reopening_needs_words(client: Client) -> None:
    report = ReportFactory(status=workflow.RESOLVED)

    reply = act(client, author_row(report), "reopen", note=" ")

    assert reply.status_code == 422
    assert '<a href="#id_note">' in reply.content.decode()


@pytest.mark.django_db
def test_unknown_action_changes_nothing(client: Client) -> None:
    assert act(client, author_row(ReportFactory()), "explode").status_code == 400


@pytest.mark.django_db
def test_another_site_cannot_withdraw(client: Client) -> None:
    report = ReportFactory(status=workflow.OPEN)

    assert client.post(page_of(author_row(report)), {"action": "withdraw"}, **ELSEWHERE).status_code == 403


# --- An address -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_author_adds_an_address(client: Client) -> None:
    report = ReportFactory(status=workflow.PENDING)
    row = author_row(report)
    old_link = row.confirm_token

    act(client, row, "address", email="Amina@Example.org")

    row.refresh_from_db()
    report.refresh_from_db()
    assert (row.email, row.confirmed_at, report.contact_email) == ("amina@example.org", None, "amina@example.org")
    assert row.confirm_token != old_link


@pytest.mark.django_db
def test_wrong_address_is_kept_and_explained(client: Client) -> None:
    reply = act(client, author_row(ReportFactory()), "address", email="amina@")

    page = reply.content.decode()
    assert reply.status_code == 422
    assert 'value="amina@"' in page
    assert "<title>Erreur\u00a0:" in page


@pytest.mark.django_db
def test_address_that_follows_already_is_not_taken_twice(client: Client) -> None:
    report = ReportFactory()
    follower(report, email="amina@example.org")
    row = author_row(report)

    act(client, row, "address", email="amina@example.org")

    row.refresh_from_db()
    assert row.email == ""


@pytest.mark.django_db
def test_author_stops_the_mails_and_keeps_the_page(client: Client) -> None:
    report = ReportFactory(contact_email="amina@example.org")
    row = author_row(report)

    reply = act(client, row, "stop")

    row.refresh_from_db()
    assert row.email == ""
    assert client.get(reply["Location"]).status_code == 200


@pytest.mark.django_db
def test_follower_stops_and_is_forgotten(client: Client) -> None:
    row = follower(ReportFactory())

    reply = act(client, row, "stop")

    assert "Vous ne suivez plus" in reply.content.decode()
    assert not Follow.objects.filter(pk=row.pk).exists()


@pytest.mark.django_db
def test_button_behind_the_link_confirms_and_leads_to_the_page(client: Client) -> None:
    row = follower(ReportFactory())

    reply = client.post(reverse("follow-confirm", args=[row.confirm_token]), follow=True, **OURS)

    row.refresh_from_db()
    assert row.confirmed_at is not None
    assert "Votre adresse est confirmée" in reply.content.decode()
    assert reply.redirect_chain == [(page_of(row), 302)]


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_link_works_twice_and_keeps_the_first_moment(client: Client, method: str) -> None:
    row = follower(ReportFactory())
    client.post(reverse("follow-confirm", args=[row.confirm_token]), **OURS)
    row.refresh_from_db()
    first = row.confirmed_at

    again = getattr(client, method)(reverse("follow-confirm", args=[row.confirm_token]), **OURS)

    row.refresh_from_db()
    assert (again.status_code, again["Location"], row.confirmed_at) == (302, page_of(row), first)


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "head"])
def test_link_opened_by_a_scanner_confirms_nothing(client: Client, method: str) -> None:
    row = follower(ReportFactory())

    page = getattr(client, method)(reverse("follow-confirm", args=[row.confirm_token]))

    row.refresh_from_db()
    assert (page.status_code, row.confirmed_at, page["X-Robots-Tag"]) == (200, None, "noindex")


@pytest.mark.django_db
def test_link_shows_what_is_followed_but_not_the_address(client: Client) -> None:
    report = ReportFactory()
    row = follower(report)

    page = client.get(reverse("follow-confirm", args=[row.confirm_token])).content.decode()

    assert (report.ref in page, row.email in page, "Confirmer mon adresse" in page) == (True, False, True)


@pytest.mark.django_db
def test_another_site_confirms_nothing(client: Client) -> None:
    row = follower(ReportFactory())

    reply = client.post(reverse("follow-confirm", args=[row.confirm_token]), HTTP_SEC_FETCH_SITE="cross-site")

    row.refresh_from_db()
    assert (reply.status_code, row.confirmed_at) == (403, None)


@pytest.mark.django_db
def test_page_token_confirms_nothing(client: Client) -> None:
    row = follower(ReportFactory())

    assert client.get(reverse("follow-confirm", args=[row.token])).status_code == 404


# --- Support --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_anonymous_device_supports_once(client: Client) -> None:
    report = ReportFactory(status=workflow.OPEN)

    replies = [client.post(support_of(report), **OURS) for _tap in "ab"]

    report.refresh_from_db()
    assert report.votes == 1
    assert replies[0]["Location"] == f"/signalements/{report.ref}/?soutien=oui"
    cookie = replies[0].cookies["fmq_device"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


@pytest.mark.django_db
def test_two_devices_are_two_supports() -> None:
    report = ReportFactory(status=workflow.OPEN)

    for _device in "ab":
        Client().post(support_of(report), **OURS)

    report.refresh_from_db()
    assert report.votes == 2


@pytest.mark.django_db
def test_forged_device_is_given_a_new_name(client: Client) -> None:
    report = ReportFactory(status=workflow.OPEN)
    client.cookies["fmq_device"] = "somebody:else"

    client.post(support_of(report), **OURS)

    assert Vote.objects.get().device != "somebody"


@pytest.mark.django_db
def test_signed_in_person_supports_once_without_a_device(client: Client, stranger: User) -> None:
    report = ReportFactory(status=workflow.OPEN)
    client.force_login(stranger)

    replies = [client.post(support_of(report), **OURS) for _tap in "ab"]

    assert Vote.objects.get().user == stranger
    assert "fmq_device" not in replies[0].cookies


@pytest.mark.django_db
def test_support_is_taken_back(client: Client) -> None:
    report = ReportFactory(status=workflow.OPEN)
    client.post(support_of(report), **OURS)

    reply = client.post(support_of(report), {"undo": "1"}, **SCRIPT)

    assert reply.json() == {"votes": 0, "supported": False}


@pytest.mark.django_db
def test_support_with_an_address_follows_too(client: Client) -> None:
    report = ReportFactory(status=workflow.OPEN)

    client.post("/en" + support_of(report), {"email": "Voisine@Example.org"}, **OURS)

    row = report.followers.get(is_reporter=False)
    assert (row.email, row.language, row.confirmed_at) == ("voisine@example.org", "en", None)


@pytest.mark.django_db
def test_support_with_a_wrong_address_still_counts(client: Client) -> None:
    report = ReportFactory(status=workflow.OPEN)

    assert client.post(support_of(report), {"email": "x"}, **SCRIPT).json() == {"votes": 1, "supported": True}


@pytest.mark.django_db
@pytest.mark.parametrize("status", NOT_PUBLIC)
def test_report_that_is_not_public_cannot_be_supported(client: Client, status: str) -> None:
    report = ReportFactory(status=status)

    assert client.post(support_of(report), **OURS).status_code == 404


@pytest.mark.django_db
def test_support_is_neither_a_link_nor_another_sites(client: Client) -> None:
    report = ReportFactory(status=workflow.OPEN)

    assert client.get(support_of(report)).status_code == 405
    assert client.post(support_of(report), **ELSEWHERE).status_code == 403
    assert Vote.objects.count() == 0


@pytest.mark.django_db
def test_too_much_support_is_slowed_down(client: Client, settings: Settings) -> None:
    settings.THROTTLE = True
    rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "support": "1/hour"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    report = ReportFactory(status=workflow.OPEN)
    client.post(support_of(report), **OURS)

    assert Client().post(support_of(report), **OURS).status_code == 429
    assert Vote.objects.count() == 1


@pytest.mark.django_db
def test_page_names_who_is_in_charge(client: Client, organisation: Organisation) -> None:
    report = ReportFactory(status=workflow.IN_PROGRESS, organisation=organisation)

    assert f"pris en charge par {organisation.name}" in client.get(page_of(author_row(report))).content.decode()


def test_follow_by_mail_asks_the_address_to_confirm(client: Client, quarter: Quarter) -> None:
    report = ReportFactory(quarter=quarter)
    response = client.post(f"/signalements/{report.ref}/suivre/", {"email": "voisine@example.org"})
    row = report.followers.of_address("voisine@example.org").get()
    assert row.confirmed_at is None
    assert "voisine@example.org" in response.content.decode()
    assert response.cookies == {}


def test_follow_by_mail_with_no_address_keeps_what_was_typed(client: Client, quarter: Quarter) -> None:
    report = ReportFactory(quarter=quarter)
    response = client.post(f"/signalements/{report.ref}/suivre/", {"email": "voisine@"})
    assert response.status_code == 422
    assert 'value="voisine@"' in response.content.decode()
    assert report.followers.filter(is_reporter=False).count() == 0


@pytest.mark.parametrize("status", ["pending", "rejected", "withdrawn"])
def test_follow_by_mail_of_what_is_not_public(status: str, client: Client, quarter: Quarter) -> None:
    report = ReportFactory(status=status, quarter=quarter)
    assert client.post(f"/signalements/{report.ref}/suivre/", {"email": "v@example.org"}).status_code == 404


# --- With an account ----------------------------------------------------------------------------------


def follow_of(report: Report) -> str:
    return reverse("report-follow", args=[report.ref])


def test_follow_with_an_account_is_one_tap(client: Client, quarter: Quarter, stranger: User) -> None:
    report = ReportFactory(quarter=quarter)
    client.force_login(stranger)
    replies = [client.post(follow_of(report), **OURS) for _tap in "ab"]
    assert replies[0]["Location"] == f"/signalements/{report.ref}/?suivi=oui"
    assert report.followers.get(user=stranger).is_heard
    assert "Vous suivez ce signalement." in client.get(replies[0]["Location"]).content.decode()


def test_follow_with_an_account_is_taken_back(client: Client, quarter: Quarter, stranger: User) -> None:
    report = ReportFactory(quarter=quarter)
    client.force_login(stranger)
    answers = [client.post(follow_of(report), data, **SCRIPT).json() for data in ({}, {"undo": "1"}, {"undo": "1"})]
    assert answers == [{"followed": True}, {"followed": False}, {"followed": False}]
    assert not report.followers.filter(user=stranger).exists()


def test_follow_by_its_author_reuses_the_private_page(client: Client, quarter: Quarter, author: User) -> None:
    report = ReportFactory(quarter=quarter, reporter=author)
    client.force_login(author)
    client.post(follow_of(report), {"undo": "1"}, **OURS)
    assert author_row(report).user is None
    client.post(follow_of(report), **OURS)
    assert [row.user for row in report.followers.all()] == [author]


def test_follow_without_an_account_asks_for_an_address(client: Client, quarter: Quarter) -> None:
    report = ReportFactory(quarter=quarter)
    reply = client.post(follow_of(report), **OURS)
    assert (reply.status_code, 'name="email"' in reply.content.decode()) == (200, True)


def test_follow_in_somebody_s_name_from_another_site(client: Client, quarter: Quarter, stranger: User) -> None:
    report = ReportFactory(quarter=quarter)
    client.force_login(stranger)
    assert client.post(follow_of(report), **ELSEWHERE).status_code == 403
    assert client.post(follow_of(report)).status_code == 200  # acts as nobody: asks for an address
    assert not report.followers.filter(user=stranger).exists()


@pytest.mark.parametrize("status", NOT_PUBLIC)
def test_follow_what_one_may_not_see(status: str, client: Client, quarter: Quarter, stranger: User) -> None:
    report = ReportFactory(status=status, quarter=quarter)
    client.force_login(stranger)
    assert [client.get(follow_of(report)).status_code, client.post(follow_of(report), **OURS).status_code] == [404, 404]


@pytest.mark.parametrize(("chosen", "status", "kept"), [("weekly", 302, "weekly"), ("toujours", 422, "at_once")])
def test_follower_without_an_account_chooses_how_soon(
    chosen: str, status: int, kept: str, client: Client, quarter: Quarter
) -> None:
    row = follower(ReportFactory(quarter=quarter), confirmed_at=timezone.now())
    assert act(client, row, "frequency", frequency=chosen).status_code == status
    row.refresh_from_db()
    assert row.frequency == kept
