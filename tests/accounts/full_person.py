"""Somebody who did everything that the portal lets one do, so that nothing about a person can be forgotten."""

from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils import timezone
from oauth2_provider.models import get_access_token_model, get_application_model

from accounts.models import AuditEntry, Ban, Role, TokenFamily, User
from accounts.receivers import NO_ADDRESS
from accounts.services.audit import record
from accounts.services.consent import VERSIONS
from accounts.services.consent import give as agree
from accounts.services.data import ask_for_export
from accounts.services.factor import give_factor
from moderation.models import Appeal, Flag, Question, Referral, Statement
from notifications.models import Channel, Delivery, Preference, PushSubscription, Recipient, Topic
from reports import workflow
from reports.models import Comment, Event, Follow, Frequency, Photo, Report, ServiceLevel, Vote
from reports.permissions import Actor
from reports.services.log import record as log
from tests.factories import OrganisationFactory, PhotoFactory, ReportFactory, UserFactory, give

EMAIL = "zephyrine.abega@example.org"
NAME = "Zéphyrine Abega"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PHONE = "+237 6 91 23 45 67"
# Everything that must not be left once she is erased.
TRACES = (EMAIL, NAME, PHONE, "691234567", "le portillon bleu de ma tante")


def full_person() -> User:
    """Return a saved person with at least one row in every table that names people."""
    user = give(UserFactory(email=EMAIL, name=NAME, shows_name=True), Role.OPERATOR, organisation=OrganisationFactory())
    add_sign_ins(user)
    add_reports(user)
    add_talk(user)
    add_notifications(user)
    agree(user=user, documents=VERSIONS)
    ask_for_export(user=user)
    record(kind=AuditEntry.Kind.CONTACT_SEEN, actor=user, subject=user, about="K7M-4QX")
    return user


def add_sign_ins(user: User) -> None:
    """Give her every way in."""
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    give_factor(user=user, secret=SECRET)
    SocialAccount.objects.create(user=user, provider="mairie", uid="z.abega", extra_data={"email": user.email})
    session = SessionStore()
    session.create()
    UserSession.objects.create(user=user, session_key=session.session_key, ip=NO_ADDRESS, user_agent="Firefox")
    TokenFamily.objects.create(user=user, expires_at=timezone.now() + timedelta(days=1))
    application = get_application_model().objects.create(
        name="Application", user=user, client_type="confidential", authorization_grant_type="client-credentials"
    )
    get_access_token_model().objects.create(
        user=user, application=application, token="t", scope="read", expires=timezone.now() + timedelta(days=1)
    )
    LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(user.pk),
        object_repr=NAME,
        action_flag=CHANGE,
    )


def add_reports(user: User) -> None:
    """Let her report something public, and something at home that nobody has judged yet."""
    ServiceLevel.objects.create(escalate_to=user)
    public = ReportFactory(reporter=user, public_name=NAME, contact_phone=PHONE, assignee=user)
    waiting = ReportFactory(
        reporter=user,
        status=workflow.PENDING,
        contact_email=EMAIL,
        contact_phone=PHONE,
        description="C’est le portillon bleu de ma tante.",
    )
    answered = {"text": f"C’est le portillon bleu de ma tante, demandez {NAME}."}
    log(kind=Event.Kind.ANSWERED, report=public, actor=Actor(), is_public=False, private_data=answered)
    for report in (public, waiting):
        add_photo(report=report)
        actor = Actor(user=user, roles=frozenset({workflow.REPORTER}))
        log(kind=Event.Kind.CREATED, report=report, actor=actor, is_public=report.is_public)
    earlier = {"earlier": {"description": "le portillon bleu de ma tante"}}
    log(kind=Event.Kind.EDITED, report=waiting, actor=actor, is_public=False, private_data=earlier)


def add_photo(**fields: Any) -> Photo:
    """Return a finished photo whose files are there."""
    photo = PhotoFactory(sizes=[320], **fields)
    photo.original.save("x", ContentFile(b"\xff\xd8 original"))
    storages["variants"].save(photo.variant_name(320), ContentFile(b"RIFF variant"))
    return photo


def add_talk(user: User) -> None:
    """Let her speak, support, follow and complain under somebody else's report."""
    other = ReportFactory()
    photo = add_photo(report=None, kind=Photo.Kind.COMMENT)
    comment = Comment.objects.create(report=other, author=user, public_name=NAME, text="Moi aussi.", photo=photo)
    Comment.objects.create(report=other, text="Non.", device="d", decided_by=user, decided_at=timezone.now())
    Report.objects.filter(pk=other.pk).update(comments=2)
    Vote.objects.create(report=other, user=user)
    Follow.objects.create(report=other, user=user)
    # From before she had an account.
    Follow.objects.create(report=ReportFactory(), email=EMAIL, confirmed_at=timezone.now())
    Flag.objects.create(comment=comment, user=user, reason=Flag.Reason.OTHER, words=f"Appelez {NAME}")
    add_decisions(user, other)
    Question.objects.create(report=other, asker=user, text="Où ?")
    Referral.objects.create(report=other, sender=user, name="Eaux", address="eaux@example.org", text="Réparez.")


def add_decisions(user: User, other: Report) -> None:
    """Let her be banned and contest it, and once have banned somebody herself."""
    week = timezone.now() + timedelta(days=7)
    ban = Ban.objects.create(user=user, until=week, about=other.ref)
    hers = Statement.objects.create(
        what=Statement.What.BANNED, ban=ban, report=other, user=user, rule="insult", facts=f"{NAME} insulte."
    )
    Appeal.objects.create(statement=hers, words=f"Je suis {NAME}.")
    Ban.objects.create(device="d", until=week, about=other.ref, by=user, lifted_by=user, lifted_at=timezone.now())
    theirs = Statement.objects.create(what=Statement.What.REPORT_HELD, report=other, rule="spam", decided_by=user)
    Appeal.objects.create(
        statement=theirs, words="Non.", decided_by=user, decided_at=timezone.now(), is_granted=False, answer="Si."
    )


def add_notifications(user: User) -> None:
    """Let her choose how she is told, and tell her once."""
    recipient = Recipient.objects.get_or_create(user=user)[0]
    Preference.objects.create(user=user, topic=Topic.COMMENTS, channel=Channel.EMAIL, frequency=Frequency.NEVER)
    PushSubscription.objects.create(user=user, endpoint="https://push.example/1", p256dh="p", auth="a")
    Delivery.objects.create(key="k", recipient=recipient, channel=Channel.EMAIL, template="progress")


def columns_about_people() -> set[str]:
    """Return every column that names a person, as `app.Model.field`."""
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.local_concrete_fields
        if field.remote_field and field.related_model is User
    }


def rows_about(user: User, column: str) -> int:
    """Return how many rows name a person in a column."""
    app, model, field = column.split(".")
    return int(apps.get_model(app, model)._base_manager.filter(**{field: user}).count())
