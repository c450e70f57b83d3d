"""The discussion of a report: said, corrected, taken back, judged.

The row lock of the report is the lock of its discussion: whoever changes a comment takes it first, so that the counter,
the twin of a double tap and the state of each comment are right however many act at once.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from reports import workflow
from reports.errors import MissingExplanation, NotAllowed, StaleReport
from reports.models import Comment, Event, Organisation, Photo, Report
from reports.permissions import NOBODY, Actor, actor_for
from reports.screening import FLAGS, findings
from reports.services.log import record
from reports.services.photos import remove
from reports.services.standing import check_standing

EDITABLE = timedelta(minutes=15)
# The same words from the same person within this time are one comment, tapped twice.
TWIN = timedelta(minutes=1)
LIVING = (Comment.Status.VISIBLE, Comment.Status.HELD)

NOT_PUBLIC = _("Ce signalement n’est pas public : personne ne peut le commenter.")
NOT_YOURS = _("Ce commentaire n’est pas le vôtre.")
TOO_LATE = _("Un commentaire se corrige pendant quinze minutes. Vous pouvez encore le supprimer.")
NOT_YOUR_VOICE = _("Vous ne parlez pas au nom de cet organisme.")
GONE = _("Ce commentaire n’est plus là : il a été retiré ou supprimé.")
JUDGED = _("Ce commentaire a changé entre-temps : son auteur ou un collègue a été plus rapide. Relisez-le.")


def lock(report: Report) -> None:
    """Take the lock of a discussion until the transaction ends, and bring what it rests on up to date."""
    Report.objects.select_for_update(no_key=True).only("pk").get(pk=report.pk)
    report.refresh_from_db(fields=["status", "comments", "votes"])


def locked(comment: Comment) -> Comment:
    """Return a comment as it is now, with the lock of its discussion."""
    lock(comment.report)
    rows = Comment.objects.select_related("report__category", "report__quarter", "author", "organisation", "photo")
    found: Comment = rows.defer("report__search", "report__quarter__boundary").get(pk=comment.pk)
    return found


def is_newcomer(author: User | None, *, now: datetime | None = None) -> bool:
    """Say whether nothing is known of somebody yet: no account, a young one, or nothing of theirs accepted so far.

    Accepted is a report that was published and kept, a comment that a moderator let through, or one that has stood as
    long as an account must.
    """
    settled = (now or timezone.now()) - timedelta(days=settings.COMMENT_NEWCOMER_DAYS)
    if author is None or author.date_joined > settled:
        return True
    kept = Q(status__in=(*workflow.PUBLIC, workflow.DUPLICATE), published_at__isnull=False)
    if author.reports.filter(kept).exists():
        return False
    stood = Q(decided_at__isnull=False) | Q(created_at__lt=settled)
    return not author.comments.filter(stood, status=Comment.Status.VISIBLE).exists()


def voices_of(user: User | None, report: Report) -> list[Organisation]:
    """Return the organisations that somebody may speak for here: their own; a moderator of the place, its town hall."""
    if user is None or not user.is_active or user.acts_as_citizen:
        return []
    own = [membership.organisation_id for membership in user.memberships.all() if membership.role == Role.OPERATOR]
    may = Q(pk__in=own)
    if actor_for(user, report).roles & workflow.JUDGES:
        may |= Q(kind=Organisation.Kind.TOWN_HALL, town=report.quarter.town_id)
    elif not own:
        return []
    return list(Organisation.objects.filter(may).order_by("name"))


def is_owner(comment: Comment, *, author: User | None, device: str) -> bool:
    """Say whether a comment is this person's, or this device's where it was written without an account."""
    if comment.author_id is not None:
        return author is not None and author.pk == comment.author_id
    return bool(device) and comment.device == device


def may_edit(comment: Comment) -> bool:
    """Say whether its author may still correct it."""
    return comment.status in LIVING and timezone.now() <= comment.created_at + EDITABLE


def screened(text: str, *, author: User | None, report: Report, speaks: bool) -> tuple[list[str], bool]:
    """Return what a text is held for, and whether its links may be followed; an organisation is known."""
    if speaks:
        return [], True
    is_staff = actor_for(author, report).is_staff
    is_new = is_newcomer(author) and not is_staff
    found = findings(text, is_newcomer=is_new)
    if settings.WORDS_SCREENING and not is_staff:
        found += import_string(settings.WORDS_SCREENING)(text=text, report=report)
    return found, not is_new


@transaction.atomic
def add_comment(
    *,
    report: Report,
    text: str,
    author: User | None = None,
    device: str = "",
    shows_name: bool = False,
    organisation: Organisation | None = None,
    photo: Photo | None = None,
    language: str = "fr",
) -> Comment:
    """Say something about a public report; what screening finds holds it for a moderator. `text` is clean already.

    The same words tapped twice within a minute are one comment: the first is returned, and a second photo stays with
    whoever calls.

    Raises:
        NotAllowed: the report is not public, nobody speaks, or in the name of an organisation that is not theirs.
        Banned: they may not contribute now; for an organisation, its staff always speaks.
    """
    if author is None and not device:
        raise NotAllowed
    if organisation is None:
        check_standing(user=author, device=device)
    lock(report)
    if not report.is_public:
        raise NotAllowed(NOT_PUBLIC)
    if organisation is not None and organisation not in voices_of(author, report):
        raise NotAllowed(NOT_YOUR_VOICE, field="organisation")
    owner = {"author": author, "device": "" if author else device}
    said = Comment.objects.filter(report=report, text=text, created_at__gt=timezone.now() - TWIN, **owner)
    twin: Comment | None = said.filter(organisation=organisation, status__in=LIVING).first()
    if twin is not None:
        return twin
    held_for, has_links = screened(text, author=author, report=report, speaks=organisation is not None)
    comment = Comment.objects.create(
        report=report,
        text=text,
        **owner,
        public_name=author.name if author and shows_name else "",
        organisation=organisation,
        photo=photo,
        status=Comment.Status.HELD if held_for else Comment.Status.VISIBLE,
        held_for=held_for,
        has_links=has_links,
        language=language,
    )
    if not held_for:
        appear(comment, report)
    return comment


@transaction.atomic
def edit_comment(*, comment: Comment, text: str, author: User | None = None, device: str = "") -> Comment:
    """Correct one's own words within fifteen minutes; they are screened again. Return the comment as it is now.

    Raises:
        NotAllowed: it is somebody else's, gone, older than that, or its report is not public any more.
        Banned: they may not contribute now.
    """
    check_standing(user=author, device=device)
    comment = own(comment, author=author, device=device)
    report = comment.report
    if not report.is_public:
        raise NotAllowed(NOT_PUBLIC)
    if not may_edit(comment):
        raise NotAllowed(TOO_LATE)
    if comment.text == text:
        return comment
    held_for, comment.has_links = screened(
        text, author=comment.author, report=report, speaks=comment.organisation_id is not None
    )
    # Other words do not settle what neighbours complained about.
    if FLAGS in comment.held_for:
        held_for.append(FLAGS)
    comment.text = text
    comment.edited_at = timezone.now()
    was_visible = comment.status == Comment.Status.VISIBLE
    comment.status = Comment.Status.HELD if held_for else Comment.Status.VISIBLE
    comment.held_for = held_for
    comment.save(update_fields=["text", "edited_at", "has_links", "status", "held_for"])
    if was_visible and held_for:
        vanish(comment, report, change="held")
    elif was_visible:
        tell(comment, report, change="edited", is_public=report.is_public)
    elif not held_for:
        appear(comment, report)
    return comment


@transaction.atomic
def delete_comment(*, comment: Comment, author: User | None = None, device: str = "") -> Comment:
    """Take one's own words back, at any time: the row stays without text, name and photo.

    Raises:
        NotAllowed: it is somebody else's, or gone already.
    """
    comment = own(comment, author=author, device=device)
    was_visible = comment.status == Comment.Status.VISIBLE
    comment.status = Comment.Status.DELETED
    comment.text = comment.public_name = ""
    comment.held_for = []
    drop_photo(comment)
    comment.save(update_fields=["status", "text", "public_name", "held_for", "photo"])
    if was_visible:
        vanish(comment, comment.report, change="deleted")
    return comment


@transaction.atomic
def judge_comment(*, comment: Comment, accept: bool, reason: str = "", by: User) -> Comment:
    """Let a comment stand, or remove it with a reason that its author reads. Return it as it is now.

    `comment` is what the moderator read: other words, or another state, are not judged.

    Raises:
        NotAllowed: not a moderator of the place.
        MissingExplanation: a removal without a reason.
        StaleReport: its author or a colleague was first.
    """
    actor = actor_for(by, comment.report)
    if not actor.roles & workflow.JUDGES:
        raise NotAllowed
    reason = reason.strip()[:500]
    if not accept and not reason:
        raise MissingExplanation(_("Choisissez pourquoi ce commentaire est retiré : son auteur le lit."), field="note")
    read = comment
    comment = locked(comment)
    if comment.status not in LIVING or (comment.status, comment.text) != (read.status, read.text):
        raise StaleReport(JUDGED)
    was_visible = comment.status == Comment.Status.VISIBLE
    comment.status = Comment.Status.VISIBLE if accept else Comment.Status.REMOVED
    comment.decided_by, comment.decided_at = by, timezone.now()
    comment.decision_reason = "" if accept else reason
    if accept:
        comment.held_for = []
    else:
        drop_photo(comment)
    comment.save(update_fields=["status", "held_for", "decided_by", "decided_at", "decision_reason", "photo"])
    if accept and not was_visible:
        appear(comment, comment.report)
    elif not accept and was_visible:
        vanish(comment, comment.report, change="removed", actor=actor)
    elif not accept:
        tell(comment, comment.report, change="removed", is_public=False, actor=actor)
    return comment


@transaction.atomic
def restore_comment(*, comment: Comment, by: User) -> Comment:
    """Let a comment that was removed stand again, after an appeal; its photo is gone. Return it as it is now.

    Raises:
        NotAllowed: not a moderator of the place.
        StaleReport: it is not removed, or no longer.
    """
    if not actor_for(by, comment.report).roles & workflow.JUDGES:
        raise NotAllowed
    comment = locked(comment)
    if comment.status != Comment.Status.REMOVED:
        raise StaleReport(JUDGED)
    comment.status, comment.held_for, comment.decision_reason = Comment.Status.VISIBLE, [], ""
    comment.decided_by, comment.decided_at = by, timezone.now()
    comment.save(update_fields=["status", "held_for", "decision_reason", "decided_by", "decided_at"])
    appear(comment, comment.report)
    return comment


def hold_for_flags(*, comment: Comment) -> None:
    """Hide a comment that neighbours complained about until a moderator has looked; the caller holds its lock."""
    if comment.status != Comment.Status.VISIBLE:
        return
    comment.status = Comment.Status.HELD
    comment.held_for = [*comment.held_for, FLAGS]
    comment.save(update_fields=["status", "held_for"])
    vanish(comment, comment.report, change="held")


def own(comment: Comment, *, author: User | None, device: str) -> Comment:
    """Return one's own living comment under its lock.

    Raises:
        NotAllowed
    """
    comment = locked(comment)
    if not is_owner(comment, author=author, device=device):
        raise NotAllowed(NOT_YOURS)
    if comment.status not in LIVING:
        raise NotAllowed(GONE)
    return comment


def drop_photo(comment: Comment) -> None:
    """Part a comment from its photo, whose files go after the commit; the sweep removes what is left behind."""
    photo, comment.photo = comment.photo, None
    if photo is not None:
        transaction.on_commit(lambda: remove(photo=photo), robust=True)


def appear(comment: Comment, report: Report) -> None:
    """Count a comment that everybody can read now, and say so in the log: as new once, however often it is hidden."""
    count(report, 1)
    told = report.events.filter(kind=Event.Kind.COMMENTED, data__comment=comment.pk).exists()
    tell(comment, report, change="shown" if told else "", is_public=report.is_public)


def vanish(comment: Comment, report: Report, *, change: str, actor: Actor = NOBODY) -> None:
    """Count a comment out that nobody can read any more, and say so in the log."""
    count(report, -1)
    tell(comment, report, change=change, is_public=report.is_public, actor=actor)


def count(report: Report, step: int) -> None:
    """Move the counter of what is visible."""
    Report.objects.filter(pk=report.pk).update(comments=F("comments") + step)
    report.refresh_from_db(fields=["comments"])


def tell(comment: Comment, report: Report, *, change: str, is_public: bool, actor: Actor = NOBODY) -> None:
    """Write what became of a comment into the log: its number, never its words.

    Without a `change` it is new. The public reads who speaks for an organisation; that an anonymous neighbour is the
    report's own author, it does not.
    """
    if actor is NOBODY:
        name = comment.organisation.name if comment.organisation else ""
        roles = frozenset({workflow.OPERATOR}) if name else frozenset()
        actor = Actor(user=comment.author, roles=roles, public_name=name)
    record(
        kind=Event.Kind.COMMENT_CHANGED if change else Event.Kind.COMMENTED,
        report=report,
        actor=actor,
        is_public=is_public,
        data={"comment": comment.pk, "comments": report.comments, **({"change": change} if change else {})},
    )
