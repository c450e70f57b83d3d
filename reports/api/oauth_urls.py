"""Addresses of OAuth2, under `/oauth/`; the names are those that django-oauth-toolkit looks up."""

from django.urls import path

from reports.api import oauth

app_name = "oauth2_provider"

urlpatterns = [
    path("authorize/", oauth.AuthorizationView.as_view(), name="authorize"),
    path("token/", oauth.TokenView.as_view(), name="token"),
    path("revoke/", oauth.RevokeView.as_view(), name="revoke-token"),
    path("introspect/", oauth.IntrospectView.as_view(), name="introspect"),
]
