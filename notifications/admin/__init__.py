"""Deliveries in the back office: what went out, what waits, what was given up."""

from notifications.admin import deliveries

__all__ = ["deliveries"]
