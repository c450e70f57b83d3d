"""Masking addresses and numbers in public words: who may, what is left, and that the original is kept nowhere."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from moderation.admin.comments import seen_of
from moderation.services.masking import mask_comment, mask_text, maskable, masked
from reports import workflow
from reports.errors import NotAllowed, StaleReport
from reports.models import Comment, Event, Report
from reports.permissions import reporter_without_account
from reports.services.comments import add_comment
from reports.services.editing import edit_report
from tests.factories import ReportFactory
from tests.moderation.conftest import post, signed_in, words_of

pytestmark = pytest.mark.django_db

WORDS = "Appelez le 6 70 00 00 00 ou écrivez à jean.mbida@example.org, merci"
BOTH = ["6 70 00 00 00", "jean.mbida@example.org"]


@pytest.fixture
def report(db: None) -> Report:
    return ReportFactory(
        description=WORDS,
        address="Chez Jean, 670000000",
        findings=[{"code": "blocked", "terms": ["x"]}, {"code": "email"}, {"code": "phone"}],
    )


@pytest.mark.parametrize(
    ("text", "there"),
    [
        (WORDS, BOTH),
        ("\uff16\uff17" + "\uff10" * 7, ["\uff16\uff17" + "\uff10" * 7]),
        ("6\u200b70000000 !", ["6\u200b70000000"]),
        ("½ + ½, tél. 670000000, ½", ["670000000"]),
        ("deux fois 670000000 et 670000000", ["670000000"]),
        ("Il y a 3 trous de 2,50 m, facture de 25 000 000 FCFA", []),
        ("", []),
    ],
)
def test_maskable(text: str, there: list[str]) -> None:
    assert [one.text for one in maskable(text)] == there


def test_masked_leaves_the_other_words() -> None:
    text = "½ route, tél. 670000000 ou +237 222 23 40 50 ½"
    assert masked(text, ["670000000"], language="fr") == "½ route, tél. [numéro masqué] ou +237 222 23 40 50 ½"


def test_mask_text(report: Report, moderator: User) -> None:
    event = mask_text(report=report, chosen=[*BOTH, "670000000"], by=moderator)
    stored = Report.objects.get(pk=report.pk)
    assert stored.description == "Appelez le [numéro masqué] ou écrivez à [adresse e-mail masquée], merci"
    assert stored.address == "Chez Jean, [numéro masqué]"
    assert stored.findings == [{"code": "blocked", "terms": ["x"]}]
    assert (event.kind, event.is_public, event.data["count"]) == (Event.Kind.MASKED, True, 3)


def test_mask_text_keeps_a_finding_while_something_is_left(report: Report, moderator: User) -> None:
    mask_text(report=report, chosen=["jean.mbida@example.org"], by=moderator)
    assert [finding["code"] for finding in report.findings] == ["blocked", "phone"]


def test_mask_text_keeps_the_original_nowhere(author: User, moderator: User) -> None:
    report = ReportFactory(status=workflow.PENDING, description=WORDS, reporter=author)
    edit_report(report=report, actor=reporter_without_account(), description=f"{WORDS} encore")
    mask_text(report=report, chosen=BOTH, by=moderator)
    told = json.dumps(list(report.events.values("data", "private_data")), ensure_ascii=False)
    assert [word for word in BOTH if word in told + report.description] == []
    assert "[numéro masqué]" in told


def test_mask_text_fits_into_a_full_line(moderator: User) -> None:
    report = ReportFactory(address="a" * 190 + " 670000000")
    mask_text(report=report, chosen=["670000000"], by=moderator)
    assert Report.objects.get(pk=report.pk).address == "a" * 190 + " [numéro m"


@pytest.mark.parametrize("chosen", [[], ["absent"], ["merci"]])
def test_mask_text_of_nothing_that_is_there(chosen: list[str], report: Report, moderator: User) -> None:
    with pytest.raises(NotAllowed):
        mask_text(report=report, chosen=chosen, by=moderator)


def test_mask_text_of_words_that_have_changed(report: Report, moderator: User) -> None:
    Report.objects.filter(pk=report.pk).update(description="Autre chose, 670000000")
    with pytest.raises(StaleReport):
        mask_text(report=report, chosen=BOTH, by=moderator)


@pytest.mark.django_db(transaction=True)
def test_mask_text_by_two_at_once_happens_once(report: Report, moderator: User) -> None:
    def mask() -> bool:
        try:
            mask_text(report=Report.objects.get(pk=report.pk), chosen=BOTH, by=moderator)
        except (StaleReport, NotAllowed):
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as threads:
        outcomes = [future.result() for future in [threads.submit(mask) for _number in range(4)]]
    assert outcomes.count(True) == 1
    assert report.events.filter(kind=Event.Kind.MASKED).count() == 1


MAY = [("moderator", True), ("administrator", True)]
MAY_NOT = [
    (name, False) for name in ("moderator_elsewhere", "operator", "operator_elsewhere", "stranger", "author", "nobody")
]


@pytest.mark.parametrize(("person", "may"), MAY + MAY_NOT, indirect=["person"])
def test_mask_by_address(person: User | None, may: bool, report: Report) -> None:  # noqa: FBT001
    response = post(person, "mask", report, chosen=BOTH)
    report.refresh_from_db()
    assert ("masqué" in report.description) is may
    assert response.status_code in ({302} if may else {302, 403, 404, 422})


@pytest.mark.parametrize(("person", "may"), MAY + MAY_NOT[:4], indirect=["person"])
def test_findings_are_shown_to_who_judges(person: User, may: bool, report: Report) -> None:  # noqa: FBT001
    page = words_of(signed_in(person).get(reverse("admin:reports_report_change", args=[report.pk])))
    assert ("Le texte contient un numéro de téléphone." in page) is may
    assert ("part-screening" in page) is may


def test_mask_from_the_queue_goes_back_to_it(moderator: User) -> None:
    report = ReportFactory(status=workflow.PENDING, description=WORDS)
    response = post(moderator, "mask", report, chosen=BOTH, **{"from": "queue"})
    assert response.url == f"{reverse('admin:reports_report_queue')}?report={report.pk}"
    page = words_of(signed_in(moderator).get(response.url))
    assert "[numéro masqué]" in page


@pytest.mark.parametrize("chosen", ["", "absent", "\x00", "9" * 5000, "<script>alert(1)</script>"])
def test_mask_refuses_nonsense(chosen: str, report: Report, moderator: User) -> None:
    response = post(moderator, "mask", report, chosen=chosen)
    report.refresh_from_db()
    assert (response.status_code, report.description) == (422, WORDS)
    assert "Rien n’a été changé" in words_of(response)


def test_mask_is_only_posted(report: Report, moderator: User) -> None:
    response = signed_in(moderator).get(reverse("admin:reports_report_mask", args=[report.pk]))
    assert response.status_code == 302


def test_page_costs_the_same_with_many_findings(moderator: User) -> None:
    client = signed_in(moderator)

    def queries(findings: list[dict[str, Any]]) -> int:
        report = ReportFactory(findings=findings)
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("admin:reports_report_change", args=[report.pk]))
        return len(asked)

    earlier = [ReportFactory().pk for _number in range(3)]
    queries([])
    one = queries([{"code": "seen", "report": earlier[0]}])
    assert queries([{"code": "alike", "report": pk, "bits": 1} for pk in earlier]) == one


def test_unknown_findings_are_left_out(moderator: User) -> None:
    report = ReportFactory(findings=[{"code": "gone"}, {}, {"code": "seen", "report": 10**9}])
    page = words_of(signed_in(moderator).get(reverse("admin:reports_report_change", args=[report.pk])))
    assert "La même photo a déjà été envoyée." in page


def held_comment() -> Comment:
    return add_comment(report=ReportFactory(), text=WORDS, device="a")


def test_mask_comment_leaves_nothing_to_hold_it_for(moderator: User) -> None:
    comment = mask_comment(comment=held_comment(), chosen=BOTH, by=moderator)
    assert comment.text == "Appelez le [numéro masqué] ou écrivez à [adresse e-mail masquée], merci"
    assert (comment.status, comment.held_for) == (Comment.Status.HELD, [])


@pytest.mark.parametrize("person", ["moderator_elsewhere", "operator", "stranger"], indirect=True)
def test_mask_comment_is_for_moderators_of_the_place(person: User) -> None:
    with pytest.raises(NotAllowed):
        mask_comment(comment=held_comment(), chosen=BOTH, by=person)


def test_mask_comment_of_words_that_have_changed(moderator: User) -> None:
    comment = held_comment()
    Comment.objects.filter(pk=comment.pk).update(text="Autre chose")
    with pytest.raises(StaleReport):
        mask_comment(comment=comment, chosen=BOTH, by=moderator)


def send_mask(person: User | None, comment: Comment, **fields: Any) -> Any:
    given = {"chosen": BOTH, "seen": seen_of(comment), **fields}
    return signed_in(person).post(reverse("admin:reports_comment_mask", args=[comment.pk]), given)


@pytest.mark.parametrize(("person", "may"), MAY + MAY_NOT, indirect=["person"])
def test_mask_comment_by_address(person: User | None, *, may: bool) -> None:
    comment = held_comment()
    response = send_mask(person, comment)
    comment.refresh_from_db()
    assert ("masqué" in comment.text) is may
    assert response.status_code in ({302} if may else {302, 403, 404})


@pytest.mark.parametrize("fields", [{"seen": "held 1"}, {"chosen": "absent"}, {"chosen": "\x00"}, {"chosen": []}])
def test_mask_comment_refused_changes_nothing(fields: dict[str, Any], moderator: User) -> None:
    comment = held_comment()
    assert send_mask(moderator, comment, **fields).status_code == 302
    comment.refresh_from_db()
    assert comment.text == WORDS


def test_held_comments_offer_to_mask(moderator: User) -> None:
    held_comment()
    page = words_of(signed_in(moderator).get(reverse("admin:reports_comment_changelist")))
    assert page.count('name="chosen"') == 2
