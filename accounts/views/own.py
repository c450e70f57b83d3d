"""A person's own space: overview, profile, sign-in and security."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import get_adapter as get_social_adapter
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import ProfileForm
from accounts.models import User


def person_of(request: HttpRequest) -> User:
    """Return the person behind a request that `login_required` let in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


@require_safe
@login_required
@never_cache
def account(request: HttpRequest) -> HttpResponse:
    """Show a person who they are here, and lead them to what they may do."""
    return render(request, "accounts/account.html")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def profile(request: HttpRequest) -> HttpResponse:
    """Let a person change their name, whether it shows, and their language."""
    form = ProfileForm(request.POST or None, instance=person_of(request))
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/profile.html", {"form": form}, status=422 if form.errors else 200)
    person = form.save()
    # The answer is the first page in the language just chosen.
    with translation.override(person.language):
        messages.success(request, _("C’est enregistré."))
        return redirect("my-profile")


@require_safe
@login_required
@never_cache
def security(request: HttpRequest) -> HttpResponse:
    """Show everything that lets a person in, each with the way to change it."""
    person = person_of(request)
    factors = {factor.type: factor.wrap() for factor in Authenticator.objects.filter(user=person)}
    codes = factors.get(Authenticator.Type.RECOVERY_CODES)
    open_sessions = Session.objects.filter(expire_date__gt=timezone.now())
    context = {
        "has_password": person.has_usable_password(),
        "address": EmailAddress.objects.get_primary_email(person) or person.email,
        "has_factor": Authenticator.Type.TOTP in factors,
        "codes_left": len(codes.get_unused_codes()) if codes else 0,
        "sessions": UserSession.objects.filter(user=person, session_key__in=open_sessions.values("pk")).count(),
        "providers": get_social_adapter().list_providers(request),
        "connected": SocialAccount.objects.filter(user=person).count(),
    }
    return render(request, "accounts/security.html", context)
