"""Roles. A role always has a scope: a row says who may act, and where."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.person import User


class Role(models.TextChoices):
    """What somebody may be; `citizen` needs no row."""

    MODERATOR = "moderator", _("Modération")
    OPERATOR = "operator", _("Intervention")
    ADMINISTRATOR = "administrator", _("Administration")


class Membership(models.Model):
    """One role in one scope: a town or quarter to moderate, an organisation to work for, everything to administer.

    The scopes are named as text because `accounts` imports no other app.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("personne"))
    role = models.CharField(_("rôle"), max_length=16, choices=Role.choices)
    town = models.ForeignKey(
        "reports.Town", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("ville")
    )
    quarter = models.ForeignKey(
        "reports.Quarter", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("quartier")
    )
    organisation = models.ForeignKey(
        "reports.Organisation", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("organisme")
    )

    class Meta:
        verbose_name = _("responsabilité")
        verbose_name_plural = _("responsabilités")
        constraints = [
            models.CheckConstraint(
                name="scope_fits_role",
                condition=Q(role=Role.ADMINISTRATOR, town=None, quarter=None, organisation=None)
                | Q(role=Role.OPERATOR, organisation__isnull=False, town=None, quarter=None)
                | Q(role=Role.MODERATOR, town__isnull=False, quarter=None, organisation=None)
                | Q(role=Role.MODERATOR, town=None, quarter__isnull=False, organisation=None),
                violation_error_message=_(
                    "Une modération porte sur une ville ou un quartier, une intervention sur un organisme, "
                    "une administration sur l’ensemble."
                ),
            ),
            models.UniqueConstraint(
                fields=["user", "role", "town", "quarter", "organisation"],
                name="same_responsibility_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.get_role_display()}"
