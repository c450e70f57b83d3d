"""Signing in and out, and the person's own page."""

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from accounts.forms import SignInForm


class SignIn(LoginView):
    """Sign in with an address and a password."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


class SignOut(LogoutView):
    """Sign out, by POST only."""


@login_required
@never_cache
def account(request: HttpRequest) -> HttpResponse:
    """Show a person who they are here, and lead them to what they may do."""
    return render(request, "accounts/account.html")
