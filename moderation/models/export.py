"""Lists that staff take away, and the filters that they keep."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from moderation.querysets import SavedFilterQuerySet


def private_files() -> Storage:
    """Return the storage that has no public address."""
    return storages["default"]


def new_token() -> str:
    """Return the name of a file that nobody guesses."""
    return secrets.token_urlsafe(24)


class ListExport(models.Model):
    """The rows of a list as they stood on screen, on their way into a file.

    `ids` are those rows, in their order; what its owner may not see any more when the file is made is left out. `done`
    of `total` are written.
    """

    class Subject(models.TextChoices):
        REPORTS = "reports", _("Signalements")
        RECORD = "record", _("Traces")

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel (XLSX)"
        GEOJSON = "geojson", "GeoJSON"

    class Status(models.TextChoices):
        WAITING = "waiting", _("En préparation")
        READY = "ready", _("Prête")
        FAILED = "failed", _("Échouée")

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("pour"))
    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    subject = models.CharField(_("liste"), max_length=8, choices=Subject.choices)
    format = models.CharField(_("format"), max_length=8, choices=Format.choices)
    query = models.CharField(_("filtre"), max_length=500, blank=True)
    ids: "ArrayField[Any, list[int]]" = ArrayField(models.BigIntegerField(), verbose_name=_("lignes"), default=list)
    total = models.PositiveIntegerField(_("lignes en tout"), default=0)
    done = models.PositiveIntegerField(_("lignes écrites"), default=0)
    status = models.CharField(_("état"), max_length=8, choices=Status.choices, default=Status.WAITING)
    tries = models.PositiveSmallIntegerField(_("essais"), default=0)
    claimed_at = models.DateTimeField(_("prise"), null=True, blank=True)
    file = models.FileField(_("fichier"), storage=private_files, blank=True)
    asked_at = models.DateTimeField(_("demandée"), default=timezone.now)

    class Meta:
        verbose_name = _("liste exportée")
        verbose_name_plural = _("listes exportées")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["owner", "-id"], name="lists_of_owner"),
            # The sweep looks for what no worker has finished, and for what has expired.
            models.Index(fields=["asked_at"], name="lists_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.format} {self.asked_at:%Y-%m-%d}"

    @property
    def filename(self) -> str:
        """The name under which it is saved by a browser, e.g. `signalements-2026-11-21.csv`."""
        name = "signalements" if self.subject == self.Subject.REPORTS else "traces"
        return f"{name}-{self.asked_at:%Y-%m-%d}.{self.format}"


class SavedFilter(models.Model):
    """A query string of the list of reports under a name: one's own, or shared with one's team."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("de"))
    name = models.CharField(_("nom"), max_length=60)
    query = models.CharField(_("filtre"), max_length=500)
    is_shared = models.BooleanField(_("partagé avec l’équipe"), default=False)
    created_at = models.DateTimeField(_("gardé"), default=timezone.now)

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        verbose_name = _("filtre gardé")
        verbose_name_plural = _("filtres gardés")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="one_filter_per_name_and_person"),
            models.CheckConstraint(name="saved_filter_has_a_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name
