"""The addresses of the sockets."""

from django.urls import path, re_path

from reports.consumers import MapConsumer, NoSuchSocket, ReportConsumer

websocket_urlpatterns = [
    path("ws/map/", MapConsumer.as_asgi()),
    path("ws/reports/<str:ref>/", ReportConsumer.as_asgi()),
    re_path(r"", NoSuchSocket.as_asgi()),
]
