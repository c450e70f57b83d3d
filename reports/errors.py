"""What the domain refuses, and why. The edges (forms, API, admin) turn these into pages and status codes.

Each carries a stable `code` for machines and a translated sentence for people.
"""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """Something that a person asked for and the domain refuses."""

    code = "refused"
    message: str | Promise = _("Cette action n’est pas possible.")

    def __init__(self, message: str | Promise | None = None, *, field: str = "") -> None:
        super().__init__(message or self.message)
        self.message = message or self.message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class OutsideServedArea(DomainError):
    """The point lies in no quarter."""

    code = "outside_served_area"
    message = _(
        "Ce lieu est en dehors des quartiers desservis. "
        "Déplacez le repère dans la ville, ou adressez-vous à la mairie du lieu."
    )


class MissingExplanation(DomainError):
    """The change needs words, a proof, or the original."""

    code = "explanation_needed"
    message = _("Expliquez ce changement en quelques mots.")


class IllegalTransition(DomainError):
    """The workflow has no such change."""

    code = "illegal_transition"
    message = _("Ce signalement ne peut pas passer à ce statut.")


class NotAllowed(DomainError):
    """The workflow has it, for somebody else."""

    code = "not_allowed"
    message = _("Vous n’avez pas le droit de faire ce changement sur ce signalement.")


class StaleReport(DomainError):
    """Somebody else changed it first."""

    code = "stale_report"
    message = _("Ce signalement a changé entre-temps. Relisez-le, puis recommencez si besoin.")


class DuplicateKey(DomainError):
    """The idempotency key was used with other content."""

    code = "duplicate_key"
    message = _("Cette clé d’envoi a déjà servi pour un autre signalement. Envoyez de nouveau avec une nouvelle clé.")


class BadArea(DomainError):
    """An area that cannot be followed."""

    code = "bad_area"
    message = _("Cette zone ne peut pas être suivie.")


class TooManyFollows(DomainError):
    """Somebody follows as many areas as one may."""

    code = "too_many_follows"
    message = _("Vous suivez déjà 50 zones. Arrêtez-en une pour en suivre une autre.")


class Banned(DomainError):
    """Somebody may not contribute for a time; `token` opens the page that says why and takes an appeal."""

    code = "banned"

    def __init__(self, *, until: datetime, token: str) -> None:
        self.until = until
        self.token = token
        words = gettext(
            "Votre participation est suspendue jusqu’au %(until)s. Vous pouvez lire pourquoi, et contester."
        )
        super().__init__(words % {"until": date_format(localtime(until), "DATETIME_FORMAT")})
