"""Passing a report on to an outside party: who may, the mail, the page behind the link, answers and proof, the end."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from moderation.errors import LinkOver
from moderation.models import Referral
from moderation.services import referrals
from moderation.tasks import sweep_links
from notifications.models import Delivery
from reports import workflow
from reports.errors import NotAllowed
from reports.models import Event, Photo, Report
from reports.permissions import NOBODY, actor_for
from reports.services.handling import assign
from tests.client import Client
from tests.factories import OrganisationFactory, PhotoFactory, ReportFactory
from tests.moderation.conftest import signed_in, words_of
from tests.moderation.test_handling import page_of, panel, picture
from tests.moderation.test_question import OUR_PAGE, sent

pytestmark = pytest.mark.django_db
FIELDS = {
    "name": "Compagnie des eaux",
    "address": "Urgence@Eaux.example.org",
    "language": "fr",
    "text": "Pouvez-vous fermer la vanne ?",
}


def refer(report: Report, by: User, **fields: str) -> Referral:
    said = {**FIELDS, "address": "urgence@eaux.example.org", **fields}
    return referrals.refer(report=report, actor=actor_for(by, report), **said)


def send(person: User | None, report: Report, **fields: str) -> Any:
    """Send the form of the report's page."""
    address = reverse("admin:reports_report_referral", args=[report.pk])
    return signed_in(person).post(address, {**FIELDS, **fields})


def reply(referral: Referral, **fields: Any) -> Any:
    """Send the form behind the link, without an account."""
    address = reverse("referral", args=[referral.token])
    return Client().post(address, {"says": "taken", **fields}, headers=OUR_PAGE)


def open_page(referral: Referral) -> Any:
    return Client().get(reverse("referral", args=[referral.token]))


def expired(referral: Referral) -> Referral:
    now = timezone.now()
    Referral.objects.filter(pk=referral.pk).update(
        sent_at=now - timedelta(days=31), expires_at=now - timedelta(minutes=1)
    )
    referral.refresh_from_db()
    return referral


# --- Who may pass it on -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("moderator", 302),
        ("operator", 302),
        ("administrator", 302),
        ("moderator_elsewhere", 404),
        ("operator_elsewhere", 404),
        ("stranger", 403),
        ("nobody", 302),
    ],
    indirect=["person"],
)
def test_refer_by_direct_post(person: User | None, status: int) -> None:
    report = ReportFactory()
    response = send(person, report)
    by_staff = person is not None and actor_for(person, report).is_staff
    assert (response.status_code, Referral.objects.count()) == (status, int(by_staff))


@pytest.mark.parametrize("status", workflow.STATUSES)
def test_refer_only_what_is_public_and_unresolved(status: str, administrator: User) -> None:
    report = ReportFactory(status=status)
    response = send(administrator, report)
    may = status in workflow.UNRESOLVED
    assert (response.status_code, Referral.objects.exists()) == (302 if may else 422, may)
    assert (panel(page_of(administrator, report), "referrals") == {}) == (not may)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 121),
        ("name", "a\x00b"),
        ("address", ""),
        ("address", "eaux"),
        ("address", "a@example.org,b@example.org"),
        ("address", "a@example.org\r\nBcc: b@example.org"),
        ("language", "xx"),
        ("text", ""),
        ("text", "x" * 2001),
    ],
)
def test_refer_with_a_field_that_cannot_be_used(field: str, value: str, operator: User) -> None:
    report = ReportFactory()
    response = send(operator, report, **{field: value})
    assert (response.status_code, Referral.objects.exists()) == (422, False)
    assert list(response.context["sent"].errors) == [field]
    assert field == "text" or FIELDS["text"] in words_of(response)


def test_refer_to_more_than_five_at_once_is_refused(operator: User) -> None:
    report = ReportFactory()
    rows = [refer(report, operator) for _number in range(referrals.MOST_OPEN)]
    assert send(operator, report).status_code == 422
    referrals.withdraw(referral=rows[0], actor=actor_for(operator, report))
    assert send(operator, report).status_code == 302


def test_refer_writes_one_mail_with_the_link(operator: User) -> None:
    report = ReportFactory()
    send(operator, report)
    referral = Referral.objects.get()
    assert sent() == [f"{report.ref} vous est transmis : {report.title}"]
    message = mail.outbox[0]
    assert message.to == ["urgence@eaux.example.org"]
    assert f"/transmissions/{referral.token}/" in str(message.body)
    assert FIELDS["text"] in str(message.body)
    assert operator.email not in str(message.body)


def test_refer_in_english(operator: User) -> None:
    refer(ReportFactory(), operator, language="en")
    sent()
    assert "/en/transmissions/" in str(mail.outbox[0].body)


def test_refer_keeps_the_address_encrypted(operator: User) -> None:
    referral = refer(ReportFactory(), operator)
    with connection.cursor() as cursor:
        cursor.execute("SELECT address FROM moderation_referral WHERE id = %s", [referral.pk])
        (kept,) = cursor.fetchone()
    assert "eaux" not in kept
    assert Referral.objects.get().address == "urgence@eaux.example.org"


