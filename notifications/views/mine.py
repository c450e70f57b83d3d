"""/compte/notifications/: what a person with an account hears of."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.views.own import person_of
from notifications.forms import ChoicesForm, TimesForm
from notifications.services.preferences import choose_times, mute, unmute
from notifications.services.recipients import recipient_of_user
from notifications.services.subscriptions import forget_browser


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def my_notifications(request: HttpRequest) -> HttpResponse:
    """Show what a person hears of and when; store what they choose, all of it or nothing."""
    person = person_of(request)
    recipient = recipient_of_user(person)
    data = request.POST or None
    choices, times = ChoicesForm(data, user=person), TimesForm(data, instance=recipient)
    if request.method == "POST" and choices.is_valid() and times.is_valid():
        choices.save()
        choose_times(recipient=recipient, **times.cleaned_data)
        messages.success(request, _("C’est enregistré."))
        return redirect("my-notifications")
    wrong = next((form for form in (choices, times) if form.errors), None)
    context = {
        "choices": choices,
        "times": times,
        "wrong": wrong,
        "recipient": recipient,
        "browsers": person.push_subscriptions.order_by("-id"),
    }
    return render(request, "notifications/mine.html", context, status=422 if wrong else 200)


@require_POST
@login_required
def my_silence(request: HttpRequest) -> HttpResponse:
    """Stop everything, or (`resume`) start again."""
    recipient = recipient_of_user(person_of(request))
    if "resume" in request.POST:
        unmute(recipient=recipient)
        messages.success(request, _("Nous vous écrirons de nouveau, selon vos choix."))
    else:
        mute(recipient=recipient)
        messages.success(request, _("Tout est arrêté. Nous ne vous écrirons plus."))
    return redirect("my-notifications")


@require_POST
@login_required
def my_browser(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """Forget one of the person's browsers."""
    if not forget_browser(user=person_of(request), subscription_id=subscription_id):
        raise Http404
    messages.success(request, _("Cet appareil ne recevra plus de notifications."))
    return redirect("my-notifications")
