"""The mails that an act will send, before it is done: for the person who is about to do it."""

import copy
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from moderation.models import question, referral
from moderation.services import questions, referrals
from moderation.services.questions import author_of
from reports import workflow
from reports.models import Event, Report
from reports.permissions import Actor

# Stands for the random part of an address that is drawn when the mail is sent.
NOT_YET = "lien-cree-a-l-envoi"


@dataclass(frozen=True)
class Preview:
    """A mail, or nothing where nobody would get one; `by_author` says whose copy it is."""

    subject: str = ""
    text: str = ""
    html: str = ""
    by_author: bool = True

    @property
    def is_sent(self) -> bool:
        """Whether somebody gets a mail."""
        return bool(self.text)


def of_event(event: Event, *, duplicate: Report | None = None) -> Preview:
    """Return what the followers of a report would read, or of a `duplicate` that is merged into it."""
    if not settings.MAIL_PREVIEW:
        return Preview()
    found = import_string(settings.MAIL_PREVIEW)(event=event, duplicate=duplicate)
    return Preview(**found) if found else Preview()


def of_mail(*, template: str, data: dict[str, Any], language: str) -> Preview:
    """Return what one person would read."""
    if not settings.TELL_PREVIEW:
        return Preview()
    return Preview(**import_string(settings.TELL_PREVIEW)(template=template, data=data, language=language))


def unsaved(*, kind: str, report: Report, actor: Actor, is_public: bool, data: dict[str, Any]) -> Event:
    """Return an event that has not happened."""
    return Event(
        kind=kind,
        report=report,
        actor=actor.user,
        actor_role=actor.role,
        actor_name=actor.public_name,
        is_public=is_public,
        data=data,
        at=timezone.now(),
    )


def of_reply(*, report: Report, text: str, actor: Actor) -> Preview:
    """Return the mail of a public answer."""
    return of_event(
        unsaved(
            kind=Event.Kind.REPLY, report=report, actor=actor, is_public=report.is_public, data={"text": text.strip()}
        )
    )


def of_change(*, report: Report, to: str, note: str, original: Report | None, actor: Actor) -> Preview:
    """Return the mail of a change of status; of a duplicate, the one that brings its followers to the original or back.

    A report that was held returns to the status that it had.
    """
    if to == workflow.DUPLICATE and original is not None:
        return of_merge(report=report, original=original, actor=actor)
    after, held_from = copy.copy(report), report.held_from
    after.status = held_from if to == workflow.OPEN and held_from else to
    is_public = report.is_public or after.is_public or bool(held_from)
    if report.duplicate_of is not None:
        return of_parting(report=after, original=report.duplicate_of, actor=actor)
    data = {"from": report.status, "to": after.status, "note": note.strip()}
    if held_from:
        data["held_from"] = held_from
    return of_event(unsaved(kind=Event.Kind.STATUS_CHANGED, report=after, actor=actor, is_public=is_public, data=data))


def of_merge(*, report: Report, original: Report, actor: Actor) -> Preview:
    """Return the mail of a duplicate's followers."""
    event = unsaved(kind=Event.Kind.MERGED, report=original, actor=actor, is_public=False, data={})
    event.private_data = {"duplicate": report.ref}
    return of_event(event, duplicate=report)


def of_parting(*, report: Report, original: Report, actor: Actor) -> Preview:
    """Return the mail of those who followed a duplicate that is none after all."""
    event = unsaved(kind=Event.Kind.UNMERGED, report=report, actor=actor, is_public=False, data={})
    event.private_data = {"original": original.ref}
    return of_event(event, duplicate=report)


def of_question(*, report: Report, text: str) -> Preview:
    """Return the mail of a question; nothing where the author left no address."""
    author = author_of(report)
    if not author.is_reachable:
        return Preview()
    until = (timezone.now() + question.LIFE).isoformat()
    data = questions.data_of(report=report, text=text, token=NOT_YET, until=until, language=author.language)
    return of_mail(template="question", data=data, language=author.language)


def of_referral(*, report: Report, text: str, language: str) -> Preview:
    """Return the mail to an outside party."""
    until = timezone.now() + referral.LIFE
    data = referrals.data_of(report=report, text=text, token=NOT_YET, until=until, language=language)
    return of_mail(template="referral", data=data, language=language)
