"""The record in words: no kind, object or fact is left under its technical name."""

from typing import Any

import pytest
from django.apps import apps
from django.urls import reverse
from oauth2_provider.models import get_application_model

from accounts.models import AuditEntry, User
from accounts.services.audit import record
from moderation.admin import entries
from reports.models import Organisation
from tests.factories import CategoryFactory
from tests.moderation.conftest import signed_in

pytestmark = pytest.mark.django_db
Kind = AuditEntry.Kind
RECORD = "/admin/accounts/auditentry/"
REF = "K7M-4QX"
ROW: dict[str, Any] = {"about": "reports.category:3", "data": {"name": "Nid-de-poule"}}
ROW_WORDS = "Catégorie «\u00a0Nid-de-poule\u00a0»"
ABOUT_REPORT = {"about": REF}, f"Signalement {REF}"
NOTHING: tuple[dict[str, Any], str] = {}, ""

# As the services write each kind, and what a person reads.
OBJECTS: dict[str, tuple[dict[str, Any], str]] = {
    Kind.ROLE_GRANTED: ({"data": {"role": "operator", "organisation": 1}}, "Intervention"),
    Kind.ROLE_REVOKED: ({"data": {"role": "administrator"}}, "Administration"),
    Kind.CONTACT_SEEN: ABOUT_REPORT,
    Kind.PHOTO_SEEN: ABOUT_REPORT,
    Kind.EXPORT_ASKED: NOTHING,
    Kind.EXPORT_FETCHED: NOTHING,
    Kind.ERASURE_ASKED: NOTHING,
    Kind.ERASURE_UNDONE: NOTHING,
    Kind.ERASED: NOTHING,
    Kind.FACTOR_RESET: NOTHING,
    Kind.DELIVERY_REPLAYED: ({"about": "delivery 812", "data": {"delivery": 812}}, "Envoi n°\u00a0812"),
    Kind.BANNED: ABOUT_REPORT,
    Kind.UNBANNED: ABOUT_REPORT,
    Kind.REPORT_ACT: ABOUT_REPORT,
    Kind.ROW_ADDED: (ROW, ROW_WORDS),
    Kind.ROW_CHANGED: (ROW, ROW_WORDS),
    Kind.ROW_DELETED: (ROW, ROW_WORDS),
    Kind.LIST_EXPORTED: ({"data": {"subject": "record", "rows": 3}}, "Traces"),
    Kind.TOKENS_REVOKED: ({"about": "jwt"}, "Connexion par l’API"),
}


def test_every_kind_is_known_here() -> None:
    assert set(OBJECTS) == set(Kind)


@pytest.mark.parametrize("kind", OBJECTS)
def test_object_is_said_in_words(kind: str) -> None:
    written, words = OBJECTS[kind]
    assert entries.object_of(record(kind=kind, actor=None, **written)) == words


def test_act_on_a_report_says_which() -> None:
    entry = record(kind=Kind.REPORT_ACT, actor=None, about=REF, data={"event": 7, "kind": "recategorised"})
    assert entries.what_of(entry) == "Signalement traité\u00a0: Catégorie changée"


@pytest.mark.parametrize(
    ("kind", "outcome", "words"),
    [
        ("answered", "withdrawn", "Question retirée"),
        ("answered", "closed", "Question close"),
        ("referred", "withdrawn", "Transmission retirée"),
        ("referred", "closed", "Transmission close"),
        ("referred", "", "Transmis à un tiers"),
    ],
)
def test_act_that_ends_something_says_so(kind: str, outcome: str, words: str) -> None:
    data = {"event": 7, "kind": kind, **({"outcome": outcome} if outcome else {})}
    entry = record(kind=Kind.REPORT_ACT, actor=None, about=REF, data=data)
    assert entries.what_of(entry) == f"Signalement traité\u00a0: {words}"
    assert entries.details_of(entry)[1] == ("Acte", words)
    assert outcome not in [said for _word, said in entries.details_of(entry) if outcome]


def test_every_table_that_is_recorded_has_a_name() -> None:
    models = [model for app in ("accounts", "reports", "moderation") for model in apps.get_app_config(app).get_models()]
    names = [entries.row_of(AuditEntry(about=f"{model._meta.label_lower}:1")) for model in models]
    assert [name for name in names if "." in name] == []


def test_table_that_is_gone_stands_for_itself() -> None:
    assert entries.row_of(AuditEntry(about="reports.gone:1")) == "reports.gone:1"


def test_row_that_was_renamed_has_its_new_name() -> None:
    entry = AuditEntry(about="reports.category:3", data={"name": ["Trou", "Nid-de-poule"]})
    assert entries.row_of(entry) == ROW_WORDS


def test_details_are_said_in_words(organisation: Organisation) -> None:
    entry = record(kind=Kind.ROLE_GRANTED, actor=None, data={"role": "operator", "organisation": organisation.pk})
    assert entries.details_of(entry) == [("Rôle", "Intervention"), ("Organisme", str(organisation))]


def test_details_of_a_row_say_before_and_after() -> None:
    data = {"name": "Nid-de-poule", "urgency": ["1", "3"], "jour férié": {"added": ["Noël"], "changed": []}}
    entry = record(kind=Kind.ROW_CHANGED, actor=None, about="reports.category:3", data=data)
    assert entries.details_of(entry) == [("Nom", "Nid-de-poule"), ("Urgence", "1 → 3"), ("Jour férié", "ajouté Noël")]


def test_details_of_a_suspension_say_until_when_and_of_whom() -> None:
    data = {"ban": 4, "until": "2026-12-01T11:00:00+00:00", "of": "device"}
    entry = record(kind=Kind.BANNED, actor=None, about=REF, data=data)
    assert entries.details_of(entry) == [
        ("Numéro de la suspension", "4"),
        ("Jusqu’au", "1 décembre 2026 12:00"),
        ("Vise", "un appareil"),
    ]


@pytest.mark.parametrize(("with_comments", "words"), [(True, "oui"), (False, "non")])
def test_details_say_yes_and_no(with_comments: bool, words: str) -> None:  # noqa: FBT001
    entry = record(kind=Kind.ERASURE_ASKED, actor=None, data={"comments": with_comments})
    assert entries.details_of(entry) == [("Commentaires compris", words)]


def test_pages_show_no_technical_name(administrator: User) -> None:
    category = CategoryFactory()
    about = f"reports.category:{category.pk}"
    data = {"name": str(category), "urgency": ["1", "3"]}
    entry = record(kind=Kind.ROW_CHANGED, actor=administrator, about=about, data=data)
    pages = [
        signed_in(administrator).get(address).content.decode()
        for address in (RECORD, reverse("admin:accounts_auditentry_change", args=[entry.pk]))
    ]
    assert [(ROW_WORDS in page, about in page, "row_changed " in page) for page in pages] == [(True, False, False)] * 2
    assert "Urgence\u00a0: 1 → 3" in pages[1]


def test_application_is_called_by_its_name(administrator: User) -> None:
    application = get_application_model().objects.create(name="Carte des routes", client_id="k2j4", user=administrator)
    record(kind=Kind.TOKENS_REVOKED, actor=None, subject=administrator, about=application.client_id)
    assert "Application «\u00a0Carte des routes\u00a0»" in signed_in(administrator).get(RECORD).content.decode()
