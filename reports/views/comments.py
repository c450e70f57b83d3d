"""The discussion of a report: read by everybody, written by anybody, corrected and deleted by whoever wrote it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.middleware import has_shown_second_factor
from accounts.models import User
from reports.errors import Banned, DomainError
from reports.forms import CommentForm
from reports.models import Comment, Photo, Report
from reports.screening import WORDS
from reports.services import comments
from reports.services.photos import remove, take_in
from reports.throttles import seconds_to_wait
from reports.views.device import device_of, new_device, remember
from reports.views.origin import from_our_pages, wants_json
from reports.views.standing import answers_banned, suspension_of

PER_PAGE = 20
TOO_OFTEN = gettext_lazy(
    "Beaucoup de commentaires viennent d’arriver. Attendez un peu, puis envoyez de nouveau : le vôtre reste ici."
)


def discussion_of(report: Report, *, before: Comment | None = None) -> dict[str, Any]:
    """Return a page of what was said, the newest first, and the comment behind which the next page begins, if any."""
    rows = report.discussion.visible().newest()
    if before is not None:
        rows = rows.before(before)
    found = list(rows[: PER_PAGE + 1])
    shown = found[:PER_PAGE]
    return {"comments": shown, "older": shown[-1] if len(found) > PER_PAGE else None}


def gone_or_report(request: HttpRequest, ref: str) -> Report | HttpResponse:
    """Return a public report; or the page that says that it is no longer published, or the way to its original.

    Raises:
        Http404: it never was public, or is not there.
    """
    report: Report = get_object_or_404(Report.objects.with_card().select_related("duplicate_of"), ref=ref.upper())
    if original := report.find_original():
        return redirect(original)
    if report.is_gone:
        return render(request, "410.html", {"report": report}, status=410)
    if report.held_from:
        return render(request, "reports/held.html", status=404)
    if not report.is_public:
        raise Http404
    return report


@require_safe
@cache_control(public=True, max_age=1)
def discussion(request: HttpRequest, ref: str) -> HttpResponse:
    """Show what was said about a report, twenty at a time; `?avant=` a comment's number goes further back."""
    report = gone_or_report(request, ref)
    if isinstance(report, HttpResponse):
        return report
    before = None
    if given := request.GET.get("avant"):
        rows = report.discussion.filter(pk=given) if given.isdecimal() and given.isascii() else report.discussion.none()
        before = get_object_or_404(rows)
    context = {"report": report, "is_first": before is None, **discussion_of(report, before=before)}
    return render(request, "reports/comments.html", context)


def person_of(request: HttpRequest) -> User | None:
    """Return who is signed in; staff who have not shown their second factor speak for themselves alone."""
    user = request.user
    if not isinstance(user, User):
        return None
    user.acts_as_citizen = user.is_staff and not has_shown_second_factor(request)
    return user


def form_for(request: HttpRequest, report: Report) -> CommentForm:
    """Return the form for this person: filled in with what was sent, if anything was."""
    user = person_of(request)
    about: dict[str, Any] = {"user": user, "voices": comments.voices_of(user, report)}
    return CommentForm(request.POST, request.FILES, **about) if request.method == "POST" else CommentForm(**about)


@from_our_pages
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@answers_banned
def write(request: HttpRequest, ref: str) -> HttpResponse:
    """Take a comment in; the page's script asks for JSON. `?fragment=1` gives the form alone, for who is signed in."""
    report = gone_or_report(request, ref)
    if isinstance(report, HttpResponse):
        return report
    form = form_for(request, report)
    if request.method != "POST":
        template = "reports/_comment_form.html" if request.GET.get("fragment") else "reports/comment_write.html"
        return render(request, template, {"report": report, "form": form, "suspended": suspension_of(request)})
    user, device = person_of(request), device_of(request)
    if is_too_often(request, user, device):
        form.add_error(None, TOO_OFTEN)
        return refuse(request, report, form, status=429)
    if not form.is_valid():
        return refuse(request, report, form, status=422)
    device = "" if user else device or new_device()
    try:
        comment = say(form, report, user=user, device=device)
    except Banned:
        raise
    except DomainError as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return refuse(request, report, form, status=422)
    response = thank(request, comment)
    if device:
        remember(response, device, is_secure=request.is_secure())
    return response


def is_too_often(request: HttpRequest, user: User | None, device: str) -> bool:
    """Count a comment of a person or a device, and one of its address: cookies are easily thrown away."""
    identity = f"user:{user.pk}" if user else f"device:{device}" if device else ""
    person_waits = identity and seconds_to_wait(request, "comment", identity=identity)
    return bool(seconds_to_wait(request, "comment-address") or person_waits)


