"""Who hears, and what they chose to hear of."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.encryption import FingerprintField
from notifications.models.delivery import Channel
from reports.models import Frequency


def new_token() -> str:
    """Return 192 random bits that fit in an address."""
    return secrets.token_urlsafe(24)


class Topic(models.TextChoices):
    """What there is to hear of."""

    PROGRESS = "progress", _("Avancement de ce que vous suivez")
    COMMENTS = "comments", _("Commentaires sur ce que vous suivez")
    NEARBY = "nearby", _("Nouveaux signalements dans vos zones")
    WORK = "work", _("Ce qui vous attend dans l’administration")


# What a person hears of until they choose otherwise.
DEFAULTS: dict[tuple[str, str], str] = {
    (Topic.PROGRESS, Channel.EMAIL): Frequency.AT_ONCE,
    (Topic.PROGRESS, Channel.PUSH): Frequency.AT_ONCE,
    (Topic.COMMENTS, Channel.EMAIL): Frequency.DAILY,
    (Topic.COMMENTS, Channel.PUSH): Frequency.NEVER,
    (Topic.NEARBY, Channel.EMAIL): Frequency.DAILY,
    (Topic.NEARBY, Channel.PUSH): Frequency.NEVER,
    (Topic.WORK, Channel.EMAIL): Frequency.DAILY,
    (Topic.WORK, Channel.PUSH): Frequency.NEVER,
}


class Recipient(models.Model):
    """Somebody to whom the portal writes: a person with an account, or an address that follows without one.

    `token` is in every mail: it opens the choices and unsubscribes without signing in. `next_daily_at` and
    `next_weekly_at` are when the next digest is due; a digest is claimed by moving them on with a conditional UPDATE,
    so that two beats, or a beat that runs twice, send one. `daily_since` and `weekly_since` are up to where the last
    one told.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="recipient",
        verbose_name=_("personne"),
    )
    email_digest = FingerprintField()
    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    time_zone = models.CharField(_("fuseau horaire"), max_length=40, default=timezone.get_default_timezone_name)
    hour = models.PositiveSmallIntegerField(_("heure des récapitulatifs"), default=7)
    weekday = models.PositiveSmallIntegerField(_("jour du récapitulatif hebdomadaire"), default=0)
    next_daily_at = models.DateTimeField(_("prochain récapitulatif du jour"), null=True, blank=True)
    next_weekly_at = models.DateTimeField(_("prochain récapitulatif de la semaine"), null=True, blank=True)
    daily_since = models.DateTimeField(_("dernier récapitulatif du jour"), default=timezone.now)
    weekly_since = models.DateTimeField(_("dernier récapitulatif de la semaine"), default=timezone.now)
    muted_at = models.DateTimeField(_("tout arrêté"), null=True, blank=True)

    class Meta:
        verbose_name = _("destinataire")
        verbose_name_plural = _("destinataires")
        constraints = [
            models.UniqueConstraint(
                fields=["email_digest"], name="one_recipient_per_address", condition=~Q(email_digest="")
            ),
            models.CheckConstraint(
                name="recipient_is_a_person_or_an_address",
                condition=Q(user__isnull=False, email_digest="") | (Q(user=None) & ~Q(email_digest="")),
            ),
            models.CheckConstraint(name="hour_of_a_day", condition=Q(hour__lte=23)),
            models.CheckConstraint(name="day_of_a_week", condition=Q(weekday__lte=6)),
        ]
        indexes = [
            # Beat asks every few minutes whose hour has come.
            models.Index(fields=["next_daily_at"], name="daily_due", condition=Q(next_daily_at__isnull=False)),
            models.Index(fields=["next_weekly_at"], name="weekly_due", condition=Q(next_weekly_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class Preference(models.Model):
    """How soon a person with an account hears of one topic on one channel; without a row, `DEFAULTS` holds."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notification_preferences", verbose_name=_("personne")
    )
    topic = models.CharField(_("sujet"), max_length=12, choices=Topic.choices)
    channel = models.CharField(_("canal"), max_length=8, choices=Channel.choices)
    frequency = models.CharField(_("fréquence"), max_length=8, choices=Frequency.choices)

    class Meta:
        verbose_name = _("préférence")
        verbose_name_plural = _("préférences")
        constraints = [
            models.UniqueConstraint(fields=["user", "topic", "channel"], name="one_preference_per_topic_and_channel"),
            # A notification that comes a day late is a mail.
            models.CheckConstraint(
                name="push_is_at_once_or_never",
                condition=~Q(channel="push") | Q(frequency__in=(Frequency.AT_ONCE, Frequency.NEVER)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.channel} {self.frequency}"
