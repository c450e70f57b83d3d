"""/envois/<token>/: the choices and the way out for whoever holds a mail, without signing in."""

from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from notifications.errors import UnknownChoice
from notifications.forms import ChoicesForm, FrequencyForm, TimesForm
from notifications.models import Recipient
from notifications.services.preferences import choose_times, mute, set_follow_frequency, unmute
from notifications.services.recipients import follows_of
from notifications.services.stopping import is_stopped, scope_of, stop, take_back, way_back
from notifications.views.private import private
from reports.models import Frequency
from reports.querysets import FollowQuerySet
from reports.views.origin import from_our_pages

# More than anybody follows by mail; the oldest wait until some of these are stopped.
SHOWN = 100
# What a mail reader posts (RFC 8058), and our own button too.
ONE_CLICK = ("List-Unsubscribe", "One-Click")
UNDO = "undo"
# As long as somebody may leave the page open.
UNDO_SECONDS = 86400


@from_our_pages
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Show what the owner of a token hears of, and do what its buttons ask: the token is the permission."""
    recipient = get_object_or_404(Recipient.objects.select_related("user"), token=token)
    if request.method != "POST":
        return show(request, recipient)
    action = ACTIONS.get(request.POST.get("action", ""))
    if action is None:
        return show(request, recipient, status=400)
    return action(request, recipient)


def show(request: HttpRequest, recipient: Recipient, *, status: int = 200, **forms: Any) -> HttpResponse:
    """Render the choices: by topic for a person with an account, by follow for an address; `forms` are refused ones."""
    context: dict[str, Any] = {
        "recipient": recipient,
        "times": forms.get("times") or TimesForm(instance=recipient),
        "wrong": next(iter(forms.values()), None),
    }
    if recipient.user is not None:
        context["choices"] = forms.get("choices") or ChoicesForm(user=recipient.user)
    else:
        context["follows"] = list(named(follows_of(recipient)).order_by("-id")[:SHOWN])
        context["frequencies"] = Frequency.choices
    return private(render(request, "notifications/envois.html", context, status=status))


def choose(request: HttpRequest, recipient: Recipient) -> HttpResponse:
    """Store the choices by topic."""
    if recipient.user is None:
        return show(request, recipient, status=400)
    form = ChoicesForm(request.POST, user=recipient.user)
    if not form.is_valid():
        return show(request, recipient, status=422, choices=form)
    form.save()
    return done(request, recipient, _("C’est enregistré."))


def choose_follow(request: HttpRequest, recipient: Recipient) -> HttpResponse:
    """Store how soon one follow is told."""
    form = FrequencyForm(request.POST)
    number = request.POST.get("follow", "")
    if not form.is_valid() or not number.isdecimal():
        return show(request, recipient, status=422, choices=form)
    row = set_follow_frequency(recipient=recipient, follow_id=int(number), frequency=form.cleaned_data["frequency"])
    if row is None:
        return done(request, recipient, _("Vous ne suivez plus cela."))
    return done(request, recipient, _("C’est enregistré."))


def choose_hours(request: HttpRequest, recipient: Recipient) -> HttpResponse:
    """Store the hour, the day and the zone."""
    form = TimesForm(request.POST, instance=recipient)
    if not form.is_valid():
        return show(request, recipient, status=422, times=form)
    choose_times(recipient=recipient, **form.cleaned_data)
    return done(request, recipient, _("C’est enregistré."))


def stop_everything(request: HttpRequest, recipient: Recipient) -> HttpResponse:
    """Be silent."""
    mute(recipient=recipient)
    return done(request, recipient, _("Tout est arrêté. Nous ne vous écrirons plus."))


def resume(request: HttpRequest, recipient: Recipient) -> HttpResponse:
    """Write again."""
    unmute(recipient=recipient)
    return done(request, recipient, _("Nous vous écrirons de nouveau, selon vos choix."))


def done(request: HttpRequest, recipient: Recipient, sentence: str) -> HttpResponse:
    """Say what was done on the page itself."""
    messages.success(request, sentence)
    return private(redirect("unsubscribe", token=recipient.token))


ACTIONS = {
    "choices": choose,
    "follow": choose_follow,
    "times": choose_hours,
    "stop": stop_everything,
    "resume": resume,
}


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def one_click(request: HttpRequest, token: str) -> HttpResponse:
    """Stop what a mail was about (`?sujet=`), or everything, at one POST of the mail reader itself.

    A GET changes nothing, because scanners open every link of a mail: it shows the button that posts, or says that it
    is stopped already.
    """
    recipient = get_object_or_404(Recipient.objects.select_related("user"), token=token)
    if request.method == "POST" and UNDO in request.POST:
        return undo(request, recipient)
    name, value = ONE_CLICK
    asked = request.method == "POST" and request.POST.get(name) == value
    # Who has stopped everything hears of no part of it either; to stop that part too they may still ask.
    is_silent = recipient.muted_at is not None and not asked
    scope = scope_of(recipient, "" if is_silent else request.GET.get("sujet", ""))
    was_stopped = is_stopped(recipient, scope)
    # Named before it is stopped: a digest is told by what it brings.
    before = stop(recipient=recipient, scope=scope) if asked else {}
    if was_stopped and not before:
        before = way_back(scope)
    context = {
        "recipient": recipient,
        "subject": scope.subject,
        "follows": named(scope.follows).order_by("-id")[:SHOWN],
        "topics": [topic.label for topic in scope.topics],
        "stopped": asked or was_stopped,
        "undo": signing.dumps(before, salt=salt_of(recipient)) if before else "",
    }
    return private(render(request, "notifications/stop.html", context))


def salt_of(recipient: Recipient) -> str:
    """Return what ties a way back to its recipient."""
    return f"notifications.stop:{recipient.pk}"


def undo(request: HttpRequest, recipient: Recipient) -> HttpResponse:
    """Take a stop back by what its page kept of what held before: signed, because other sites may post here."""
    try:
        before = signing.loads(request.POST[UNDO], salt=salt_of(recipient), max_age=UNDO_SECONDS)
        take_back(recipient=recipient, before=before)
    except (signing.BadSignature, UnknownChoice):
        messages.error(request, _("Cela ne peut plus être annulé ici. Choisissez ci-dessous ce que vous recevez."))
        return private(redirect("unsubscribe", token=recipient.token))
    return done(request, recipient, _("C’est annulé : vous recevez de nouveau ce qui venait d’être arrêté."))


def named(follows: FollowQuerySet) -> FollowQuerySet:
    """Load what names a follow: its report, or its area."""
    rows = follows.with_area().select_related("report__category", "report__quarter", "quarter", "category")
    # Boundaries weigh more than everything else together.
    return rows.defer("report__search", "report__quarter__boundary", "quarter__boundary")
