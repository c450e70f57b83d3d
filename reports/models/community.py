"""Neighbours: who supports, who follows, who comments."""

import secrets
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.gis.geos import Polygon
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.encryption import EncryptedField, FingerprintField, fingerprint
from reports.geo import circle_ring
from reports.models.catalogue import Category, Organisation
from reports.models.photo import Photo
from reports.models.place import Quarter
from reports.models.report import Report
from reports.querysets import CommentQuerySet, FollowQuerySet

KILOMETRE = 1000


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


class Frequency(models.TextChoices):
    """How soon somebody wants to hear."""

    AT_ONCE = "at_once", _("Tout de suite")
    DAILY = "daily", _("Une fois par jour")
    WEEKLY = "weekly", _("Une fois par semaine")
    NEVER = "never", _("Jamais")


class Follow(models.Model):
    """Somebody who wants to hear of a report, or of what is new in an area, with or without an account.

    An area is a quarter, a category, both together, or a circle (of one category, or of all). `token` opens the
    follower's own page; `confirm_token` is sent by mail only, so that seeing the page proves nothing about the address.
    `frequency` counts for a follower without an account; people with one say it once for everything
    (`notifications.Preference`).
    """

    report = models.ForeignKey(
        Report, models.CASCADE, null=True, blank=True, related_name="followers", verbose_name=_("signalement")
    )
    quarter = models.ForeignKey(
        Quarter, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("quartier")
    )
    category = models.ForeignKey(
        Category, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("catégorie")
    )
    centre = models.PointField(_("centre"), srid=4326, null=True, blank=True, spatial_index=False)
    radius_m = models.PositiveIntegerField(_("rayon (m)"), null=True, blank=True)
    # The circle itself, so that "who wants to hear of this point?" is one look into a spatial index.
    circle = models.PolygonField(srid=4326, null=True, blank=True, editable=False, spatial_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, verbose_name=_("personne")
    )
    email = EncryptedField(_("adresse e-mail"), blank=True)
    email_digest = FingerprintField()
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    confirm_token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    asked_at = models.DateTimeField(_("confirmation demandée"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("adresse confirmée"), null=True, blank=True)
    is_reporter = models.BooleanField(_("auteur du signalement"), default=False)
    frequency = models.CharField(_("fréquence"), max_length=8, choices=Frequency.choices, default=Frequency.AT_ONCE)
    language = models.CharField(_("langue"), max_length=5, default="fr")
    created_at = models.DateTimeField(_("suivi depuis"), auto_now_add=True)

    objects = FollowQuerySet.as_manager()

    # The quarter around a circle's centre, written by `with_area`.
    place: str | None = None

    class Meta:
        verbose_name = _("suivi")
        verbose_name_plural = _("suivis")
        constraints = [
            models.UniqueConstraint(
                fields=["report", "user"], name="one_follow_per_person", condition=Q(user__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["report", "email_digest"], name="one_follow_per_address", condition=~Q(email_digest="")
            ),
            models.UniqueConstraint(
                fields=["user", "quarter", "category"],
                name="one_area_follow_per_person",
                nulls_distinct=False,
                condition=Q(user__isnull=False, report=None, centre=None),
            ),
            models.UniqueConstraint(
                fields=["email_digest", "quarter", "category"],
                name="one_area_follow_per_address",
                nulls_distinct=False,
                condition=~Q(email_digest="") & Q(report=None, centre=None),
            ),
            models.UniqueConstraint(fields=["report"], name="one_reporter_per_report", condition=Q(is_reporter=True)),
            models.CheckConstraint(
                name="follows_a_report_or_an_area",
                condition=Q(report__isnull=False, quarter=None, category=None, centre=None, radius_m=None)
                | Q(report=None, quarter__isnull=False, centre=None, radius_m=None)
                | Q(report=None, quarter=None, category__isnull=False, centre=None, radius_m=None)
                | Q(report=None, quarter=None, centre__isnull=False, radius_m__isnull=False),
            ),
        ]
        indexes = [
            # Addresses to write to, or to forget when nobody answers for a week; nearly all are confirmed.
            models.Index(
                fields=["created_at"], name="follows_unconfirmed", condition=~Q(email="") & Q(confirmed_at=None)
            ),
            # "Who wants to hear of this point?" By name of the column: of `fields` with one geometry, PostGIS's schema
            # editor drops the condition, and nearly all rows have no circle.
            GistIndex("circle", name="followed_circles", condition=Q(circle__isnull=False)),
            # Everything that one address follows: its digest, and joining an account.
            models.Index(fields=["email_digest"], name="follows_of_address", condition=~Q(email_digest="")),
        ]

    def __str__(self) -> str:
        return f"{self.report_id or self.quarter_id or self.category_id or self.radius_m}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the fingerprint beside its address, and the circle beside its centre."""
        self.email_digest = fingerprint(self.email)
        if self.centre is not None and self.radius_m and self.circle is None:
            self.circle = Polygon(circle_ring(self.centre.x, self.centre.y, self.radius_m), srid=4326)
        if "email" in (kwargs.get("update_fields") or ()):
            kwargs["update_fields"] = [*kwargs["update_fields"], "email_digest"]
        super().save(*args, **kwargs)

    @property
    def area_name(self) -> str:
        """What is followed, in words and without the end of a sentence; empty for one report.

        Read it from `Follow.objects.with_area()`, which also names the quarter around a circle.
        """
        if self.radius_m:
            near = self.radius_m < KILOMETRE
            far = _("%d m") % self.radius_m if near else _("%g km") % (self.radius_m / KILOMETRE)
            where = _("à moins de %s d’un lieu") % far
            if self.place:
                where = _("à moins de %(far)s d’un lieu de %(quarter)s") % {"far": far, "quarter": self.place}
        else:
            where = self.quarter.name if self.quarter else ""
        return ", ".join(part for part in (self.category.name if self.category else "", where) if part)

    @property
    def area_query(self) -> str:
        """The list's filters that show the area's reports, as an address carries them; empty for one report."""
        filters = {}
        if self.category:
            filters["category"] = self.category.code
        if self.quarter:
            filters["quarter"] = f"{self.quarter.town.slug}/{self.quarter.slug}"
        if self.centre and self.radius_m:
            filters["near"] = f"{self.centre.x:.5f},{self.centre.y:.5f},{self.radius_m}"
        return urlencode(filters)

    @property
    def is_heard(self) -> bool:
        """Whether news may be sent: to a person with an account, or to an address that was confirmed."""
        return self.user_id is not None or (bool(self.email) and self.confirmed_at is not None)


class Comment(models.Model):
    """What a neighbour, or an organisation, says about a report: plain text.

    An author has an account or an anonymous device (`device`, the random token of its cookie). A held comment waits
    for a moderator; `held_for` are the codes of what screening found (`reports.screening`). `has_links` says whether
    its addresses may be followed by a click: only those of people whose contributions were accepted before.
    """

    class Status(models.TextChoices):
        VISIBLE = "visible", _("Visible")
        HELD = "held", _("Retenu")
        REMOVED = "removed", _("Retiré par la modération")
        DELETED = "deleted", _("Supprimé par son auteur")

    report = models.ForeignKey(Report, models.CASCADE, related_name="discussion", verbose_name=_("signalement"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="comments",
        verbose_name=_("auteur"),
    )
    device = models.CharField(_("appareil"), max_length=40, blank=True)
    public_name = models.CharField(_("nom montré"), max_length=80, blank=True)
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("au nom de"),
    )
    text = models.TextField(_("texte"), max_length=2000)
    photo = models.OneToOneField(
        Photo, models.SET_NULL, null=True, blank=True, related_name="comment", verbose_name=_("photo")
    )
    status = models.CharField(_("état"), max_length=8, choices=Status.choices, default=Status.VISIBLE)
    held_for = ArrayField(models.CharField(max_length=20), verbose_name=_("retenu pour"), default=list, blank=True)
    has_links = models.BooleanField(_("liens actifs"), default=False)
    language = models.CharField(_("langue"), max_length=5, default="fr")
    created_at = models.DateTimeField(_("écrit"), default=timezone.now)
    edited_at = models.DateTimeField(_("corrigé"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("jugé par")
    )
    decided_at = models.DateTimeField(_("jugé"), null=True, blank=True)
    decision_reason = models.CharField(_("motif"), max_length=500, blank=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("commentaire")
        verbose_name_plural = _("commentaires")
        ordering = ["created_at", "id"]
        indexes = [
            # A report's page shows what is visible, in order.
            models.Index(fields=["report", "created_at", "id"], name="discussion", condition=Q(status="visible")),
            # The moderators' queue, oldest first.
            models.Index(fields=["created_at"], name="comments_held", condition=Q(status="held")),
            # And what everybody reads already, newest first.
            models.Index(fields=["-created_at", "-id"], name="comments_newest", condition=Q(status="visible")),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.status}"
