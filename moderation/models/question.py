"""What the team asks the author of a report."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from moderation.querysets import LinkQuerySet
from reports.models import Report
from reports.models.community import new_token

LIFE = timedelta(days=14)


def end_of_question() -> datetime:
    """Return until when a question that is asked now may be answered."""
    return timezone.now() + LIFE


class Question(models.Model):
    """One question to the author of a report, who answers by a link, with or without an account.

    The answer itself is an `Event` of the report. While a question is open the report's deadlines stand still.
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="questions", verbose_name=_("signalement"))
    asker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("posée par"),
    )
    text = models.TextField(_("question"), max_length=2000)
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    asked_at = models.DateTimeField(_("posée"), default=timezone.now)
    reminded_at = models.DateTimeField(_("rappelée"), null=True, blank=True)
    expires_at = models.DateTimeField(_("fin de validité"), default=end_of_question)
    answered_at = models.DateTimeField(_("réponse reçue"), null=True, blank=True)
    # Taken back by the team, or left without an answer until it expired.
    closed_at = models.DateTimeField(_("close sans réponse"), null=True, blank=True)

    objects = LinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints = [
            models.CheckConstraint(name="question_ends_once", condition=Q(answered_at=None) | Q(closed_at=None)),
            models.CheckConstraint(name="question_ends_later", condition=Q(expires_at__gt=F("asked_at"))),
            # One after the other: the author has one thing to answer, and the clock one reason to stand still.
            models.UniqueConstraint(
                fields=["report"], name="one_open_question_per_report", condition=Q(answered_at=None, closed_at=None)
            ),
        ]
        indexes = [
            # Beat looks for what must be reminded or has expired; nearly every row is answered.
            models.Index(fields=["expires_at"], name="questions_open", condition=Q(answered_at=None, closed_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.report_id}"

    @property
    def is_open(self) -> bool:
        """Whether it may be answered now."""
        return self.answered_at is None and self.closed_at is None and self.expires_at > timezone.now()
