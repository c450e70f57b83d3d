"""Asking the author of a report: who may, the mail, the page behind the link, reminder and end."""

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
from moderation.errors import AlreadyAsked, LinkOver
from moderation.models import Question
from moderation.services import questions
from moderation.tasks import sweep_links
from notifications.models import Delivery
from notifications.services.deliver import deliver
from reports import workflow
from reports.models import Event, Follow, Photo, Report
from reports.permissions import NOBODY, actor_for
from tests.client import Client
from tests.factories import ReportFactory
from tests.moderation.conftest import post, signed_in, words_of
from tests.moderation.test_handling import page_of, panel, picture

pytestmark = pytest.mark.django_db
OUR_PAGE = {"sec-fetch-site": "same-origin"}
WORDS = "Devant quel numéro ?"


def ask(report: Report, by: User, text: str = WORDS) -> Question:
    return questions.ask(report=report, text=text, actor=actor_for(by, report))


def reply(question: Question, **fields: Any) -> Any:
    """Send the form behind the link, without an account."""
    return Client().post(reverse("question", args=[question.token]), fields, headers=OUR_PAGE)


def open_page(question: Question) -> Any:
    return Client().get(reverse("question", args=[question.token]))


def sent() -> list[str]:
    """Deliver what waits, and return the subjects."""
    for row in Delivery.objects.filter(status=Delivery.Status.WAITING).order_by("pk"):
        deliver(delivery_id=row.pk)
    return [str(message.subject) for message in mail.outbox]


def kinds(report: Report) -> list[str]:
    return [event.kind for event in report.events.order_by("pk")]


def past(question: Question, **columns: Any) -> Question:
    """Let days go by."""
    Question.objects.filter(pk=question.pk).update(**columns)
    question.refresh_from_db()
    return question


def expired(question: Question) -> Question:
    now = timezone.now()
    return past(question, asked_at=now - timedelta(days=15), expires_at=now - timedelta(days=1))


# --- Who may ask ------------------------------------------------------------------------------------------------------


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
def test_ask_by_direct_post(person: User | None, status: int) -> None:
    report = ReportFactory()
    response = post(person, "question", report, text=WORDS)
    by_staff = person is not None and bool(actor_for(person, report).is_staff)
    assert (response.status_code, Question.objects.count()) == (status, int(by_staff))


@pytest.mark.parametrize("status", workflow.STATUSES)
def test_ask_only_while_the_report_is_open(status: str, administrator: User) -> None:
    report = ReportFactory(status=status)
    response = post(administrator, "question", report, text=WORDS)
    may = status in questions.ASKABLE
    assert (response.status_code, Question.objects.exists()) == (302 if may else 422, may)
    assert (panel(page_of(administrator, report), "questions") == {}) == (not may)


def test_ask_pending_report_is_no_operators_business(operator: User) -> None:
    report = ReportFactory(status=workflow.PENDING)
    assert post(operator, "question", report, text=WORDS).status_code == 404


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001, "a\x00b"])
def test_ask_words_that_cannot_be_kept(text: str, operator: User) -> None:
    report = ReportFactory()
    response = post(operator, "question", report, text=text)
    assert (response.status_code, Question.objects.exists(), kinds(report)) == (422, False, [])


def test_ask_a_second_time_is_refused_until_the_first_has_ended(operator: User) -> None:
    report = ReportFactory()
    first = ask(report, operator)
    response = post(operator, "question", report, text="Et la couleur ?")
    assert response.status_code == 422
    assert "Une question attend déjà la réponse" in words_of(response)
    assert "Et la couleur ?" in words_of(response)
    expired(first)
    assert post(operator, "question", report, text="Et la couleur ?").status_code == 302
    assert kinds(report) == [Event.Kind.ASKED, Event.Kind.ANSWERED, Event.Kind.ASKED]


# --- The clock, the mail and the page ---------------------------------------------------------------------------------


def test_ask_stops_the_clock_and_the_answer_starts_it(operator: User) -> None:
    report = ReportFactory(status=workflow.PENDING)
    from reports.services.handling import change_status  # noqa: PLC0415

    moderating = actor_for(User.objects.create_superuser(email="a@example.org", password="p"), report)
    change_status(report=report, to=workflow.OPEN, actor=moderating)
    due = report.due_at
    assert due is not None
    question = ask(report, operator)
    assert report.clock_stopped_at is not None
    Report.objects.filter(pk=report.pk).update(clock_stopped_at=timezone.now() - timedelta(days=2))
    Report.objects.filter(pk=report.pk).update(clock_started_at=timezone.now() - timedelta(days=3))
    questions.answer(question=question, text="Au 12.", photos=[])
    report.refresh_from_db()
    assert report.clock_stopped_at is None
    assert report.due_at is not None
    assert abs(report.due_at - (due - timedelta(days=1))) < timedelta(minutes=1)


