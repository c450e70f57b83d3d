"""Signing in and out, and the person's own page."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("", views.account, name="account"),
    path("connexion/", views.SignIn.as_view(), name="sign-in"),
    path("deconnexion/", views.SignOut.as_view(), name="sign-out"),
]
