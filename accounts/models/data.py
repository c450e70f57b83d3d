"""What people agreed to, and the copies of their data that they asked for."""

import secrets

from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.person import User


def private_files() -> Storage:
    """Return the storage that has no public address."""
    return storages["default"]


def new_export_token() -> str:
    """Return 192 random bits that fit in an address."""
    return secrets.token_urlsafe(24)


def export_name(export: "DataExport", _given: str) -> str:
    """Name an export by its token; the person's name stays out of the storage."""
    return f"exports/{export.token}.zip"


class Consent(models.Model):
    """One agreement to one version of one text, never changed: a later version is a further row."""

    class Document(models.TextChoices):
        RULES = "rules", _("Règles du portail")
        PRIVACY = "privacy", _("Confidentialité")

    user = models.ForeignKey(User, models.CASCADE, related_name="consents", verbose_name=_("personne"))
    document = models.CharField(_("texte"), max_length=16, choices=Document.choices)
    version = models.CharField(_("version"), max_length=10, help_text=_("Date du texte, par exemple 2026-11-21."))
    given_at = models.DateTimeField(_("donné"), default=timezone.now)

    class Meta:
        verbose_name = _("consentement")
        verbose_name_plural = _("consentements")
        constraints = [
            models.UniqueConstraint(fields=["user", "document", "version"], name="one_consent_per_version"),
        ]

    def __str__(self) -> str:
        return f"{self.document} {self.version}"


class DataExport(models.Model):
    """A copy of everything about one person: asked for, made by a task, fetched by its link, removed in the end."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("En préparation")
        READY = "ready", _("Prête")
        EXPIRED = "expired", _("Expirée")
        FAILED = "failed", _("Échouée")

    user = models.ForeignKey(User, models.CASCADE, related_name="exports", verbose_name=_("personne"))
    token = models.CharField(max_length=40, unique=True, default=new_export_token, editable=False)
    status = models.CharField(_("état"), max_length=8, choices=Status.choices, default=Status.WAITING)
    file = models.FileField(_("fichier"), storage=private_files, upload_to=export_name, blank=True)
    size = models.PositiveBigIntegerField(_("taille (octets)"), default=0)
    tries = models.PositiveSmallIntegerField(_("essais"), default=0)
    asked_at = models.DateTimeField(_("demandée"), default=timezone.now)
    ready_at = models.DateTimeField(_("prête"), null=True, blank=True)
    mailed_at = models.DateTimeField(_("annoncée"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expire"), null=True, blank=True)

    class Meta:
        verbose_name = _("copie de données")
        verbose_name_plural = _("copies de données")
        constraints = [
            # Tapping twice asks once.
            models.UniqueConstraint(fields=["user"], name="one_export_in_the_making", condition=Q(status="waiting")),
        ]
        indexes = [
            # For the sweep: what no worker has made or announced, and what expires; nearly everything is over.
            models.Index(fields=["asked_at"], name="exports_alive", condition=Q(status__in=("waiting", "ready"))),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.status}"
