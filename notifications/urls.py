"""The addresses of being told, French without prefix and English under /en/; `root` has no language."""

from django.urls import path

from notifications.views import envois, mine, push
from reports import converters  # noqa: F401  (importing registers them)

urlpatterns = [
    path("compte/notifications/", mine.my_notifications, name="my-notifications"),
    path("compte/notifications/silence/", mine.my_silence, name="my-silence"),
    path("compte/notifications/appareils/<int:subscription_id>/", mine.my_browser, name="my-browser"),
    path("envois/<token:token>/", envois.unsubscribe, name="unsubscribe"),
    path("envois/<token:token>/stop/", envois.one_click, name="unsubscribe-one-click"),
    path("appareils/abonner/", push.push_subscribe, name="push-subscribe"),
    path("appareils/quitter/", push.push_unsubscribe, name="push-unsubscribe"),
]

root = [
    path("service-worker.js", push.service_worker, name="service-worker"),
    path("site.webmanifest", push.manifest, name="manifest"),
]
