"""Who did or saw what about people: append-only, kept by the database itself."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.person import User

DOOR_LENGTH = 160


class AuditEntry(models.Model):
    """One thing that staff did or saw, or that somebody did with a role, an account or private data.

    A trigger refuses UPDATE and DELETE (migration `0004_append_only_audit`). `about` names what it was about in a
    word, e.g. a report's number; `data` holds codes, ids and the catalogue's old and new values, never private data
    itself. `door` and `network` say from where (`accounts.origin`); the network is kept for staff only.
    """

    class Kind(models.TextChoices):
        ROLE_GRANTED = "role_granted", _("Responsabilité donnée")
        ROLE_REVOKED = "role_revoked", _("Responsabilité retirée")
        CONTACT_SEEN = "contact_seen", _("Coordonnées consultées")
        PHOTO_SEEN = "photo_seen", _("Photo entière consultée")
        EXPORT_ASKED = "export_asked", _("Copie de données demandée")
        EXPORT_FETCHED = "export_fetched", _("Copie de données téléchargée")
        ERASURE_ASKED = "erasure_asked", _("Effacement demandé")
        ERASURE_UNDONE = "erasure_undone", _("Effacement annulé")
        ERASED = "erased", _("Compte effacé")
        FACTOR_RESET = "factor_reset", _("Second facteur retiré")
        DELIVERY_REPLAYED = "delivery_replayed", _("Envoi relancé")
        BANNED = "banned", _("Participation suspendue")
        UNBANNED = "unbanned", _("Suspension levée")
        REPORT_ACT = "report_act", _("Signalement traité")
        ROW_ADDED = "row_added", _("Fiche ajoutée")
        ROW_CHANGED = "row_changed", _("Fiche modifiée")
        ROW_DELETED = "row_deleted", _("Fiche supprimée")
        LIST_EXPORTED = "list_exported", _("Liste exportée")
        TOKENS_REVOKED = "tokens_revoked", _("Jeton réutilisé, accès coupés")

    kind = models.CharField(_("nature"), max_length=20, choices=Kind.choices)
    actor = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("par"))
    subject = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("au sujet de")
    )
    about = models.CharField(_("objet"), max_length=120, blank=True)
    data: "models.JSONField[Any, dict[str, Any]]" = models.JSONField(_("détail"), default=dict, blank=True)
    door = models.CharField(_("par quelle page"), max_length=DOOR_LENGTH, blank=True)
    network = models.CharField(_("réseau"), max_length=43, blank=True)
    at = models.DateTimeField(_("moment"), default=timezone.now)

    class Meta:
        verbose_name = _("trace")
        verbose_name_plural = _("traces")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["kind", "-id"], name="audit_by_kind"),
            models.Index(fields=["actor", "-id"], name="audit_by_actor", condition=models.Q(actor__isnull=False)),
            models.Index(fields=["at"], name="audit_by_time"),
            # "Who looked at this report?"
            models.Index(fields=["about"], name="audit_by_subject", condition=~models.Q(about="")),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())
