"""The append-only log: timeline, audit trail, catch-up feed and outbox in one."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reports.models.report import Report
from reports.querysets import EventQuerySet


class CurrentTransaction(models.Func):
    """The 64-bit number of the running transaction."""

    template = "(pg_current_xact_id()::text::bigint)"
    arity = 0
    output_field = models.BigIntegerField()


class Event(models.Model):
    """One thing that happened to a report, written in the transaction that did it.

    `data` may be shown to anybody once `is_public`; `private_data` only to staff. `xid` is the transaction that wrote
    the row: ids are handed out before commit, so a reader who follows ids alone would miss a row that commits late.
    Readers follow (`xid`, `id`) below the oldest transaction still running; see `EventQuerySet.after`.
    """

    class Kind(models.TextChoices):
        CREATED = "created", _("Signalement reçu")
        STATUS_CHANGED = "status_changed", _("Changement de statut")
        ASSIGNED = "assigned", _("Prise en charge")
        REPLY = "reply", _("Réponse publique")
        NOTE = "note", _("Note interne")
        PHOTO_ADDED = "photo_added", _("Photo ajoutée")
        PHOTO_READY = "photo_ready", _("Photo prête")
        VOTED = "voted", _("Soutien")
        EDITED = "edited", _("Modification")
        COMMENTED = "commented", _("Commentaire")
        COMMENT_CHANGED = "comment_changed", _("Commentaire modifié ou retiré")
        CONFIRMED = "confirmed", _("Réparation confirmée")
        MERGED = "merged", _("Doublon réuni")
        UNMERGED = "unmerged", _("Doublon détaché")
        UNDONE = "undone", _("Décision annulée")
        HELD = "held", _("Retiré de la vue pour examen")
        RECATEGORISED = "recategorised", _("Catégorie changée")
        RELOCATED = "relocated", _("Lieu corrigé")
        SPLIT = "split", _("Séparé en deux")
        MASKED = "masked", _("Données personnelles masquées")
        PHOTO_CHANGED = "photo_changed", _("Photo masquée ou redressée")
        ASKED = "asked", _("Question à l’auteur")
        ANSWERED = "answered", _("Réponse de l’auteur")
        REFERRED = "referred", _("Transmis à un tiers")
        REFERRAL_ANSWERED = "referral_answer", _("Réponse d’un tiers")
        ESCALATED = "escalated", _("Retard signalé à un responsable")

    kind = models.CharField(_("nature"), max_length=16, choices=Kind.choices)
    report = models.ForeignKey(Report, models.CASCADE, related_name="events", verbose_name=_("signalement"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("personne")
    )
    actor_role = models.CharField(_("rôle"), max_length=16, blank=True)
    actor_name = models.CharField(_("au nom de"), max_length=120, blank=True)
    is_public = models.BooleanField(_("public"), default=False)
    data: "models.JSONField[Any, dict[str, Any]]" = models.JSONField(_("contenu"), default=dict, blank=True)
    private_data: "models.JSONField[Any, dict[str, Any]]" = models.JSONField(
        _("contenu privé"), default=dict, blank=True
    )
    at = models.DateTimeField(_("moment"), default=timezone.now)
    xid = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("événement")
        verbose_name_plural = _("événements")
        ordering = ["at", "id"]
        indexes = [
            # The catch-up feed reads in this order, and only what is public.
            models.Index(fields=["xid", "id"], name="public_feed", condition=models.Q(is_public=True)),
            models.Index(fields=["report", "at", "id"], name="timeline"),
            # The consumers of the log read everything, in its final order.
            models.Index(fields=["xid", "id"], name="whole_feed"),
            # The rollups: what authors answered to "vraiment réglé ?". Few of all events.
            models.Index(
                fields=["at"],
                name="answers_of_authors",
                condition=models.Q(kind="confirmed") | models.Q(kind="status_changed", data__from="resolved"),
            ),
            # Retention: what authors answered to the team, as long as it is kept.
            models.Index(
                fields=["report"],
                name="answers_kept",
                condition=models.Q(kind="answered") & ~models.Q(private_data={}),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.report_id}"


class ConsumerPosition(models.Model):
    """How far the sweep has brought one consumer of the log (`settings.EVENT_CONSUMERS`) with certainty."""

    consumer = models.CharField(_("destinataire"), max_length=100, unique=True)
    event_id = models.BigIntegerField(_("dernier événement"), default=0)
    updated_at = models.DateTimeField(_("mis à jour"), auto_now=True)

    class Meta:
        verbose_name = _("avancement")
        verbose_name_plural = _("avancements")

    def __str__(self) -> str:
        return f"{self.consumer} {self.event_id}"
