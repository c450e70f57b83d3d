"""Following a report without an account: the private page, the confirmed address, the support of neighbours."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from reports import workflow
from reports.errors import DomainError
from reports.forms import AddressForm, ReopenForm
from reports.models import Event, Follow, Photo, Report
from reports.permissions import Actor, reporter_without_account
from reports.services import community
from reports.services.handling import change_status
from reports.throttles import seconds_to_wait
from reports.views.origin import from_our_pages

DEVICE_COOKIE = "fmq_device"
DEVICE_SALT = "reports.device"
DEVICE_SECONDS = 365 * 24 * 3600

# What the author may expect next; the public page has its own words for strangers.
NEXT_STEPS = {
    workflow.PENDING: gettext_lazy(
        "Une personne de l’équipe vérifie votre signalement. Il paraîtra ensuite sur la carte."
    ),
    workflow.OPEN: gettext_lazy("Le service compétent doit maintenant prendre votre signalement en charge."),
    workflow.IN_PROGRESS: gettext_lazy("La réparation est en cours. Vous en verrez ici la preuve."),
}


def private(response: HttpResponse) -> HttpResponse:
    """Keep a page with a token in its address out of search engines and out of other sites' logs."""
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "same-origin"
    return response


@from_our_pages
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """Show a follower's page, and do what its buttons ask: the token in the address is the permission."""
    row = get_object_or_404(Follow.objects.select_related("report"), token=token)
    if request.method != "POST":
        return show(request, row)
    action = ACTIONS.get(request.POST.get("action", ""))
    if action is None:
        return show(request, row, status=400)
    try:
        return action(request, row)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("follow", token=row.token)


def show(request: HttpRequest, row: Follow, *, status: int = 200, **forms: Any) -> HttpResponse:
    """Render the private page; `forms` are bound ones with errors."""
    report = Report.objects.with_card().select_related("duplicate_of").get(pk=row.report_id)
    photos = [photo for photo in report.photos.all() if photo.status != Photo.Status.REFUSED]
    context = {
        "follow": row,
        "report": report,
        "problems": [photo for photo in photos if photo.kind == Photo.Kind.PROBLEM],
        "proofs": [photo for photo in photos if photo.kind == Photo.Kind.PROOF and report.is_public],
        "is_waiting": any(not photo.is_ready for photo in photos),
        "events": story(row, report),
        "next_step": NEXT_STEPS.get(report.status, ""),
        "can_withdraw": row.is_reporter and (report.status, workflow.WITHDRAWN) in workflow.TRANSITIONS,
        "can_reopen": can_reopen(row, report),
        "thanks": "merci" in request.GET,
        "address_form": forms.get("address_form") or AddressForm(),
        "reopen_form": forms.get("reopen_form") or ReopenForm(),
        "failed": next(iter(forms.values()), None),
    }
    return private(render(request, "reports/follow.html", context, status=status))


def story(row: Follow, report: Report) -> list[Event]:
    """Return the timeline, newest first; an author also reads what came before publication, but no note of staff."""
    events = report.events.told()
    if not row.is_reporter:
        return list(events.public())
    hidden = (Event.Kind.NOTE, Event.Kind.ASSIGNED)
    return [event for event in events if event.is_public or event.kind not in hidden]


def can_reopen(row: Follow, report: Report) -> bool:
    """Say whether this person may still answer "pas vraiment réglé"."""
    if not row.is_reporter or report.status != workflow.RESOLVED or report.resolved_at is None:
        return False
    return timezone.now() <= report.resolved_at + timedelta(days=workflow.REOPEN_DAYS)


def author_of(row: Follow) -> Actor:
    """Return the author as an actor; anybody else who follows is nobody."""
    return reporter_without_account() if row.is_reporter else Actor()


def withdraw(request: HttpRequest, row: Follow) -> HttpResponse:
    """Take a report back."""
    change_status(report=row.report, to=workflow.WITHDRAWN, actor=author_of(row))
    messages.success(request, _("Votre signalement est retiré."))
    return redirect("follow", token=row.token)


def reopen(request: HttpRequest, row: Follow) -> HttpResponse:
    """Say that a repair is not one."""
    form = ReopenForm(request.POST)
    if not form.is_valid():
        return show(request, row, status=422, reopen_form=form)
    change_status(report=row.report, to=workflow.OPEN, actor=author_of(row), note=form.cleaned_data["note"])
    messages.success(request, _("Merci. Votre signalement est rouvert."))
    return redirect("follow", token=row.token)


