"""The domain: towns, categories, reports, photos, and the log of all that happens to them."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = _("Signalements")

    def ready(self) -> None:
        """Listen to people who sign up and in."""
        from reports import receivers  # noqa: F401, PLC0415  (models are not loaded before; importing connects)
