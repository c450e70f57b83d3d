"""People with an account."""

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
    shows_name = models.BooleanField(
        _("nom montré au public"),
        default=False,
        help_text=_("Votre nom paraît alors avec vos commentaires et vos prochains signalements."),
    )
    is_active = models.BooleanField(_("peut se connecter"), default=True)
    is_staff = models.BooleanField(_("entre dans l’administration"), default=False)
    date_joined = models.DateTimeField(_("inscription"), default=timezone.now)
    erase_after = models.DateTimeField(_("effacement prévu"), null=True, blank=True, editable=False)
    # Chosen together with the erasure: whether what they said under reports goes too.
    erases_comments = models.BooleanField(_("efface aussi ses commentaires"), default=False, editable=False)
    erasure_mailed_at = models.DateTimeField(_("effacement annoncé"), null=True, blank=True, editable=False)
    erased_at = models.DateTimeField(_("effacé"), null=True, blank=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    # Set for one request by whoever signs a person in without a second factor, or by an application that was not given
    # the rights of the staff: they are then what any citizen is.
    acts_as_citizen = False

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("personne")
        verbose_name_plural = _("personnes")
        constraints = [models.UniqueConstraint(Lower("email"), name="one_person_per_address")]
        indexes = [
            # The daily sweep looks for accounts whose time to change one's mind is over; nearly none are.
            models.Index(fields=["erase_after"], name="people_to_erase", condition=Q(erased_at=None)),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def public_name(self) -> str:
        """The name that everybody may read; empty unless the person chose to show it."""
        return self.name if self.shows_name else ""

    def get_full_name(self) -> str:
        """Return the name, as Django's and the admin theme's templates ask for it; empty if none was given."""
        return self.name
