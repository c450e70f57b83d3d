"""One thing to send to one target: the outbox."""

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.encryption import EncryptedField
from reports.models import Event


class Channel(models.TextChoices):
    """How somebody is told."""

    EMAIL = "email", _("E-mail")
    PUSH = "push", _("Notification")


class Delivery(models.Model):
    """One message to one target, made once, sent until it arrives or is given up.

    `key` says what it is about and to whom (`event:812:user:7:email`, `daily:2026-11-21:recipient:9`): unique, so that
    dispatching twice changes nothing. `template` and `data` say what to write; addresses are looked up at the moment of
    sending and not stored here, but for strangers' (`address`). Claimed by a conditional UPDATE of (`status`,
    `next_try_at`); a worker that dies in the middle leaves `sending`, and the sweep takes it up again once `claimed_at`
    is old.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("En attente")
        SENDING = "sending", _("En cours d’envoi")
        SENT = "sent", _("Envoyé")
        SKIPPED = "skipped", _("Sans objet")
        DEAD = "dead", _("Abandonné")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField(_("clé"), max_length=120, unique=True)
    event = models.ForeignKey(
        Event, models.CASCADE, null=True, blank=True, related_name="deliveries", verbose_name=_("événement")
    )
    recipient = models.ForeignKey(
        "notifications.Recipient",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=_("destinataire"),
    )
    follow = models.ForeignKey(
        "reports.Follow", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("suivi")
    )
    subscription = models.ForeignKey(
        "notifications.PushSubscription",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("abonnement"),
    )
    organisation = models.ForeignKey(
        "reports.Organisation", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("organisme")
    )
    # Of somebody who has no account and follows nothing, and the language to write in; empty for everybody else, whose
    # address is looked up. It goes as soon as the message is sent.
    address = EncryptedField(_("adresse"), blank=True)
    language = models.CharField(_("langue"), max_length=5, blank=True)
    channel = models.CharField(_("canal"), max_length=8, choices=Channel.choices)
    template = models.CharField(_("modèle"), max_length=40)
    data: "models.JSONField[Any, dict[str, Any]]" = models.JSONField(_("contenu"), default=dict, blank=True)
    status = models.CharField(_("état"), max_length=8, choices=Status.choices, default=Status.WAITING)
    tries = models.PositiveSmallIntegerField(_("essais"), default=0)
    next_try_at = models.DateTimeField(_("prochain essai"), default=timezone.now)
    claimed_at = models.DateTimeField(_("pris"), null=True, blank=True)
    sent_at = models.DateTimeField(_("envoyé"), null=True, blank=True)
    last_error = models.CharField(_("dernière erreur"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("créé"), default=timezone.now)

    class Meta:
        verbose_name = _("envoi")
        verbose_name_plural = _("envois")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="sent_has_a_date", condition=~Q(status="sent") | Q(sent_at__isnull=False)),
        ]
        indexes = [
            # The sweep looks for what is due, or was claimed by a worker that is gone; nearly everything is sent.
            models.Index(fields=["next_try_at"], name="deliveries_due", condition=Q(status__in=("waiting", "sending"))),
            models.Index(fields=["-id"], name="deliveries_dead", condition=Q(status="dead")),
        ]

    def __str__(self) -> str:
        return gettext("Envoi n° %(number)s") % {"number": self.pk}
