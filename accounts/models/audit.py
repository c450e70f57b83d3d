"""Who did or saw what about people: append-only, kept by the database itself."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.person import User


class AuditEntry(models.Model):
    """One thing that somebody did with a role, an account or somebody's private data.

    A trigger refuses UPDATE and DELETE (migration `0004_append_only_audit`). `about` names what it was about in a
    word, e.g. a report's number; `data` holds codes and ids, never the private data itself.
    """

    class Kind(models.TextChoices):
        ROLE_GRANTED = "role_granted", _("Responsabilité donnée")
        ROLE_REVOKED = "role_revoked", _("Responsabilité retirée")
        CONTACT_SEEN = "contact_seen", _("Coordonnées consultées")
        EXPORT_ASKED = "export_asked", _("Copie de données demandée")
        EXPORT_FETCHED = "export_fetched", _("Copie de données téléchargée")
        ERASURE_ASKED = "erasure_asked", _("Effacement demandé")
        ERASURE_UNDONE = "erasure_undone", _("Effacement annulé")
        ERASED = "erased", _("Compte effacé")
        FACTOR_RESET = "factor_reset", _("Second facteur retiré")
        DELIVERY_REPLAYED = "delivery_replayed", _("Envoi relancé")
        TOKENS_REVOKED = "tokens_revoked", _("Jeton réutilisé, accès coupés")

    kind = models.CharField(_("nature"), max_length=20, choices=Kind.choices)
    actor = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("par"))
    subject = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("au sujet de")
    )
    about = models.CharField(_("objet"), max_length=120, blank=True)
    data: "models.JSONField[Any, dict[str, Any]]" = models.JSONField(_("détail"), default=dict, blank=True)
    at = models.DateTimeField(_("moment"), default=timezone.now)

    class Meta:
        verbose_name = _("trace")
        verbose_name_plural = _("traces")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["kind", "-id"], name="audit_by_kind"),
            # "Who looked at this report?"
            models.Index(fields=["about"], name="audit_by_subject", condition=~models.Q(about="")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"