def test_ask_writes_to_the_address_left_with_the_report(operator: User) -> None:
    report = ReportFactory(contact_email="temoin@example.org")
    question = ask(report, operator)
    assert sent() == [f"{report.ref} : une question de l’équipe"]
    message = mail.outbox[0]
    assert message.to == ["temoin@example.org"]
    assert f"/questions/{question.token}/" in str(message.body)
    assert WORDS in str(message.body)


def test_ask_writes_in_the_language_of_the_author(operator: User) -> None:
    ask(ReportFactory(contact_email="witness@example.org", language="en"), operator)
    sent()
    assert "/en/questions/" in str(mail.outbox[0].body)


def test_ask_writes_to_the_account(operator: User, author: User) -> None:
    ask(ReportFactory(reporter=author), operator)
    sent()
    assert [message.to for message in mail.outbox] == [[author.email]]


def test_ask_author_without_address_reads_it_on_the_private_page(operator: User) -> None:
    report = ReportFactory()
    question = ask(report, operator)
    own = Follow.objects.get(report=report, is_reporter=True)
    page = words_of(Client().get(reverse("follow", args=[own.token])))
    assert sent() == []
    assert WORDS in page
    assert f"/questions/{question.token}/" in page


def test_ask_other_followers_do_not_read_it(operator: User, stranger: User) -> None:
    report = ReportFactory()
    ask(report, operator)
    other = Follow.objects.create(report=report, user=stranger)
    page = words_of(Client().get(reverse("follow", args=[other.token])))
    assert WORDS not in page
    assert WORDS not in words_of(Client().get(report.get_absolute_url()))


def test_question_page_is_private_and_shows_nothing_of_the_author(operator: User) -> None:
    report = ReportFactory(contact_email="temoin@example.org", contact_phone="+237 6 70 00 00 00")
    response = open_page(ask(report, operator))
    text = words_of(response)
    assert (response.status_code, response["X-Robots-Tag"], response["Referrer-Policy"]) == (
        200,
        "noindex",
        "same-origin",
    )
    assert "no-store" in response["Cache-Control"]
    assert WORDS in text
    assert "temoin@example.org" not in text
    assert not response.cookies


@pytest.mark.parametrize("token", ["x" * 22, "x", "x" * 500, "%00" * 20, "../../etc", "é" * 20])
def test_question_page_of_no_question(token: str) -> None:
    for name in ("questions", "transmissions"):
        assert Client().get(f"/{name}/{token}/").status_code == 404


# --- The answer -------------------------------------------------------------------------------------------------------


def test_answer_reaches_staff_alone(operator: User) -> None:
    report = ReportFactory()
    question = ask(report, operator)
    response = reply(question, text="  Au 12.\r\nPortail vert. ")
    event = report.events.get(kind=Event.Kind.ANSWERED)
    assert response.status_code == 302
    assert (event.private_data["text"], event.is_public, event.actor_role) == (
        "Au 12.\nPortail vert.",
        False,
        "reporter",
    )
    assert "Portail vert." in words_of(page_of(operator, report))
    assert "Portail vert." not in words_of(Client().get(report.get_absolute_url()))
    assert "Merci, votre réponse est arrivée" in words_of(open_page(question))


def test_answer_tells_who_asked(operator: User) -> None:
    report = ReportFactory()
    reply(ask(report, operator), text="Au 12.")
    assert sent() == [f"{report.ref} : l’auteur a répondu"]
    assert mail.outbox[0].to == [operator.email]
    assert "Au 12." not in str(mail.outbox[0].body)


def test_answer_with_a_photo_alone(operator: User) -> None:
    report = ReportFactory()
    reply(ask(report, operator), photos=picture())
    assert list(report.photos.values_list("kind", flat=True)) == [Photo.Kind.PROBLEM]
    assert kinds(report) == [Event.Kind.ASKED, Event.Kind.PHOTO_ADDED, Event.Kind.ANSWERED]


@pytest.mark.parametrize("text", ["", " \n ", "x" * 2001, "a\x00b"])
def test_answer_that_cannot_be_kept_stays_in_the_form(text: str, operator: User) -> None:
    question = ask(ReportFactory(), operator)
    response = reply(question, text=text)
    assert (response.status_code, response.context["form"].errors["text"][0][-1]) == (422, ".")
    question.refresh_from_db()
    assert question.answered_at is None


