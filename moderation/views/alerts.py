"""Alerting the moderators about a report, a comment or one photo: anybody may, once."""

from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from moderation.forms import FlagForm
from moderation.services.flags import flag_comment, flag_photo, flag_report
from reports.errors import Banned, DomainError
from reports.models import Comment, Photo, Report
from reports.throttles import seconds_to_wait
from reports.views.comments import gone_or_report
from reports.views.device import device_of, new_device, remember
from reports.views.origin import from_our_pages
from reports.views.standing import answers_banned

Subject = Report | Comment | Photo


@from_our_pages
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@answers_banned
def alert_report(request: HttpRequest, ref: str) -> HttpResponse:
    """Ask why somebody alerts about a report, and note it."""
    report = gone_or_report(request, ref)
    if isinstance(report, HttpResponse):
        return report
    photos = [photo for photo in report.photos.all() if photo.is_ready]
    return alert(request, report, report, photos=photos)


@from_our_pages
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@answers_banned
def alert_comment(request: HttpRequest, ref: str, comment_id: int) -> HttpResponse:
    """Ask why somebody alerts about a comment, and note it."""
    report = gone_or_report(request, ref)
    if isinstance(report, HttpResponse):
        return report
    comment: Comment = get_object_or_404(Comment.objects.visible(), pk=comment_id, report=report)
    comment.report = report
    photos = [comment.photo] if comment.photo and comment.photo.is_ready else []
    return alert(request, report, comment, comment=comment, photos=photos)


@from_our_pages
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@answers_banned
def alert_photo(request: HttpRequest, ref: str, photo_id: int) -> HttpResponse:
    """Ask why somebody alerts about one photo of a report, or of a comment on it, and note it."""
    report = gone_or_report(request, ref)
    if isinstance(report, HttpResponse):
        return report
    shown = Q(report=report) | Q(comment__report=report, comment__status=Comment.Status.VISIBLE)
    photo: Photo = get_object_or_404(Photo, shown, pk=photo_id, hidden_at=None, status=Photo.Status.READY)
    return alert(request, report, photo, photo=photo)


def alert(request: HttpRequest, report: Report, subject: Subject, **shown: Any) -> HttpResponse:
    """Show the form, and take the alert in; what was typed stays when something is to be corrected.

    `shown` is what the page shows of it: `comment`, `photo`, or the `photos` that one may alert about alone.
    """
    form = FlagForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"report": report, "form": form, **shown}
    if request.method != "POST":
        return render(request, "reports/flag.html", context)
    if seconds_to_wait(request, "flag"):
        too_often = _("Beaucoup d’alertes viennent d’arriver de votre connexion. Attendez un peu, puis recommencez.")
        form.add_error(None, too_often)
        return render(request, "reports/flag.html", context, status=429)
    if not form.is_valid():
        return render(request, "reports/flag.html", context, status=422)
    user = request.user if isinstance(request.user, User) else None
    device = "" if user else device_of(request) or new_device()
    try:
        context["is_new"] = take(form, subject, user=user, device=device)
    except Banned:
        raise
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return render(request, "reports/flag.html", context, status=422)
    response = render(request, "reports/flagged.html", context)
    if device:
        remember(response, device, is_secure=request.is_secure())
    return response


def take(form: forms.Form, subject: Subject, *, user: User | None, device: str) -> bool:
    """Note what the form says; return whether it is this person's first alert about it.

    Raises:
        DomainError
    """
    said = {"reason": form.cleaned_data["reason"], "words": form.cleaned_data["words"]}
    if isinstance(subject, Comment):
        return flag_comment(comment=subject, user=user, device=device, **said)
    if isinstance(subject, Photo):
        return flag_photo(photo=subject, user=user, device=device, **said)
    return flag_report(report=subject, user=user, device=device, **said)
