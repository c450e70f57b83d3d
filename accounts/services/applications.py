"""Applications that a person allowed to act for them, and taking that back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from oauth2_provider.models import (
    get_access_token_model,
    get_application_model,
    get_grant_model,
    get_refresh_token_model,
)
from oauth2_provider.scopes import get_scopes_backend


@dataclass(frozen=True)
class Allowed:
    """One application, since when it may act for a person, and what it may do in words."""

    pk: int
    name: str
    since: datetime
    scopes: list[str]


def allowed_by(user: Any) -> list[Allowed]:
    """Return the applications whose tokens still live, by name; two queries."""
    words = get_scopes_backend().get_all_scopes()
    found: dict[int, Allowed] = {}
    now = timezone.now()
    living = get_refresh_token_model().objects.filter(user=user, revoked=None, access_token__isnull=False)
    rows = [(row.access_token, row.created) for row in living.select_related("access_token__application")]
    alone = get_access_token_model().objects.filter(user=user, expires__gt=now, refresh_token=None)
    rows += [(row, row.created) for row in alone.select_related("application")]
    for token, since in rows:
        one = found.get(token.application_id)
        scopes = {*(one.scopes if one else []), *token.scope.split()}
        found[token.application_id] = Allowed(
            pk=token.application_id,
            name=token.application.name or token.application.client_id,
            since=min(since, one.since) if one else since,
            scopes=sorted(scopes),
        )
    return [
        Allowed(one.pk, one.name, one.since, [str(words[scope]) for scope in words if scope in one.scopes])
        for one in sorted(found.values(), key=lambda one: one.name.casefold())
    ]


@transaction.atomic
def disallow(*, user: Any, application_id: int) -> str:
    """End everything that an application may do for a person; return its name, empty where there is no such one."""
    application = get_application_model().objects.filter(pk=application_id).first()
    if application is None:
        return ""
    of_both = {"user": user, "application": application}
    get_grant_model().objects.filter(**of_both).delete()
    refresh_tokens = get_refresh_token_model().objects.filter(**of_both, revoked=None)
    ended = refresh_tokens.update(revoked=timezone.now(), access_token=None)
    removed, _by_model = get_access_token_model().objects.filter(**of_both).delete()
    return str(application.name or application.client_id) if ended or removed else ""
