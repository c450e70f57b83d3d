"""What judging refuses beyond the domain's own refusals."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from reports.errors import DomainError


class Claimed(DomainError):
    """Somebody else reads the report just now."""

    code = "claimed"

    def __init__(self, *, ref: str, name: str, since: datetime) -> None:
        self.ref = ref
        self.name = name
        self.since = since
        super().__init__(self.sentence())

    def sentence(self) -> str:
        """Return who reads what, and since when."""
        minutes = int((timezone.now() - self.since).total_seconds() // 60)
        facts = {"ref": self.ref, "name": self.name, "age": timesince(self.since, depth=1)}
        if minutes < 1:
            return gettext("%(name)s examine %(ref)s depuis moins d’une minute.") % facts
        return gettext("%(name)s examine %(ref)s depuis %(age)s.") % facts


class NotUndoable(DomainError):
    """A decision that cannot be taken back, or no longer."""

    code = "not_undoable"
    message = _("Il n’y a aucune décision à annuler.")


def too_late(minutes: int) -> NotUndoable:
    """Return the refusal of undoing a decision that is too old."""
    words = ngettext(
        "Une décision s’annule pendant %(minutes)d minute ; celle-ci est plus ancienne.",
        "Une décision s’annule pendant %(minutes)d minutes ; celle-ci est plus ancienne.",
        minutes,
    )
    return NotUndoable(words % {"minutes": minutes})


class AlreadySuspended(DomainError):
    """A ban of the same person, or device, is in force."""

    code = "already_suspended"

    def __init__(self, *, until: datetime) -> None:
        words = gettext(
            "La participation de l’auteur est déjà suspendue jusqu’au %(day)s. "
            "Levez d’abord cette suspension pour en décider une autre."
        )
        super().__init__(words % {"day": date_format(localtime(until), "DATE_FORMAT")})


class AlreadyAsked(DomainError):
    """The author has not answered the question before."""

    code = "already_asked"
    message = _("Une question attend déjà la réponse de l’auteur. Retirez-la pour en poser une autre.")


class LinkOver(DomainError):
    """A link that nobody can answer any more."""

    code = "link_over"
    message = _("Ce lien n’est plus valable : rien n’a été envoyé.")
