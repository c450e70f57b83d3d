"""Wiring only: settings, addresses, processes. The domain lives in the apps."""

from fixmyquarter.celery import app as celery_app

__all__ = ["celery_app"]
