"""What people report about what others wrote."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from moderation.querysets import FlagQuerySet
from reports.models import Comment, Photo, Report


class Flag(models.Model):
    """One person's or device's complaint about a report, a comment or a photo; several hold it for a moderator."""

    class Reason(models.TextChoices):
        PERSONAL = "personal", _("Données personnelles")
        INSULT = "insult", _("Injure, menace ou haine")
        SPAM = "spam", _("Publicité ou arnaque")
        FALSE = "false", _("Faux ou sans rapport")
        OTHER = "other", _("Autre raison")

    report = models.ForeignKey(
        Report, models.CASCADE, null=True, blank=True, related_name="flags", verbose_name=_("signalement")
    )
    comment = models.ForeignKey(
        Comment, models.CASCADE, null=True, blank=True, related_name="flags", verbose_name=_("commentaire")
    )
    photo = models.ForeignKey(
        Photo, models.CASCADE, null=True, blank=True, related_name="flags", verbose_name=_("photo")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("personne")
    )
    device = models.CharField(_("appareil"), max_length=40, blank=True)
    reason = models.CharField(_("raison"), max_length=12, choices=Reason.choices)
    words = models.CharField(_("précision"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("reçue"), default=timezone.now)
    settled_at = models.DateTimeField(_("traitée"), null=True, blank=True)

    objects = FlagQuerySet.as_manager()

    class Meta:
        verbose_name = _("alerte")
        verbose_name_plural = _("alertes")
        constraints = [
            models.CheckConstraint(
                name="flags_one_thing",
                condition=Q(report__isnull=False, comment=None, photo=None)
                | Q(report=None, comment__isnull=False, photo=None)
                | Q(report=None, comment=None, photo__isnull=False),
            ),
            models.CheckConstraint(
                name="flag_has_one_owner", condition=Q(user__isnull=False, device="") | (Q(user=None) & ~Q(device=""))
            ),
            models.UniqueConstraint(
                fields=["comment", "user"],
                name="one_flag_per_comment_and_person",
                condition=Q(user__isnull=False, comment__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["comment", "device"],
                name="one_flag_per_comment_and_device",
                condition=~Q(device="") & Q(comment__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["report", "user"],
                name="one_flag_per_report_and_person",
                condition=Q(user__isnull=False, report__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["report", "device"],
                name="one_flag_per_report_and_device",
                condition=~Q(device="") & Q(report__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["photo", "user"],
                name="one_flag_per_photo_and_person",
                condition=Q(user__isnull=False, photo__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["photo", "device"],
                name="one_flag_per_photo_and_device",
                condition=~Q(device="") & Q(photo__isnull=False),
            ),
        ]
        indexes = [
            # What no moderator has looked at yet.
            models.Index(fields=["created_at"], name="flags_open", condition=Q(settled_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.reason}"
