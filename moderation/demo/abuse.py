"""What the demonstration town shows of abuse: a report held, reasons stated, an appeal, and two suspensions."""

from datetime import datetime, timedelta

from django.conf import settings

from accounts.models import Ban, User
from moderation.demo.past import person, told
from moderation.models import Appeal, Flag, Statement
from moderation.services.statements import rule_named
from reports import workflow
from reports.demo.history import write_log
from reports.models import Comment, Event, Report

What = Statement.What
HELD_FOR = Flag.Reason.FALSE
ALERTED = "C’est réglé depuis une semaine, il ne faut plus envoyer personne."
APPEAL = "Je n’ai menacé personne : tout le quartier le sait. Merci de relire mon commentaire."
OVER = "Dix signalements inventés en une heure, depuis le même compte."
RUNNING = "La même publicité sous plusieurs signalements."
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# What is held has stood for a while.
CALM_FOR = 7 * DAY


def load(*, now: datetime) -> None:
    """Add them, as they would stand `now`; see `settings.DEMO_PARTS`."""
    moderator = person("moderator")
    hold(now)
    removed = state_removal(moderator)
    Appeal.objects.create(statement=removed, words=APPEAL, created_at=max(now - 5 * HOUR, removed.created_at))
    suspend_device(moderator, now)
    suspend_account(moderator, now)


def hold(now: datetime) -> None:
    """Take from view a report that enough neighbours alerted about; nobody has looked yet."""
    calm = Report.objects.filter(
        status=workflow.OPEN, published_at__lt=now - CALM_FOR, comments=0, duplicates=None, flags=None, findings=[]
    )
    report = calm.filter(category__post_moderated=False).order_by("-published_at")[0]
    enough = settings.FLAG_THRESHOLDS["report"]
    Flag.objects.bulk_create(
        Flag(
            report=report,
            device=f"demo-held-{number}",
            reason=HELD_FOR,
            words="" if number else ALERTED,
            created_at=now - (enough - number + 1) * HOUR,
        )
        for number in range(enough)
    )
    at = now - 2 * HOUR
    report.held_from, report.status, report.updated_at = report.status, workflow.PENDING, at
    report.save(update_fields=["held_from", "status", "updated_at"])
    event = told(Event.Kind.HELD, report, at, is_public=True, data={"from": report.held_from})
    write_log([event])
    Statement.objects.create(
        what=What.REPORT_HELD,
        report=report,
        user=report.reporter,
        event=event,
        rule=HELD_FOR,
        language=report.language,
        created_at=at,
    )


def state_removal(moderator: User) -> Statement:
    """State why the comment that a moderator removed is gone."""
    comment = Comment.objects.filter(status=Comment.Status.REMOVED).select_related("report")[0]
    return Statement.objects.create(
        what=What.COMMENT_REMOVED,
        report=comment.report,
        comment=comment,
        user=comment.author,
        event=Event.objects.get(kind=Event.Kind.COMMENT_CHANGED, data__comment=comment.pk, data__change="removed"),
        rule=rule_named(comment.decision_reason, comment.language) or Flag.Reason.OTHER,
        facts=comment.decision_reason,
        decided_by=moderator,
        decided_role=workflow.MODERATOR,
        language=comment.language,
        created_at=comment.decided_at,
    )


def suspend_device(moderator: User, now: datetime) -> None:
    """Keep out, for some days more, the device of somebody without an account whose comment waits."""
    comment = Comment.objects.held().filter(author=None, held_for=["link"]).select_related("report")[0]
    began = max(now - 2 * DAY, comment.created_at)
    ban = Ban.objects.create(
        device=comment.device, until=now + 5 * DAY, about=comment.report.ref, by=moderator, created_at=began
    )
    state_ban(ban, comment.report, Flag.Reason.SPAM, RUNNING, comment=comment)


def suspend_account(moderator: User, now: datetime) -> None:
    """Show the suspension of a neighbour, which has run out."""
    neighbour = User.objects.filter(email__startswith="neighbour-").order_by("pk")[0]
    report = Report.objects.filter(status=workflow.REJECTED, received_at__lt=now - 30 * DAY).order_by("-received_at")[0]
    began = now - 20 * DAY
    ban = Ban.objects.create(user=neighbour, until=began + 7 * DAY, about=report.ref, by=moderator, created_at=began)
    state_ban(ban, report, Flag.Reason.FALSE, OVER)


def state_ban(ban: Ban, report: Report, rule: str, facts: str, *, comment: Comment | None = None) -> None:
    """State why somebody is kept out; the page is the ban's own."""
    Statement.objects.create(
        token=ban.token,
        what=What.BANNED,
        report=report,
        comment=comment,
        ban=ban,
        user=ban.user,
        rule=rule,
        facts=facts,
        decided_by=ban.by,
        decided_role=workflow.MODERATOR,
        created_at=ban.created_at,
    )
