"""Passing a report on to an outside party, who answers and sends proof by a link, without an account."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from moderation.errors import LinkOver
from moderation.models import Referral
from moderation.services.links import card_of, locked, path_of, tell_colleague
from moderation.services.telling import tell
from reports import workflow
from reports.errors import MissingExplanation, NotAllowed
from reports.models import Event, Photo, Report
from reports.permissions import NOBODY, Actor
from reports.photos import MAX_PHOTOS
from reports.services.handling import TWIN
from reports.services.log import record
from reports.services.photos import attach

# What nobody has accepted yet, or nobody works on any more, is not shown to others.
REFERABLE = workflow.UNRESOLVED
MOST_OPEN = 5
MOST_ANSWERS = 10
BATCH = 200
NOT_NOW = _("Seul un signalement publié et pas encore résolu peut être transmis.")
TOO_MANY = _("Ce signalement est déjà transmis à cinq destinataires. Retirez une transmission pour en ajouter une.")
ENOUGH = _("Vous avez déjà répondu dix fois. Écrivez à la personne qui vous a transmis ce signalement.")
ENOUGH_PHOTOS = _("Ce signalement a déjà toutes ses photos. Envoyez votre réponse sans photo.")


def may_refer(report: Report, actor: Actor) -> bool:
    """Whether somebody may pass the report on now."""
    return actor.is_staff and report.status in REFERABLE


@transaction.atomic
def refer(*, report: Report, name: str, address: str, text: str, language: str, actor: Actor) -> Referral:
    """Pass a report on to `name`, by a mail to `address` with a link that is good for 30 days.

    Raises:
        NotAllowed: not staff of this report, it is not public and unresolved, or it lies with too many already.
        MissingExplanation: without words.
    """
    if not actor.is_staff:
        raise NotAllowed
    if not text.strip():
        raise MissingExplanation(_("Dites ce que vous attendez du destinataire."), field="text")
    if locked(report.pk).status not in REFERABLE:
        raise NotAllowed(NOT_NOW)
    if Referral.objects.unclosed().unexpired().filter(report=report).count() >= MOST_OPEN:
        raise NotAllowed(TOO_MANY)
    referral = Referral.objects.create(
        report=report, sender=actor.user, name=name, address=address, text=text.strip(), language=language
    )
    record(
        kind=Event.Kind.REFERRED,
        report=report,
        actor=actor,
        is_public=False,
        private_data={"name": name, "text": referral.text, "referral": referral.pk},
    )
    data = data_of(
        report=report, text=referral.text, token=referral.token, until=referral.expires_at, language=language
    )
    tell(key=f"referral:{referral.pk}", template="referral", data=data, language=language, email=address)
    return referral


def data_of(*, report: Report, text: str, token: str, until: datetime, language: str) -> dict[str, Any]:
    """Return what the outside party's mail shows."""
    return {
        **card_of(report, language),
        "page": path_of("referral", token, language),
        "words": text,
        "until": until.isoformat(),
        "by": report.organisation.name if report.organisation else "",
        "town": report.quarter.town.name,
    }


@transaction.atomic
def answer(*, referral: Referral, says: str, text: str, photos: list[Photo]) -> Event:
    """Take an outside party's answer in: the team reads what they say, their photos are proof of the repair.

    `says` is one of `moderation.wording.REFERRAL_ANSWERS`.

    Raises:
        MissingExplanation: neither words nor a photo.
        NotAllowed: too many answers, or too many photos.
        LinkOver: the link was taken back or has expired, or the report is not open any more.
    """
    if not text.strip() and not photos:
        raise MissingExplanation(_("Écrivez quelques mots, ou joignez une photo."), field="text")
    report = locked(referral.report_id)
    still = Referral.objects.unclosed().unexpired().filter(pk=referral.pk)
    if report.status not in REFERABLE or not still.exists():
        raise LinkOver
    if twin := answered_before(referral, says=says, text=text.strip()):
        return twin
    if not still.filter(answers__lt=MOST_ANSWERS).update(answers=F("answers") + 1, answered_at=timezone.now()):
        raise NotAllowed(ENOUGH)
    check_photos(report, photos)
    attach(photos=photos, report=report, actor=NOBODY, is_public=report.is_public, kind=Photo.Kind.PROOF)
    event = record(
        kind=Event.Kind.REFERRAL_ANSWERED,
        report=report,
        actor=NOBODY,
        is_public=False,
        private_data={"name": referral.name, "says": says, "text": text.strip(), "referral": referral.pk},
    )
    tell_colleague(
        key=f"referral-answer:{event.pk}",
        user=referral.sender,
        report=report,
        data={"by_author": False, "name": referral.name},
    )
    return event


def answered_before(referral: Referral, **words: str) -> Event | None:
    """Return the same answer of a moment ago: a form that was sent twice."""
    lately = timezone.now() - TWIN
    same = {"referral": referral.pk, **words}
    kind = Event.Kind.REFERRAL_ANSWERED
    return Event.objects.filter(
        report=referral.report_id, kind=kind, at__gte=lately, private_data__contains=same
    ).first()


def check_photos(report: Report, photos: list[Photo]) -> None:
    """Refuse more proof than a report has room for.

    Raises:
        NotAllowed
    """
    proofs = Photo.objects.filter(report=report, kind=Photo.Kind.PROOF).exclude(status=Photo.Status.REFUSED)
    if photos and proofs.count() + len(photos) > MAX_PHOTOS:
        raise NotAllowed(ENOUGH_PHOTOS, field="photos")


@transaction.atomic
def withdraw(*, referral: Referral, actor: Actor) -> None:
    """Take a referral back: its link ends now, and its address goes.

    Raises:
        NotAllowed: not staff of this report.
        LinkOver: it has ended already.
    """
    if not actor.is_staff:
        raise NotAllowed
    close(referral, locked(referral.report_id), actor=actor, outcome="withdrawn")


def close(referral: Referral, report: Report, *, actor: Actor, outcome: str) -> None:
    """End a referral's link, and forget where it was sent; the report is locked by the caller.

    Raises:
        LinkOver: it has ended already.
    """
    if not Referral.objects.unclosed().filter(pk=referral.pk).update(closed_at=timezone.now(), address=""):
        raise LinkOver
    record(
        kind=Event.Kind.REFERRED,
        report=report,
        actor=actor,
        is_public=False,
        data={"outcome": outcome},
        private_data={"name": referral.name, "referral": referral.pk},
    )


def sweep() -> None:
    """End what has expired, and forget where it was sent; for beat, may run twice at once."""
    over = Referral.objects.unclosed().filter(expires_at__lte=timezone.now())
    Referral.objects.filter(pk__in=list(over.values_list("pk", flat=True)[:BATCH]), closed_at=None).update(
        closed_at=timezone.now(), address=""
    )
