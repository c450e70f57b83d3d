"""One photo in front of a moderator: hide it, turn it, paint parts over; and the list of those that are hidden."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.models import User
from moderation.admin.base import JudgesOnly, judge_of
from moderation.forms.photos import SIDES, HideForm, MaskForm, TurnForm
from moderation.services.looks import look, picture
from reports.errors import DomainError, NotAllowed, StaleReport
from reports.models import Event, Photo, Report
from reports.photos import MAX_MASKS, Rectangle
from reports.services.photo_changes import CHANGED, hide_photo, mask_photo, show_photo, turn_photo

SHOWN = 24

Context = dict[str, Any]


def judged(request: HttpRequest, photo_id: int) -> tuple[User, Photo]:
    """Return the person and a photo that they judge.

    Raises:
        PermissionDenied: they judge nothing.
        Http404: there is no such photo, it waits for its report, or it is somebody else's.
    """
    person = judge_of(request)
    photo: Photo | None = Photo.objects.judged_by(person).with_place().filter(pk=photo_id).first()
    if photo is None or (photo.report is None and not hasattr(photo, "comment")):
        raise Http404
    return person, photo


def report_of(photo: Photo) -> Report:
    """Return the report that a judged photo belongs to, directly or through a comment."""
    return photo.report or photo.comment.report


def address_of(photo: Photo) -> str:
    """Return the address of a photo's page here."""
    return reverse("admin:reports_photo_change", args=[photo.pk])


def show(request: HttpRequest, context: Context, photo_id: int) -> HttpResponse:
    """Show a photo as the public sees it, and what can be done with it."""
    _person, photo = judged(request, photo_id)
    return TemplateResponse(request, "moderation/photo.html", {**context, **page_of(photo)})


def page_of(photo: Photo, *, ticket: str = "", sent: MaskForm | None = None, hiding: HideForm | None = None) -> Context:
    """Return what the page shows; with a `ticket`, the whole picture and the tool to paint parts of it over."""
    report = report_of(photo)
    whole = f"{reverse('admin:reports_photo_picture', args=[photo.pk])}?{urlencode({'t': ticket})}" if ticket else ""
    # What is neither masked nor hidden, everybody sees whole.
    source = whole or ("" if photo.differs else photo.url(max(photo.sizes, default=0)))
    masks = [Rectangle.of(mask).turned(photo.rotation) for mask in photo.masks]
    changes = report.events.filter(kind=Event.Kind.PHOTO_CHANGED, data__photo=str(photo.key)).select_related("actor")
    return {
        "title": _("Photo de %(ref)s") % {"ref": report.ref},
        "photo": photo,
        "report": report,
        "comment": photo.comment if hasattr(photo, "comment") else None,
        "source": source,
        "is_whole": bool(whole),
        "is_preparing": photo.status == Photo.Status.PROCESSING,
        # In hundredths, for a drawing of 100 by 100.
        "boxes": [{side: round(getattr(part, side) * 100, 3) for side in SIDES} for part in masks],
        "max_masks": MAX_MASKS,
        "form": sent or MaskForm(masks=masks, seen=photo.revision),
        "hiding": hiding or HideForm(),
        "changes": changes.order_by("-at", "-id")[:SHOWN],
    }


def refused(
    request: HttpRequest, context: Context, photo: Photo, error: DomainError, hiding: HideForm | None = None
) -> HttpResponse:
    """Show the page as the photo stands now, with what the domain refused."""
    photo.refresh_from_db()
    status = 409 if isinstance(error, StaleReport) else 422
    page = {**context, **page_of(photo, hiding=hiding), "refusal": str(error)}
    return TemplateResponse(request, "moderation/photo.html", page, status=status)


def done(request: HttpRequest, photo: Photo, words: str) -> HttpResponse:
    """Say what was done, on the page."""
    messages.success(request, words)
    return redirect(address_of(photo))


def whole(request: HttpRequest, context: Context, photo_id: int) -> HttpResponse:
    """Show the whole picture once, on this answer only, and put on record that it was seen."""
    person, photo = judged(request, photo_id)
    if request.method != "POST":
        return redirect(address_of(photo))
    try:
        ticket = look(photo=photo, by=person)
    except DomainError as error:
        return refused(request, context, photo, error)
    return TemplateResponse(request, "moderation/photo.html", {**context, **page_of(photo, ticket=ticket)})


