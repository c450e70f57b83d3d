"""Reports that are passed on to somebody outside."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.encryption import EncryptedField
from moderation.querysets import LinkQuerySet
from reports.models import Report
from reports.models.community import new_token

LIFE = timedelta(days=30)


def end_of_referral() -> datetime:
    """Return until when a report that is passed on now may be answered."""
    return timezone.now() + LIFE


class Referral(models.Model):
    """One report passed on to an outside party, who answers by a link, as often as needed, and has no account.

    Each answer is an `Event` of the report. The address lies encrypted and goes when the link ends.
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="referrals", verbose_name=_("signalement"))
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("transmis par"),
    )
    name = models.CharField(_("destinataire"), max_length=120)
    address = EncryptedField(_("adresse e-mail"), blank=True)
    language = models.CharField(_("langue"), max_length=5, default="fr")
    text = models.TextField(_("message"), max_length=2000)
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    sent_at = models.DateTimeField(_("transmis"), default=timezone.now)
    expires_at = models.DateTimeField(_("fin de validité"), default=end_of_referral)
    answers = models.PositiveSmallIntegerField(_("réponses"), default=0)
    answered_at = models.DateTimeField(_("dernière réponse"), null=True, blank=True)
    # Taken back by the team, or expired.
    closed_at = models.DateTimeField(_("clos"), null=True, blank=True)

    objects = LinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("transmission")
        verbose_name_plural = _("transmissions")
        constraints = [
            models.CheckConstraint(name="referral_ends_later", condition=Q(expires_at__gt=F("sent_at"))),
        ]
        indexes = [
            # Beat looks for links that have ended but still keep an address.
            models.Index(fields=["expires_at"], name="referrals_open", condition=Q(closed_at=None)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        """Whether it may be answered now."""
        return self.closed_at is None and self.expires_at > timezone.now()
