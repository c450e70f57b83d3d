"""Who may not take part for a time."""

import secrets

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.person import User


def new_token() -> str:
    """Return a random token for an address that opens something private."""
    return secrets.token_urlsafe(24)


class BanQuerySet(models.QuerySet["Ban"]):
    """Reads of bans."""

    def in_force(self) -> "BanQuerySet":
        """Keep those that hold now."""
        return self.filter(until__gt=timezone.now(), lifted_at=None)

    def of(self, *, user: User | None, device: str = "") -> "BanQuerySet":
        """Keep those of a person, or of the device of somebody without an account."""
        if user is not None:
            return self.filter(user=user)
        return self.filter(device=device) if device else self.none()


class Ban(models.Model):
    """A person, or the device of somebody without an account, that may not contribute until some moment.

    Reading, signing in and working in the back office stay as they are. `about` is the number of the report that led
    to it; `token` opens the page that says why, and takes an appeal.
    """

    user = models.ForeignKey(
        User, models.CASCADE, null=True, blank=True, related_name="bans", verbose_name=_("personne")
    )
    device = models.CharField(_("appareil"), max_length=40, blank=True)
    until = models.DateTimeField(_("jusqu’au"))
    about = models.CharField(_("objet"), max_length=120, blank=True)
    by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("décidée par")
    )
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    created_at = models.DateTimeField(_("décidée le"), default=timezone.now)
    lifted_at = models.DateTimeField(_("levée"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("levée par")
    )

    objects = BanQuerySet.as_manager()

    class Meta:
        verbose_name = _("suspension")
        verbose_name_plural = _("suspensions")
        constraints = [
            models.CheckConstraint(
                name="ban_has_one_owner", condition=Q(user__isnull=False, device="") | (Q(user=None) & ~Q(device=""))
            ),
            models.CheckConstraint(name="ban_ends_after_it_begins", condition=Q(until__gt=F("created_at"))),
        ]
        indexes = [
            # Asked at every contribution: is this person, or this device, banned now? Nearly nobody is.
            models.Index(fields=["user", "until"], name="bans_of_person", condition=Q(user__isnull=False)),
            models.Index(fields=["device", "until"], name="bans_of_device", condition=~Q(device="")),
            # The daily sweep forgets those that ended long ago.
            models.Index(fields=["until"], name="bans_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.about} {self.until:%Y-%m-%d}"

    @property
    def is_in_force(self) -> bool:
        """Whether it holds now."""
        return self.lifted_at is None and self.until > timezone.now()
