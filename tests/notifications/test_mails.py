"""What a mail says, to whom, in which language, and under which headers."""

import re
from email.message import Message

import pytest
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import Role, User
from notifications.errors import NoLongerWanted
from notifications.mails import compose, one_address
from notifications.models import Channel, Delivery, Topic
from notifications.services.dispatch import consume
from notifications.services.outbox import make_delivery
from notifications.services.recipients import recipient_of_address, recipient_of_user
from reports import workflow
from reports.models import Comment, Event, Follow, Organisation, Report
from reports.permissions import Actor
from reports.services.handling import assign, change_status, reply_publicly
from reports.services.log import record
from tests.factories import OrganisationFactory, ReportFactory, UserFactory, give
from tests.notifications.telling import (
    MODERATION,
    Frequency,
    address_follow,
    changed,
    follow_behind,
    user_follow,
    waiting_delivery,
    wish,
)

pytestmark = pytest.mark.django_db
AUTHOR = Actor(roles=frozenset({workflow.REPORTER}))


def parts(mail: EmailMultiAlternatives) -> tuple[str, str, str]:
    """Return subject, text and HTML."""
    return str(mail.subject), str(mail.body), str(mail.alternatives[0][0])


def mail_of(event: Event) -> EmailMultiAlternatives:
    """Dispatch an event and write its one mail."""
    consume(event.pk)
    return compose(Delivery.objects.select_related("recipient__user", "event").get(event=event))


def followed(**fields: object) -> tuple[Report, Follow]:
    report = ReportFactory(**fields)
    return report, address_follow(report, "amina@example.org")


CHANGES = [
    (workflow.OPEN, workflow.IN_PROGRESS, "la réparation est en cours"),
    (workflow.IN_PROGRESS, workflow.OPEN, "la réparation attend de nouveau"),
    (workflow.IN_PROGRESS, workflow.RESOLVED, "le problème est résolu"),
    (workflow.RESOLVED, workflow.OPEN, "le signalement est rouvert"),
    (workflow.REJECTED, workflow.OPEN, "le signalement paraît de nouveau"),
    (workflow.OPEN, workflow.REJECTED, "le signalement n’est pas retenu"),
    (workflow.OPEN, workflow.WITHDRAWN, "le signalement est retiré"),
]


@pytest.mark.parametrize(("before", "to", "words"), CHANGES)
def test_change_of_status_says_what_happened(before: str, to: str, words: str) -> None:
    report, follow = followed()
    subject, text, html = parts(mail_of(changed(report, before, to, note="Revu sur <place>.")))
    assert subject == f"{report.ref}\u00a0: {words}"
    page = f"http://127.0.0.1:8000/suivi/{follow.token}/"
    assert [report.title in text, "Revu sur <place>." in text, page in text] == [True] * 3
    assert ["Revu sur &lt;place&gt;." in html, f'href="{page}"' in html] == [True] * 2


def test_every_change_of_the_workflow_has_words() -> None:
    report = ReportFactory()
    user = UserFactory()
    Follow.objects.filter(report=report).delete()
    user_follow(report, user, is_reporter=True)
    told = [change for change in workflow.TRANSITIONS if change[1] != workflow.DUPLICATE]
    subjects = [str(mail_of(changed(report, before, to)).subject) for before, to in told]
    assert all(subject.startswith(report.ref) for subject in subjects)


def test_author_is_asked_whether_it_is_really_repaired(author: User) -> None:
    report = ReportFactory(status=workflow.RESOLVED, reporter=author)
    _subject, text, html = parts(mail_of(changed(report, workflow.IN_PROGRESS, workflow.RESOLVED)))
    page = f"http://127.0.0.1:8000/suivi/{report.followers.get().token}/"
    for answer in (f"{page}?regle=oui#regle", f"{page}?regle=non#regle"):
        assert [answer in text, f'href="{answer}"' in html] == [True, True]


def test_followers_are_not_asked() -> None:
    report, _follow = followed(status=workflow.RESOLVED)
    _subject, text, html = parts(mail_of(changed(report, workflow.IN_PROGRESS, workflow.RESOLVED)))
    assert ["regle=" in text, "regle=" in html] == [False, False]


def test_author_reads_why_it_was_refused(author: User) -> None:
    report = ReportFactory(status=workflow.PENDING, reporter=author)
    event = change_status(report=report, to=workflow.REJECTED, actor=MODERATION, note="Terrain privé.")
    assert "Terrain privé." in parts(mail_of(event))[1]


