"""Walks the table of `docs/roles.md`: every cell, through every door that leads to it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from websockets.exceptions import ConnectionClosed

from accounts.models import AuditEntry, Ban, Membership, Role, User
from accounts.services.audit import record
from moderation.admin.comments import seen_of
from moderation.models import Appeal, Flag, ListExport, Question, Referral, Statement
from reports import workflow
from reports.models import Comment, Event, Quarter, Report
from reports.services.comments import add_comment
from tests.factories import (
    CategoryFactory,
    OrganisationFactory,
    PhotoFactory,
    ReportFactory,
    RoutingRuleFactory,
    UserFactory,
    give,
)
from tests.reports.api_client import NEW_REPORT, send
from tests.reports.live_process import hear, live_process, open_socket

TABLE = Path(settings.BASE_DIR) / "docs/roles.md"
PEOPLE = {
    "nobody": "nobody",
    "citizen": "stranger",
    "author": "author",
    "moderator": "moderator",
    "moderator elsewhere": "moderator_elsewhere",
    "operator": "operator",
    "operator elsewhere": "operator_elsewhere",
    "administrator": "administrator",
}
OUR_PAGE = {"sec-fetch-site": "same-origin"}
REFUSALS = {401, 403, 404, 410, 422}


@dataclass
class Visit:
    """One person at one door: a signed-in browser, and who it is."""

    person: User | None
    author: User
    browser: Client

    def report(self, status: str) -> Report:
        """Return a report of the author's, in the place and the organisation of the cast."""
        return ReportFactory(status=status, reporter=self.author)

    def api(self, path: str, body: Any = None, *, method: str = "post") -> bool:
        """Send to the API, and say whether it was done."""
        return done(send(self.browser, path, body or {}, user=self.person, method=method))

    def move(self, status: str, to: str, **more: Any) -> bool:
        """Change a report's status by the API, and say whether it is changed."""
        report = self.report(status)
        self.api(f"/reports/{report.ref}/transitions/", {"to": to, "note": "Parce que.", **more})
        report.refresh_from_db()
        return report.status == to

    def admin(self, name: str, report: Report, **fields: str) -> Report:
        """Send one form of a report's admin page, and return the report as it is now."""
        self.browser.post(reverse(f"admin:reports_report_{name}", args=[report.pk]), fields)
        report.refresh_from_db()
        return report

    def admin_move(self, status: str, to: str, **more: str) -> bool:
        """Change a report's status in the admin, and say whether it is changed."""
        fields = {"to": to, "seen": status, "note": "Parce que.", **more}
        return self.admin("status", self.report(status), **fields).status == to


def done(response: Any) -> bool:
    """Say whether an answer means yes; anything that is neither yes nor a refusal is a fault."""
    assert response.status_code in {200, 201, 204} | REFUSALS, response.status_code
    return response.status_code not in REFUSALS


def opens(visit: Visit, address: str) -> bool:
    """Say whether a page opens; being sent to sign in is a no."""
    response = visit.browser.get(address)
    assert response.status_code in {200, 302, 403, 404}
    return bool(response.status_code == 200)


def read_by_page(visit: Visit, status: str) -> bool:
    return opens(visit, visit.report(status).get_absolute_url())


def read_by_api(visit: Visit, status: str) -> bool:
    return visit.api(f"/reports/{visit.report(status).ref}/", method="get")


def follow_by_api(visit: Visit, status: str) -> bool:
    return visit.api(f"/reports/{visit.report(status).ref}/follow/", method="put")


def support_by_page(visit: Visit) -> bool:
    report = visit.report(workflow.OPEN)
    visit.browser.post(reverse("report-support", args=[report.ref]), headers={"accept": "application/json", **OUR_PAGE})
    report.refresh_from_db()
    return report.votes == 1


def follow_by_page(visit: Visit) -> bool:
    report = visit.report(workflow.OPEN)
    before = report.followers.count()
    visit.browser.post(
        reverse("report-follow", args=[report.ref]),
        {"email": "voisine@example.org"},
        headers=OUR_PAGE,
    )
    # The author of a report follows it already.
    return report.followers.count() > before or report.reporter == visit.person


