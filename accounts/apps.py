"""People: who they are, how they sign in, what they may do where."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Personnes")

    def ready(self) -> None:
        from accounts import receivers  # noqa: F401, PLC0415  (importing connects them)