def test_language_is_the_readers_own(stranger: User) -> None:
    User.objects.filter(pk=stranger.pk).update(language="en")
    report = ReportFactory()
    follow = user_follow(report, stranger)
    with translation.override("fr"):
        _subject, text, html = parts(mail_of(changed(report, workflow.OPEN, workflow.IN_PROGRESS)))
    assert [f"/en/suivi/{follow.token}/" in text, '<html lang="en">' in html, "Pothole" in text] == [True] * 3


def test_reply_organisation_and_merge_are_told() -> None:
    report, _follow = followed(organisation=None)
    voirie = OrganisationFactory()
    original = ReportFactory()
    reply = mail_of(reply_publicly(report=report, text="Équipe prévue lundi.", actor=MODERATION))
    given = mail_of(assign(report=report, organisation=voirie, actor=MODERATION))
    change_status(report=report, to=workflow.DUPLICATE, actor=MODERATION, original=original)
    merged = mail_of(Event.objects.get(kind=Event.Kind.MERGED))
    Delivery.objects.filter(event__kind=Event.Kind.MERGED).update(status=Delivery.Status.SENT, sent_at=timezone.now())
    change_status(report=report, to=workflow.OPEN, actor=MODERATION, note="Un autre trou.")
    parted = mail_of(report.events.get(kind=Event.Kind.UNMERGED))
    subjects = [str(mail.subject) for mail in (reply, given, merged, parted)]
    assert subjects == [
        f"{report.ref}\u00a0: une réponse",
        f"{report.ref}\u00a0: pris en charge par Service de la voirie",
        f"{report.ref} rejoint le signalement {original.ref}",
        f"{report.ref}\u00a0: un signalement à part",
    ]
    assert f"avait été réuni à {original.ref}, mais il décrit un autre problème" in str(parted.body)


def test_comment_is_shown_with_its_author_only_if_they_chose_so(author: User, stranger: User) -> None:
    report = ReportFactory()
    user_follow(report, stranger)
    wish(stranger, Topic.COMMENTS, Frequency.AT_ONCE)
    for name, words in [("Amina", "Amina a commenté"), ("", "Quelqu’un a commenté")]:
        comment = Comment.objects.create(report=report, author=author, text="<b>Toujours</b> là.", public_name=name)
        data = {"comment": comment.pk}
        event = record(kind=Event.Kind.COMMENTED, report=report, actor=Actor(user=author), is_public=True, data=data)
        _subject, text, html = parts(mail_of(event))
        assert [words in text, "<b>Toujours</b> là." in text, "&lt;b&gt;Toujours&lt;/b&gt; là." in html] == [True] * 3


def test_comment_that_was_taken_away_is_not_sent(author: User, stranger: User) -> None:
    report = ReportFactory()
    user_follow(report, stranger)
    wish(stranger, Topic.COMMENTS, Frequency.AT_ONCE)
    comment = Comment.objects.create(report=report, author=author, text="Non.")
    data = {"comment": comment.pk}
    event = record(kind=Event.Kind.COMMENTED, report=report, actor=Actor(user=author), is_public=True, data=data)
    consume(event.pk)
    Comment.objects.update(status=Comment.Status.REMOVED)
    with pytest.raises(NoLongerWanted):
        compose(Delivery.objects.get(event=event))


def test_area_mail_leads_to_the_public_page() -> None:
    report = ReportFactory()
    address_follow(None, "amina@example.org", quarter=report.quarter)
    subject, text, _html = parts(mail_of(changed(report, workflow.PENDING, workflow.OPEN)))
    assert subject == "Nouveau à Mokolo\u00a0: Nid-de-poule"
    assert f"http://127.0.0.1:8000/signalements/{report.ref}/" in text


@pytest.fixture
def voirie(db: None) -> Organisation:
    return OrganisationFactory(email="voirie@example.org")


def test_organisation_mail_leads_to_the_back_office(voirie: Organisation) -> None:
    report = ReportFactory(organisation=voirie, status=workflow.OPEN)
    mail = mail_of(changed(report, workflow.RESOLVED, workflow.OPEN, actor=AUTHOR, note="Le trou est revenu."))
    subject, text, _html = parts(mail)
    assert (subject, mail.to) == (f"{report.ref}\u00a0: l’auteur dit que ce n’est pas réglé", ["voirie@example.org"])
    page = reverse("admin:reports_report_change", args=[report.pk])
    assert [f"http://127.0.0.1:8000{page}" in text, "Le trou est revenu." in text] == [True, True]


def test_report_that_went_elsewhere_is_not_told(voirie: Organisation) -> None:
    report = ReportFactory(organisation=voirie)
    event = changed(report, workflow.PENDING, workflow.OPEN)
    consume(event.pk)
    Report.objects.filter(pk=report.pk).update(organisation=None)
    with pytest.raises(NoLongerWanted):
        compose(Delivery.objects.get(event=event))


