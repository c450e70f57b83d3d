"""Many reports at once: what will happen is shown before, what cannot is said, each goes through its own service."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from moderation.models import Decision
from moderation.services import bulk as service
from moderation.services import claims
from reports import workflow
from reports.models import Event, Organisation, Report, ServiceLevel, Town
from tests.factories import CategoryFactory, OrganisationFactory, ReportFactory, UserFactory, give
from tests.moderation.conftest import signed_in, words_of
from tests.moderation.test_access import CAST

pytestmark = pytest.mark.django_db
LIST = "/admin/reports/report/"


def boxes(*reports: Report) -> list[str]:
    """Return what the ticked boxes of the list send."""
    return [f"{report.pk}:{report.status}" for report in reports]


def send(person: User | None, act: str, chosen: list[str], step: str = "do", **fields: Any) -> Any:
    address = reverse("admin:reports_report_bulk")
    return signed_in(person).post(address, {"act": act, "chosen": chosen, "step": step, **fields})


def status_of(report: Report) -> str:
    return str(Report.objects.values_list("status", flat=True).get(pk=report.pk))


def told(response: Any) -> tuple[list[str], list[tuple[str, str]]]:
    """Return what a page says changes, and what it refuses and why."""
    changed = [one.report.ref for one in response.context["changed"]]
    return changed, [(one.report.ref, one.refusal) for one in response.context["refused"]]


def test_list_offers_boxes_and_acts(moderator: User) -> None:
    report = ReportFactory(status=workflow.PENDING)
    response = signed_in(moderator).get(LIST)
    assert f'value="{report.pk}:pending" form="bulk"' in words_of(response)
    assert [act for act, _label in response.context["bulk_acts"]] == ["accept", "reject", "assign", "category"]


def test_list_offers_an_operator_what_they_may(operator: User) -> None:
    ReportFactory()
    acts = signed_in(operator).get(LIST).context["bulk_acts"]
    assert [act for act, _label in acts] == ["reject", "category"]


def test_accept_is_foreseen_and_changes_nothing(moderator: User) -> None:
    waiting, public = ReportFactory(status=workflow.PENDING), ReportFactory()
    response = send(moderator, "accept", boxes(waiting, public), step="chosen")
    assert response.status_code == 200
    assert told(response) == ([waiting.ref], [(public.ref, "Ce signalement n’attend pas de validation.")])
    assert "Rien n’est encore fait." in words_of(response)
    assert status_of(waiting) == workflow.PENDING
    assert (Event.objects.count(), Decision.objects.count()) == (0, 0)


def test_accept_is_done_and_can_be_undone(moderator: User) -> None:
    reports = [ReportFactory(status=workflow.PENDING) for _number in range(3)]
    response = send(moderator, "accept", boxes(*reports))
    assert told(response) == ([report.ref for report in reports], [])
    assert {status_of(report) for report in reports} == {workflow.OPEN}
    assert Decision.objects.filter(person=moderator).count() == 3
    assert "3 signalements sont changés." in words_of(response)


def test_accept_leaves_alone_what_has_changed_since_the_list(moderator: User) -> None:
    report = ReportFactory(status=workflow.PENDING)
    chosen = boxes(report)
    Report.objects.filter(pk=report.pk).update(status=workflow.WITHDRAWN)
    _changed, refused = told(send(moderator, "accept", chosen))
    assert refused == [(report.ref, "Ce signalement a changé entre-temps. Relisez-le, puis recommencez si besoin.")]


@pytest.mark.parametrize("act", ["accept", "reject", "assign", "category"])
def test_what_somebody_else_reads_is_left_to_them(act: str, moderator: User, town: Town) -> None:
    report = ReportFactory(status=workflow.PENDING)
    colleague = give(UserFactory(name="Amina"), Role.MODERATOR, town=town)
    claims.take(report=report, by=colleague)
    lamp = CategoryFactory(code="lamp", name_fr="Lampadaire", name_en="Lamp")
    _changed, refused = told(send(moderator, act, boxes(report), reason="private", category=lamp.pk))
    assert refused == [(report.ref, f"Amina examine {report.ref} depuis moins d’une minute.")]


def test_reject_asks_why_first(moderator: User) -> None:
    report = ReportFactory(status=workflow.PENDING)
    asked = send(moderator, "reject", boxes(report), step="chosen")
    assert (asked.status_code, "outcomes" in asked.context) == (200, False)
    foreseen = send(moderator, "reject", boxes(report), step="look")
    assert told(foreseen) == ([], [(report.ref, "Expliquez ce changement en quelques mots.")])


def test_reject_speaks_each_authors_language(moderator: User) -> None:
    french = ReportFactory(status=workflow.PENDING, language="fr")
    english = ReportFactory(status=workflow.OPEN, language="en")
    send(moderator, "reject", boxes(french, english), reason="private", note="Merci.")
    reasons = dict(Report.objects.values_list("language", "rejection_reason"))
    assert reasons["fr"] == "Le problème se trouve sur un terrain privé. Merci."
    assert reasons["en"] == "The problem is on private land. Merci."


def test_reject_with_too_many_words_says_how_many(moderator: User) -> None:
    report = ReportFactory(status=workflow.PENDING)
    _changed, refused = told(send(moderator, "reject", boxes(report), reason="private", note="x" * 490))
    assert "au plus 500" in refused[0][1]
    assert status_of(report) == workflow.PENDING


def test_assign_foresees_and_gives(moderator: User, organisation: Organisation) -> None:
    water = OrganisationFactory(slug="eau", name="Service de l’eau")
    ours, theirs = ReportFactory(organisation=organisation), ReportFactory(organisation=water)
    unexplained = send(moderator, "assign", boxes(ours), step="look", organisation=water.pk)
    assert "Service de la voirie" in told(unexplained)[1][0][1]
    why: dict[str, Any] = {"organisation": water.pk, "note": "Conduite rompue."}
    foreseen = send(moderator, "assign", boxes(ours, theirs), step="look", **why)
    assert told(foreseen) == ([ours.ref], [(theirs.ref, "Ce signalement est déjà confié à cet organisme.")])
    assert foreseen.context["changed"][0].changes == (("Service de la voirie", "Service de l’eau"),)
    ours.refresh_from_db()
    assert ours.organisation == organisation
    send(moderator, "assign", boxes(ours, theirs), **why)
    ours.refresh_from_db()
    assert ours.organisation == water
    assert ours.events.get(kind=Event.Kind.ASSIGNED).private_data["note"] == "Conduite rompue."


def test_category_foresees_and_changes(moderator: User) -> None:
    lamp = CategoryFactory(code="lamp", name_fr="Lampadaire", name_en="Lamp")
    report, closed = ReportFactory(), ReportFactory(status=workflow.RESOLVED)
    foreseen = send(moderator, "category", boxes(report, closed), step="look", category=lamp.pk)
    assert [one.changes[0] for one in foreseen.context["changed"]] == [("Nid-de-poule", "Lampadaire")]
    assert [ref for ref, _why in told(foreseen)[1]] == [closed.ref]
    send(moderator, "category", boxes(report, closed), category=lamp.pk)
    report.refresh_from_db()
    closed.refresh_from_db()
    assert (report.category, closed.category.code) == (lamp, "pothole")


def test_category_without_a_choice_keeps_the_reports(moderator: User) -> None:
    report = ReportFactory()
    response = send(moderator, "category", boxes(report), step="look", category="")
    assert response.status_code == 422
    assert "Choisissez la nouvelle catégorie." in words_of(response)
    assert f'name="chosen" value="{report.pk}:open"' in words_of(response)


def test_everything_of_the_filter_is_taken(moderator: User) -> None:
    waiting = [ReportFactory(status=workflow.PENDING) for _number in range(3)]
    ReportFactory()
    address = reverse("admin:reports_report_bulk") + "?status=pending"
    response = signed_in(moderator).post(address, {"act": "accept", "everything": "on"})
    assert told(response) == ([report.ref for report in waiting], [])
    assert response.context["back"] == f"{LIST}?status=pending"


def test_more_than_may_be_done_at_once_is_refused(moderator: User) -> None:
    response = send(moderator, "accept", [",".join(f"{number}:pending" for number in range(1, service.MOST + 2))])
    assert response.status_code == 422
    assert "Au plus 200 signalements à la fois" in words_of(response)


@pytest.mark.parametrize("chosen", [[], ["x"], ["1:nowhere"], ["9" * 40 + ":open"], ["\x00:open"], ["²:open"], [":"]])
def test_nothing_chosen_says_so(chosen: list[str], moderator: User) -> None:
    response = send(moderator, "accept", chosen)
    assert response.status_code == 422
    assert "Aucun signalement n’est choisi." in words_of(response)


@pytest.mark.parametrize("act", ["", "delete", "accept\x00"])
def test_unknown_act_is_a_bad_request(act: str, moderator: User) -> None:
    assert send(moderator, act, boxes(ReportFactory())).status_code == 400


def test_look_at_the_address_goes_back_to_the_list(moderator: User) -> None:
    response = signed_in(moderator).get(reverse("admin:reports_report_bulk"))
    assert (response.status_code, response["Location"]) == (302, LIST)


@pytest.mark.parametrize("person", CAST, indirect=True)
@pytest.mark.parametrize("act", ["accept", "reject", "assign", "category"])
def test_acts_reach_only_what_is_theirs(person: User | None, act: str, request: pytest.FixtureRequest) -> None:
    """Send the boxes of a waiting and an open report by hand, as whoever the list never showed them to."""
    name = request.node.callspec.params["person"]
    waiting, public = ReportFactory(status=workflow.PENDING), ReportFactory(status=workflow.OPEN)
    water = OrganisationFactory(slug="eau", name="Service de l’eau")
    lamp = CategoryFactory(code="lamp", name_fr="Lampadaire", name_en="Lamp")
    fields: dict[str, Any] = {
        "reason": "private",
        "note": "Vu sur place.",
        "organisation": water.pk,
        "category": lamp.pk,
    }
    response = send(person, act, boxes(waiting, public), **fields)
    theirs = {waiting} if act == "accept" else {waiting, public}
    operators = {public} if act in {"reject", "category"} else set()
    judges = {"moderator", "administrator", "superuser"}
    changed = {event.report for event in Event.objects.select_related("report")}
    assert changed == (theirs if name in judges else operators if name == "operator" else set())
    if name in {"author", "stranger"}:
        assert response.status_code == 403


@pytest.fixture
def superuser() -> User:
    return User.objects.create_superuser("racine@example.org", "correct horse battery")


def test_refs_of_others_are_not_shown(operator_elsewhere: User) -> None:
    report = ReportFactory()
    response = send(operator_elsewhere, "reject", boxes(report), reason="private")
    assert report.ref not in words_of(response)
    assert "1 autre n’est pas à votre portée ou n’existe plus." in words_of(response)


def test_asking_costs_the_same_however_many(moderator: User) -> None:
    def cost(*reports: Report) -> int:
        client = signed_in(moderator)
        address = reverse("admin:reports_report_bulk")
        with CaptureQueriesContext(connection) as queries:
            client.post(address, {"act": "assign", "chosen": boxes(*reports)})
        return len(queries)

    reports = [ReportFactory(received_at=timezone.now()) for _number in range(3)]
    assert cost(*reports) == cost(reports[0])
    assert cost(*reports) <= 10


# In which state they are, and how many questions one costs: the change, its event and record, and what frames them.
PER_REPORT = {
    "accept": (workflow.PENDING, 14),
    "reject": (workflow.OPEN, 18),
    "assign": (workflow.OPEN, 14),
    "category": (workflow.OPEN, 14),
}


@pytest.mark.parametrize("step", ["look", "do"])
@pytest.mark.parametrize("act", PER_REPORT)
def test_each_further_report_costs_little(act: str, step: str, moderator: User) -> None:
    """The catalogue (what is promised, in which hours, who is responsible) is read once for all of them."""
    status, limit = PER_REPORT[act]
    ServiceLevel.objects.create(counting=ServiceLevel.Counting.WORKING)
    lamp = CategoryFactory(code="lamp", name_fr="Lampadaire", name_en="Lamp")
    water = OrganisationFactory(slug="eau", name="Service de l’eau")
    fields = {"reason": "private", "note": "Vu.", "organisation": water.pk, "category": lamp.pk}
    costs = []
    for number in (1, 1, 6):
        reports = [ReportFactory(status=status) for _number in range(number)]
        with CaptureQueriesContext(connection) as queries:
            response = send(moderator, act, boxes(*reports), step, **fields)
        assert len(response.context["changed"]) == number
        costs.append(len(queries))
    assert (costs[2] - costs[1]) / 5 <= limit
