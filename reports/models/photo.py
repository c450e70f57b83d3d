"""Photos: the original private, the variants public."""

import uuid
from typing import Any

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.core.files.storage import Storage, storages
from django.db.models import Q
from django.db.models.functions import Substr
from django.utils.translation import gettext_lazy as _

from reports.models.report import Report
from reports.querysets import PHASH_BANDS, PhotoQuerySet


def originals() -> Storage:
    """Return the storage that has no public address."""
    return storages["originals"]


def original_name(photo: "Photo", _given: str) -> str:
    """Name an original by its key; the name that the phone gave may say who took it."""
    return f"originals/{photo.key}"


class Photo(models.Model):
    """A picture of the problem or the proof of its repair.

    Without a report it waits for its form to be completed, or it belongs to a comment (`comment`): a photo of neither
    is removed by the sweep after a day.
    """

    class Kind(models.TextChoices):
        PROBLEM = "problem", _("Problème")
        PROOF = "proof", _("Preuve de réparation")
        COMMENT = "comment", _("Jointe à un commentaire")

    class Status(models.TextChoices):
        PROCESSING = "processing", _("En préparation")
        READY = "ready", _("Prête")
        REFUSED = "refused", _("Refusée")

    report = models.ForeignKey(
        Report, models.CASCADE, null=True, blank=True, related_name="photos", verbose_name=_("signalement")
    )
    key = models.UUIDField(default=uuid.uuid4, editable=False, db_index=True)
    kind = models.CharField(_("nature"), max_length=8, choices=Kind.choices, default=Kind.PROBLEM)
    status = models.CharField(_("état"), max_length=12, choices=Status.choices, default=Status.PROCESSING)
    original = models.FileField(_("original"), storage=originals, upload_to=original_name, blank=True)
    width = models.PositiveIntegerField(_("largeur"), default=0)
    height = models.PositiveIntegerField(_("hauteur"), default=0)
    sizes = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("largeurs"), default=list)
    sha256 = models.CharField(max_length=64, blank=True)
    phash = models.CharField(max_length=16, blank=True)
    # What a moderator did to it. Rectangles are fractions of the upright picture before it was turned,
    # `{"x", "y", "w", "h"}` of 0 to 1. Each change counts `revision` up, which is part of the variants' names: no cache
    # shows an earlier picture.
    hidden_at = models.DateTimeField(_("cachée"), null=True, blank=True)
    rotation = models.PositiveSmallIntegerField(_("rotation (degrés)"), default=0)
    masks: "models.JSONField[Any, list[dict[str, float]]]" = models.JSONField(_("masques"), default=list, blank=True)
    revision = models.PositiveSmallIntegerField(_("révision"), default=0)
    taken_at = models.DateTimeField(_("prise"), null=True, blank=True)
    taken_point = models.PointField(_("lieu de prise"), srid=4326, null=True, blank=True, spatial_index=False)
    position = models.PositiveSmallIntegerField(_("rang"), default=0)
    created_at = models.DateTimeField(_("reçue"), auto_now_add=True)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ["position", "id"]
        indexes = [
            # The sweep looks for what no worker has finished; nearly every row is finished.
            models.Index(fields=["created_at"], name="photos_unfinished", condition=Q(status="processing")),
            # « Photos cachées », the latest first; nearly nothing is hidden.
            models.Index(fields=["-hidden_at"], name="photos_hidden", condition=Q(hidden_at__isnull=False)),
            models.Index(fields=["sha256"], name="photos_by_content"),
            models.Index(fields=["phash"], name="photos_by_look", condition=~Q(phash="")),
            # A picture that was seen before, saved anew: its hash has a quarter in common with the earlier one.
            *(
                models.Index(Substr("phash", place, 4), name=f"photos_by_band_{place}", condition=~Q(phash=""))
                for place in PHASH_BANDS
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}"

    def variant_name(self, width: int) -> str:
        """Return the name of a variant in its storage.

        A changed picture has other names than the one before it, and its own: rows may share the first picture.
        """
        change = f"{self.pk}-{self.revision}-" if self.revision else ""
        return f"photos/{self.key}/{change}{width}.webp"

    @property
    def look_name(self) -> str:
        """The name, among the originals, of the whole picture that staff may look at once the public one differs."""
        return f"looks/{self.key}-{self.pk}-{self.revision}.webp"

    def url(self, width: int) -> str:
        """Return the public address of the variant nearest above `width`, or of the largest; empty if there is none."""
        if not self.is_ready:
            return ""
        chosen = next((size for size in sorted(self.sizes) if size >= width), max(self.sizes))
        return storages["variants"].url(self.variant_name(chosen))

    @property
    def urls(self) -> dict[str, str]:
        """The public addresses by width, e.g. `{"320": "/media/photos/…/320.webp"}`; empty until it is ready."""
        if not self.is_ready:
            return {}
        storage = storages["variants"]
        return {str(size): storage.url(self.variant_name(size)) for size in sorted(self.sizes)}

    @property
    def srcset(self) -> str:
        """The variants as an `srcset`."""
        return ", ".join(f"{url} {width}w" for width, url in self.urls.items())

    @property
    def is_hidden(self) -> bool:
        """Whether a moderator, or alerts, took it out of everybody's sight."""
        return self.hidden_at is not None

    @property
    def is_ready(self) -> bool:
        """Whether its variants can be shown; a hidden photo has none."""
        return self.status == self.Status.READY and not self.is_hidden

    @property
    def is_shown(self) -> bool:
        """Whether everybody may know of it, now or once it is ready."""
        return self.status != self.Status.REFUSED and not self.is_hidden

    @property
    def differs(self) -> bool:
        """Whether the public sees another picture than the one that was sent, or none."""
        return bool(self.masks) or self.is_hidden
