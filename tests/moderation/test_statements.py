"""Statements of reasons: one for each decision, for whom it concerns, by mail and at its own address."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from moderation.admin.comments import seen_of
from moderation.models import Flag, Statement
from moderation.services.flags import flag_report, judge, judge_photo
from moderation.services.holding import hold_report
from moderation.services.statements import consume
from notifications.models import Delivery
from notifications.services.deliver import deliver
from reports import workflow
from reports.models import Comment, Event, Photo, Quarter, Report
from reports.permissions import actor_for
from reports.services.comments import add_comment
from reports.services.handling import change_status
from tests.accounts.full_person import add_photo
from tests.client import Client
from tests.factories import ReportFactory
from tests.moderation.conftest import signed_in, words_of

pytestmark = pytest.mark.django_db
What = Statement.What


@pytest.fixture
def report(quarter: Quarter, author: User) -> Report:
    return ReportFactory(quarter=quarter, reporter=author)


def follow_log() -> None:
    """Hand every event to the statements, twice: the second time changes nothing."""
    for _time in range(2):
        for event_id in Event.objects.order_by("id").values_list("pk", flat=True):
            consume(event_id)


def hold(report: Report, by: User) -> Statement:
    hold_report(report=report, by=by, note="On y lit un numéro de téléphone.")
    follow_log()
    return Statement.objects.get()


def facts_of(statement: Statement) -> tuple[Any, ...]:
    row = statement
    return row.what, row.user, row.rule, row.facts, row.decided_by, row.decided_role, row.lifted_at


def test_hold_states_who_why_and_to_whom(report: Report, author: User, moderator: User) -> None:
    statement = hold(report, moderator)
    why = "On y lit un numéro de téléphone."
    assert facts_of(statement) == (What.REPORT_HELD, author, "other", why, moderator, "moderator", None)
    mail = Delivery.objects.get(key=f"statement:{statement.pk}")
    assert (mail.recipient.user, mail.data["page"]) == (author, f"/motifs/{statement.token}/")  # type: ignore[union-attr]


def test_hold_by_alerts_states_the_rule_that_most_named(report: Report) -> None:
    for number, reason in enumerate(["spam", "personal", "insult", "personal", "false"]):
        flag_report(report=report, reason=reason, device=f"d{number}")
    follow_log()
    statement = Statement.objects.get()
    assert (statement.rule, statement.decided_by, statement.is_automatic) == ("personal", None, True)
    assert "plusieurs alertes" in words_of(Client().get(f"/motifs/{statement.token}/"))


def test_reject_states_without_a_second_mail(report: Report, moderator: User) -> None:
    actor = actor_for(moderator, report)
    event = change_status(report=report, to=workflow.REJECTED, actor=actor, note="C’est une publicité.")
    follow_log()
    statement = Statement.objects.get()
    assert (statement.what, statement.event, statement.facts) == (What.REPORT_REJECTED, event, "C’est une publicité.")
    assert not Delivery.objects.filter(key__startswith="statement:").exists()


def test_reject_after_a_hold_replaces_its_statement(report: Report, moderator: User) -> None:
    held = hold(report, moderator)
    change_status(report=report, to=workflow.REJECTED, actor=actor_for(moderator, report), note="C’est une publicité.")
    follow_log()
    held.refresh_from_db()
    assert held.lifted_at is not None
    assert Statement.objects.standing().get().what == What.REPORT_REJECTED


def test_accept_after_a_hold_lifts_it_and_settles_the_alerts(report: Report, moderator: User) -> None:
    for number in range(5):
        flag_report(report=report, reason="spam", device=f"d{number}")
    report.refresh_from_db()
    change_status(report=report, to=workflow.OPEN, actor=actor_for(moderator, report))
    follow_log()
    assert not Statement.objects.standing().exists()
    assert not Flag.objects.open().exists()
    # The same people are known to have said it; it takes as many others.
    assert flag_report(report=report, reason="spam", device="d9")
    report.refresh_from_db()
    assert report.status == workflow.OPEN


def test_withdraw_states_nothing(report: Report, author: User) -> None:
    change_status(report=report, to=workflow.WITHDRAWN, actor=actor_for(author, report))
    follow_log()
    assert not Statement.objects.exists()


def test_undone_decision_states_no_more(report: Report, moderator: User) -> None:
    actor = actor_for(moderator, report)
    event = change_status(report=report, to=workflow.REJECTED, actor=actor, note="Vu.")
    follow_log()
    undone = Event.objects.create(kind=Event.Kind.UNDONE, report=report, data={"event": event.pk})
    consume(undone.pk)
    assert not Statement.objects.standing().exists()


def test_removed_comment_states_the_reason(report: Report, stranger: User, moderator: User) -> None:
    comment = add_comment(report=report, text="Bande d’incapables.", author=stranger)
    judge(comment=comment, accept=False, reason="Il insulte.", by=moderator)
    follow_log()
    statement = Statement.objects.get()
    assert facts_of(statement)[:6] == (
        What.COMMENT_REMOVED,
        stranger,
        "other",
        "Il insulte.",
        moderator,
        "moderator",
    )
    assert Delivery.objects.get(key=f"statement:{statement.pk}").recipient.user == stranger  # type: ignore[union-attr]


def test_removed_comment_states_the_rule_of_the_reason_chosen(report: Report, stranger: User, moderator: User) -> None:
    comment = add_comment(report=report, text="Venez tous à ma boutique.", author=stranger)
    browser = signed_in(moderator)
    fields = {"reason": "spam", "seen": seen_of(comment)}
    browser.post(reverse("admin:reports_comment_judge", args=[comment.pk]), fields)
    follow_log()
    assert Statement.objects.get().rule == "spam"


def test_hidden_photo_states_the_reason(report: Report, author: User, moderator: User) -> None:
    photo = add_photo(report=report)
    judge_photo(photo=photo, keep=False, reason="On voit un visage.", by=moderator)
    follow_log()
    statement = Statement.objects.get()
    assert (statement.what, statement.photo, statement.user) == (What.PHOTO_HIDDEN, photo, author)
    assert statement.facts == "On voit un visage."
    judge_photo(photo=photo, keep=True, by=moderator)
    follow_log()
    assert not Statement.objects.standing().exists()


def test_hidden_proof_is_nobodys(report: Report, moderator: User) -> None:
    judge_photo(photo=add_photo(report=report, kind=Photo.Kind.PROOF), keep=False, reason="Floue.", by=moderator)
    follow_log()
    assert not Statement.objects.exists()


def test_statement_goes_to_a_confirmed_address_only(quarter: Quarter, moderator: User) -> None:
    for confirmed in (None, timezone.now()):
        report = ReportFactory(contact_email="voisin@example.org", language="en")
        report.followers.update(confirmed_at=confirmed)
        hold_report(report=report, by=moderator, note="On y lit un nom.")
        follow_log()
    mail = Delivery.objects.get(key__startswith="statement:")
    assert (mail.address, mail.language) == ("voisin@example.org", "en")


def test_mail_says_it_in_words(report: Report, moderator: User, mailoutbox: list[Any]) -> None:
    statement = hold(report, moderator)
    deliver(delivery_id=Delivery.objects.get(key=f"statement:{statement.pk}").pk)
    (mail,) = mailoutbox
    assert mail.subject == f"{report.ref}\u00a0: Votre signalement n’est plus visible pour l’instant"
    for part in ("On y lit un numéro de téléphone.", f"/motifs/{statement.token}/", "une personne de la modération"):
        assert part in mail.body
        assert part in mail.alternatives[0][0]


def test_page_shows_the_reasons_to_whoever_holds_the_link(report: Report, moderator: User) -> None:
    statement = hold(report, moderator)
    response = Client().get(f"/motifs/{statement.token}/")
    words = words_of(response)
    assert response.status_code == 200
    assert "On y lit un numéro de téléphone." in words
    assert moderator.email not in words
    assert moderator.name not in words
    assert (response["X-Robots-Tag"], response["Referrer-Policy"]) == ("noindex", "same-origin")
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies


@pytest.mark.parametrize("token", ["a" * 32, "x", "%00", "é"])
def test_page_of_no_statement(token: str, db: None) -> None:
    assert Client().get(f"/motifs/{token}/").status_code == 404


def test_author_finds_it_from_the_private_page(report: Report, moderator: User) -> None:
    statement = hold(report, moderator)
    token = report.followers.get(is_reporter=True).token
    assert f"/suivi/{token}/motifs/" in words_of(Client().get(reverse("follow", args=[token])))
    response = Client().get(f"/suivi/{token}/motifs/")
    assert (response.status_code, response["Location"]) == (302, f"/motifs/{statement.token}/")


def test_follower_does_not(report: Report, moderator: User) -> None:
    hold(report, moderator)
    token = report.followers.create(email="autre@example.org").token
    assert Client().get(f"/suivi/{token}/motifs/").status_code == 404


def test_author_of_a_comment_finds_it(report: Report, stranger: User, author: User, moderator: User) -> None:
    comment = add_comment(report=report, text="Bande d’incapables.", author=stranger)
    judge(comment=comment, accept=False, reason="Il insulte.", by=moderator)
    follow_log()
    path = reverse("comment-statement", args=[report.ref, comment.pk])
    assert path in words_of(signed_in(stranger).get(reverse("comment-own", args=[report.ref, comment.pk])))
    assert signed_in(stranger).get(path)["Location"] == f"/motifs/{Statement.objects.get().token}/"
    assert [signed_in(person).get(path).status_code for person in (author, None)] == [404, 404]
    assert Comment.objects.get(pk=comment.pk).status == "removed"


def test_held_report_says_so_to_everybody_and_shows_nothing(report: Report, moderator: User) -> None:
    hold(report, moderator)
    for path in (report.get_absolute_url(), reverse("comment-write", args=[report.ref])):
        response = Client().get(path)
        assert (response.status_code, "en cours de relecture" in words_of(response)) == (404, True)
        assert report.description not in words_of(response)


def test_held_report_shows_its_words_to_its_author_alone(report: Report, moderator: User) -> None:
    hold(report, moderator)
    author, follower = report.followers.get(is_reporter=True), report.followers.create(email="autre@example.org")
    seen = [
        report.description in words_of(Client().get(reverse("follow", args=[row.token]))) for row in (author, follower)
    ]
    assert seen == [True, False]