def test_refer_is_read_by_staff_alone(operator: User) -> None:
    report = ReportFactory()
    refer(report, operator)
    assert "Transmis à Compagnie des eaux" in words_of(page_of(operator, report))
    assert "Compagnie des eaux" not in words_of(Client().get(report.get_absolute_url()))


# --- The page behind the link -----------------------------------------------------------------------------------------


def test_referral_page_shows_the_problem_and_never_the_author(operator: User) -> None:
    report = ReportFactory(contact_email="temoin@example.org", contact_phone="+237 6 70 00 00 00")
    photo = PhotoFactory(report=report)
    hidden = PhotoFactory(report=report, hidden_at=timezone.now())
    response = open_page(refer(report, operator))
    text = words_of(response)
    assert (response.status_code, response["X-Robots-Tag"], response["Referrer-Policy"]) == (
        200,
        "noindex",
        "same-origin",
    )
    assert [words in text for words in (report.description, str(photo.key), FIELDS["text"])] == [True] * 3
    assert [words in text for words in ("temoin@", "70 00 00", str(hidden.key), "urgence@")] == [False] * 4


def test_answer_reaches_staff_and_tells_who_sent_it(operator: User) -> None:
    report = ReportFactory()
    referral = refer(report, operator)
    response = reply(referral, says="taken", text="Nous passons mardi.")
    event = report.events.get(kind=Event.Kind.REFERRAL_ANSWERED)
    assert response.status_code == 302
    assert (event.is_public, event.private_data["says"], event.private_data["text"]) == (
        False,
        "taken",
        "Nous passons mardi.",
    )
    page = words_of(page_of(operator, report))
    assert "Compagnie des eaux : Nous nous en occupons" in page
    assert "Nous passons mardi." in page
    assert "Nous passons mardi." in words_of(open_page(referral))
    assert sent()[-1] == f"{report.ref} : Compagnie des eaux a répondu"
    assert mail.outbox[-1].to == [operator.email]


def test_answer_with_proof_shows_it_on_the_public_page(operator: User) -> None:
    report = ReportFactory()
    reply(refer(report, operator), says="done", photos=picture())
    photo = report.photos.get()
    assert (photo.kind, report.events.filter(kind=Event.Kind.PHOTO_ADDED, is_public=True).count()) == (
        Photo.Kind.PROOF,
        1,
    )
    report.refresh_from_db()
    assert report.status == workflow.OPEN


def test_answer_with_more_photos_than_there_is_room_for(operator: User) -> None:
    report = ReportFactory()
    for _number in range(3):
        PhotoFactory(report=report, kind=Photo.Kind.PROOF)
    referral = refer(report, operator)
    response = reply(referral, says="done", text="Fait.", photos=picture())
    assert response.status_code == 422
    assert "Fait." in words_of(response)
    assert reply(referral, says="done", text="Fait.").status_code == 302


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"text": ""}, "text"),
        ({"text": "x" * 2001}, "text"),
        ({"text": "a\x00b"}, "text"),
        ({"text": "Oui.", "says": ""}, "says"),
        ({"text": "Oui.", "says": "maybe"}, "says"),
    ],
)
def test_answer_that_cannot_be_kept(fields: dict[str, str], wrong: str, operator: User) -> None:
    report = ReportFactory()
    response = reply(refer(report, operator), **fields)
    assert (response.status_code, list(response.context["form"].errors)) == (422, [wrong])
    assert not report.events.filter(kind=Event.Kind.REFERRAL_ANSWERED).exists()


def test_answer_as_often_as_needed_but_not_for_ever(operator: User) -> None:
    report = ReportFactory()
    referral = refer(report, operator)
    answers = [reply(referral, text=f"Étape {number}").status_code for number in range(referrals.MOST_ANSWERS + 1)]
    assert answers == [302] * referrals.MOST_ANSWERS + [422]


@pytest.mark.parametrize("how", ["expired", "withdrawn", "resolved", "held"])
def test_link_that_has_ended_shows_nothing(how: str, operator: User) -> None:
    report = ReportFactory()
    referral = refer(report, operator)
    if how == "expired":
        expired(referral)
    elif how == "withdrawn":
        referrals.withdraw(referral=referral, actor=actor_for(operator, report))
    else:
        status = workflow.RESOLVED if how == "resolved" else workflow.PENDING
        Report.objects.filter(pk=report.pk).update(status=status, resolved_at=timezone.now())
    responses = [open_page(referral), reply(referral, text="Oui.")]
    assert [response.status_code for response in responses] == [410, 410]
    assert [report.description in words_of(response) for response in responses] == [False, False]
    with pytest.raises(LinkOver):
        referrals.answer(referral=referral, says="taken", text="Oui.", photos=[])


