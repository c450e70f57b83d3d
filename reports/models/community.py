"""Neighbours: who supports and who follows a report."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reports.models.report import Report


def new_token() -> str:
    """Return 128 random bits that fit in an address."""
    return secrets.token_urlsafe(16)


class Vote(models.Model):
    """One person's support, or one anonymous device's."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="supporters", verbose_name=_("signalement"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, verbose_name=_("personne")
    )
    device = models.CharField(_("appareil"), max_length=40, blank=True)
    created_at = models.DateTimeField(_("donné"), auto_now_add=True)

    class Meta:
        verbose_name = _("soutien")
        verbose_name_plural = _("soutiens")
        constraints = [
            models.UniqueConstraint(
                fields=["report", "user"], name="one_vote_per_person", condition=Q(user__isnull=False)
            ),
            models.UniqueConstraint(fields=["report", "device"], name="one_vote_per_device", condition=~Q(device="")),
            models.CheckConstraint(
                name="vote_has_one_owner", condition=Q(user__isnull=False, device="") | (Q(user=None) & ~Q(device=""))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id}"


class Follow(models.Model):
    """Somebody who wants to hear of a report, with or without an account.

    `token` opens the follower's own page; `confirm_token` is sent by mail only, so that seeing the page proves nothing
    about the address.
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="followers", verbose_name=_("signalement"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, verbose_name=_("personne")
    )
    email = models.EmailField(_("adresse e-mail"), blank=True)
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    confirm_token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    asked_at = models.DateTimeField(_("confirmation demandée"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("adresse confirmée"), null=True, blank=True)
    is_reporter = models.BooleanField(_("auteur du signalement"), default=False)
    language = models.CharField(_("langue"), max_length=5, default="fr")
    created_at = models.DateTimeField(_("suivi depuis"), auto_now_add=True)

    class Meta:
        verbose_name = _("suivi")
        verbose_name_plural = _("suivis")
        constraints = [
            models.UniqueConstraint(
                fields=["report", "user"], name="one_follow_per_person", condition=Q(user__isnull=False)
            ),
            models.UniqueConstraint(fields=["report", "email"], name="one_follow_per_address", condition=~Q(email="")),
            models.UniqueConstraint(fields=["report"], name="one_reporter_per_report", condition=Q(is_reporter=True)),
        ]
        indexes = [
            # The sweep looks for addresses that nobody has written to yet; nearly all have been.
            models.Index(
                fields=["created_at"],
                name="follows_to_ask",
                condition=~Q(email="") & Q(asked_at=None, confirmed_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id}"
