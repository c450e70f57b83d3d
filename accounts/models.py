"""People and their roles. A role always has a scope: a row says who may act, and where."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    """Creates people by e-mail address, which is their only name at sign-in."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Return a saved person; without a password nobody can sign in as them."""
        if not email:
            message = "A person needs an e-mail address."
            raise ValueError(message)
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Return a saved person who may do everything, everywhere; for `manage.py createsuperuser`."""
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a person by address, whatever its letters' case."""
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account. Reporting, following and supporting need none."""

    email = models.EmailField(_("adresse e-mail"), unique=True)
    name = models.CharField(_("nom"), max_length=80, blank=True)
    language = models.CharField(_("langue"), max_length=5, default="fr")
    is_active = models.BooleanField(_("peut se connecter"), default=True)
    is_staff = models.BooleanField(_("entre dans l’administration"), default=False)
    date_joined = models.DateTimeField(_("inscription"), default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("personne")
        verbose_name_plural = _("personnes")
        constraints = [models.UniqueConstraint(Lower("email"), name="one_person_per_address")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """Return the name, as Django's and the admin theme's templates ask for it; empty if none was given."""
        return self.name


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