def test_operator_who_left_is_not_told(voirie: Organisation) -> None:
    Organisation.objects.filter(pk=voirie.pk).update(email="")
    operator = give(UserFactory(), Role.OPERATOR, organisation=voirie)
    wish(operator, Topic.WORK, Frequency.AT_ONCE)
    event = changed(ReportFactory(organisation=voirie), workflow.PENDING, workflow.OPEN)
    consume(event.pk)
    operator.memberships.all().delete()
    with pytest.raises(NoLongerWanted):
        compose(Delivery.objects.get(event=event))


# --- Headers ----------------------------------------------------------------------------------------------------------


def headers(mail: EmailMultiAlternatives) -> Message:
    return mail.message()


def test_headers_of_news() -> None:
    delivery = waiting_delivery()
    found = headers(compose(delivery))
    token = delivery.recipient.token if delivery.recipient else ""
    assert {name: found[name] for name in ("To", "Message-ID", "Auto-Submitted")} == {
        "To": "amina@example.org",
        "Message-ID": f"<{delivery.uid}@127.0.0.1>",
        "Auto-Submitted": "auto-generated",
    }
    stop = f"<http://127.0.0.1:8000/envois/{token}/stop/?sujet=suivi-{delivery.follow_id}>"
    assert found["List-Unsubscribe"] == stop
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_header_leads_an_english_reader_to_the_english_page() -> None:
    delivery = waiting_delivery()
    Follow.objects.update(language="en")
    token = delivery.recipient.token if delivery.recipient else ""
    stop = f"<http://127.0.0.1:8000/en/envois/{token}/stop/?sujet=suivi-{delivery.follow_id}>"
    fresh = Delivery.objects.get(pk=delivery.pk)
    assert headers(compose(fresh))["List-Unsubscribe"] == stop


def test_text_and_html_lead_to_ones_choices() -> None:
    delivery = waiting_delivery()
    _subject, text, html = parts(compose(delivery))
    token = delivery.recipient.token if delivery.recipient else ""
    stop = f"http://127.0.0.1:8000/envois/{token}/"
    assert [stop in text, f'href="{stop}"' in html] == [True, True]


def test_organisation_cannot_unsubscribe(voirie: Organisation) -> None:
    mail = mail_of(changed(ReportFactory(organisation=voirie), workflow.PENDING, workflow.OPEN))
    assert "List-Unsubscribe" not in headers(mail)


def test_names_with_line_breaks_stay_inside_the_subject(voirie: Organisation) -> None:
    report, _follow = followed(organisation=None)
    Organisation.objects.filter(pk=voirie.pk).update(name="Voirie\r\nBcc: espion@example.org", email="")
    event = assign(report=report, organisation=Organisation.objects.get(pk=voirie.pk), actor=MODERATION)
    mail = mail_of(event)
    assert mail.subject == f"{report.ref}\u00a0: pris en charge par Voirie Bcc: espion@example.org"
    assert ([*mail.recipients()], headers(mail)["Bcc"]) == (["amina@example.org"], None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a@x.org,b@x.org",
        "a@x.org b@x.org",
        "a@x.org\r\nBcc: b@x.org",
        "A <a@x.org>",
        "a@x.org;b@x.org",
        "a@x.org\0",
    ],
)
def test_address_is_exactly_one(text: str) -> None:
    with pytest.raises(Exception, match="bad_address"):
        one_address(text)


def test_no_text_shows_a_variable_or_a_tag() -> None:
    _subject, text, html = parts(compose(waiting_delivery()))
    assert re.findall(r"\{[{%]|&[a-z]+;|<\w", text) == []
    assert re.findall(r"\{[{%]|None", html) == []


def test_mail_without_an_event_shows_its_own_data(author: User) -> None:
    """What somebody asked for reaches them although they have stopped all news."""
    recipient = recipient_of_user(author)
    recipient.muted_at = author.date_joined
    recipient.save()
    data = {"link": "http://127.0.0.1:8000/x/"}
    made = make_delivery(key="x", channel=Channel.EMAIL, template="export_ready", recipient=recipient, data=data)
    assert made is not None
    mail = compose(made)
    assert (mail.to, "List-Unsubscribe" in headers(mail)) == ([author.email], False)


def test_address_that_joined_an_account_is_reached_there(author: User) -> None:
    delivery = waiting_delivery()
    recipient_of_address("amina@example.org")
    follow_behind(delivery).update(user=author, email="", email_digest="")
    delivery.refresh_from_db()
    assert compose(delivery).to == [author.email]