def name_duplicate(visit: Visit) -> str:
    return str(ReportFactory(status=workflow.OPEN, quarter=visit.report(workflow.OPEN).quarter).ref)


def assign(visit: Visit) -> bool:
    report = visit.report(workflow.OPEN)
    visit.admin("assign", report, organisation="", note="Aucun service compétent.")
    return report.events.filter(kind=Event.Kind.ASSIGNED).exists()


def assign_from_nobody(visit: Visit) -> bool:
    report = ReportFactory(organisation=None, reporter=visit.author)
    organisation = OrganisationFactory()
    return visit.admin("nobody_assign", report, organisation=str(organisation.pk)).organisation == organisation


def apply_rules(visit: Visit) -> bool:
    report = ReportFactory(organisation=None, reporter=visit.author)
    RoutingRuleFactory(category=report.category)
    visit.browser.post(reverse("admin:reports_report_nobody_rules"))
    report.refresh_from_db()
    return report.organisation is not None


def try_rule(visit: Visit) -> bool:
    return opens(visit, f"{reverse('admin:reports_routingrule_add')}?simulation=change")


def undo_judgement(visit: Visit) -> bool:
    report = visit.admin("decide", visit.report(workflow.PENDING), to=workflow.OPEN, seen=workflow.PENDING)
    decision = report.decisions.first()
    visit.browser.post(reverse("admin:reports_report_undo"), {"decision": decision.pk if decision else "1"})
    return report.events.filter(kind=Event.Kind.UNDONE).exists()


def many_at_once(visit: Visit, act: str, status: str = workflow.OPEN) -> bool:
    report = visit.report(status)
    other = CategoryFactory(code="autre", name_fr="Autre", name_en="Other")
    fields = {"organisation": "", "category": other.pk, "note": "Vu sur place."}
    chosen = {"act": act, "step": "do", "chosen": f"{report.pk}:{status}"}
    visit.browser.post(reverse("admin:reports_report_bulk"), {**chosen, **fields})
    return report.events.exists()


def speak(visit: Visit, form: str, kind: str) -> bool:
    report = visit.report(workflow.OPEN)
    visit.admin(form, report, text="Nous passons demain.")
    return report.events.filter(kind=kind).exists()


def ask_author(visit: Visit) -> bool:
    report = visit.report(workflow.OPEN)
    visit.admin("question", report, text="Où exactement ?")
    return report.events.filter(kind=Event.Kind.ASKED).exists()


def take_question_back(visit: Visit) -> bool:
    question = Question.objects.create(report=visit.report(workflow.OPEN), text="Où exactement ?")
    address = reverse("admin:reports_report_question_withdraw", args=[question.report_id, question.pk])
    visit.browser.post(address)
    question.refresh_from_db()
    return question.closed_at is not None


def pass_on(visit: Visit) -> bool:
    report = visit.report(workflow.OPEN)
    fields = {"name": "Eaux", "address": "eaux@example.org", "language": "fr", "text": "À vous."}
    visit.browser.post(reverse("admin:reports_report_referral", args=[report.pk]), fields)
    return report.events.filter(kind=Event.Kind.REFERRED).exists()


def take_referral_back(visit: Visit) -> bool:
    referral = Referral.objects.create(report=visit.report(workflow.OPEN), name="Eaux", text="À vous.")
    address = reverse("admin:reports_report_referral_withdraw", args=[referral.report_id, referral.pk])
    visit.browser.post(address)
    referral.refresh_from_db()
    return referral.closed_at is not None


def see_mail(visit: Visit, form: str) -> bool:
    address = reverse(f"admin:reports_report_{form}", args=[visit.report(workflow.OPEN).pk])
    fields = {"text": "Bonjour.", "preview": "1", "name": "Eaux", "address": "eaux@example.org", "language": "fr"}
    return visit.browser.post(address, fields).status_code == 200


def comment_by_page(visit: Visit) -> bool:
    report = visit.report(workflow.OPEN)
    visit.browser.post(reverse("comment-write", args=[report.ref]), {"text": "Il est toujours là."}, headers=OUR_PAGE)
    return report.discussion.exists()


def comment_of(visit: Visit) -> Comment:
    """Return a visible comment that the author wrote."""
    report = visit.report(workflow.OPEN)
    return add_comment(report=report, text="Toujours là.", author=visit.author, language="fr")


