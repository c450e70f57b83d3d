"""Registers the system checks and the error handlers' texts."""

from django.apps import AppConfig


class WiringConfig(AppConfig):
    name = "fixmyquarter"
    verbose_name = "FixMyQuarter"

    def ready(self) -> None:
        from fixmyquarter import checks  # noqa: F401, PLC0415  (importing registers them)
