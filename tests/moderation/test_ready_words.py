"""Templates of answers: fields, what is offered when, how they come into a form, who keeps them."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.models import User
from moderation import demo_words
from moderation.models import ResponseTemplate
from moderation.ready_words import FIELDS, check_words, fill
from moderation.services.ready import of_kind, ready_for
from reports import workflow
from reports.models import Event, Report
from tests.factories import CategoryFactory, ReportFactory
from tests.moderation.conftest import post, signed_in, words_of
from tests.moderation.test_handling import page_of, panel, picture

Kind = ResponseTemplate.Kind


def template(**fields: Any) -> ResponseTemplate:
    given = {"title": "Pris en compte", "text_fr": "Merci pour {ref}.", "text_en": "Thank you for {ref}.", **fields}
    return ResponseTemplate.objects.create(**given)


def offered(report: Report, kind: str = Kind.REPLY, status: str = workflow.OPEN) -> list[str]:
    return [one.title for one in of_kind(ready_for(report), kind, status)]


# --- Fields -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "Merci.", "{ref} {category} {quarter} {organisation} {due}", "50 % à 100 %"])
def test_check_words_that_can_be_filled_in(text: str) -> None:
    check_words(text)


@pytest.mark.parametrize(
    "text", ["{name}", "{}", "{ref", "ref}", "{{ref}}", "{ref.pk}", "{ref!r}", "{ ref }", "{0}", "{due:%Y}", "{REF}"]
)
def test_check_words_refuses_what_is_no_field(text: str) -> None:
    with pytest.raises(ValidationError):
        check_words(text)


def test_fill_reads_no_field_in_a_value() -> None:
    values = {**dict.fromkeys(FIELDS, "x"), "ref": "{due}"}
    assert fill("{ref} avant {due}", values) == "{due} avant x"


def test_fill_gives_nothing_where_a_field_is_empty() -> None:
    assert fill("Avant le {due}.", {**dict.fromkeys(FIELDS, "x"), "due": ""}) == ""


@pytest.mark.django_db
def test_ready_words_are_filled_in_the_language_of_the_author() -> None:
    template(text_fr="{category} à {quarter} : {organisation}.", text_en="{category} in {quarter}: {organisation}.")
    french, english = ReportFactory(), ReportFactory(language="en")
    assert [one.text for one in ready_for(french)] == ["Nid-de-poule à Mokolo : Service de la voirie."]
    assert [one.text for one in ready_for(english)] == ["Pothole in Mokolo: Service de la voirie."]


@pytest.mark.django_db
def test_ready_words_leave_out_half_sentences() -> None:
    template(text_fr="{organisation} passe avant le {due}.")
    assert offered(ReportFactory()) == ["Pris en compte"]
    assert offered(ReportFactory(due_at=None)) == []
    assert offered(ReportFactory(organisation=None)) == []


@pytest.mark.django_db
def test_ready_words_fit_the_category_and_the_status() -> None:
    lamp = CategoryFactory(code="lamp", name_fr="Éclairage")
    template(title="Tous")
    template(title="Éclairage", category=lamp)
    template(title="En cours", status=workflow.IN_PROGRESS)
    template(title="Éteint", is_active=False)
    template(title="Refus", kind=Kind.DECISION, status=workflow.REJECTED)
    report = ReportFactory()
    assert offered(report) == ["Tous"]
    assert offered(ReportFactory(category=lamp)) == ["Tous", "Éclairage"]
    assert offered(report, status=workflow.IN_PROGRESS) == ["En cours", "Tous"]
    assert offered(report, Kind.DECISION, workflow.REJECTED) == ["Refus"]
    assert offered(report, Kind.DECISION, workflow.RESOLVED) == []


# --- In the forms -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_page_offers_them_in_each_form(moderator: User) -> None:
    template(title="R")
    template(title="Q", kind=Kind.QUESTION)
    template(title="D", kind=Kind.DECISION, status=workflow.REJECTED)
    page = page_of(moderator, ReportFactory())
    changes = {form.target: [one.title for one in form.ready] for form in panel(page, "status")["changes"]}
    assert [one.title for one in panel(page, "talk")["reply"].ready] == ["R"]
    assert [one.title for one in panel(page, "questions")["form"].ready] == ["Q"]
    assert changes == {"in_progress": [], "resolved": [], "rejected": ["D"], "duplicate": []}


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "kind"), [("reply", Kind.REPLY), ("question", Kind.QUESTION)])
def test_insert_without_javascript_adds_to_what_was_typed(name: str, kind: str, operator: User) -> None:
    report = ReportFactory()
    row = template(kind=kind)
    response = post(operator, name, report, text="Bonjour,", ready=str(row.pk), insert="1")
    form = response.context["sent"]
    assert (response.status_code, form["text"].value()) == (200, f"Bonjour,\n\nMerci pour {report.ref}.")
    assert (dict(form.errors), report.events.count()) == ({}, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("chosen", ["", "0", "x", "9" * 40, "\x00", "-1"])
def test_insert_what_is_not_there_leaves_the_words(chosen: str, operator: User) -> None:
    response = post(operator, "reply", ReportFactory(), text="Bonjour.", ready=chosen, insert="1")
    assert (response.status_code, response.context["sent"]["text"].value()) == (200, "Bonjour.")


@pytest.mark.django_db
def test_insert_into_a_decision_keeps_the_photo(operator: User) -> None:
    report = ReportFactory(status=workflow.IN_PROGRESS)
    row = template(kind=Kind.DECISION, status=workflow.RESOLVED, text_fr="C’est réparé.")
    fields = {"to": workflow.RESOLVED, "seen": workflow.IN_PROGRESS}
    draft = post(operator, "status", report, **fields, note="", ready=str(row.pk), insert="1", camera=picture())
    form = draft.context["sent"]
    assert form["note"].value() == "C’est réparé."
    post(operator, "status", report, **fields, note=form["note"].value(), kept=form["kept"].value())
    report.refresh_from_db()
    assert (report.status, report.photos.count()) == (workflow.RESOLVED, 1)


@pytest.mark.django_db
def test_insert_is_not_for_others(operator_elsewhere: User) -> None:
    row = template()
    assert post(operator_elsewhere, "reply", ReportFactory(), ready=str(row.pk), insert="1").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_ready_words_cost_one_query(number: int, django_assert_num_queries: Any) -> None:
    for position in range(number):
        template(title=f"T{position}")
    report = Report.objects.with_card().get(pk=ReportFactory().pk)
    with django_assert_num_queries(1):
        assert len(ready_for(report)) == number


# --- Who keeps them ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("administrator", 200),
        ("moderator", 403),
        ("operator", 403),
        ("stranger", 403),
        ("nobody", 302),
    ],
    indirect=["person"],
)
def test_templates_are_the_administrators(person: User | None, status: int) -> None:
    row = template()
    for name, arguments in (("changelist", []), ("add", []), ("change", [row.pk])):
        address = reverse(f"admin:moderation_responsetemplate_{name}", args=arguments)
        assert signed_in(person).get(address).status_code == status


@pytest.mark.django_db
def test_unknown_field_is_refused_on_saving(administrator: User) -> None:
    fields = {"title": "T", "kind": "reply", "position": "0", "is_active": "on", "text_en": "Yes."}
    address = reverse("admin:moderation_responsetemplate_add")
    response = signed_in(administrator).post(address, {**fields, "text_fr": "Bonjour {nom}"})
    assert "Le champ {nom} n’existe pas." in words_of(response)
    assert not ResponseTemplate.objects.exists()
    signed_in(administrator).post(address, {**fields, "text_fr": "Bonjour {ref}"})
    assert ResponseTemplate.objects.count() == 1


@pytest.mark.django_db
def test_demonstration_has_words_for_every_form(moderator: User) -> None:
    from django.utils import timezone  # noqa: PLC0415

    for _twice in range(2):
        demo_words.load(now=timezone.now())
    for row in ResponseTemplate.objects.all():
        row.full_clean()
    assert {row.kind for row in ResponseTemplate.objects.all()} == set(Kind.values)
    assert ResponseTemplate.objects.count() == len(demo_words.WORDS)
    page = page_of(moderator, ReportFactory())
    assert [one.title for one in panel(page, "talk")["reply"].ready] == ["Pris en compte, avec la date"]


@pytest.mark.django_db
def test_reply_from_a_template_goes_out_as_any_other(operator: User) -> None:
    report = ReportFactory()
    row = template()
    draft = post(operator, "reply", report, text="", ready=str(row.pk), insert="1")
    post(operator, "reply", report, text=draft.context["sent"]["text"].value(), ready=str(row.pk))
    assert report.events.get(kind=Event.Kind.REPLY).data["text"] == f"Merci pour {report.ref}."