def correct_comment(visit: Visit) -> bool:
    comment = comment_of(visit)
    path = f"/reports/{comment.report.ref}/comments/{comment.pk}/"
    return visit.api(path, {"text": "Encore là."}, method="patch")


def delete_comment(visit: Visit) -> bool:
    comment = comment_of(visit)
    visit.api(f"/reports/{comment.report.ref}/comments/{comment.pk}/", method="delete")
    comment.refresh_from_db()
    return comment.status == Comment.Status.DELETED


def remove_comment(visit: Visit) -> bool:
    comment = comment_of(visit)
    fields = {"decision": "remove", "seen": seen_of(comment), "reason": "", "note": "Hors sujet."}
    visit.browser.post(reverse("admin:reports_comment_judge", args=[comment.pk]), fields)
    comment.refresh_from_db()
    return comment.status == Comment.Status.REMOVED


NUMBER = "670000000"


def mask_report(visit: Visit) -> bool:
    report = ReportFactory(status=workflow.OPEN, description=f"Appelez le {NUMBER}", reporter=visit.author)
    return NUMBER not in visit.admin("mask", report, chosen=NUMBER).description


def mask_comment(visit: Visit) -> bool:
    comment = add_comment(report=visit.report(workflow.OPEN), text=f"Appelez le {NUMBER}", author=visit.author)
    fields = {"chosen": NUMBER, "seen": seen_of(comment)}
    visit.browser.post(reverse("admin:reports_comment_mask", args=[comment.pk]), fields)
    comment.refresh_from_db()
    return NUMBER not in comment.text


def alert(visit: Visit) -> bool:
    report = visit.report(workflow.OPEN)
    visit.browser.post(reverse("report-flag", args=[report.ref]), {"reason": "spam"}, headers=OUR_PAGE)
    return Flag.objects.filter(report=report).exists()


def confirm(visit: Visit) -> bool:
    return visit.api(f"/reports/{visit.report(workflow.RESOLVED).ref}/confirmation/", method="put")


def change_photo(visit: Visit) -> bool:
    photo = PhotoFactory(report=visit.report(workflow.OPEN))
    forms = {
        "mask": {"seen": "0", "x0": "10", "y0": "10", "w0": "20", "h0": "30"},
        "turn": {"seen": "1", "to": "left"},
        "hide": {"reason": "On voit un visage."},
        "show": {},
    }
    for name, fields in forms.items():
        visit.browser.post(reverse(f"admin:reports_photo_{name}", args=[photo.pk]), fields)
    photo.refresh_from_db()
    assert photo.revision in {0, len(forms)}
    return photo.revision == len(forms)


def see_whole_photo(visit: Visit) -> bool:
    photo = PhotoFactory(report=visit.report(workflow.OPEN), hidden_at=timezone.now(), revision=1)
    storages["originals"].save(photo.look_name, ContentFile(b"a face"))
    shown = visit.browser.post(reverse("admin:reports_photo_whole", args=[photo.pk]))
    address = shown.context["source"] if shown.status_code == 200 and shown.context else ""
    return bool(address) and visit.browser.get(address).content == b"a face"


def see_contact(visit: Visit) -> bool:
    report = visit.report(workflow.OPEN)
    report.contact_email = "temoin@example.org"
    report.save(update_fields=["contact_email"])
    response = visit.browser.post(reverse("admin:reports_report_contact", args=[report.pk]))
    return "temoin@example.org" in response.content.decode()


def replay(visit: Visit) -> bool:
    return opens(visit, reverse("admin:notifications_delivery_changelist"))


def catalogue(visit: Visit) -> bool:
    pages = ("reports_category_changelist", "reports_town_changelist", "reports_routingrule_add")
    answers = {opens(visit, reverse(f"admin:{page}")) for page in pages}
    assert len(answers) == 1
    return answers.pop()


def give_responsibility(visit: Visit) -> bool:
    colleague = UserFactory()
    visit.browser.post(
        reverse("admin:accounts_membership_add"), {"user": colleague.pk, "role": Role.ADMINISTRATOR, "_save": "1"}
    )
    return Membership.objects.filter(user=colleague).exists()