@pytest.mark.parametrize("content", [b"not an image", b"\xff\xd8\xff\xe0 truncated", b"<svg onload='x()'/>"])
def test_answer_with_a_hostile_photo_keeps_the_words(content: bytes, operator: User) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: PLC0415

    question = ask(ReportFactory(), operator)
    response = reply(question, text="Au 12.", photos=SimpleUploadedFile("p.jpg", content, "image/jpeg"))
    assert (response.status_code, Photo.objects.exists()) == (422, False)
    assert "Au 12." in words_of(response)


def test_answer_from_another_site_is_refused(operator: User) -> None:
    question = ask(ReportFactory(), operator)
    address = reverse("question", args=[question.token])
    assert Client().post(address, {"text": "x"}, headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_answer_twice_counts_once(operator: User) -> None:
    report = ReportFactory()
    question = ask(report, operator)
    answers = [reply(question, text=text) for text in ("Au 12.", "Au 12.", "Au 13.")]
    assert [answer.status_code for answer in answers] == [302, 200, 410]
    assert "Au 13." in answers[2].content.decode()
    assert [event.private_data["text"] for event in report.events.filter(kind=Event.Kind.ANSWERED)] == ["Au 12."]


@pytest.mark.parametrize("how", ["expired", "withdrawn", "resolved"])
def test_answer_that_comes_too_late(how: str, operator: User) -> None:
    report = ReportFactory()
    question = ask(report, operator)
    if how == "expired":
        expired(question)
    elif how == "withdrawn":
        questions.withdraw(question=question, actor=actor_for(operator, report))
    else:
        Report.objects.filter(pk=report.pk).update(status=workflow.RESOLVED, resolved_at=timezone.now())
    responses = [open_page(question), reply(question, text="Au 12.")]
    assert [response.status_code for response in responses] == [410, 410]
    assert WORDS not in words_of(responses[0])
    with pytest.raises(LinkOver):
        questions.answer(question=question, text="Au 12.", photos=[])


def test_link_that_has_ended_says_nothing_of_a_report_that_is_not_public(operator: User) -> None:
    report = ReportFactory()
    question = expired(ask(report, operator))
    Report.objects.filter(pk=report.pk).update(status=workflow.REJECTED)
    assert report.ref not in words_of(open_page(question))


# --- Taken back, reminded, expired ------------------------------------------------------------------------------------


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
    question = ask(report, operator)
    signed_in(person).post(reverse("admin:reports_report_question_withdraw", args=[report.pk, question.pk]))
    question.refresh_from_db()
    assert (question.closed_at is not None) == done


def test_withdraw_starts_the_clock_and_makes_room(operator: User) -> None:
    report = ReportFactory(clock_started_at=timezone.now())
    question = ask(report, operator)
    assert report.clock_stopped_at is not None
    questions.withdraw(question=question, actor=actor_for(operator, report))
    report.refresh_from_db()
    assert report.clock_stopped_at is None
    assert ask(report, operator).is_open


def test_withdraw_a_question_of_another_report(operator: User) -> None:
    question = ask(ReportFactory(), operator)
    other = ReportFactory()
    for number in (question.pk, 10**30):
        address = reverse("admin:reports_report_question_withdraw", args=[other.pk, number])
        assert signed_in(operator).post(address).status_code == 404


def test_remind_once_after_three_days(operator: User) -> None:
    report = ReportFactory(contact_email="temoin@example.org")
    question = ask(report, operator)
    sweep_links()
    assert sent() == [f"{report.ref} : une question de l’équipe"]
    past(question, asked_at=timezone.now() - timedelta(days=3, minutes=1))
    sweep_links()
    sweep_links()
    assert sent()[1:] == [f"{report.ref} : l’équipe attend votre réponse"]


def test_remind_nobody_of_a_closed_report(operator: User) -> None:
    report = ReportFactory(contact_email="temoin@example.org", status=workflow.OPEN)
    question = past(ask(report, operator), asked_at=timezone.now() - timedelta(days=4))
    Report.objects.filter(pk=report.pk).update(status=workflow.RESOLVED, resolved_at=timezone.now())
    questions.remind(question.pk)
    assert sent() == [f"{report.ref} : une question de l’équipe"]


def test_expire_after_fourteen_days_and_let_the_clock_go_on(operator: User) -> None:
    report = ReportFactory(clock_started_at=timezone.now())
    question = expired(ask(report, operator))
    sweep_links()
    sweep_links()
    question.refresh_from_db()
    report.refresh_from_db()
    assert question.closed_at is not None
    assert report.clock_stopped_at is None
    assert [event.data.get("outcome") for event in report.events.filter(kind=Event.Kind.ANSWERED)] == ["expired"]
    assert "Question restée sans réponse" in words_of(page_of(operator, report))


def test_sweep_costs_the_same_when_nothing_is_due(operator: User, django_assert_num_queries: Any) -> None:
    for _number in range(3):
        ask(ReportFactory(), operator)
    with django_assert_num_queries(2):
        questions.sweep()


@pytest.mark.parametrize("number", [1, 3])
def test_question_page_costs_the_same(number: int, operator: User, django_assert_num_queries: Any) -> None:
    report = ReportFactory()
    for _earlier in range(number - 1):
        questions.answer(question=ask(report, operator), text="Oui.", photos=[])
    question = ask(report, operator)
    client = Client()
    with django_assert_num_queries(3):
        client.get(reverse("question", args=[question.token]))


def test_ask_is_for_staff_in_the_service_too() -> None:
    from reports.errors import NotAllowed  # noqa: PLC0415

    report = ReportFactory()
    with pytest.raises(NotAllowed):
        questions.ask(report=report, text=WORDS, actor=NOBODY)
    question = Question.objects.create(report=report, text=WORDS)
    with pytest.raises(NotAllowed):
        questions.withdraw(question=question, actor=NOBODY)


# --- What the panel and the link say ----------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["", "temoin@example.org"])
def test_panel_promises_a_mail_where_there_is_an_address(address: str, operator: User) -> None:
    words = words_of(page_of(operator, ReportFactory(contact_email=address)))
    assert ("L’auteur la reçoit par e-mail et sur sa page de suivi." in words) == bool(address)
    assert ("L’auteur la lit sur sa page de suivi." in words) != bool(address)
    assert ("L’auteur n’a laissé aucune adresse e-mail" in words) != bool(address)


@pytest.mark.parametrize("status", [workflow.PENDING, workflow.OPEN])
def test_panel_speaks_of_a_deadline_only_where_one_runs(status: str, moderator: User) -> None:
    runs = status == workflow.OPEN
    report = ReportFactory(status=status, clock_started_at=timezone.now() if runs else None)
    browser = signed_in(moderator)
    address = reverse("admin:reports_report_question", args=[report.pk])
    asked = words_of(browser.post(address, {"text": WORDS}, follow=True))
    assert "Votre question est posée." in asked
    stands = ["Le délai s’arrête jusqu’à la réponse." in asked, "le délai est arrêté." in asked]
    question = Question.objects.get()
    back = reverse("admin:reports_report_question_withdraw", args=[report.pk, question.pk])
    withdrawn = words_of(browser.post(back, follow=True))
    assert "La question est retirée." in withdrawn
    assert [*stands, "Le délai reprend." in withdrawn] == [runs] * 3


def test_second_answer_reads_that_one_was_given_already(operator: User) -> None:
    question = ask(ReportFactory(), operator)
    reply(question, text="Au 12.")
    response = reply(question, text="Au 14, pardon.")
    words = words_of(response)
    assert response.status_code == 410
    assert "Une réponse à cette question est déjà arrivée" in words
    assert ("Le temps de répondre est passé" in words, "Au 14, pardon." in words) == (False, True)


# --- At the same moment -----------------------------------------------------------------------------------------------


def at_once(act: Callable[[], Any]) -> list[str]:
    """Run it in two connections at the same moment; return what each came to, in words."""
    barrier = Barrier(2)

    def one() -> str:
        try:
            barrier.wait(timeout=10)
            act()
        except (LinkOver, AlreadyAsked) as error:
            return type(error).__name__
        else:
            return "done"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return sorted(future.result() for future in [pool.submit(one), pool.submit(one)])


@pytest.mark.django_db(transaction=True)
def test_answer_from_two_phones_at_once(operator: User) -> None:
    report = ReportFactory()
    question = ask(report, operator)
    assert at_once(lambda: questions.answer(question=question, text="Au 12.", photos=[])) == ["LinkOver", "done"]
    assert report.events.filter(kind=Event.Kind.ANSWERED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_ask_by_two_colleagues_at_once(operator: User) -> None:
    report = ReportFactory()
    assert at_once(lambda: ask(Report.objects.get(pk=report.pk), operator)) == ["AlreadyAsked", "done"]
    assert Question.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_expire_and_answer_at_once(operator: User) -> None:
    report = ReportFactory()
    question = expired(ask(report, operator))
    assert at_once(lambda: questions.expire(question.pk)) == ["done", "done"]
    assert report.events.filter(kind=Event.Kind.ANSWERED).count() == 1
