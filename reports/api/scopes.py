"""What an application may do for a person, or by itself, through OAuth2.

Each view says in `scopes` which method needs what; reading needs `read`. A method that changes something and is not
named is closed to applications, so that a new address opens to none by itself.
"""

from typing import TYPE_CHECKING, Any

from oauth2_provider.models import AbstractApplication
from oauth2_provider.scopes import SettingsScopes

if TYPE_CHECKING:
    # DRF's views import this module while they are being defined.
    from rest_framework.views import APIView

READ = "read"
REPORTS = "reports"
ACCOUNT = "account"
STAFF = "staff"

# An application that acts for nobody reads what is public and sends reports.
WITHOUT_PERSON = [READ, REPORTS]
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class ApplicationScopes(SettingsScopes):  # type: ignore[misc]  # the package ships no types
    """The scopes that an application may ask for."""

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        """Return the names; an application without a person gets no person's."""
        if application and application.authorization_grant_type == AbstractApplication.GRANT_CLIENT_CREDENTIALS:
            return WITHOUT_PERSON
        return list(self.get_all_scopes())

    def get_default_scopes(self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any) -> list[str]:
        """Return what an application gets that names nothing."""
        return [READ]


def scopes_for(view: "APIView", method: str) -> tuple[str, ...]:
    """Return the scopes of which a token must have one; none for what no application may do."""
    named: dict[str, tuple[str, ...]] = getattr(view, "scopes", {})
    return named.get(method, (READ,) if method in SAFE_METHODS else ())
