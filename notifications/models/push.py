"""Browsers that asked to be told."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PushSubscription(models.Model):
    """One browser's address at its push service (RFC 8030) and the keys that encrypt for it (RFC 8291).

    Belongs to a person with an account, or to one follow without one.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="push_subscriptions",
        verbose_name=_("personne"),
    )
    follow = models.ForeignKey(
        "reports.Follow",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="push_subscriptions",
        verbose_name=_("suivi"),
    )
    endpoint = models.URLField(_("adresse d’envoi"), max_length=500)
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=40)
    browser = models.CharField(_("navigateur"), max_length=60, blank=True)
    created_at = models.DateTimeField(_("abonné"), default=timezone.now)

    class Meta:
        verbose_name = _("abonnement aux notifications")
        verbose_name_plural = _("abonnements aux notifications")
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "user"], name="one_push_per_browser_and_person", condition=Q(user__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["endpoint", "follow"], name="one_push_per_browser_and_follow", condition=Q(follow__isnull=False)
            ),
            models.CheckConstraint(
                name="push_has_one_owner",
                condition=Q(user__isnull=False, follow=None) | Q(user=None, follow__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"
