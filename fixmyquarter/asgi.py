"""The sockets of people who watch the map or one report; plain HTTP is not served here."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fixmyquarter.settings")

# Loads the apps; must come before anything that imports models.
get_asgi_application()

from reports.routing import websocket_urlpatterns  # noqa: E402

application = ProtocolTypeRouter({"websocket": AllowedHostsOriginValidator(URLRouter(websocket_urlpatterns))})
