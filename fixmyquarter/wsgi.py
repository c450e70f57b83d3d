"""The pages, the admin and the API: everything but sockets."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fixmyquarter.settings")

application = get_wsgi_application()
