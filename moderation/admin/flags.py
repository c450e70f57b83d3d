"""« Alertes »: what neighbours complain about, what most of them complain about first."""

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
from moderation.models import Flag
from moderation.querysets import FlagQuerySet
from moderation.services.flags import settle_report
from moderation.wording import COMMENT_REASON_LABELS
from reports.models import Comment, Report
from reports.querysets import places_judged_by

# Alerts that are read at once; what lies behind them comes up when these are settled.
READ = 200
SHOWN = 20

Context = dict[str, Any]


def waiting(person: User) -> FlagQuerySet:
    """Return the open alerts in this person's places."""
    return Flag.objects.open().judged_by(person)


def grouped(person: User) -> list[Context]:
    """Return what is complained about with its alerts, the most alerted first, in five queries at most."""
    flags = waiting(person).order_by("created_at").values_list("comment_id", "report_id")[:READ]
    counted: dict[tuple[int | None, int | None], int] = {}
    for target in flags:
        counted[target] = counted.get(target, 0) + 1
    chosen = sorted(counted, key=lambda target: -counted[target])[:SHOWN]
    comments = {
        comment.pk: row_of(comment)
        for comment in with_place(Comment.objects.filter(pk__in=[comment for comment, _report in chosen if comment]))
    }
    reports = {
        report.pk: {
            "report": report,
            "flags": report.open_flags,
            "settle_url": reverse("admin:moderation_flag_settle", args=[report.pk]),
        }
        for report in Report.objects.with_card()
        .filter(pk__in=[report for _comment, report in chosen if report])
        .prefetch_related(Flag.objects.open().as_prefetch())
    }
    return [comments[comment] if comment else reports[report or 0] for comment, report in chosen]


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


@admin.register(Flag)
class FlagAdmin(JudgesOnly):
    """What a moderator does goes through `moderation.services.flags`."""

    def get_urls(self) -> list[URLPattern]:
        return [
            path("", self.page(show), name="moderation_flag_changelist"),
            path("<int:report_id>/settle/", self.page(settle), name="moderation_flag_settle"),
        ]
