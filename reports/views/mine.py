"""What is a person's own: their reports, what they follow, and what of a public page is theirs."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import InvalidPage
from django.db.models import Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from accounts.models import User
from reports import workflow
from reports.filters import canonical_ref
from reports.models import Comment, Follow, Report, Vote
from reports.paging import UncountedPage, UncountedPaginator
from reports.services import community, repairs
from reports.services.comments import EDITABLE, LIVING
from reports.views.device import device_of
from reports.views.follow import NEXT_STEPS
from reports.views.standing import suspension_of
from reports.views.support import person_of

PER_PAGE = 20
# As many cards as a page shows, twice.
MOST_REFS = 40
LAST_STEPS = {
    workflow.REJECTED: gettext_lazy("L’équipe ne l’a pas retenu. Sa page dit pourquoi."),
    workflow.DUPLICATE: gettext_lazy("Il a rejoint un signalement plus ancien du même problème."),
    workflow.WITHDRAWN: gettext_lazy("Vous l’avez retiré."),
    workflow.RESOLVED: gettext_lazy("Le problème est réglé."),
}


def page_of(request: HttpRequest, rows: Any) -> dict[str, Any]:
    """Return one page of rows as `parts/pagination.html` shows it.

    Raises:
        Http404: there is no such page.
    """
    try:
        page: UncountedPage = UncountedPaginator(rows, PER_PAGE).page(request.GET.get("page", 1))
    except InvalidPage as error:
        raise Http404 from error
    return {
        "page": page,
        "previous_url": f"?page={page.number - 1}" if page.has_previous() else "",
        "next_url": f"?page={page.number + 1}" if page.has_next() else "",
    }


def signed_in(request: HttpRequest) -> User:
    """Return the person whom `login_required` let through."""
    person = person_of(request)
    if person is None:
        raise Http404
    return person


@login_required
@never_cache
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """Show a person's own reports in every status, each with what comes next and its private page."""
    own_link = Prefetch("followers", Follow.objects.filter(is_reporter=True), to_attr="own_links")
    rows = Report.objects.filter(reporter=signed_in(request)).order_by("-received_at", "-id")
    context = page_of(request, rows.with_card().prefetch_related(own_link))
    context["entries"] = [entry_of(report) for report in context["page"]]
    return render(request, "accounts/reports.html", context)


def entry_of(report: Any) -> dict[str, Any]:
    """Return a report with its next step and the address of its own page; empty where it has none."""
    link = next(iter(report.own_links), None)
    public = report.get_absolute_url() if report.is_public else ""
    until = repairs.answer_until(report)
    return {
        "report": report,
        "url": reverse("follow", args=[link.token]) if link else public,
        "asks": until is not None and timezone.now() <= until,
        "next_step": NEXT_STEPS.get(report.status) or LAST_STEPS[report.status],
    }


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follows(request: HttpRequest) -> HttpResponse:
    """Show what a person follows; a POST of `follow` (its number) stops one."""
    person = signed_in(request)
    mine = Follow.objects.filter(user=person)
    if request.method == "POST":
        number = request.POST.get("follow", "")
        community.unfollow(row=get_object_or_404(mine, pk=number if number.isdecimal() else None))
        messages.success(request, _("C’est arrêté : vous n’aurez plus ces nouvelles."))
        return redirect("my-follows")
    rows = mine.with_area().select_related("report__category", "report__quarter__town").order_by("-created_at", "-id")
    boundaries = ("report__search", "report__quarter__boundary", "report__quarter__town__boundary")
    return render(request, "accounts/follows.html", page_of(request, rows.defer(*boundaries)))


@never_cache
@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """Tell a public page's script what of `?refs=K7M-4QX,…` (at most 40) is this person's or this device's.

    Answers `{"signed_in", "name", "public_name", "staff", "suspended": {words, url} or null, "supports": [ref],
    "follows": [ref], "authored": {ref: private page}, "asks": [ref whose repair one may judge], "comments": [id that
    one may edit]}`; 400 with `{"detail"}` for more refs. What is no report's number is left out.
    """
    asked = [ref for ref in request.GET.get("refs", "").split(",") if ref]
    if len(asked) > MOST_REFS:
        return JsonResponse({"detail": _("Demandez 40 signalements au plus à la fois.")}, status=400)
    refs = [ref for ref in map(canonical_ref, asked) if ref]
    person, device = person_of(request), device_of(request)
    return JsonResponse(
        {
            "signed_in": person is not None,
            "name": str(person) if person else "",
            "public_name": person.public_name if person else "",
            "staff": bool(person and person.is_staff),
            "suspended": suspension_of(request),
            "supports": supports_of(person, device, refs),
            **follows_of(person, refs),
            "comments": comments_of(person, device, refs),
        }
    )


def supports_of(person: User | None, device: str, refs: list[str]) -> list[str]:
    """Return which of some reports are supported."""
    if not refs or not (person or device):
        return []
    mine = Vote.objects.filter(Q(user=person) if person else Q(device=device), report__ref__in=refs)
    return list(mine.values_list("report__ref", flat=True))


def follows_of(person: User | None, refs: list[str]) -> dict[str, Any]:
    """Return which of some reports a person follows, has made, and may still judge the repair of."""
    if not refs or person is None:
        return {"follows": [], "authored": {}, "asks": []}
    rows = list(Follow.objects.filter(user=person, report__ref__in=refs).select_related("report"))
    authored = [row for row in rows if row.is_reporter]
    return {
        "follows": [row.report.ref for row in rows],
        "authored": {row.report.ref: reverse("follow", args=[row.token]) for row in authored},
        "asks": [row.report.ref for row in authored if may_judge(row.report)],
    }


def may_judge(report: Report) -> bool:
    """Say whether its author may still answer “vraiment réglé ?”."""
    until = repairs.answer_until(report)
    return until is not None and timezone.now() <= until


def comments_of(person: User | None, device: str, refs: list[str]) -> list[int]:
    """Return which comments under some reports may be edited."""
    if not refs or not (person or device):
        return []
    mine = Q(author=person) if person else Q(pk=None)
    if device:
        mine |= Q(author=None, device=device)
    fresh = Comment.objects.filter(status__in=LIVING, created_at__gt=timezone.now() - EDITABLE)
    return list(fresh.filter(mine, report__ref__in=refs).values_list("pk", flat=True))
