"""The four demonstration people and the file that tells how to sign in as them."""

import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret

from accounts.models import Role, User
from accounts.services import consent, grant
from accounts.services.factor import confirm_address, give_factor
from reports.models import Organisation, Town

OPERATOR_OF = "voirie"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the demonstration: the key in the file, the address, the name."""

    key: str
    email: str
    name: str


PEOPLE = [
    Person("citizen", "citoyenne@demo.fixmyquarter.example", "Clarisse (démonstration)"),
    Person("moderator", "moderation@demo.fixmyquarter.example", "Modération (démonstration)"),
    Person("operator", "voirie@demo.fixmyquarter.example", "Équipe voirie (démonstration)"),
    Person("administrator", "administration@demo.fixmyquarter.example", "Administration (démonstration)"),
]


def load_people(*, town: Town, known: dict[str, Any]) -> tuple[dict[str, User], dict[str, Any]]:
    """Create who is missing; return the people by key and what the sign-in file should hold.

    `known` is what the file holds now: its passwords and second factors stay valid, anything else in it is kept. Who
    has no password or second factor there gets a new one, because nobody could sign in otherwise.
    """
    users: dict[str, User] = {}
    sign_ins: dict[str, dict[str, str]] = {}
    for person in PEOPLE:
        kept = known.get("people", {}).get(person.key, {}).get("password", "")
        password = kept or secrets.token_urlsafe(12)
        user = User.objects.filter(email=person.email).first()
        if user is None:
            user = User.objects.create_user(person.email, password, name=person.name)
        elif not kept:
            user.set_password(password)
            user.save(update_fields=["password"])
        RESPONSIBILITIES[person.key](user, town)
        confirm_address(user=user)
        consent.give(user=user, documents=consent.VERSIONS)
        users[person.key] = user
        sign_ins[person.key] = {"email": person.email, "password": password, **second_factor(user, person.key, known)}
    return users, {**known, "people": sign_ins}


def second_factor(user: User, key: str, known: dict[str, Any]) -> dict[str, str]:
    """Return the secret of a person's second factor (base32) for the file; only who works in the admin has one."""
    if not user.is_staff:
        return {}
    kept = str(known.get("people", {}).get(key, {}).get("totp", ""))
    secret = kept or str(generate_totp_secret())
    if not kept or not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
        give_factor(user=user, secret=secret)
    return {"totp": secret}


def make_administrator(user: User, _town: Town) -> None:
    """Let somebody do everything everywhere."""
    grant(user=user, role=Role.ADMINISTRATOR)
    if not user.is_superuser:
        user.is_superuser = True
        user.save(update_fields=["is_superuser"])


def make_moderator(user: User, town: Town) -> None:
    """Let somebody judge the reports of the town."""
    grant(user=user, role=Role.MODERATOR, town=town)


def make_operator(user: User, _town: Town) -> None:
    """Let somebody work for the organisation that repairs roads."""
    grant(user=user, role=Role.OPERATOR, organisation=Organisation.objects.get(slug=OPERATOR_OF))


def leave_citizen(_user: User, _town: Town) -> None:
    """Give nothing: a citizen needs no responsibility."""


RESPONSIBILITIES: dict[str, Callable[[User, Town], None]] = {
    "citizen": leave_citizen,
    "moderator": make_moderator,
    "operator": make_operator,
    "administrator": make_administrator,
}


def read_sign_ins(path: Path) -> dict[str, Any]:
    """Return what the sign-in file holds; nothing where it is absent or spoilt."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return content if isinstance(content, dict) and isinstance(content.get("people", {}), dict) else {}


def write_sign_ins(path: Path, content: dict[str, Any]) -> None:
    """Replace the sign-in file at once, readable by its owner only from the first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(content, stream, ensure_ascii=False, indent=2)
    draft.replace(path)
