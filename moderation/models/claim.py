"""Who reads which waiting report just now."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from moderation.querysets import ClaimQuerySet
from reports.models import Report


class Claim(models.Model):
    """One moderator's hold on one report of the queue, so that no two judge it at the same time.

    It is soft: it expires by itself (`moderation.services.claims.LASTS` after `seen_at`) and whoever comes then takes
    the row over. It goes with the decision.
    """

    report = models.OneToOneField(
        Report, models.CASCADE, related_name="claim", verbose_name=_("signalement"), primary_key=True
    )
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("personne"))
    since = models.DateTimeField(_("lu depuis"), default=timezone.now)
    seen_at = models.DateTimeField(_("dernière activité"), default=timezone.now)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("lecture en cours")
        verbose_name_plural = _("lectures en cours")

    def __str__(self) -> str:
        return f"{self.report_id} {self.person_id}"
