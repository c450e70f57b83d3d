"""Taking e-mail addresses and telephone numbers out of what everybody reads. What was masked is kept nowhere."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts.models import User
from reports import workflow
from reports.errors import NotAllowed, StaleReport
from reports.models import Comment, Event, Report
from reports.permissions import actor_for
from reports.screening import EMAIL, PHONE, Contact, contacts
from reports.services import comments
from reports.services.log import record

# What of a report everybody reads.
FIELDS = ("description", "address", "public_name")
# A mask may be longer than what it hides; these have no more room.
ROOM = {"address": 200, "public_name": 80}
NOTHING = gettext_lazy("Choisissez ce qui doit être masqué.")
CHANGED = gettext_lazy("Ce texte a changé entre-temps. Relisez-le, puis recommencez si besoin.")


@dataclass(frozen=True)
class Maskable:
    """An e-mail address or a number that stands in a text, however often: its code and its letters."""

    code: str
    text: str


def maskable(*texts: str) -> list[Maskable]:
    """Return what can be masked in some texts, each once, in the order of the texts."""
    found = (Maskable(contact.code, contact.text) for text in texts for contact in contacts(text))
    return list(dict.fromkeys(found))


def maskable_in(report: Report) -> list[Maskable]:
    """Return what can be masked in a report."""
    return maskable(*(getattr(report, name) for name in FIELDS))


def masked(text: str, chosen: Collection[str], *, language: str) -> str:
    """Return a text with the chosen addresses and numbers replaced by words that say so, in the text's language."""
    with override(language):
        words = {EMAIL: _("[adresse e-mail masquée]"), PHONE: _("[numéro masqué]")}
    for contact in reversed(contacts(text)):
        if contact.text in chosen:
            text = cut(text, contact, words[contact.code])
    return text


def cut(text: str, contact: Contact, words: str) -> str:
    """Return a text with one address or number replaced."""
    return text[: contact.start] + words + text[contact.end :]


@transaction.atomic
def mask_text(*, report: Report, chosen: Collection[str], by: User) -> Event:
    """Mask the chosen addresses and numbers in a report's public words. The given `report` is brought up to date.

    Earlier words of its author, kept in the log when they corrected them, lose the same.

    Raises:
        NotAllowed: not a moderator of the place, or nothing of it is chosen.
        StaleReport: the words are not any more those that were read.
    """
    actor = actor_for(by, report)
    if not actor.roles & workflow.JUDGES:
        raise NotAllowed
    there = {one.text for one in maskable_in(report)}
    if not there & set(chosen):
        raise NotAllowed(NOTHING, field="chosen")
    seen = {name: getattr(report, name) for name in FIELDS}
    changes = {name: masked(text, chosen, language=report.language) for name, text in seen.items()}
    changes = {name: text[: ROOM.get(name)] for name, text in changes.items()}
    left = {one.code for text in changes.values() for one in maskable(text)}
    # The row may have got further findings meanwhile, those of its pictures: the lock keeps them.
    row = Report.objects.select_for_update(no_key=True).filter(pk=report.pk, **seen).only("findings").first()
    if row is None:
        raise StaleReport(CHANGED)
    findings = [finding for finding in row.findings if finding["code"] not in {EMAIL, PHONE} - left]
    now = timezone.now()
    Report.objects.filter(pk=report.pk).update(**changes, findings=findings, updated_at=now)
    for name, value in {**changes, "findings": findings, "updated_at": now}.items():
        setattr(report, name, value)
    forget_earlier(report, chosen)
    return record(
        kind=Event.Kind.MASKED,
        report=report,
        actor=actor,
        is_public=report.is_public,
        data={"count": len(there & set(chosen))},
    )


def forget_earlier(report: Report, chosen: Collection[str]) -> None:
    """Mask the same in the words that the author had before a correction; only staff could read them."""
    for event in report.events.filter(kind=Event.Kind.EDITED, private_data__has_key="earlier"):
        earlier = {
            name: masked(text, chosen, language=report.language) if isinstance(text, str) else text
            for name, text in event.private_data["earlier"].items()
        }
        Event.objects.filter(pk=event.pk).update(private_data={**event.private_data, "earlier": earlier})


@transaction.atomic
def mask_comment(*, comment: Comment, chosen: Collection[str], by: User) -> Comment:
    """Mask the chosen addresses and numbers in a comment, which stays as visible as it is. Return it as it is now.

    Raises:
        NotAllowed: not a moderator of the place, or nothing of it is chosen.
        StaleReport: its author or a colleague was first.
    """
    if not actor_for(by, comment.report).roles & workflow.JUDGES:
        raise NotAllowed
    if not {one.text for one in maskable(comment.text)} & set(chosen):
        raise NotAllowed(NOTHING, field="chosen")
    read = comment
    comment = comments.locked(comment)
    if comment.status not in comments.LIVING or comment.text != read.text:
        raise StaleReport(comments.JUDGED)
    comment.text = masked(comment.text, chosen, language=comment.language)[:2000]
    left = {one.code for one in maskable(comment.text)}
    comment.held_for = [code for code in comment.held_for if code not in {EMAIL, PHONE} - left]
    comment.save(update_fields=["text", "held_for"])
    if comment.status == Comment.Status.VISIBLE:
        is_public = comment.report.is_public
        comments.tell(
            comment, comment.report, change="edited", is_public=is_public, actor=actor_for(by, comment.report)
        )
    return comment