def say(form: CommentForm, report: Report, *, user: User | None, device: str) -> Comment:
    """Add what the form holds; a double tap gives its second photo back.

    Raises:
        DomainError
    """
    photo = None
    if form.upload is not None:
        file, facts = form.upload
        photo = take_in(file=file, facts=facts, kind=Photo.Kind.COMMENT)
    try:
        comment = comments.add_comment(
            report=report,
            text=form.cleaned_data["text"],
            author=user,
            device=device,
            shows_name=form.cleaned_data.get("show_name", False),
            organisation=form.voice,
            photo=photo,
            language=get_language() or "fr",
        )
    except DomainError:
        if photo is not None:
            remove(photo=photo)
        raise
    if photo is not None and comment.photo_id != photo.pk:
        remove(photo=photo)
    return comment


def refuse(request: HttpRequest, report: Report, form: CommentForm, *, status: int) -> HttpResponse:
    """Say what to correct: as JSON to the script, which still has everything, or as the page with the text kept."""
    if wants_json(request):
        messages = [message for errors in form.errors.values() for message in errors]
        return JsonResponse({"errors": messages}, status=status)
    return render(request, "reports/comment_write.html", {"report": report, "form": form}, status=status)


def thank(request: HttpRequest, comment: Comment) -> HttpResponse:
    """Lead to the comment's own page, where its author corrects it; a script stays on the report's, unless it waits."""
    held = comment.status == Comment.Status.HELD
    page = address_of(comment)
    if wants_json(request):
        page = page if held else f"{comment.report.get_absolute_url()}#commentaire-{comment.pk}"
        return JsonResponse({"id": comment.pk, "held": held, "url": page}, status=201)
    response = redirect(page)
    response.status_code = 303
    return response


def address_of(comment: Comment) -> str:
    """Return the address of the page on which its author corrects or deletes a comment."""
    return reverse("comment-own", args=[comment.report.ref, comment.pk])


@from_our_pages
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@answers_banned
def own(request: HttpRequest, ref: str, comment_id: int) -> HttpResponse:
    """Show somebody their own comment, and correct or delete it; for anybody else it is not there."""
    report = gone_or_report(request, ref)
    if isinstance(report, HttpResponse):
        return report
    user, device = person_of(request), device_of(request)
    comment = get_object_or_404(Comment.objects.select_related("organisation", "photo"), pk=comment_id, report=report)
    comment.report = report
    if not comments.is_owner(comment, author=user, device=device):
        raise Http404
    if request.method != "POST":
        return show_own(request, comment)
    if seconds_to_wait(request, "comment-address"):
        return render(request, "reports/too_often.html", {"report": report}, status=429)
    change = delete if request.POST.get("action") == "delete" else correct
    return change(request, comment, author=user, device=device)


def show_own(
    request: HttpRequest, comment: Comment, *, form: CommentForm | None = None, refusal: str = "", status: int = 200
) -> HttpResponse:
    """Render the page of one's own comment."""
    context = {
        "comment": comment,
        "report": comment.report,
        "form": form or CommentForm(initial={"text": comment.text}),
        "may_edit": comments.may_edit(comment),
        "is_living": comment.status in comments.LIVING,
        "reasons": [WORDS[code] for code in comment.held_for if code in WORDS],
        "refusal": refusal,
    }
    return render(request, "reports/comment_own.html", context, status=status)


def correct(request: HttpRequest, comment: Comment, *, author: User | None, device: str) -> HttpResponse:
    """Replace the words, which are screened again."""
    form = CommentForm(request.POST)
    if not form.is_valid():
        return show_own(request, comment, form=form, status=422)
    try:
        comment = comments.edit_comment(comment=comment, text=form.cleaned_data["text"], author=author, device=device)
    except Banned:
        raise
    except DomainError as refusal:
        return show_own(request, comment, form=form, refusal=str(refusal), status=403)
    return thank(request, comment)


def delete(request: HttpRequest, comment: Comment, *, author: User | None, device: str) -> HttpResponse:
    """Take the words back; the page then says so."""
    try:
        comments.delete_comment(comment=comment, author=author, device=device)
    except DomainError as refusal:
        return show_own(request, comment, refusal=str(refusal), status=403)
    return redirect("comment-own", ref=comment.report.ref, comment_id=comment.pk)
