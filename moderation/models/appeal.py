"""Somebody contests a decision."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from moderation.models.statement import Statement
from moderation.querysets import AppealQuerySet


class Appeal(models.Model):
    """What the person concerned says against a decision, and what somebody who did not take it says to that."""

    statement = models.OneToOneField(Statement, models.CASCADE, related_name="appeal", verbose_name=_("décision"))
    words = models.TextField(_("recours"), max_length=2000)
    created_at = models.DateTimeField(_("reçu"), default=timezone.now)
    decided_at = models.DateTimeField(_("jugé"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("jugé par")
    )
    is_granted = models.BooleanField(_("accepté"), null=True, blank=True)
    answer = models.CharField(_("réponse"), max_length=1000, blank=True)

    objects = AppealQuerySet.as_manager()

    class Meta:
        verbose_name = _("recours")
        verbose_name_plural = _("recours")
        constraints = [
            models.CheckConstraint(
                name="appeal_is_open_or_decided",
                condition=Q(decided_at=None, is_granted=None) | Q(decided_at__isnull=False, is_granted__isnull=False),
            ),
        ]
        indexes = [
            # What waits for a moderator, oldest first.
            models.Index(fields=["created_at"], name="appeals_open", condition=Q(decided_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.statement_id}"
