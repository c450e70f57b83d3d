"""What is refused about signing in and about one’s own account."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class TokenRefused(Exception):
    """A token that is none of ours, has expired, was used before, or whose sign-in was ended."""


class AccountRefusal(Exception):
    """Something that a person asked for about their own account and that cannot be; says why and what to do."""

    message: str | Promise = ""

    def __str__(self) -> str:
        return str(self.message)


class TooManyExports(AccountRefusal):
    """More copies in a day than anybody needs."""

    message = _("Vous avez déjà demandé trois copies depuis hier. Utilisez la dernière, ou revenez demain.")


class LastAdministrator(AccountRefusal):
    """Nobody else could give the administration to somebody."""

    message = _(
        "Vous êtes la seule personne qui administre ce portail. "
        "Donnez d’abord l’administration à quelqu’un d’autre, puis demandez l’effacement."
    )
