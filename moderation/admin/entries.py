"""How the record reads: what was done, to what, and how, in the words of whoever looks at it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext

from accounts.models import AuditEntry, Role
from moderation.models import ListExport
from moderation.wording import BANNED_WHAT, RECORD_ENDS, RECORD_FACTS, RECORD_OUTCOMES
from reports.models import Event, Organisation, Quarter, Town

Kind = AuditEntry.Kind
ROWS = (Kind.ROW_ADDED, Kind.ROW_CHANGED, Kind.ROW_DELETED)
CHOICES: dict[str, Mapping[Any, Any]] = {
    "kind": dict(Event.Kind.choices),
    "role": dict(Role.choices),
    "subject": dict(ListExport.Subject.choices),
    "format": dict(ListExport.Format.choices),
    "of": BANNED_WHAT,
    "outcome": RECORD_OUTCOMES,
}
PLACES: dict[str, type[models.Model]] = {"town": Town, "quarter": Quarter, "organisation": Organisation}


def what_of(entry: AuditEntry) -> str:
    """Return what was done; of an act on a report also which one."""
    what = str(entry.get_kind_display())
    if entry.kind != Kind.REPORT_ACT:
        return what
    return gettext("%(what)s : %(how)s") % {"what": what, "how": act_of(entry)}


def act_of(entry: AuditEntry) -> str:
    """Return what was done to a report; of what ended without its answer that it ended."""
    kind = entry.data.get("kind", "")
    return str(RECORD_ENDS.get((kind, entry.data.get("outcome", "")), label_of(CHOICES["kind"], kind)))


def object_of(entry: AuditEntry) -> str:
    """Return what it was about, e.g. `Signalement K7M-4QX`, `Catégorie « Nid-de-poule »`; empty for nothing but people.

    `entry.application` is the name of the application whose number `about` is, if that is one.
    """
    if entry.kind in ROWS:
        return row_of(entry)
    if entry.kind in OBJECTS:
        return OBJECTS[Kind(entry.kind)](entry)
    return gettext("Signalement %(ref)s") % {"ref": entry.about} if entry.about else ""


def row_of(entry: AuditEntry) -> str:
    """Return a row of a table by the table's name and its own, as it was called then."""
    model = model_of(entry)
    table = capfirst(str(model._meta.verbose_name)) if model else entry.about  # noqa: SLF001  (Django's documented API)
    name = entry.data.get("name")
    if isinstance(name, list):
        name = name[-1]  # the name itself was changed
    return gettext("%(table)s « %(name)s »") % {"table": table, "name": name} if name else str(table)


def model_of(entry: AuditEntry) -> type[models.Model] | None:
    """Return the table that `about` (`<app>.<model>:<id>`) names; None where it is gone since."""
    try:
        return apps.get_model(entry.about.partition(":")[0])
    except (LookupError, ValueError):
        return None


def door_of_tokens(entry: AuditEntry) -> str:
    """Return through what the tokens came: the API's own sign-in, or an application."""
    if entry.about == "jwt":
        return gettext("Connexion par l’API")
    return gettext("Application « %(name)s »") % {"name": getattr(entry, "application", None) or entry.about}


def delivery_of(entry: AuditEntry) -> str:
    """Return the number of a delivery."""
    return gettext("Envoi n° %(number)s") % {"number": entry.data.get("delivery", "")}


def role_of(entry: AuditEntry) -> str:
    """Return a responsibility's role."""
    return label_of(CHOICES["role"], entry.data.get("role"))


def list_of(entry: AuditEntry) -> str:
    """Return which list was taken away."""
    return label_of(CHOICES["subject"], entry.data.get("subject"))


OBJECTS: dict[AuditEntry.Kind, Callable[[AuditEntry], str]] = {
    Kind.TOKENS_REVOKED: door_of_tokens,
    Kind.DELIVERY_REPLAYED: delivery_of,
    Kind.ROLE_GRANTED: role_of,
    Kind.ROLE_REVOKED: role_of,
    Kind.LIST_EXPORTED: list_of,
}


def label_of(choices: Mapping[Any, Any], value: object) -> str:
    """Return a choice in words; what none of them says stands for itself."""
    return str(choices.get(value, "" if value is None else value))


def details_of(entry: AuditEntry) -> list[tuple[str, str]]:
    """Return the rest as pairs of a word and what it says; what changed in a row as `before → after`."""
    model = model_of(entry) if entry.kind in ROWS else None
    facts = {**entry.data, "kind": act_of(entry)} if "kind" in entry.data else entry.data
    return [(word_for(name, model), said(name, value)) for name, value in facts.items()]


def word_for(name: str, model: type[models.Model] | None) -> str:
    """Return the word for one fact: the column's own name where it is one of a row."""
    if name in RECORD_FACTS:
        return str(RECORD_FACTS[name])
    try:
        field = model._meta.get_field(name) if model else None  # noqa: SLF001  (Django's documented API)
    except FieldDoesNotExist:
        field = None
    return capfirst(str(getattr(field, "verbose_name", name)))


def said(name: str, value: Any) -> str:
    """Return one fact in words."""
    if isinstance(value, bool):
        return gettext("oui") if value else gettext("non")
    if isinstance(value, dict):
        return ", ".join(f"{RECORD_FACTS[act]} {row}" for act, rows in value.items() for row in rows)
    if isinstance(value, list):
        return " → ".join(str(side or "–") for side in value)
    if name in PLACES:
        row = PLACES[name]._default_manager.filter(pk=value).first()  # noqa: SLF001  (Django's documented API)
        return str(row or value)
    if name == "until":
        return date_format(localtime(datetime.fromisoformat(value)), "DATETIME_FORMAT")
    return label_of(CHOICES.get(name, {}), value)
