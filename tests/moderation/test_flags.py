"""Alerting: once each, by anybody, throttled; enough alerts hold a comment, a report, a photo."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts.models import Ban, User
from moderation.forms import FlagForm
from moderation.models import Flag
from moderation.services.flags import flag_comment, flag_photo, flag_report, judge, settle_report
from moderation.views.alerts import take as take_alert
from reports.errors import Banned, NotAllowed
from reports.models import Comment, Photo, Quarter, Report
from reports.services.comments import add_comment
from tests.accounts.full_person import add_photo
from tests.factories import ReportFactory
from tests.moderation.conftest import signed_in, words_of

pytestmark = pytest.mark.django_db
OURS = {"sec-fetch-site": "same-origin"}
LIST = "/admin/moderation/flag/"


@pytest.fixture
def report(quarter: Quarter) -> Report:
    return ReportFactory(quarter=quarter)


@pytest.fixture
def comment(report: Report) -> Comment:
    return add_comment(report=report, text="Vous êtes tous des incapables.", device="d0")


def alert(what: Report | Comment, client: Client | None = None, **fields: Any) -> Any:
    """Send the form of an alert, from a device of its own unless said otherwise."""
    if isinstance(what, Comment):
        path = reverse("comment-flag", args=[what.report.ref, what.pk])
    else:
        path = reverse("report-flag", args=[what.ref])
    return (client or Client()).post(path, {"reason": "insult", **fields}, headers=OURS)


def state(comment: Comment) -> tuple[str, list[str], int]:
    comment.refresh_from_db()
    return comment.status, comment.held_for, Report.objects.get(pk=comment.report_id).comments


def test_flag_comment_holds_it_at_the_threshold(comment: Comment, author: User) -> None:
    assert flag_comment(comment=comment, reason="insult", device="d1")
    assert flag_comment(comment=comment, reason="spam", user=author)
    assert not flag_comment(comment=comment, reason="spam", user=author)
    assert state(comment) == ("visible", [], 1)
    assert flag_comment(comment=comment, reason="insult", device="d2")
    assert state(comment) == ("held", ["flags"], 0)


def test_flag_comment_follows_the_setting(comment: Comment, settings: Settings) -> None:
    settings.FLAG_THRESHOLDS = {**settings.FLAG_THRESHOLDS, "comment": 1}
    flag_comment(comment=comment, reason="insult", device="d1")
    assert state(comment)[0] == "held"


def test_flag_comment_that_a_moderator_let_stand(comment: Comment, moderator: User) -> None:
    for device in ("d1", "d2", "d3"):
        flag_comment(comment=comment, reason="insult", device=device)
    comment.refresh_from_db()
    judge(comment=comment, accept=True, by=moderator)
    assert Flag.objects.open().count() == 0
    # The same people are known to have said it; it takes as many others.
    assert not flag_comment(comment=comment, reason="insult", device="d1")
    for device in ("d4", "d5"):
        flag_comment(comment=comment, reason="insult", device=device)
    assert state(comment)[0] == "visible"
    flag_comment(comment=comment, reason="insult", device="d6")
    assert state(comment) == ("held", ["flags"], 0)


@pytest.mark.parametrize("status", ["held", "removed", "deleted"])
def test_flag_comment_that_nobody_sees(status: str, comment: Comment) -> None:
    Comment.objects.update(status=status)
    with pytest.raises(NotAllowed):
        flag_comment(comment=comment, reason="spam", device="d1")
    assert alert(comment).status_code == 404


def test_flag_report_holds_it_at_the_threshold(report: Report) -> None:
    for number in range(4):
        assert flag_report(report=report, reason="false", device=f"d{number}")
        assert not flag_report(report=report, reason="false", device=f"d{number}")
    assert Report.objects.get().status == "open"
    assert flag_report(report=report, reason="false", device="d4")
    held = Report.objects.get()
    assert (held.status, held.held_from, held.flags.count()) == ("pending", "open", 5)
    with pytest.raises(NotAllowed):
        flag_report(report=held, reason="false", device="d5")


def test_flag_report_that_a_moderator_let_stand(report: Report, moderator: User) -> None:
    for number in range(4):
        flag_report(report=report, reason="false", device=f"d{number}")
    settle_report(report=report, by=moderator)
    flag_report(report=report, reason="false", device="d4")
    assert Report.objects.get().status == "open"


def test_flag_photo_hides_it_at_the_threshold(report: Report) -> None:
    photo, other = add_photo(report=report), add_photo(report=report)
    for number in range(2):
        assert flag_photo(photo=photo, reason="personal", device=f"d{number}")
        assert not flag_photo(photo=photo, reason="personal", device=f"d{number}")
    assert not Photo.objects.hidden().exists()
    assert flag_photo(photo=photo, reason="personal", device="d2")
    assert list(Photo.objects.hidden()) == [photo]
    assert list(Photo.objects.shown()) == [other]
    with pytest.raises(NotAllowed):
        flag_photo(photo=photo, reason="personal", device="d3")


def test_flag_photo_of_a_comment(comment: Comment) -> None:
    comment.photo = add_photo(report=None, kind=Photo.Kind.COMMENT)
    comment.save()
    assert flag_photo(photo=comment.photo, reason="personal", device="d1")
    Comment.objects.update(status="held")
    with pytest.raises(NotAllowed):
        flag_photo(photo=comment.photo, reason="personal", device="d2")


def test_flag_photo_that_waits_for_its_report(db: None) -> None:
    with pytest.raises(NotAllowed):
        flag_photo(photo=add_photo(report=None), reason="personal", device="d1")


def test_flag_by_somebody_who_is_banned(report: Report, author: User) -> None:
    Ban.objects.create(user=author, until=timezone.now() + timedelta(days=1))
    for what in (report, add_photo(report=report), add_comment(report=report, text="Moi aussi.", device="d0")):
        with pytest.raises(Banned):
            take(FlagForm({"reason": "spam"}), what, author)


def take(form: FlagForm, what: Report | Photo | Comment, user: User) -> bool:
    assert form.is_valid()
    return take_alert(form, what, user=user, device="")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["report", "photo"])
def test_flag_by_as_many_at_once_as_it_takes(kind: str, report: Report, settings: Settings) -> None:
    settings.FLAG_THRESHOLDS = {**settings.FLAG_THRESHOLDS, kind: 4}
    photo = add_photo(report=report)
    barrier, outcomes = threading.Barrier(6), []

    def act(number: int) -> None:
        barrier.wait()
        try:
            if kind == "report":
                flag_report(report=Report.objects.get(), reason="insult", device=f"d{number}")
            else:
                flag_photo(photo=Photo.objects.get(pk=photo.pk), reason="insult", device=f"d{number}")
            outcomes.append("taken")
        except NotAllowed:
            outcomes.append("gone")
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # The last ones find that it is gone already.
    assert sorted(outcomes) == ["gone"] * 2 + ["taken"] * 4
    assert Report.objects.get().held_from == ("open" if kind == "report" else "")
    assert Photo.objects.hidden().count() == (kind == "photo")


def test_flag_by_nobody(report: Report) -> None:
    with pytest.raises(NotAllowed):
        flag_report(report=report, reason="spam")


@pytest.mark.django_db(transaction=True)
def test_flag_comment_by_three_at_once(comment: Comment) -> None:
    barrier = threading.Barrier(3)

    def act(number: int) -> None:
        barrier.wait()
        try:
            flag_comment(comment=Comment.objects.get(pk=comment.pk), reason="insult", device=f"d{number}")
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert state(comment) == ("held", ["flags"], 0)


def test_alert_page_notes_it_once(comment: Comment) -> None:
    client = Client()
    first = alert(comment, client, words="Il insulte.")
    assert "Merci, c’est noté" in words_of(first)
    assert "fmq_device" in first.cookies
    assert "Déjà noté" in words_of(alert(comment, client))
    flag = Flag.objects.get()
    assert (flag.reason, flag.words, len(flag.device), flag.user) == ("insult", "Il insulte.", 32, None)


def test_alert_page_with_an_account(report: Report, author: User) -> None:
    alert(report, signed_in(author))
    flag = Flag.objects.get()
    assert (flag.user, flag.device) == (author, "")


def test_alert_page_shows_what_it_is_about(comment: Comment) -> None:
    response = Client().get(reverse("comment-flag", args=[comment.report.ref, comment.pk]))
    assert comment.text in words_of(response)
    assert response.cookies == {}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"reason": ""}, "Choisissez une raison."),
        ({"reason": "x"}, "Choisissez une raison dans la liste."),
        ({"words": "a" * 501}, "Ce texte est trop long"),
    ],
)
def test_alert_page_refuses_kindly(fields: dict[str, Any], sentence: str, report: Report) -> None:
    response = alert(report, **fields)
    assert (response.status_code, sentence in words_of(response), Flag.objects.count()) == (422, True, 0)


def test_alert_page_too_often(report: Report, settings: Settings) -> None:
    rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "flag": "1/hour"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    assert [alert(report).status_code, alert(report, words="Encore.").status_code] == [200, 429]


def test_alert_page_from_another_site(report: Report) -> None:
    path = reverse("report-flag", args=[report.ref])
    assert Client().post(path, {"reason": "spam"}, headers={"sec-fetch-site": "cross-site"}).status_code == 403


@pytest.mark.parametrize(("status", "expected"), [("pending", 404), ("rejected", 410), ("withdrawn", 404)])
def test_alert_page_of_what_is_not_public(status: str, expected: int, quarter: Quarter) -> None:
    assert alert(ReportFactory(status=status, quarter=quarter)).status_code == expected


def test_alerts_show_the_most_alerted_first(report: Report, comment: Comment, moderator: User) -> None:
    flag_report(report=report, reason="false", words="Ce n’est pas ici.", device="d1")
    for device in ("d1", "d2"):
        flag_comment(comment=comment, reason="insult", device=device)
    response = signed_in(moderator).get(LIST)
    rows = response.context["rows"]
    assert [len(row["flags"]) for row in rows] == [2, 1]
    assert [rows[0]["comment"], rows[1]["report"]] == [comment, report]
    assert "Ce n’est pas ici." in words_of(response)


def test_settle_report(report: Report, moderator: User) -> None:
    flag_report(report=report, reason="false", device="d1")
    client = signed_in(moderator)
    response = client.post(reverse("admin:moderation_flag_settle", args=[report.pk]), follow=True)
    assert "Aucune alerte" in words_of(response)
    assert Flag.objects.open().count() == 0


@pytest.mark.parametrize(
    ("person", "opens", "sees"),
    [
        ("author", 403, False),
        ("operator", 403, False),
        ("moderator_elsewhere", 200, False),
        ("moderator", 200, True),
        ("administrator", 200, True),
    ],
)
def test_alerts_belong_to_the_moderator_of_the_place(
    person: str,
    opens: int,
    sees: bool,  # noqa: FBT001
    report: Report,
    comment: Comment,
    request: pytest.FixtureRequest,
) -> None:
    flag_report(report=report, reason="false", device="d1")
    flag_comment(comment=comment, reason="insult", device="d1")
    client = signed_in(request.getfixturevalue(person))
    response = client.get(LIST)
    assert (response.status_code, comment.text in words_of(response)) == (opens, sees)
    client.post(reverse("admin:moderation_flag_settle", args=[report.pk]))
    assert Flag.objects.open().filter(report=report).exists() is not sees


@pytest.mark.parametrize("rows", [1, 4])
def test_alerts_number_of_queries_does_not_grow(
    rows: int, quarter: Quarter, moderator: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        report = ReportFactory(quarter=quarter)
        flag_report(report=report, reason="false", device="d1")
        comment = add_comment(report=report, text=f"Numéro {number}.", device="d")
        flag_comment(comment=comment, reason="spam", device="d1")
        flag_photo(photo=add_photo(report=report), reason="spam", device="d1")
    client = signed_in(moderator)
    with django_assert_max_num_queries(15):
        assert len(client.get(LIST).context["rows"]) == 3 * rows


def photo_page(photo: Photo, report: Report) -> str:
    return reverse("photo-flag", args=[report.ref, photo.pk])


def test_alert_page_of_a_report_leads_to_its_photos(report: Report) -> None:
    photo, hidden = add_photo(report=report), add_photo(report=report, hidden_at=timezone.now())
    words = words_of(Client().get(reverse("report-flag", args=[report.ref])))
    assert photo_page(photo, report) in words
    assert photo_page(hidden, report) not in words


def test_alert_page_of_a_photo_notes_it_once(report: Report) -> None:
    photo, client = add_photo(report=report), Client()
    assert photo.urls["320"] in words_of(client.get(photo_page(photo, report)))
    first = client.post(photo_page(photo, report), {"reason": "personal"}, headers=OURS)
    again = client.post(photo_page(photo, report), {"reason": "personal"}, headers=OURS)
    assert [first.status_code, again.status_code] == [200, 200]
    assert "Déjà noté" in words_of(again)
    assert Flag.objects.get().photo == photo


def test_alert_page_of_a_photo_that_nobody_sees(report: Report, comment: Comment) -> None:
    other = ReportFactory(quarter=report.quarter)
    comment.photo = add_photo(report=None, kind=Photo.Kind.COMMENT)
    comment.status = Comment.Status.HELD
    comment.save()
    unseen = [add_photo(report=report, hidden_at=timezone.now()), add_photo(report=other), comment.photo]
    assert [Client().get(photo_page(photo, report)).status_code for photo in unseen] == [404, 404, 404]
    assert Client().get(f"/signalements/{report.ref}/photos/{2**70}/alerter/").status_code == 404


def test_alerts_judge_a_photo(report: Report, moderator: User) -> None:
    photo, client = add_photo(report=report), signed_in(moderator)
    flag_photo(photo=photo, reason="personal", words="On voit mon fils.", device="d1")
    assert "On voit mon fils." in words_of(client.get(LIST))
    page = reverse("admin:moderation_flag_photo", args=[photo.pk])
    assert client.post(page, {"decision": "hide"}).status_code == 422
    assert client.post(page, {}).status_code == 422
    assert not Photo.objects.hidden().exists()
    assert client.post(page, {"decision": "hide", "reason": "On voit un enfant."}).status_code == 302
    assert (list(Photo.objects.hidden()), Flag.objects.open().count()) == ([photo], 0)
    assert client.post(page, {"decision": "keep"}).status_code == 302
    assert not Photo.objects.hidden().exists()


@pytest.mark.parametrize(
    ("person", "sent"),
    [
        ("moderator", 302),
        ("administrator", 302),
        ("moderator_elsewhere", 404),
        ("operator", 403),
        ("author", 403),
        ("nobody", 302),
    ],
    indirect=["person"],
)
def test_alerts_judge_a_photo_by(person: User | None, sent: int, report: Report) -> None:
    photo = add_photo(report=report)
    fields = {"decision": "hide", "reason": "On voit un enfant."}
    page = reverse("admin:moderation_flag_photo", args=[photo.pk])
    assert signed_in(person).post(page, fields).status_code == sent
    may = person is not None and sent == 302
    assert Photo.objects.hidden().exists() == may