def fetch(request: HttpRequest, _context: Context, photo_id: int) -> HttpResponse:
    """Give the bytes of the whole picture to whom a look has let see it; nothing keeps them."""
    person, photo = judged(request, photo_id)
    try:
        file = picture(photo=photo, by=person, ticket=request.GET.get("t", ""))
    except NotAllowed as error:
        raise PermissionDenied from error
    except FileNotFoundError as error:
        raise Http404 from error
    headers = {"Content-Security-Policy": "default-src 'none'; sandbox"}
    with file:
        return HttpResponse(file.read(), content_type="image/webp", headers=headers)


def mask(request: HttpRequest, context: Context, photo_id: int) -> HttpResponse:
    """Paint parts over, and only these."""
    person, photo = judged(request, photo_id)
    if request.method != "POST":
        return redirect(address_of(photo))
    form = MaskForm(request.POST)
    if not form.is_valid():
        return redrawn(request, context, photo, form)
    try:
        parts = [part.turned(-photo.rotation) for part in form.masks]
        mask_photo(photo=photo, masks=parts, seen=form.cleaned_data["seen"], by=person)
    except StaleReport as error:
        # Rectangles that were drawn on another state of the picture fit nowhere any more.
        return refused(request, context, photo, error)
    except DomainError as error:
        form.refuse(error)
        return redrawn(request, context, photo, form)
    return done(request, photo, _("Les zones sont enregistrées. La nouvelle image remplace l’ancienne partout."))


def redrawn(request: HttpRequest, context: Context, photo: Photo, form: MaskForm) -> HttpResponse:
    """Show the tool again with numbers that make no rectangle; who had the whole picture before them keeps it."""
    ticket = ""
    if photo.differs and photo.status == Photo.Status.READY:
        ticket = look(photo=photo, by=judge_of(request))
    return TemplateResponse(
        request, "moderation/photo.html", {**context, **page_of(photo, ticket=ticket, sent=form)}, status=422
    )


def turn(request: HttpRequest, context: Context, photo_id: int) -> HttpResponse:
    """Turn a photo by a quarter, to the left or to the right."""
    person, photo = judged(request, photo_id)
    if request.method != "POST":
        return redirect(address_of(photo))
    form = TurnForm(request.POST)
    if not form.is_valid():
        return refused(request, context, photo, StaleReport(CHANGED))
    try:
        turn_photo(photo=photo, degrees=form.degrees, seen=form.cleaned_data["seen"], by=person)
    except DomainError as error:
        return refused(request, context, photo, error)
    return done(request, photo, _("La photo est tournée."))


def hide(request: HttpRequest, context: Context, photo_id: int) -> HttpResponse:
    """Take a photo out of everybody's sight."""
    person, photo = judged(request, photo_id)
    if request.method != "POST":
        return redirect(address_of(photo))
    form = HideForm(request.POST)
    if not form.is_valid():
        return TemplateResponse(
            request, "moderation/photo.html", {**context, **page_of(photo, hiding=form)}, status=422
        )
    try:
        hide_photo(photo=photo, by=person, reason=form.cleaned_data["reason"])
    except DomainError as error:
        return refused(request, context, photo, error, form)
    return done(request, photo, _("La photo est cachée : ses fichiers publics sont supprimés."))


def unhide(request: HttpRequest, context: Context, photo_id: int) -> HttpResponse:
    """Give a hidden photo back to everybody."""
    person, photo = judged(request, photo_id)
    if request.method != "POST":
        return redirect(address_of(photo))
    try:
        show_photo(photo=photo, by=person)
    except DomainError as error:
        return refused(request, context, photo, error)
    return done(request, photo, _("La photo paraît de nouveau."))


def hidden(request: HttpRequest, context: Context) -> HttpResponse:
    """List the photos that are hidden, the latest first, without showing them."""
    person = judge_of(request)
    rows = list(Photo.objects.judged_by(person).hidden().with_place()[: SHOWN + 1])
    found = [{"photo": photo, "report": report_of(photo)} for photo in rows[:SHOWN]]
    page = {"title": _("Photos cachées"), "rows": found, "more": len(rows) > SHOWN}
    return TemplateResponse(request, "moderation/photos_hidden.html", {**context, **page})


@admin.register(Photo)
class PhotoAdmin(JudgesOnly):
    """What a moderator does goes through `reports.services.photo_changes`."""

    def get_urls(self) -> list[URLPattern]:
        views = {
            "change": show,
            "whole": whole,
            "picture": fetch,
            "mask": mask,
            "turn": turn,
            "hide": hide,
            "show": unhide,
        }
        return [
            path("", self.page(hidden), name="reports_photo_changelist"),
            *(
                path(f"<int:photo_id>/{name}/", self.page(view), name=f"reports_photo_{name}")
                for name, view in views.items()
            ),
        ]
