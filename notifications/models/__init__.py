"""Who wants to hear of what, and what was sent to whom."""

from notifications.models.delivery import Channel, Delivery
from notifications.models.push import PushSubscription
from notifications.models.wishes import Preference, Recipient, Topic

__all__ = ["Channel", "Delivery", "Preference", "PushSubscription", "Recipient", "Topic"]
