"""« Alertes »: what neighbours complain about, what most of them complain about first."""

from collections import Counter
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from accounts.models import User
from moderation.admin.base import JudgesOnly, judge_of
from moderation.admin.comments import row_of, with_place
from moderation.forms import PhotoJudgementForm
from moderation.models import Flag
from moderation.querysets import FlagQuerySet
from moderation.services.flags import judge_photo, settle_report
from moderation.wording import COMMENT_REASON_LABELS
from reports.errors import DomainError
from reports.models import Comment, Photo, Report
from reports.querysets import places_judged_by

# Alerts that are read at once; what lies behind them comes up when these are settled.
READ = 200
SHOWN = 20

Context = dict[str, Any]


def waiting(person: User) -> FlagQuerySet:
    """Return the open alerts in this person's places."""
    return Flag.objects.open().judged_by(person)


def grouped(person: User) -> list[Context]:
    """Return what is complained about, the most alerted first; one costs as many queries as all."""
    flags = waiting(person).order_by("created_at").values_list("comment_id", "photo_id", "report_id")[:READ]
    counted = Counter(flags)
    chosen = [target for target, _number in counted.most_common(SHOWN)]
    about = Comment.objects.filter(pk__in=[comment for comment, _photo, _report in chosen if comment])
    comments = {comment.pk: row_of(comment) for comment in with_place(about)}
    photos = {photo.pk: photo_row(photo) for photo in photos_with_flags([photo for _c, photo, _r in chosen if photo])}
    reports = {
        report.pk: {
            "report": report,
            "flags": report.open_flags,
            "settle_url": reverse("admin:moderation_flag_settle", args=[report.pk]),
        }
        for report in Report.objects.with_card()
        .filter(pk__in=[report for _comment, _photo, report in chosen if report])
        .prefetch_related(Flag.objects.open().as_prefetch())
    }
    return [
        comments[comment] if comment else photos[photo] if photo else reports[report]
        for comment, photo, report in chosen
    ]


def photos_with_flags(ids: list[int]) -> list[Photo]:
    """Load photos with where they stand and their open alerts, in two queries."""
    rows = Photo.objects.filter(pk__in=ids).with_place()
    return list(rows.prefetch_related(Flag.objects.open().as_prefetch()))


def photo_row(photo: Photo, form: PhotoJudgementForm | None = None) -> Context:
    """Return a photo with where it stands, its alerts and its form."""
    comment = getattr(photo, "comment", None)
    return {
        "photo": photo,
        "report": photo.report or (comment.report if comment else None),
        "flags": photo.open_flags,  # type: ignore[attr-defined]  # prefetched by `photos_with_flags`
        "form": form or PhotoJudgementForm(auto_id=f"p{photo.pk}_%s"),
        "judge_url": reverse("admin:moderation_flag_photo", args=[photo.pk]),
    }


def show(request: HttpRequest, context: Context) -> HttpResponse:
    """Show what waits."""
    rows = grouped(judge_of(request))
    page = {"title": _("Alertes"), "rows": rows, "labels": COMMENT_REASON_LABELS}
    return TemplateResponse(request, "moderation/flags.html", {**context, **page})


def settle(request: HttpRequest, context: Context, report_id: int) -> HttpResponse:
    """Note that the alerts about a report were looked at."""
    person = judge_of(request)
    report = Report.objects.filter(places_judged_by(person, ""), pk=report_id).with_card().first()
    if report is None:
        raise Http404
    if request.method == "POST":
        settle_report(report=report, by=person)
        messages.success(request, _("Les alertes sur %(ref)s sont traitées.") % {"ref": report.ref})
    return redirect("admin:moderation_flag_changelist")


def decide_photo(request: HttpRequest, context: Context, photo_id: int) -> HttpResponse:
    """Let a photo that was alerted about be seen, or hide it."""
    person = judge_of(request)
    mine = Photo.objects.judged_by(person).filter(pk=photo_id).values_list("pk", flat=True)
    photo = next(iter(photos_with_flags(list(mine))), None)
    if photo is None:
        raise Http404
    if request.method != "POST":
        return redirect("admin:moderation_flag_changelist")
    form = PhotoJudgementForm(request.POST, auto_id=f"p{photo.pk}_%s")
    if form.is_valid():
        try:
            judge_photo(photo=photo, keep=form.keeps, reason=form.cleaned_data["reason"], by=person)
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("La photo est visible.") if form.keeps else _("La photo est cachée."))
            return redirect("admin:moderation_flag_changelist")
    page = {"title": _("Alertes"), "rows": [photo_row(photo, form)], "sent": form, "labels": COMMENT_REASON_LABELS}
    return TemplateResponse(request, "moderation/flags.html", {**context, **page}, status=422)


@admin.register(Flag)
class FlagAdmin(JudgesOnly):
    """What a moderator does goes through `moderation.services.flags`."""

    def get_urls(self) -> list[URLPattern]:
        return [
            path("", self.page(show), name="moderation_flag_changelist"),
            path("photos/<int:photo_id>/judge/", self.page(decide_photo), name="moderation_flag_photo"),
            path("<int:report_id>/settle/", self.page(settle), name="moderation_flag_settle"),
        ]