def other_category(visit: Visit) -> bool:
    report, other = visit.report(workflow.OPEN), CategoryFactory(code="autre", name_fr="Autre", name_en="Other")
    return visit.admin("category", report, category=str(other.pk), note="").category == other


def other_place(visit: Visit) -> bool:
    report = visit.report(workflow.OPEN)
    return visit.admin("place", report, lon="11.506", lat="3.866", address="", note="").point.x == pytest.approx(11.506)


def split(visit: Visit) -> bool:
    report = visit.report(workflow.OPEN)
    there = {"lon": "11.506", "lat": "3.866"}
    visit.admin("split", report, category=str(report.category_id), description="La lampe aussi.", **there)
    return report.parts.exists()


def give_task(visit: Visit) -> bool:
    report = visit.report(workflow.OPEN)
    colleague = give(UserFactory(), Role.OPERATOR, organisation=report.organisation)
    return visit.admin("person", report, colleague=str(colleague.pk)).assignee == colleague


def take_list(visit: Visit) -> bool:
    visit.report(workflow.OPEN)
    visit.browser.post(reverse("admin:reports_report_export"), {"format": "csv"})
    return ListExport.objects.exists()


def take_record(visit: Visit) -> bool:
    record(kind=AuditEntry.Kind.CONTACT_SEEN, actor=None)
    visit.browser.post(reverse("admin:accounts_auditentry_export"), {"format": "csv"})
    return ListExport.objects.exists()


def hears(port: int, report: Report) -> bool:
    with open_socket(port, f"/ws/reports/{report.ref}/") as socket:
        try:
            return bool(hear(socket)["type"] == "watching")
        except ConnectionClosed:
            return False


Door = Callable[[Visit], bool]
BAN = {"days": "7", "rule": "insult", "facts": "Trois injures."}


def hold_report(visit: Visit) -> bool:
    return visit.admin("hold", visit.report(workflow.OPEN), note="On y lit un nom.").held_from == workflow.OPEN


def ban_of_report(visit: Visit) -> bool:
    visit.admin("ban", visit.report(workflow.OPEN), **BAN)
    return Ban.objects.exists()


def ban_of_comment(visit: Visit) -> bool:
    Ban.objects.all().delete()
    visit.browser.post(reverse("admin:accounts_ban_comment", args=[comment_of(visit).pk]), BAN)
    return Ban.objects.exists()


def decision(visit: Visit) -> Statement:
    """Return a decision about the author's report that the portal took by itself."""
    report = visit.report(workflow.OPEN)
    return Statement.objects.create(what=Statement.What.REPORT_HELD, report=report, user=visit.author, rule="spam")


def contest(visit: Visit) -> bool:
    page = reverse("statement", args=[decision(visit).token])
    return done(visit.browser.post(page, {"words": "C’est faux."}, headers=OUR_PAGE, follow=True))


def judge_appeal(visit: Visit) -> bool:
    appeal = Appeal.objects.create(statement=decision(visit), words="C’est faux.")
    fields = {"decision": "refuse", "answer": "Non."}
    visit.browser.post(reverse("admin:moderation_appeal_judge", args=[appeal.pk]), fields)
    appeal.refresh_from_db()
    return appeal.is_granted is False


