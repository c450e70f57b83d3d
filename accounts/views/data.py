"""A person's own data: what is kept, a copy of it, and the end of the account."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account import app_settings as account_settings
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from accounts.errors import LastAdministrator, TooManyExports
from accounts.forms import ErasureForm
from accounts.models import Consent, DataExport, User
from accounts.services import consent
from accounts.services.data import ask_for_export, fetch
from accounts.services.erasure import UNDO_DAYS, ask_for_erasure, undo_erasure
from accounts.views.own import person_of

View = Callable[..., HttpResponseBase]
COPIES_SHOWN = 3


def private(view: View) -> Any:
    """Open a page to people who are signed in, and let nobody keep it."""
    return login_required(never_cache(view))


def proved(view: View) -> View:
    """Ask who they are once more, unless they came in a moment ago: by password, second factor, or a new code."""
    guarded = reauthentication_required(view)

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if get_reauthentication_flows(request.user) or is_fresh(request):
            response: HttpResponseBase = guarded(request, *args, **kwargs)
            return response
        # Neither a password nor a second factor: what proves them is a code by e-mail, which is how they come in.
        logout(request)
        messages.info(request, _("Pour confirmer que c’est bien vous, entrez de nouveau par un code."))
        return redirect(f"{reverse('account_request_login_code')}?{urlencode({'next': request.path})}")

    return answer


def is_fresh(request: HttpRequest) -> bool:
    """Say whether the person came in a moment ago."""
    records: list[dict[str, Any]] = get_authentication_records(request, request.user)
    return bool(records) and time.time() - records[-1]["at"] < account_settings.REAUTHENTICATION_TIMEOUT


@require_safe
@private
def data(request: HttpRequest) -> HttpResponse:
    """Tell a person what is kept about them and why, and lead to each of their rights."""
    return show(request, person_of(request))


def show(request: HttpRequest, person: User, *, refusal: str = "", status: int = 200) -> HttpResponse:
    """Return the page of a person's data, with the sentence that says what could not be done."""
    labels = dict(Consent.Document.choices)
    context = {
        "person": person,
        "consents": Consent.objects.filter(user=person).order_by("-given_at", "document"),
        "missing": [{"name": labels[code], "version": consent.VERSIONS[code]} for code in consent.missing(person)],
        "copies": DataExport.objects.filter(user=person).order_by("-pk")[:COPIES_SHOWN],
        "refusal": refusal,
    }
    return render(request, "accounts/data.html", context, status=status)


@require_POST
@private
def export(request: HttpRequest) -> HttpResponse:
    """Have a copy made."""
    person = person_of(request)
    try:
        ask_for_export(user=person)
    except TooManyExports as refusal:
        return show(request, person, refusal=str(refusal), status=429)
    messages.success(request, _("Votre copie se prépare. Nous vous écrirons dès qu’elle sera prête."))
    return redirect("my-data")


@require_GET
@private
def copy(request: HttpRequest, token: str) -> HttpResponseBase:
    """Hand a person their copy; everybody else, and everybody too late, reads why not."""
    found = fetch(token=token, user=person_of(request))
    if found is None:
        return render(request, "accounts/data_copy.html", {"is_over": False}, status=404)
    if found.status == DataExport.Status.WAITING:
        messages.info(request, _("Votre copie se prépare encore."))
        return redirect("my-data")
    if found.status != DataExport.Status.READY:
        return render(request, "accounts/data_copy.html", {"is_over": True}, status=410)
    return FileResponse(found.file.open("rb"), as_attachment=True, filename="fixmyquarter.zip")


@require_POST
@private
def agree(request: HttpRequest) -> HttpResponse:
    """Agree to the texts as they stand."""
    person = person_of(request)
    consent.give(user=person, documents=consent.missing(person))
    messages.success(request, _("Votre accord est noté."))
    return redirect("my-data")


@require_http_methods(["GET", "HEAD", "POST"])
@private
@proved
def erase(request: HttpRequest) -> HttpResponse:
    """Show what goes and what stays, and plan the end of the account once it is confirmed in words."""
    person = person_of(request)
    form = ErasureForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            ask_for_erasure(user=person, with_comments=form.cleaned_data["with_comments"])
        except LastAdministrator as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("my-data")
    context = {"form": form, "person": person, "undo_days": UNDO_DAYS}
    return render(request, "accounts/data_erase.html", context, status=422 if form.errors else 200)


@require_POST
@private
def keep(request: HttpRequest) -> HttpResponse:
    """Keep the account after all."""
    if undo_erasure(user=person_of(request)):
        messages.success(request, _("Votre compte reste ouvert. Rien n’est effacé."))
    return redirect("my-data")
