"""One thing done to many reports of the list: chosen there, asked and foreseen here, then done and told."""

from collections.abc import Callable
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from moderation.admin.base import signed_in
from moderation.forms.bulk import BulkAssignForm, BulkCategoryForm, BulkForm, BulkRejectForm
from moderation.permissions import judges, works_here
from moderation.services.bulk import ACCEPT, ASSIGN, CATEGORY, MOST, REJECT, Wish, carry_out, foresee
from reports.models import Report
from reports.querysets import ReportQuerySet

# The act, its form, its words on the list and on the button that does it, and whether only moderators have it.
ACTS: dict[str, tuple[type[BulkForm], str | Promise, str | Promise, bool]] = {
    ACCEPT: (BulkForm, gettext_lazy("Accepter et publier"), gettext_lazy("Publier"), True),
    REJECT: (BulkRejectForm, gettext_lazy("Refuser"), gettext_lazy("Refuser"), False),
    ASSIGN: (BulkAssignForm, gettext_lazy("Attribuer à un organisme"), gettext_lazy("Attribuer"), True),
    CATEGORY: (BulkCategoryForm, gettext_lazy("Changer de catégorie"), gettext_lazy("Changer la catégorie"), False),
}
LARGEST_ID = 2**63 - 1
# Steps of the page: chosen on the list, asked what would happen, told to do it.
CHOSEN, LOOK, DO = "chosen", "look", "do"

Context = dict[str, Any]
Rows = Callable[[HttpRequest], ReportQuerySet]


def acts_of(person: User) -> list[tuple[str, str | Promise]]:
    """Return what somebody may do to many reports at once: (act, words)."""
    is_judge = judges(person)
    return [(act, label) for act, (_form, label, _button, for_judges) in ACTS.items() if is_judge or not for_judges]


def seen_in(chosen: list[str]) -> dict[int, str]:
    """Return {report id: status in which it was seen} of boxes like `812:pending`; strange ones are left out.

    The list sends each box for itself, the pages after it all of them in one field, with commas.
    """
    found: dict[int, str] = {}
    for box in ",".join(chosen).split(","):
        number, _colon, status = box.partition(":")
        if number.isascii() and number.isdecimal() and int(number) <= LARGEST_ID and status in Report.Status.values:
            found[int(number)] = status
    return found


def seen_by_filter(request: HttpRequest, rows: Rows) -> dict[int, str]:
    """Return the same of all that the list's filter shows, as far as one may go at once.

    Raises:
        BadRequest: the filter is none.
    """
    try:
        return dict(rows(request).values_list("pk", "status")[:MOST])
    except IncorrectLookupParameters as error:
        raise BadRequest from error


def view_for(rows: Rows) -> Callable[[HttpRequest, Context], HttpResponse]:
    """Return the page's view; `rows` gives what a list with the request's filter shows."""

    def bulk(request: HttpRequest, context: Context) -> HttpResponse:
        """Ask, foresee, do: each step is a form that carries the reports along."""
        person = signed_in(request)
        if not works_here(person):
            raise PermissionDenied
        act = request.POST.get("act", "")
        if request.method != "POST":
            return redirect(list_address(request))
        if act not in dict(acts_of(person)):
            raise BadRequest
        step = request.POST.get("step", CHOSEN)
        takes_all = step == CHOSEN and "everything" in request.POST
        seen = seen_by_filter(request, rows) if takes_all else seen_in(request.POST.getlist("chosen"))
        page = page_of(request, person, act, step, seen)
        return TemplateResponse(request, "moderation/bulk.html", {**context, **page}, status=page["status"])

    return bulk


def page_of(request: HttpRequest, person: User, act: str, step: str, seen: dict[int, str]) -> Context:
    """Return what the page shows after a step."""
    kind, label, button, _for_judges = ACTS[act]
    too_many = len(seen) > MOST
    reports = [] if too_many else chosen_of(person, seen)
    # What asks nothing is foreseen at once.
    is_asked = step == CHOSEN and kind is not BulkForm
    form = kind() if is_asked else kind(request.POST)
    page: Context = {
        "title": _("Plusieurs signalements"),
        "act": act,
        "label": label,
        "button": button,
        "form": form,
        "chosen": ",".join(f"{report.pk}:{seen[report.pk]}" for report in reports),
        "reports": reports,
        "too_many": too_many,
        "most": MOST,
        "lost": 0 if too_many else len(seen) - len(reports),
        "back": list_address(request),
        "query": request.GET.urlencode(),
        "is_done": False,
        "status": 200,
    }
    if too_many or not reports or (not is_asked and not form.is_valid()):
        return {**page, "status": 422}
    if is_asked:
        return page
    return {**page, **outcomes_of(person, reports, seen, wish_of(act, form), is_done=step == DO)}


def wish_of(act: str, form: BulkForm) -> Wish:
    """Return what a valid form asks for."""
    return Wish(act=act, **form.cleaned_data)


def outcomes_of(person: User, reports: list[Report], seen: dict[int, str], wish: Wish, *, is_done: bool) -> Context:
    """Return what comes, or came, of it: what changes, and what is refused and why."""
    act = carry_out if is_done else foresee
    outcomes = act(reports=reports, seen=seen, wish=wish, by=person)
    return {
        "is_done": is_done,
        "outcomes": outcomes,
        "changed": [one for one in outcomes if not one.refusal],
        "refused": [one for one in outcomes if one.refusal],
    }


def chosen_of(person: User, seen: dict[int, str]) -> list[Report]:
    """Return the chosen reports that are within somebody's reach, the oldest first."""
    rows = (
        Report.objects.judged_by(person).filter(pk__in=seen).select_related("category", "quarter__town", "organisation")
    )
    return list(rows.defer("search", "quarter__boundary", "quarter__town__boundary").order_by("pk"))


def list_address(request: HttpRequest) -> str:
    """Return the list from which one came, with its filter."""
    query = request.GET.urlencode()
    return reverse("admin:reports_report_changelist") + (f"?{query}" if query else "")