def test_answer_from_another_site_is_refused(operator: User) -> None:
    address = reverse("referral", args=[refer(ReportFactory(), operator).token])
    assert Client().post(address, {"text": "x"}, headers={"sec-fetch-site": "cross-site"}).status_code == 403


@pytest.mark.parametrize("number", [1, 3])
def test_referral_page_costs_the_same(number: int, operator: User, django_assert_num_queries: Any) -> None:
    report = ReportFactory()
    referral = refer(report, operator)
    for _answer in range(number):
        PhotoFactory(report=report)
        referrals.answer(referral=referral, says="taken", text="Bientôt.", photos=[])
    client = Client()
    with django_assert_num_queries(5):
        client.get(reverse("referral", args=[referral.token]))


# --- The end ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "done"),
    [
        ("moderator", True),
        ("operator", True),
        ("administrator", True),
        ("moderator_elsewhere", False),
        ("operator_elsewhere", False),
        ("stranger", False),
        ("nobody", False),
    ],
    indirect=["person"],
)
def test_withdraw_by_direct_post(person: User | None, *, done: bool, operator: User) -> None:
    report = ReportFactory()
    referral = refer(report, operator)
    signed_in(person).post(reverse("admin:reports_report_referral_withdraw", args=[report.pk, referral.pk]))
    referral.refresh_from_db()
    assert (referral.closed_at is not None, referral.address == "") == (done, done)


def test_withdraw_a_referral_of_another_report(operator: User) -> None:
    referral = refer(ReportFactory(), operator)
    address = reverse("admin:reports_report_referral_withdraw", args=[ReportFactory().pk, referral.pk])
    assert signed_in(operator).post(address).status_code == 404


def test_withdraw_is_for_staff_in_the_service_too(operator: User) -> None:
    report = ReportFactory()
    referral = refer(report, operator)
    with pytest.raises(NotAllowed):
        referrals.withdraw(referral=referral, actor=NOBODY)
    with pytest.raises(NotAllowed):
        referrals.refer(report=report, actor=NOBODY, **FIELDS)


def test_expired_referral_forgets_the_address(operator: User) -> None:
    fresh, old = refer(ReportFactory(), operator), expired(refer(ReportFactory(), operator))
    sweep_links()
    sweep_links()
    for row in (fresh, old):
        row.refresh_from_db()
    assert (fresh.address, old.address, old.closed_at is not None) == ("urgence@eaux.example.org", "", True)


# --- At the same moment -----------------------------------------------------------------------------------------------


def at_once(act: Callable[[int], Any]) -> list[str]:
    """Run it in two connections at the same moment; return what each came to, in words."""
    barrier = Barrier(2)

    def one(number: int) -> str:
        try:
            barrier.wait(timeout=10)
            act(number)
        except (LinkOver, NotAllowed) as error:
            return type(error).__name__
        else:
            return "done"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return sorted(future.result() for future in [pool.submit(one, number) for number in range(2)])


@pytest.mark.django_db(transaction=True)
def test_answer_and_withdraw_at_once_never_do_both_halfway(operator: User) -> None:
    report = ReportFactory()
    referral = refer(report, operator)

    def act(number: int) -> None:
        if number:
            referrals.withdraw(referral=referral, actor=actor_for(operator, report))
        else:
            referrals.answer(referral=referral, says="taken", text="Oui.", photos=[])

    outcomes = at_once(act)
    referral.refresh_from_db()
    answers = report.events.filter(kind=Event.Kind.REFERRAL_ANSWERED).count()
    assert referral.closed_at is not None
    assert (outcomes, answers) in [(["done", "done"], 1), (["LinkOver", "done"], 0)]


@pytest.mark.django_db(transaction=True)
def test_last_room_for_proof_goes_to_one_of_two_at_once(operator: User) -> None:
    report = ReportFactory()
    for _number in range(2):
        PhotoFactory(report=report, kind=Photo.Kind.PROOF)
    rows = [refer(report, operator), refer(report, operator)]
    photos = [PhotoFactory(report=None), PhotoFactory(report=None)]

    def act(number: int) -> None:
        referrals.answer(referral=rows[number], says="done", text="", photos=[photos[number]])

    assert at_once(act) == ["NotAllowed", "done"]
    assert report.photos.count() == 3


def test_answer_reaches_the_organisation_that_has_the_report_by_now(operator: User, moderator: User) -> None:
    report = ReportFactory()
    row = refer(report, operator)
    water = OrganisationFactory(slug="eau", name="Service de l’eau", email="eau@example.org")
    assign(report=report, organisation=water, actor=actor_for(moderator, report), note="Une fuite.")
    page = Client().get(reverse("referral", args=[row.token])).content.decode()
    assert "Message de Service de la voirie" in page
    reply(row, text="Réparé ce matin.", says="done")
    told = Delivery.objects.get(template="staff_link_answered")
    assert (told.recipient, told.address) == (None, "eau@example.org")
