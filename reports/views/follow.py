"""The private page that a follower's token opens: a report's story for its author, or an area, and how to be told."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from reports import workflow
from reports.errors import DomainError
from reports.forms import AddressForm, FrequencyForm, ReopenForm
from reports.models import Event, Follow, Photo, Report
from reports.permissions import Actor, reporter_without_account
from reports.services import community, repairs
from reports.services.handling import change_status, check_change
from reports.throttles import seconds_to_wait
from reports.views.browse import NEXT_STEPS as PUBLIC_STEPS
from reports.views.browse import picture_context
from reports.views.origin import from_our_pages

# What the author may expect next; whoever else follows reads what the public page says.
NEXT_STEPS = {
    workflow.PENDING: gettext_lazy(
        "Une personne de l’équipe vérifie votre signalement. Il paraîtra ensuite sur la carte."
    ),
    workflow.OPEN: gettext_lazy("Votre signalement est publié. Vous verrez ici quand l’intervention commence."),
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
    follows = Follow.objects.with_area().select_related("report__category", "report__quarter")
    row = get_object_or_404(follows, token=token)
    if request.method != "POST":
        return show(request, row)
    actions = OF_A_REPORT if row.report_id else OF_ANYTHING
    action = actions.get(request.POST.get("action", ""))
    if action is None:
        return show(request, row, status=400)
    try:
        return action(request, row)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("follow", token=row.token)


def show(request: HttpRequest, row: Follow, *, status: int = 200, **forms: Any) -> HttpResponse:
    """Render the private page; `forms` are bound ones with errors."""
    context = {
        "follow": row,
        "address_form": AddressForm(),
        "frequency_form": FrequencyForm(initial={"frequency": row.frequency}),
        "reopen_form": ReopenForm(),
        "failed": next(iter(forms.values()), None),
        **forms,
    }
    if row.report_id is None:
        return private(render(request, "reports/follow_area.html", context, status=status))
    context |= about_report(request, row)
    return private(render(request, "reports/follow.html", context, status=status))


def about_report(request: HttpRequest, row: Follow) -> dict[str, Any]:
    """Return what the page of one report shows."""
    report = Report.objects.with_card().select_related("duplicate_of").get(pk=row.report_id)
    photos = [photo for photo in report.photos.all() if report.is_public or photo.kind != Photo.Kind.PROOF]
    # What waits for a moderator again, or was taken back, is nobody's to read but its author's.
    is_hidden = not row.is_reporter and (bool(report.held_from) or report.status == workflow.WITHDRAWN)
    until = repairs.answer_until(report) if row.is_reporter else None
    return {
        "report": report,
        "original": report.find_original(),
        "is_hidden": is_hidden,
        **picture_context([] if is_hidden else photos),
        "is_waiting": any(photo.status == Photo.Status.PROCESSING for photo in photos),
        "events": story(row, report),
        "asked": asked(row, report),
        "next_step": (NEXT_STEPS if row.is_reporter else PUBLIC_STEPS).get(report.status, ""),
        "can_withdraw": row.is_reporter and (report.status, workflow.WITHDRAWN) in workflow.TRANSITIONS,
        "answer_until": until,
        "can_answer": until is not None and timezone.now() <= until,
        # A link of a mail only opens the answer: looking at a page changes nothing, and mail programs look.
        "answer": request.GET.get("regle", ""),
        "thanks": "merci" in request.GET,
    }


def story(row: Follow, report: Report) -> list[Event]:
    """Return the timeline, newest first; an author also reads what came before publication, but no note of staff."""
    events = report.events.told()
    if not row.is_reporter:
        shown = list(events.public())
        if report.status == workflow.WITHDRAWN:
            # What its author said goes with the report; what the team answered stays.
            for event in shown:
                if event.actor_role == workflow.REPORTER:
                    event.data = {name: value for name, value in event.data.items() if name not in {"note", "text"}}
        return shown
    hidden = (Event.Kind.NOTE, Event.Kind.ASSIGNED)
    return [event for event in events if event.is_public or event.kind not in hidden]


def asked(row: Follow, report: Report) -> dict[str, Any] | None:
    """Return what the team asks the author, with the token of the page to answer on (`settings.AUTHOR_ASKED`)."""
    if not row.is_reporter or not settings.AUTHOR_ASKED:
        return None
    found: dict[str, Any] | None = import_string(settings.AUTHOR_ASKED)(report)
    return found


def report_of(row: Follow) -> Report:
    """Return the followed report; only the actions of one ask."""
    if row.report is None:
        raise Http404
    return row.report


def author_of(row: Follow) -> Actor:
    """Return the author as an actor; anybody else who follows is nobody."""
    return reporter_without_account() if row.is_reporter else Actor()


def withdraw(request: HttpRequest, row: Follow) -> HttpResponse:
    """Take a report back."""
    change_status(report=report_of(row), to=workflow.WITHDRAWN, actor=author_of(row))
    messages.success(request, _("Votre signalement est retiré."))
    return redirect("follow", token=row.token)


def confirm_repair(request: HttpRequest, row: Follow) -> HttpResponse:
    """Say that it is repaired: closed for good."""
    repairs.confirm_repair(report=report_of(row), actor=author_of(row))
    messages.success(request, _("Merci. La réparation est confirmée."))
    return redirect("follow", token=row.token)


def reopen(request: HttpRequest, row: Follow) -> HttpResponse:
    """Say that a repair is not one, why, and perhaps show it."""
    form = ReopenForm(request.POST, request.FILES)
    if not form.is_valid():
        return show(request, row, status=422, reopen_form=form)
    report, actor, note = report_of(row), author_of(row), form.cleaned_data["note"]
    # Before anything is kept: photos of an answer that comes too late would wait for nothing.
    check_change(report=report, current=report.status, to=workflow.OPEN, actor=actor)
    repairs.dispute_repair(report=report, actor=actor, note=note, photos=form.keep_photos())
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
        messages.info(request, _("Cette adresse reçoit déjà ces nouvelles."))
    return redirect("follow", token=row.token)


def stop(request: HttpRequest, row: Follow) -> HttpResponse:
    """Be left in peace: an author keeps the page, for anybody else it ends here."""
    community.unfollow(row=row)
    if row.is_reporter:
        messages.success(request, _("Nous ne vous écrirons plus au sujet de ce signalement."))
        return redirect("follow", token=row.token)
    return private(render(request, "reports/unfollowed.html", {"follow": row, "report": row.report}))


def choose_frequency(request: HttpRequest, row: Follow) -> HttpResponse:
    """Remember how soon to write."""
    form = FrequencyForm(request.POST)
    if not form.is_valid():
        return show(request, row, status=422, frequency_form=form)
    community.choose_frequency(row=row, frequency=form.cleaned_data["frequency"])
    messages.success(request, _("C’est noté."))
    return redirect("follow", token=row.token)


Action = Callable[[HttpRequest, Follow], HttpResponse]
OF_ANYTHING: dict[str, Action] = {"address": give_address, "frequency": choose_frequency, "stop": stop}
OF_A_REPORT: dict[str, Action] = {
    **OF_ANYTHING,
    "withdraw": withdraw,
    "confirm": confirm_repair,
    "reopen": reopen,
}


@from_our_pages
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follow_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm the address that a mailed link belongs to, and lead to the follower's page.

    A GET changes nothing, because scanners open every link of a mail: it shows the button that posts.
    """
    row = Follow.objects.asked_by(confirm_token=token)
    if row is None:
        raise Http404
    if row.confirmed_at is not None:
        return private(redirect("follow", token=row.token))
    if request.method != "POST":
        return private(render(request, "reports/follow_confirm.html", {"follow": row, "report": row.report}))
    community.confirm_follow(confirm_token=token)
    if row.report_id:
        messages.success(request, _("Votre adresse est confirmée. Vous saurez quand ce signalement avance."))
    else:
        messages.success(request, _("Votre adresse est confirmée. Vous saurez ce qui est signalé dans cette zone."))
    return private(redirect("follow", token=row.token))
