"""Which duplicate was joined to which original, and who came along: what is needed to part them again."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reports.models.event import Event
from reports.models.report import Report


class Merge(models.Model):
    """One duplicate joined to its original.

    votes    ids of the supports that moved; whoever supported both kept one on each
    follows  ids of the follows that moved
    copies   ids of the follows of the original that were made for an author, who keeps the private link of their own
    event    by which those who came along were told; it says who joined them
    """

    duplicate = models.ForeignKey(Report, models.CASCADE, related_name="+", verbose_name=_("signalement réuni"))
    original = models.ForeignKey(Report, models.CASCADE, related_name="+", verbose_name=_("signalement d’origine"))
    votes = ArrayField(models.BigIntegerField(), verbose_name=_("soutiens déplacés"), default=list)
    follows = ArrayField(models.BigIntegerField(), verbose_name=_("suivis déplacés"), default=list)
    copies = ArrayField(models.BigIntegerField(), verbose_name=_("suivis ajoutés"), default=list)
    event = models.ForeignKey(Event, models.SET_NULL, null=True, related_name="+", verbose_name=_("annonce"))
    at = models.DateTimeField(_("réuni"), default=timezone.now)
    undone_at = models.DateTimeField(_("détaché"), null=True, blank=True)

    class Meta:
        verbose_name = _("réunion de doublons")
        verbose_name_plural = _("réunions de doublons")
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(name="merge_joins_two_reports", condition=~Q(duplicate=F("original"))),
            # A report is joined to one original at a time; this is also how its merge is found.
            models.UniqueConstraint(fields=["duplicate"], name="one_merge_at_a_time", condition=Q(undone_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.duplicate_id} → {self.original_id}"
