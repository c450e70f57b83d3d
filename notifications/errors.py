"""What being told refuses."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from reports.errors import DomainError


class Reason(models.TextChoices):
    """Why a delivery was not sent, as far as we know it ourselves; a server's own words stand for themselves."""

    NOBODY = "nobody", _("Personne à qui écrire")
    NO_ADDRESS = "no_address", _("L’organisme n’a pas d’adresse")
    OTHER_ORGANISATION = "other_organisation", _("Le signalement est confié à un autre organisme")
    MUTED = "muted", _("La personne a tout arrêté")
    CLOSED = "closed", _("Le compte est fermé")
    UNWANTED = "unwanted", _("La personne ne veut plus de ces messages")
    NOT_THEIRS = "not_theirs", _("La personne ne s’occupe plus de ce signalement")
    UNFOLLOWED = "unfollowed", _("Le suivi a pris fin")
    HIDDEN = "hidden", _("Le contenu n’est plus montré")
    UNDONE = "undone", _("La décision a été annulée")
    NOTHING_LEFT = "nothing_left", _("Il n’y a plus rien à dire")
    BAD_ADDRESS = "bad_address", _("L’adresse n’est pas une seule adresse utilisable")
    WORKER_LOST = "worker_lost", _("Le processus d’envoi s’est arrêté au dernier essai")


class UnknownChoice(DomainError):
    """Nobody offered this choice."""

    code = "unknown_choice"


class BadSubscription(DomainError):
    """A browser's address for notifications that no push service we know can have given out, or broken keys."""

    code = "bad_subscription"


class NotSent(Exception):
    """A delivery that did not go out; its text says why, without the address."""


class NoLongerWanted(NotSent):
    """Nobody is to be told any more: unfollowed, erased, silenced, or what it was about is gone."""


class RefusedForGood(NotSent):
    """The other side will never take it: trying again changes nothing."""


class TryLater(NotSent):
    """The other side could not be reached, or asks for patience."""