DOORS: dict[str, list[Door]] = {
    "Read a public report": [
        lambda visit: read_by_page(visit, workflow.OPEN),
        lambda visit: read_by_api(visit, workflow.OPEN),
    ],
    "Read a report that waits for a moderator": [lambda visit: read_by_api(visit, workflow.PENDING)],
    "Send a report": [
        lambda visit: visit.api("/reports/", NEW_REPORT),
    ],
    "Support a public report": [support_by_page],
    "Follow a public report": [follow_by_page],
    "Support or follow a public report by the API": [
        lambda visit: visit.api(f"/reports/{visit.report(workflow.OPEN).ref}/vote/", method="put"),
        lambda visit: follow_by_api(visit, workflow.OPEN),
    ],
    "Follow a report that waits for a moderator": [lambda visit: follow_by_api(visit, workflow.PENDING)],
    "Comment on a public report": [comment_by_page],
    "Comment by the API": [
        lambda visit: visit.api(f"/reports/{visit.report(workflow.OPEN).ref}/comments/", {"text": "Toujours là."}),
    ],
    "Correct or delete the author’s comment": [correct_comment, delete_comment],
    "Alert the moderators": [alert],
    "Correct a report that waits for a moderator": [
        lambda visit: visit.api(
            f"/reports/{visit.report(workflow.PENDING).ref}/", {"description": "Plus précis."}, method="patch"
        ),
    ],
    "Withdraw a report": [lambda visit: visit.move(workflow.OPEN, workflow.WITHDRAWN)],
    "Accept or reject a report": [
        lambda visit: visit.move(workflow.PENDING, workflow.OPEN),
        lambda visit: visit.move(workflow.PENDING, workflow.REJECTED),
        lambda visit: visit.admin_move(workflow.PENDING, workflow.OPEN),
        lambda visit: visit.admin_move(workflow.PENDING, workflow.REJECTED),
    ],
    "Take one’s own judgement back for ten minutes": [undo_judgement],
    "Accept, or give to an organisation, several reports at once": [
        lambda visit: many_at_once(visit, "accept", workflow.PENDING),
        lambda visit: many_at_once(visit, "assign"),
    ],
    "Reject, or put into another category, several reports at once": [
        lambda visit: many_at_once(visit, "reject"),
        lambda visit: many_at_once(visit, "category"),
    ],
    "Take a report up": [
        lambda visit: visit.move(workflow.OPEN, workflow.IN_PROGRESS),
        lambda visit: visit.admin_move(workflow.OPEN, workflow.IN_PROGRESS),
    ],
    "Say that it is repaired": [
        lambda visit: visit.move(workflow.IN_PROGRESS, workflow.RESOLVED),
        lambda visit: visit.admin_move(workflow.IN_PROGRESS, workflow.RESOLVED),
    ],
    "Reopen within 30 days of the repair": [lambda visit: visit.move(workflow.RESOLVED, workflow.OPEN)],
    "Confirm the repair for good": [confirm],
    "Name a duplicate": [
        lambda visit: visit.move(workflow.OPEN, workflow.DUPLICATE, original=name_duplicate(visit)),
        lambda visit: visit.admin_move(workflow.OPEN, workflow.DUPLICATE, original=name_duplicate(visit)),
    ],
    "Part a duplicate from its original": [
        lambda visit: visit.admin_move(workflow.DUPLICATE, workflow.OPEN),
    ],
    "Give a report to an organisation": [assign, assign_from_nobody],
    "Open the reports that nobody is responsible for": [
        lambda visit: opens(visit, reverse("admin:reports_report_nobody")),
    ],
    "Apply the rules to what nobody is responsible for": [apply_rules],
    "Try a rule of routing before it is saved": [try_rule],
    "Answer in public": [lambda visit: speak(visit, "reply", Event.Kind.REPLY)],
    "Write an internal note": [lambda visit: speak(visit, "note", Event.Kind.NOTE)],
    "Give a task to a colleague": [give_task],
    "Change the category or the place": [other_category, other_place],
    "Split a report in two": [split],
    "Take a report away in a list": [take_list],
    "Ask the author a question, and take it back": [ask_author, take_question_back],
    "Pass a report on to somebody outside, and take it back": [pass_on, take_referral_back],
    "See the mail before it goes out": [
        lambda visit: see_mail(visit, "reply"),
        lambda visit: see_mail(visit, "question"),
        lambda visit: see_mail(visit, "referral"),
    ],
    "Change the ready words": [lambda visit: opens(visit, reverse("admin:moderation_responsetemplate_add"))],
    "Accept or remove a comment": [remove_comment],
    "Mask, turn or hide a photo": [change_photo],
    "See the whole of a masked or hidden photo": [see_whole_photo],
    "Mask personal data in a report’s words": [mask_report],
    "Mask personal data in a comment": [mask_comment],
    "Try a text on screening": [lambda visit: opens(visit, reverse("admin:moderation_blockedterm_try"))],
    "Change blocked terms and opening rules": [
        lambda visit: opens(visit, reverse("admin:moderation_blockedterm_add")),
        lambda visit: opens(visit, reverse("admin:moderation_openingrule_add")),
    ],
    "See the contact data of a report’s author": [see_contact],
    "Open the held comments and the alerts": [
        lambda visit: opens(visit, reverse("admin:reports_comment_changelist")),
        lambda visit: opens(visit, reverse("admin:moderation_flag_changelist")),
    ],
    "Take a public report from view until it is judged again": [hold_report],
    "Keep a report’s or a comment’s author from taking part": [ban_of_report, ban_of_comment],
    "Contest a decision, by its link": [contest],
    "Judge an appeal": [judge_appeal],
    "Open the appeals and the bans": [
        lambda visit: opens(visit, reverse("admin:moderation_appeal_changelist")),
        lambda visit: opens(visit, reverse("admin:accounts_ban_changelist")),
    ],
    "Open the queue of reports to judge": [lambda visit: opens(visit, reverse("admin:reports_report_queue"))],
    "Open the list of reports in the admin": [lambda visit: opens(visit, reverse("admin:reports_report_changelist"))],
    "Read the figures of the whole town": [
        lambda visit: opens(visit, reverse("bilan")),
        lambda visit: opens(visit, reverse("bilan-csv")),
        lambda visit: visit.api("/stats/", method="get"),
    ],
    "Read the figures of one’s own part, and what waits there": [lambda visit: opens(visit, reverse("admin:index"))],
    "Change categories, towns and rules": [catalogue],
    "Change deadlines, working hours and holidays": [
        lambda visit: opens(visit, reverse("admin:reports_servicelevel_add")),
        lambda visit: opens(visit, reverse("admin:reports_workinghours_add")),
        lambda visit: opens(visit, reverse("admin:reports_holiday_propose")),
    ],
    "Give and take back responsibilities": [give_responsibility],
    "Read the record of roles and looks": [lambda visit: opens(visit, reverse("admin:accounts_auditentry_changelist"))],
    "Take the record away": [take_record],
    "Open one’s tasks": [lambda visit: opens(visit, reverse("admin:reports_report_tasks"))],
    "Read and replay deliveries": [replay],
    "Register applications of the API": [lambda visit: opens(visit, reverse("admin:oauth2_provider_application_add"))],
    "Open one’s own pages": [
        lambda visit: opens(visit, reverse("account")),
        lambda visit: opens(visit, reverse("my-data")),
        lambda visit: opens(visit, reverse("my-notifications")),
        lambda visit: opens(visit, reverse("my-reports")),
    ],
}