def give_address(request: HttpRequest, row: Follow) -> HttpResponse:
    """Add or change the address that news goes to."""
    form = AddressForm(request.POST)
    if seconds_to_wait(request, "support"):
        form.add_error(
            None, _("Beaucoup de demandes viennent d’arriver de votre connexion. Attendez un peu, puis recommencez.")
        )
        return show(request, row, status=429, address_form=form)
    if not form.is_valid():
        return show(request, row, status=422, address_form=form)
    email = form.cleaned_data["email"]
    if community.set_address(row=row, email=email):
        messages.success(
            request, _("Un e-mail est parti à %(email)s. Ouvrez son lien pour confirmer.") % {"email": email}
        )
    else:
        messages.info(request, _("Cette adresse reçoit déjà les nouvelles de ce signalement."))
    return redirect("follow", token=row.token)


def stop(request: HttpRequest, row: Follow) -> HttpResponse:
    """Be left in peace: an author keeps the page, for anybody else it ends here."""
    community.unfollow(row=row)
    if row.is_reporter:
        messages.success(request, _("Nous ne vous écrirons plus au sujet de ce signalement."))
        return redirect("follow", token=row.token)
    return private(render(request, "reports/unfollowed.html", {"report": row.report}))


ACTIONS: dict[str, Callable[[HttpRequest, Follow], HttpResponse]] = {
    "withdraw": withdraw,
    "reopen": reopen,
    "address": give_address,
    "stop": stop,
}


@never_cache
@require_GET
def follow_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm the address that a mailed link belongs to, and lead to the follower's page."""
    row = community.confirm_follow(confirm_token=token)
    if row is None:
        raise Http404
    messages.success(request, _("Votre adresse est confirmée. Vous saurez quand ce signalement avance."))
    return private(redirect("follow", token=row.token))


@from_our_pages
@require_POST
def support(request: HttpRequest, ref: str) -> HttpResponse:
    """Add this person's or this device's support (`undo` takes it back), and follow by mail if an address is given.

    Answers the page's script with `{"votes", "supported"}`; anybody else goes to the report's page.
    """
    report = get_object_or_404(Report.objects.public().select_related("category"), ref=ref.upper())
    if seconds_to_wait(request, "support"):
        return render(request, "reports/too_often.html", {"report": report}, status=429)
    user = request.user if isinstance(request.user, User) else None
    device = "" if user else request.get_signed_cookie(DEVICE_COOKIE, "", salt=DEVICE_SALT) or secrets.token_urlsafe(24)
    supported = "undo" not in request.POST
    change = community.vote if supported else community.unvote
    change(report=report, user=user, device=device)
    email = AddressForm(request.POST)
    if supported and email.is_valid():
        community.follow(report=report, email=email.cleaned_data["email"], language=get_language() or "fr")
    response: HttpResponse
    if request.headers.get("Accept") == "application/json":
        response = JsonResponse({"votes": report.votes, "supported": supported})
    else:
        response = redirect(report)
    if device:
        remember(response, device, is_secure=request.is_secure())
    return response


@from_our_pages
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follow_by_mail(request: HttpRequest, ref: str) -> HttpResponse:
    """Ask for an address to follow a public report, and say where its confirmation was sent."""
    report = get_object_or_404(Report.objects.public().with_card(), ref=ref.upper())
    form = AddressForm(request.POST or None)
    context: dict[str, Any] = {"report": report, "address_form": form, "sent_to": ""}
    if request.method != "POST":
        return render(request, "reports/follow_by_mail.html", context)
    if seconds_to_wait(request, "support"):
        return render(request, "reports/too_often.html", {"report": report}, status=429)
    if not form.is_valid():
        return render(request, "reports/follow_by_mail.html", context, status=422)
    context["sent_to"] = form.cleaned_data["email"]
    community.follow(report=report, email=context["sent_to"], language=get_language() or "fr")
    return render(request, "reports/follow_by_mail.html", context)


def remember(response: HttpResponse, device: str, *, is_secure: bool) -> None:
    """Set the anonymous device's cookie: random, signed, read by nobody but this view."""
    response.set_signed_cookie(
        DEVICE_COOKIE,
        device,
        salt=DEVICE_SALT,
        max_age=DEVICE_SECONDS,
        httponly=True,
        secure=is_secure,
        samesite="Lax",
    )
