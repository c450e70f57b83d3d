"""What this app, and the libraries for signing in, know about a person."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.db import transaction
from oauth2_provider.models import (
    get_access_token_model,
    get_application_model,
    get_device_grant_model,
    get_grant_model,
    get_id_token_model,
    get_refresh_token_model,
)
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from accounts.models import AuditEntry, Ban, Consent, DataExport, Membership, TokenFamily, User
from accounts.services.data import PersonalData, rows
from accounts.services.tokens import end_tokens

# Every column that names a person, and the part of the copy that tells what it says. A test looks for forgotten ones.
EXPORTED = {
    "account.EmailAddress.user": "addresses",
    "socialaccount.SocialAccount.user": "providers",
    "mfa.Authenticator.user": "second_factor",
    "usersessions.UserSession.user": "sessions",
    "oauth2_provider.Application.user": "applications",
    "oauth2_provider.AccessToken.user": "authorisations",
    "accounts.TokenFamily.user": "api_sign_ins",
    "accounts.Consent.user": "consents",
    "accounts.DataExport.user": "copies",
    "accounts.Membership.user": "responsibilities",
    "accounts.Ban.user": "bans",
    "accounts.AuditEntry.actor": "record",
    "accounts.AuditEntry.subject": "record",
    "admin.LogEntry.user": "administration",
}
NOT_EXPORTED = {
    "accounts.Ban.by": "what somebody decided as a member of the staff; `record` says that they did",
    "accounts.Ban.lifted_by": "as above",
    "token_blacklist.OutstandingToken.user": "numbers of tokens; the sign-ins they belong to are in `api_sign_ins`",
    "oauth2_provider.RefreshToken.user": "a key and nothing else; `authorisations` says what was allowed to whom",
    "oauth2_provider.Grant.user": "lives for a minute while somebody authorises an application",
    "oauth2_provider.IDToken.user": "not issued: the portal is no identity provider",
    "oauth2_provider.DeviceGrant.user": "not offered",
    "accounts.User_groups.user": "groups are not used",
    "accounts.User_user_permissions.user": "single permissions are not used",
}
# What still names the (by then nameless) row of somebody who was erased.
STAYS = {
    "accounts.AuditEntry.actor": "who did what about people is kept by the database itself; it holds numbers only",
    "accounts.AuditEntry.subject": "the proof that an erasure was asked for and done; it holds numbers only",
    "admin.LogEntry.user": "what somebody changed as a member of the staff; names in it are removed",
}


def export(user: User) -> PersonalData:
    """Return the account: who one is here, how one signs in, what one agreed to, what is on record."""
    return PersonalData(
        name="compte",
        records={
            "profile": profile_of(user),
            "addresses": rows(EmailAddress.objects.filter(user=user), "email", "verified", "primary"),
            "consents": rows(Consent.objects.filter(user=user), "document", "version", "given_at"),
            "responsibilities": rows(
                Membership.objects.filter(user=user), "role", "town__name", "quarter__name", "organisation__name"
            ),
            "copies": rows(DataExport.objects.filter(user=user), "status", "asked_at", "ready_at", "expires_at"),
            "record": rows(
                AuditEntry.objects.filter(subject=user) | AuditEntry.objects.filter(actor=user), "kind", "about", "at"
            ),
            "administration": rows(LogEntry.objects.filter(user=user), "action_time", "action_flag"),
            "bans": rows(Ban.objects.filter(user=user), "about", "created_at", "until", "lifted_at"),
            **sign_ins_of(user),
        },
    )


def profile_of(user: User) -> dict[str, Any]:
    """Return what the person said about themselves."""
    names = ("email", "name", "shows_name", "language", "date_joined", "last_login", "erase_after", "erases_comments")
    return {name: getattr(user, name) for name in names}


def sign_ins_of(user: User) -> dict[str, list[dict[str, Any]]]:
    """Return by what the person signs in and where they are signed in, without any key or secret."""
    applications = get_application_model().objects.filter(user=user)
    allowed = get_access_token_model().objects.filter(user=user)
    return {
        "providers": rows(SocialAccount.objects.filter(user=user), "provider", "uid", "date_joined", "extra_data"),
        "second_factor": rows(Authenticator.objects.filter(user=user), "type", "created_at", "last_used_at"),
        "sessions": rows(UserSession.objects.filter(user=user), "created_at", "last_seen_at", "user_agent"),
        "api_sign_ins": rows(TokenFamily.objects.filter(user=user), "created_at", "expires_at", "ended_at"),
        "applications": rows(applications, "name", "created"),
        "authorisations": rows(allowed, "application__name", "scope", "created", "expires"),
    }


@transaction.atomic
def erase(user: User) -> None:
    """Remove every way in and everything that says who the person was; their row stays, without a name."""
    forget_copies(user)
    end_tokens(user=user)
    for session in UserSession.objects.filter(user=user):
        session.end()
    Ban.objects.filter(by=user).update(by=None)
    Ban.objects.filter(lifted_by=user).update(lifted_by=None)
    owned: tuple[Any, ...] = (
        Ban,
        TokenFamily,
        Consent,
        Authenticator,
        SocialAccount,
        EmailAddress,
        get_refresh_token_model(),
        get_id_token_model(),
        get_grant_model(),
        get_device_grant_model(),
    )
    for model in owned:
        model.objects.filter(user=user).delete()
    # An application that a service runs on keeps running: it is the service's.
    get_application_model().objects.filter(user=user).update(user=None)
    OutstandingToken.objects.filter(user=user).update(user=None)
    forget_names(user)
    user.email = f"efface-{user.pk}@compte.invalid"
    user.name = ""
    user.shows_name = False
    user.language = "fr"
    user.last_login = None
    user.set_unusable_password()
    user.save(update_fields=["email", "name", "shows_name", "language", "last_login", "password"])


def forget_copies(user: User) -> None:
    """Remove the copies of the person's data, files first: a crash in between leaves a row that leads to them."""
    for copy in DataExport.objects.filter(user=user):
        if copy.file.name:
            copy.file.storage.delete(copy.file.name)
        copy.delete()


def forget_names(user: User) -> None:
    """Take the person's name and address out of the admin's own history, which notes what each row was called."""
    for words in {user.email, user.name} - {""}:
        told = LogEntry.objects.filter(content_type__app_label="accounts", object_repr__contains=words)
        told.update(object_repr=f"n° {user.pk}")
