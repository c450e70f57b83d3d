"""Signing in by the API: one row per sign-in, which all its tokens name."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.person import User


class TokenFamily(models.Model):
    """All the tokens that grew out of one sign-in by the API (JWT).

    A token is good only while its family lives: signing out, or a refresh token that is used twice, ends the whole
    family at once. `expires_at` is when its last refresh token ends.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="token_families", verbose_name=_("personne"))
    # Whether a second factor was shown at sign-in: without it, tokens carry none of the rights of the staff.
    has_factor = models.BooleanField(_("second facteur"), default=False)
    created_at = models.DateTimeField(_("ouverte"), default=timezone.now)
    expires_at = models.DateTimeField(_("expire"))
    ended_at = models.DateTimeField(_("fermée"), null=True, blank=True)

    class Meta:
        verbose_name = _("connexion par l’API")
        verbose_name_plural = _("connexions par l’API")
        indexes = [
            # The daily sweep removes what nobody can use any more.
            models.Index(fields=["expires_at"], name="families_to_forget"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.created_at:%Y-%m-%d}"
