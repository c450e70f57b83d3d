"""What a moderator decided, with what it takes to undo it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from moderation.querysets import DecisionQuerySet
from reports.models import Event, Report


class Decision(models.Model):
    """One judgement, written with the event that says what it was.

    `before` holds the report's columns as they were (`reports.services.undoing.KEPT`, by name, moments in ISO 8601).
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="decisions", verbose_name=_("signalement"))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("personne"),
    )
    event = models.OneToOneField(Event, models.CASCADE, related_name="decision", verbose_name=_("événement"))
    before: "models.JSONField[Any, dict[str, Any]]" = models.JSONField(_("avant"))
    decided_at = models.DateTimeField(_("décidé"), default=timezone.now)
    undone_at = models.DateTimeField(_("annulé"), null=True, blank=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("décision")
        verbose_name_plural = _("décisions")
        indexes = [
            # A person's last decisions: the one that « Annuler » takes back.
            models.Index(fields=["person", "-id"], name="decisions_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.decided_at:%Y-%m-%d}"
