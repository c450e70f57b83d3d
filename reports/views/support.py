"""One tap for a neighbour's report: support it, follow it, and take either back."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.throttles import address_of
from reports.forms import AddressForm
from reports.models import Report
from reports.services import community
from reports.throttles import seconds_to_wait
from reports.views.device import device_of, new_device, remember
from reports.views.origin import from_our_pages, wants_json
from reports.views.standing import answers_banned


def person_of(request: HttpRequest) -> User | None:
    """Return who is signed in."""
    return request.user if isinstance(request.user, User) else None


def back_to(report: Report, **told: str) -> HttpResponse:
    """Lead to the report's page, which says what was done by its address alone: it stays the same for everybody."""
    query = "&".join(f"{name}={word}" for name, word in told.items())
    response = redirect(f"{report.get_absolute_url()}?{query}")
    response.status_code = 303
    return response


def too_often(request: HttpRequest, report: Report) -> HttpResponse:
    """Ask for patience."""
    return render(request, "reports/too_often.html", {"report": report}, status=429)


@from_our_pages
@never_cache
@require_POST
@answers_banned
def support(request: HttpRequest, ref: str) -> HttpResponse:
    """Add this person's or this device's support (`undo` takes it back), and follow by mail if an address is given.

    Answers the page's script with `{"votes", "supported"}`; anybody else goes to the report's page.
    """
    report = get_object_or_404(Report.objects.public().select_related("category"), ref=ref.upper())
    if seconds_to_wait(request, "support"):
        return too_often(request, report)
    user = person_of(request)
    device = "" if user else device_of(request)
    supported = "undo" not in request.POST
    if not user and not device:
        # Whoever throws the cookie away is a new device each time: few of them may come from one place for one report.
        if seconds_to_wait(request, "new-device", identity=f"{address_of(request)}:{report.ref}"):
            return too_often(request, report)
        device = new_device()
    change = community.vote if supported else community.unvote
    change(report=report, user=user, device=device)
    email = AddressForm(request.POST)
    if supported and email.is_valid():
        community.follow(report=report, email=email.cleaned_data["email"], language=get_language() or "fr")
    response: HttpResponse
    if wants_json(request):
        response = JsonResponse({"votes": report.votes, "supported": supported})
    else:
        response = back_to(report, soutien="oui" if supported else "non")
    if device:
        remember(response, device, is_secure=request.is_secure())
    return response


@from_our_pages
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@answers_banned
def follow_report(request: HttpRequest, ref: str) -> HttpResponse:
    """Follow a public report (`undo` stops it): by one tap with an account, else by an address that is confirmed.

    Answers the page's script with `{"followed"}` where somebody is signed in.
    """
    report = get_object_or_404(Report.objects.public().with_card(), ref=ref.upper())
    user = person_of(request)
    if request.method != "POST":
        return ask_address(request, report, AddressForm())
    if seconds_to_wait(request, "support"):
        return too_often(request, report)
    if user is not None:
        return follow_with_account(request, report, user)
    if "email" not in request.POST:
        return ask_address(request, report, AddressForm())
    form = AddressForm(request.POST)
    if not form.is_valid():
        return ask_address(request, report, form, status=422)
    email = form.cleaned_data["email"]
    community.follow(report=report, email=email, device=device_of(request), language=get_language() or "fr")
    return ask_address(request, report, form, sent_to=email)


def follow_with_account(request: HttpRequest, report: Report, user: User) -> HttpResponse:
    """Follow, or stop, at once."""
    followed = "undo" not in request.POST
    if followed:
        community.follow(report=report, user=user, language=get_language() or "fr")
    else:
        community.unfollow_report(report=report, user=user)
    if wants_json(request):
        return JsonResponse({"followed": followed})
    return back_to(report, suivi="oui" if followed else "non")


def ask_address(
    request: HttpRequest, report: Report, form: AddressForm, *, status: int = 200, sent_to: str = ""
) -> HttpResponse:
    """Show the page that asks for an address, offers one tap to whoever is signed in, or says where its mail went."""
    context: dict[str, Any] = {
        "report": report,
        "address_form": form,
        "sent_to": sent_to,
        "person": person_of(request),
    }
    return render(request, "reports/follow_by_mail.html", context, status=status)


def told(request: HttpRequest) -> str:
    """Return the words for what `?soutien=` or `?suivi=` says was done; empty without them."""
    words = {
        ("soutien", "oui"): _("Merci, votre soutien est compté."),
        ("soutien", "non"): _("Votre soutien est retiré."),
        ("suivi", "oui"): _("Vous suivez ce signalement."),
        ("suivi", "non"): _("Vous ne suivez plus ce signalement."),
    }
    return next((said for (name, word), said in words.items() if request.GET.get(name) == word), "")
