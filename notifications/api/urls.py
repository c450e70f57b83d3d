"""Addresses under `/api/v1/me/preferences/`."""

from django.urls import path

from notifications.api.preferences import MyPreferencesView

app_name = "notifications-api"

urlpatterns = [path("", MyPreferencesView.as_view(), name="my-preferences")]
