"""django-allauth's pages as our portal answers: bad input is 422, too many tries 429, a service away 503."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from redis.exceptions import RedisError
from requests import RequestException

from accounts.adapter import MailNotSentError

logger = logging.getLogger(__name__)

View = Callable[..., Any]
WAIT_SECONDS = 60
# As long as `login_failed` counts in `settings.ACCOUNT_RATE_LIMITS`.
LOCKED_SECONDS = 300
TOO_MANY = {"too_many_login_attempts", "rate_limited"}


def door(view: View) -> View:
    """Wrap one of django-allauth's views."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response: HttpResponse = view(request, *args, **kwargs)
        except (MailNotSentError, RedisError, RequestException) as error:
            logger.warning("signing in must wait: %r", error)
            return away(request)
        if request.method == "POST" and response.status_code == 200:  # noqa: PLR2004  (HTTP's number)
            tell_refusal(response)
        return response

    return never_cache(answer)


def tell_refusal(response: HttpResponse) -> None:
    """Give a page that shows a form again the status of what is wrong with it."""
    form = (getattr(response, "context_data", None) or {}).get("form")
    if form is None or not form.errors:
        return
    codes = {error.code for errors in form.errors.as_data().values() for error in errors}
    if codes & TOO_MANY:
        response.status_code = 429
        response["Retry-After"] = str(LOCKED_SECONDS)
    else:
        response.status_code = 422


def away(request: HttpRequest) -> HttpResponse:
    """Say that signing in must wait: the mail server, the memory of attempts or a provider is away."""
    response = render(request, "accounts/away.html", status=503)
    response["Retry-After"] = str(WAIT_SECONDS)
    return response