def cells() -> list[tuple[str, str, str]]:
    """Return the table as (what, who, its mark)."""
    rows = [line.strip("| \n").split(" | ") for line in TABLE.read_text().splitlines() if re.match(r"\| \w", line)]
    (_what, *people), *rules = rows
    return [(what, who, mark) for what, *marks in rules for who, mark in zip(people, marks, strict=True)]


def test_every_row_has_a_door_and_every_door_a_row() -> None:
    assert {what for what, _who, _mark in cells()} == set(DOORS)


@pytest.mark.django_db
@pytest.mark.parametrize(("what", "who", "mark"), cells())
def test_the_table_is_true(
    what: str, who: str, mark: str, request: pytest.FixtureRequest, client: Client, author: User
) -> None:
    person = None if who == "nobody" else request.getfixturevalue(PEOPLE[who])
    # The cast's place and organisation are there before anybody asks for them.
    ReportFactory(status=workflow.OPEN)
    if person is not None:
        client.force_login(person)
    answers = [door(Visit(person=person, author=author, browser=client)) for door in DOORS[what]]
    assert answers == [mark == "yes"] * len(DOORS[what])


@pytest.mark.django_db(transaction=True)
def test_sockets_tell_everybody_what_nobody_may_read(quarter: Quarter) -> None:
    """A socket does not ask who listens: it tells what is public, and nothing else."""
    may = {what: mark == "yes" for what, who, mark in cells() if who == "nobody"}
    shown = ReportFactory(status=workflow.OPEN, quarter=quarter)
    hidden = ReportFactory(status=workflow.PENDING, quarter=quarter)
    with live_process() as port:
        assert hears(port, shown) == may["Read a public report"]
        assert hears(port, hidden) == may["Read a report that waits for a moderator"]
