"""Telling people: who hears of what, when and how. Listens to the event log; can be switched off."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("Envois")

    def ready(self) -> None:
        """Listen to the apps below, and count for Prometheus."""
        from notifications import metrics, receivers  # noqa: F401, PLC0415  (importing the receivers connects them)

        metrics.register()
