"""`/compte/applications/`: what a person allowed other programs to do for them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.services.applications import allowed_by, disallow
from accounts.views.own import person_of


@require_safe
@login_required
@never_cache
def applications(request: HttpRequest) -> HttpResponse:
    """Show the applications, each with what it may do and the way to take it back."""
    return render(request, "accounts/applications.html", {"applications": allowed_by(person_of(request))})


@require_POST
@login_required
def remove(request: HttpRequest, application_id: int) -> HttpResponse:
    """Take it back; doing so twice changes nothing."""
    name = disallow(user=person_of(request), application_id=application_id)
    if name:
        messages.success(request, _("%(name)s ne peut plus agir pour vous.") % {"name": name})
    return redirect("my-applications")
