"""Forms about people."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.forms import EmailInput
from django.utils.translation import gettext_lazy as _


class SignInForm(AuthenticationForm):
    """E-mail and password; the same refusal whether or not the address is known."""

    error_messages = {
        "invalid_login": _("L’adresse ou le mot de passe ne correspond pas. Vérifiez les deux, puis recommencez."),
        "inactive": _("Ce compte est fermé."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Adresse e-mail")
        self.fields["username"].widget = EmailInput(attrs={"autocomplete": "email", "autofocus": True})
        self.fields["password"].label = _("Mot de passe")
